"""The next action for a customer: what is at stake with each action that is due, and which of the allowed ones to take.

Which actions are due belongs to `due_actions`, which of these are allowed to `contacts`. What an action brings in the end is
found elsewhere.
"""

from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from pipeline.core.frames import Frame
from pipeline.core.loyalty.action_settings import ActionsSettings
from pipeline.core.loyalty.contacts import hold_back
from pipeline.core.loyalty.controls import Names, draw_controls
from pipeline.core.loyalty.due_actions import ACTION, DUE, OFFER, Shop, Sources, due_actions, due_when
from schemas.registry import SEGMENTS


class Actions(NamedTuple):
    """`chosen`: contract NextAction. `held_back`: contract ActionsHeldBack. `controls`: contract ActionControls. `verdicts`:
    contract ActionVerdicts."""

    chosen: Frame
    held_back: Frame
    controls: Frame
    verdicts: Frame


def choose_actions(
    sources: Sources, *, as_of: date, shop: Shop, settings: ActionsSettings, names: Names = lambda customers: customers
) -> Actions:
    """Per customer one action that is due (`due_actions`) and allowed (`hold_back`) at as_of; and what was held back.

    The lowest priority number is taken, then the highest expected value (none is the least), then the first by name.
    Customers in the control group of that action get none. Amounts in minor units; `names` gives the names of
    customers. Definitions, sections 3, 5, 6.
    """
    valued = _valued(due_actions(sources, as_of=as_of, shop=shop, settings=settings), sources, as_of, shop, settings)
    judged = valued.join(_playbook(settings), on="action").pipe(
        hold_back, sources.contacts, sources.customers, as_of=as_of, settings=settings
    )
    due = judged.collect(engine="streaming").lazy()
    value = pl.col("expected_value")
    counts = due.group_by("customer_id").agg(
        n_due=pl.len().cast(pl.Int64), n_held_back=pl.col("held_by").count().cast(pl.Int64)
    )
    first = (
        due.filter(pl.col("held_by").is_null())
        .sort("priority", value.is_null(), -value, "customer_id", "action")
        .unique("customer_id", keep="first", maintain_order=True)
        .collect()
    )
    drawn = draw_controls(first, sources.contacts, names, settings).lazy()
    controls = drawn.filter("is_control")
    chosen = (
        drawn.filter(~pl.col("is_control"))
        .with_row_index("rank", offset=1)
        .join(counts, on="customer_id", how="left")
        .select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            pl.col("action").cast(pl.String),
            *("reason", "reason_days", "reason_amount", "order_id", *OFFER, "channel", "priority"),
            pl.col("rank").cast(pl.Int64),
            *("expected_value", "expected_value_basis", "n_evidence"),
            (pl.col("n_evidence") < settings.min_n).fill_null(False).alias("is_suppressed"),
            *("needs_consent", "consent_basis"),
            pl.min_horizontal(pl.lit(as_of) + pl.duration(days="expires_days"), "discount_ends_on").alias("expires_on"),
            *("n_due", "n_held_back", "control_draw"),
        )
    )
    cause = pl.lit("control_group")
    held = [due.filter(pl.col("held_by").is_not_null()), controls.with_columns(held_by=cause)]
    held_back = (
        pl.concat([rows.select("action", cause="held_by") for rows in held])
        .group_by(pl.col("action").cast(pl.String), "cause")
        .agg(pl.len().cast(pl.Int64).alias("n_customers"))
        .select(pl.lit(as_of).alias("as_of_date"), "action", "cause", "n_customers")
    )
    left_alone = controls.select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
        pl.col("action").cast(pl.String),
        *("needs_consent", "control_draw"),
    )
    return Actions(chosen, held_back, left_alone, _verdicts(due, drawn, as_of))


def _verdicts(due: Frame, drawn: Frame, as_of: date) -> Frame:
    """What became of every action that is due; `drawn` has the first allowed one of each customer."""
    first = drawn.select("customer_id", "action", "is_control")
    outcome = (
        pl.when(pl.col("held_by").is_not_null())
        .then("held_by")
        .when("is_control")
        .then(pl.lit("control_group"))
        .when(pl.col("is_control").is_not_null())
        .then(pl.lit("chosen"))
        .otherwise(pl.lit("after_another"))
    )
    return due.join(first, on=["customer_id", "action"], how="left").select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
        pl.col("action").cast(pl.String),
        outcome.alias("outcome"),
        *("reason", "reason_days", "reason_amount", "order_id", "expected_value", "expected_value_basis"),
        days_since_contact="days_since_any",
        days_since_same="days_since_same",
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


def _valued(due: Frame, sources: Sources, as_of: date, shop: Shop, settings: ActionsSettings) -> Frame:
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
        .join(_cart_recovery(sources.carts, as_of, shop), how="cross")
        .with_columns(expected_value=expected, n_evidence=pl.when(of_cart).then(n_carts))
        .with_columns(expected_value_basis=pl.when(pl.col("expected_value").is_not_null()).then(basis))
        .select(*DUE, "expected_value", "n_evidence")
    )


def _cart_recovery(carts: Frame, as_of: date, shop: Shop) -> Frame:
    """One row: known customers' carts whose days of recovery are over, and how many of them were recovered.

    A younger cart counts on neither side: recovery shows at once, its absence only at the end.
    """
    over = as_of - timedelta(days=shop.cart_recovery_days)
    is_recovered = pl.col("is_recovered")
    return carts.filter(pl.col("abandoned_date") <= over, is_recovered.is_not_null()).select(
        n_carts=pl.len().cast(pl.Int64), n_recovered=is_recovered.sum().cast(pl.Int64)
    )
