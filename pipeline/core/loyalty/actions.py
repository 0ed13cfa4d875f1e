"""The next action for a customer: what is at stake with each action that is due, and which of the allowed ones to take.

Which actions are due belongs to `due_actions`, which of these are allowed to `contacts`. What an action brings in the end is
found elsewhere.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipeline.core.frames import Frame
from pipeline.core.loyalty.action_settings import ActionsSettings
from pipeline.core.loyalty.contacts import hold_back
from pipeline.core.loyalty.controls import Names, draw_controls
from pipeline.core.loyalty.due_actions import ACTION, DUE, OFFER, Shop, Sources, due_actions, due_when
from schemas.registry import SEGMENTS


@dataclass(frozen=True)
class OfShop:
    """What must be known of all customers to judge the actions of some: `recoveries`, the counts of `count_recoveries`, and what
    `consent_is_told` says."""

    recoveries: pl.DataFrame
    is_consent_told: bool


@dataclass(frozen=True)
class Judged:
    """`due`: a row per action that is due, with `held_by`. `drawn`: the first allowed one of each customer, with its control group."""

    due: pl.DataFrame
    drawn: pl.DataFrame


def judge_actions(
    sources: Sources,
    of_shop: OfShop,
    *,
    as_of: date,
    shop: Shop,
    settings: ActionsSettings,
    names: Names = lambda customers: customers,
) -> Judged:
    """Per customer what is due (`due_actions`) and allowed (`hold_back`) at as_of; `sources` can be those of some customers.

    The lowest priority number is taken, then the highest expected value (none is the least), then the first by name.
    Customers in the control group of that action get none. Amounts in minor units; `names` gives the names of
    customers. Definitions, sections 3, 5, 6.
    """
    due = due_actions(sources, as_of=as_of, shop=shop, settings=settings)
    judged = (
        _valued(due, sources, of_shop.recoveries.lazy(), settings)
        .join(_playbook(settings), on="action")
        .pipe(
            hold_back,
            sources.contacts,
            sources.customers,
            as_of=as_of,
            settings=settings,
            is_told=of_shop.is_consent_told,
        )
        .collect(engine="streaming")
    )
    first = (
        judged.filter(pl.col("held_by").is_null())
        .sort(*_RANKED, "action")
        .unique("customer_id", keep="first", maintain_order=True)
    )
    return Judged(judged, draw_controls(first, sources.contacts, names, settings))


_RANKED = ("priority", pl.col("expected_value").is_null(), -pl.col("expected_value"), "customer_id")


def rank_keys(judged: Judged) -> pl.DataFrame:
    """The customers who get an action, with what ranks them: `customer_id`, `priority`, `expected_value`."""
    return judged.drawn.filter(~pl.col("is_control")).select("customer_id", "priority", "expected_value")


def rank_customers(keys: pl.DataFrame) -> pl.DataFrame:
    """The `customer_id` and `rank` of all of `rank_keys`, from 1: a place among all customers, so it takes those of everybody."""
    ranked = keys.sort(*_RANKED).select("customer_id").with_row_index("rank", offset=1)
    return ranked.cast({"rank": pl.Int64})


def chosen_actions(judged: Judged, ranks: pl.DataFrame, *, as_of: date, settings: ActionsSettings) -> Frame:
    """One row per customer who gets an action (contract NextAction); `ranks` come from `rank_customers`."""
    counts = judged.due.lazy().group_by("customer_id")
    of_customer = counts.agg(n_due=pl.len().cast(pl.Int64), n_held_back=pl.col("held_by").count().cast(pl.Int64))
    return (
        judged.drawn.lazy()
        .filter(~pl.col("is_control"))
        .join(ranks.lazy(), on="customer_id", how="left")
        .join(of_customer, on="customer_id", how="left")
        .select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            pl.col("action").cast(pl.String),
            *("reason", "reason_days", "reason_amount", "order_id", *OFFER, "channel", "priority", "rank"),
            *("expected_value", "expected_value_basis", "n_evidence"),
            (pl.col("n_evidence") < settings.min_n).fill_null(False).alias("is_suppressed"),
            *("needs_consent", "consent_basis"),
            pl.min_horizontal(pl.lit(as_of) + pl.duration(days="expires_days"), "discount_ends_on").alias("expires_on"),
            *("n_due", "n_held_back", "control_draw"),
        )
    )


OF_CAUSE = ("as_of_date", "action", "cause")


def count_held_back(judged: Judged, *, as_of: date) -> Frame:
    """One row per action and cause for which it was held back (contract ActionsHeldBack); of several sets of customers `n_customers` is
    added, by OF_CAUSE."""
    held = [
        judged.due.lazy().filter(pl.col("held_by").is_not_null()),
        judged.drawn.lazy().filter("is_control").with_columns(held_by=pl.lit("control_group")),
    ]
    return (
        pl.concat([rows.select("action", cause="held_by") for rows in held])
        .group_by(pl.lit(as_of).alias("as_of_date"), pl.col("action").cast(pl.String), "cause")
        .agg(pl.len().cast(pl.Int64).alias("n_customers"))
    )


def control_rows(judged: Judged, *, as_of: date) -> Frame:
    """One row per customer in the control group of the action that they would get (contract ActionControls)."""
    return (
        judged.drawn.lazy()
        .filter("is_control")
        .select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            pl.col("action").cast(pl.String),
            *("needs_consent", "control_draw"),
        )
    )


def verdict_rows(judged: Judged, *, as_of: date) -> Frame:
    """What became of every action that is due (contract ActionVerdicts)."""
    first = judged.drawn.lazy().select("customer_id", "action", "is_control")
    outcome = (
        pl.when(pl.col("held_by").is_not_null())
        .then("held_by")
        .when("is_control")
        .then(pl.lit("control_group"))
        .when(pl.col("is_control").is_not_null())
        .then(pl.lit("chosen"))
        .otherwise(pl.lit("after_another"))
    )
    return (
        judged.due.lazy()
        .join(first, on=["customer_id", "action"], how="left")
        .select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            pl.col("action").cast(pl.String),
            outcome.alias("outcome"),
            *("reason", "reason_days", "reason_amount", "order_id", "expected_value", "expected_value_basis"),
            days_since_contact="days_since_any",
            days_since_same="days_since_same",
        )
    )


OF_SURVEYS = ("ask_what_is_missing", "ask_for_a_survey")
"""The actions that no shop without a survey can have."""


def playbook_rows(settings: ActionsSettings, *, as_of: date, has_survey: bool) -> pl.DataFrame:
    """One row per action of the playbook (contract ActionPlaybook): its entry, and when it is due, in words."""
    words = due_when(settings)
    rows = [
        {
            "as_of_date": as_of,
            "action": action,
            "is_enabled": entry.enabled and (has_survey or action not in OF_SURVEYS),
            "due_when": words[action],
            **entry.model_dump(include={"priority", "channel", "needs_consent", "repeat_days", "expires_days"}),
            "contact_days": settings.contact_days if entry.needs_consent else None,
        }
        for action, entry in settings.playbook.items()
    ]
    return pl.DataFrame(rows, schema=SEGMENTS["action_playbook"].polars_schema)


def _playbook(settings: ActionsSettings) -> Frame:
    """One row per action: its entry in the configuration."""
    columns = {
        "priority": pl.Int64(),
        "channel": pl.String(),
        "needs_consent": pl.Boolean(),
        "expires_days": pl.Int64(),
        "repeat_days": pl.Int64(),
    }
    rows = [{"action": action, **entry.model_dump(include=set(columns))} for action, entry in settings.playbook.items()]
    return pl.LazyFrame(rows, schema={"action": ACTION, **columns})


def _valued(due: Frame, sources: Sources, recoveries: Frame, settings: ActionsSettings) -> Frame:
    """The actions that are due with expected value, and the evidence behind the share of recovered carts."""
    basis, n_carts = pl.col("expected_value_basis"), pl.col("n_carts")
    recovered = (pl.col("reason_amount") * pl.col("n_recovered") / n_carts).round(0).cast(pl.Int64)
    of_cart = basis == "cart_recovery"
    expected = (
        pl.when(basis == "value_at_risk")
        .then("value_at_risk")
        .when(basis == "expected_spend")
        .then("expected_spend_h")
        .when(of_cart & (n_carts >= settings.min_n))
        .then(recovered)
    )
    values = sources.churn.select("customer_id", "value_at_risk", "expected_spend_h")
    return (
        due.join(values, on="customer_id", how="left")
        .join(recoveries, how="cross")
        .with_columns(expected_value=expected, n_evidence=pl.when(of_cart).then(n_carts))
        .with_columns(expected_value_basis=pl.when(pl.col("expected_value").is_not_null()).then(basis))
        .select(*DUE, "expected_value", "n_evidence")
    )


def count_recoveries(carts: Frame, *, as_of: date, shop: Shop) -> Frame:
    """One row: `n_carts` of known customers whose days of recovery are over, and `n_recovered` of these.

    `carts` are as in `Sources`. Of several sets of customers the counts are added. A younger cart counts on neither side: recovery shows at once, its absence only at the end.
    """
    over = as_of - timedelta(days=shop.cart_recovery_days)
    is_recovered = pl.col("is_recovered")
    return carts.filter(pl.col("abandoned_date") <= over, is_recovered.is_not_null()).select(
        n_carts=pl.len().cast(pl.Int64), n_recovered=is_recovered.sum().cast(pl.Int64)
    )
