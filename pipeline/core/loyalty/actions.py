"""The next action for a customer: which are due, which of them are allowed, and the one to take.

What a customer is (tier, churn band, class) is found elsewhere; so is what an action brings in the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.promises import BROKEN, judge_promises
from pipeline.core.frames import Frame, day_end, day_start, days_before, first_of, last_of, local_date, nth
from pipeline.core.loyalty.action_settings import ActionsSettings
from schemas.actions import ACTIONS

LAST = 1
"""Sorts after every negated value, which is 0 at the most."""

DUE = ("customer_id", "action", "reason", "reason_days", "reason_amount", "order_id", "expected_value_basis")
"""The columns of an action that is due; amounts in minor units."""


@dataclass(frozen=True)
class Facts:
    """What actions follow from: lake tables, and the dated tables of the same as_of.

    Customers go by the name of the person everywhere; of `accounts`, the rows of customers, a person can have several.
    `churn` may have the columns value_at_risk and expected_spend_h.
    """

    orders: Frame
    accounts: Frame
    reviews: Frame
    responses: Frame
    invitations: Frame
    contacts: Frame
    churn: Frame
    loyalty: Frame
    say_do: Frame
    carts: Frame


@dataclass(frozen=True)
class Shop:
    """What the configuration says of the shop's orders, carts and surveys."""

    time_zone: str
    valid_statuses: Sequence[str]
    cart_recovery_days: int
    has_survey: bool


def choose_actions(facts: Facts, *, as_of: date, shop: Shop, settings: ActionsSettings) -> Frame:
    """One row per customer with an action that is due and allowed at as_of (contract NextAction).

    Of the actions that are due those are held back that were exported for the customer less than their `repeat_days` ago,
    and marketing also within `contact_days` of any exported action, and without consent. Of the others the one with the
    lowest priority number is taken, of equal ones that of the highest expected value (none is the least), then the first
    by name. An exported action counts when it is of an edition of an earlier date: what was exported from this date leaves
    it as it is, so that a rerun gives the same. Amounts in minor units. Definitions, sections 3, 5, 6.
    """
    valued = _valued(_due(facts, as_of, shop, settings), facts, as_of, shop, settings)
    due = _judged(valued, facts, as_of, shop, settings).cache()
    counts = due.group_by("customer_id").agg(
        pl.len().cast(pl.Int64).alias("n_due"),
        pl.col("is_held").cast(pl.Int64).sum().cast(pl.Int64).alias("n_held_back"),
    )
    playbook = list(settings.playbook.values())
    order = ["priority", "value_order"]
    return (
        due.filter(~pl.col("is_held"))
        .pipe(first_of, "customer_id", order=[*order, "action"])
        .join(counts, on="customer_id", how="left")
        .with_columns(place=pl.lit(1, pl.Int64))
        .with_columns(rank=pl.col("place").cum_sum().over(order_by=[*order, "customer_id"]))
        .select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            "action",
            "reason",
            "reason_days",
            "reason_amount",
            "order_id",
            nth(pl.col("number"), [entry.channel for entry in playbook]).alias("channel"),
            "priority",
            pl.col("rank").cast(pl.Int64),
            "expected_value",
            "expected_value_basis",
            "n_evidence",
            (pl.col("n_evidence") < settings.min_n).fill_null(False).alias("is_suppressed"),
            "needs_consent",
            "consent_basis",
            _expiry(pl.col("number"), [as_of + timedelta(days=entry.expires_days) for entry in playbook]),
            "n_due",
            "n_held_back",
        )
    )


def latest_consent(accounts: Frame) -> Frame:
    """One row per customer of whom an account says whether marketing is accepted: the newest word of all accounts.

    Marketing needs a yes that is known to be newer than any no: a yes without a date is the oldest word, a no without a
    date the last. The newest word is that of today whatever the date: mail goes out now.
    """
    accepts = pl.col("accepts_marketing")
    undated = pl.when(accepts).then(pl.lit(0)).otherwise(pl.lit(2))
    return (
        accounts.filter(~accepts.is_null())
        .with_columns(
            age=pl.when(pl.col("updated_at").is_null()).then(undated).otherwise(pl.lit(1)),
            is_no=(~accepts).cast(pl.Int64),
        )
        .pipe(last_of, "customer_id", order=["age", "updated_at", "is_no"])
        .select("customer_id", "accepts_marketing")
    )


def not_yet_contacted(
    actions: pl.DataFrame, contacts: pl.DataFrame, *, on: date, time_zone: str, settings: ActionsSettings
) -> pl.DataFrame:
    """The rows of `actions` (columns of NextAction) that can still be carried out on a date, in their order.

    Left out is what an export since the night stands against, of another date or of another action for the same date, by
    the rules of `choose_actions`. What was exported already, the same action of the same date, can be exported again.
    """
    repeat_days = {action: entry.repeat_days for action, entry in settings.playbook.items()}
    contacted_on = pl.col("exported_at").dt.convert_time_zone(time_zone).dt.date()
    days = (pl.lit(on) - contacted_on).dt.total_days()
    is_same = pl.col("action") == pl.col("action_exported")
    is_again = is_same & (pl.col("as_of_date") == pl.col("as_of_date_exported"))
    is_repeated = is_same & (days < pl.col("action").replace_strict(repeat_days, return_dtype=pl.Int64))
    is_pressed = pl.col("needs_consent") & (days < settings.contact_days)
    held = actions.join(contacts, on="customer_id", suffix="_exported").filter(~is_again, is_repeated | is_pressed)
    return actions.join(held, on="customer_id", how="anti", maintain_order="left")


def _expiry(number: pl.Expr, days: Sequence[date]) -> pl.Expr:
    expires_on: pl.Expr = pl.lit(days[0])
    for position, day in enumerate(days):
        expires_on = pl.when(number == position).then(pl.lit(day)).otherwise(expires_on)
    return expires_on.alias("expires_on")


# What is allowed


def _judged(due: Frame, facts: Facts, as_of: date, shop: Shop, settings: ActionsSettings) -> Frame:
    """The actions that are due with their entry in the playbook, and whether each is held back."""
    contacts = (
        facts.contacts.filter(pl.col("as_of_date") < pl.lit(as_of))
        .with_columns(contacted_on=local_date("exported_at", shop.time_zone))
        .select("customer_id", "action", contact_days=days_before(as_of, "contacted_on"))
    ).cache()
    last = contacts.group_by("customer_id").agg(pl.col("contact_days").min())
    same = contacts.group_by("customer_id", "action").agg(pl.col("contact_days").min().alias("repeat_days"))
    consent = latest_consent(facts.accounts).cache()
    has_flag = pl.col("n_told") > 0
    playbook = list(settings.playbook.values())
    number: pl.Expr = pl.lit(None, pl.Int64)
    for position, action in enumerate(ACTIONS):
        number = pl.when(pl.col("action") == action).then(pl.lit(position, pl.Int64)).otherwise(number)
    needs = pl.col("needs_consent")
    may = (
        pl.when(has_flag)
        .then(pl.col("accepts_marketing").fill_null(False))
        .otherwise(pl.lit(settings.consent_without_flag))
    )
    is_repeated = (
        pl.col("repeat_days") < nth(pl.col("number"), [e.repeat_days for e in playbook], pl.Int64)
    ).fill_null(False)
    is_pressed = (pl.col("contact_days") < settings.contact_days).fill_null(False)
    basis = pl.when(has_flag).then(pl.lit("given")).otherwise(pl.lit("assumed"))
    return (
        due.join(last, on="customer_id", how="left")
        .join(same, on=["customer_id", "action"], how="left")
        .join(consent, on="customer_id", how="left")
        .join(consent.select(n_told=pl.len().cast(pl.Int64)), how="cross")
        .with_columns(number=number)
        .with_columns(
            priority=nth(pl.col("number"), [entry.priority for entry in playbook], pl.Int64),
            needs_consent=nth(pl.col("number"), [int(entry.needs_consent) for entry in playbook], pl.Int64) == 1,
            value_order=pl.coalesce(0 - pl.col("expected_value"), pl.lit(LAST, pl.Int64)),
        )
        .with_columns(
            is_held=is_repeated | (needs & (is_pressed | ~may)),
            consent_basis=pl.when(needs).then(basis).otherwise(pl.lit("not_needed")),
        )
    )


# What is at stake


def _valued(due: Frame, facts: Facts, as_of: date, shop: Shop, settings: ActionsSettings) -> Frame:
    """The actions that are due with expected value, and the evidence behind the share of recovered carts."""
    basis, n_carts = pl.col("expected_value_basis"), pl.col("n_carts")
    is_enough = n_carts >= settings.min_n
    recovered = (pl.col("reason_amount") * pl.col("n_recovered") / n_carts).round(0).cast(pl.Int64)
    of_cart = basis == "cart_recovery"
    expected = (
        pl.when(basis == "value_at_risk")
        .then(pl.col("value_at_risk"))
        .otherwise(
            pl.when(basis == "expected_spend")
            .then(pl.col("expected_spend_h"))
            .otherwise(pl.when(of_cart & is_enough).then(recovered))
        )
    )
    return (
        due.join(facts.churn.select("customer_id", "value_at_risk", "expected_spend_h"), on="customer_id", how="left")
        .join(_cart_recovery(facts.carts, as_of, shop), how="cross")
        .select(*DUE, expected_value=expected, n_evidence=pl.when(of_cart).then(n_carts))
    )


def _cart_recovery(carts: Frame, as_of: date, shop: Shop) -> Frame:
    """One row: known customers' carts whose days of recovery are over, and how many of them were recovered.

    A younger cart counts on neither side: a recovered one is known at once, one that is not only at the end.
    """
    over = day_start(as_of - timedelta(days=shop.cart_recovery_days - 1), shop.time_zone)
    return carts.filter(pl.col("abandoned_at") < over, ~pl.col("is_recovered").is_null()).select(
        n_carts=pl.len().cast(pl.Int64),
        n_recovered=pl.col("is_recovered").cast(pl.Int64).sum().fill_null(0).cast(pl.Int64),
    )


# What is due


def _due(facts: Facts, as_of: date, shop: Shop, settings: ActionsSettings) -> Frame:
    """One row per customer and action of the playbook that is due."""
    orders = (
        orders_as_of(facts.orders, as_of=as_of, time_zone=shop.time_zone, valid_statuses=shop.valid_statuses).filter(
            ~pl.col("customer_id").is_null(), pl.col("is_valid")
        )
    ).cache()
    broken = (
        judge_promises(orders, as_of=as_of, time_zone=shop.time_zone)
        .filter(pl.col("promise_status").is_in(BROKEN))
        .join(orders.select("order_id", "net_amount"), on="order_id", how="inner")
    ).cache()
    last_order = orders.group_by("customer_id").agg(pl.col("local_date").max()).cache()
    found = [
        _broken_promises(broken, as_of, settings),
        _vips_to_care_for(facts, settings),
        _open_carts(facts.carts, as_of, shop, settings),
        _about_to_leave(facts.churn, settings),
        _first_orders(orders, as_of, settings),
        _near_next_tier(facts.loyalty, settings),
        _to_review(orders, broken, facts, as_of, shop, settings),
        *([_to_survey(last_order, orders, facts, as_of, shop, settings)] if shop.has_survey else []),
    ]
    enabled = [action for action, entry in settings.playbook.items() if entry.enabled]
    return pl.concat(found).filter(pl.col("action").is_in(enabled))


def _as_due(
    rows: Frame,
    action: str,
    reason: str | pl.Expr,
    *,
    days: pl.Expr | None = None,
    amount: pl.Expr | None = None,
    order_id: pl.Expr | None = None,
    basis: str | None = None,
) -> Frame:
    """The rows, one per customer, in the columns DUE."""
    nothing = pl.lit(None, pl.Int64)
    values = (
        pl.col("customer_id"),
        pl.lit(action),
        pl.lit(reason) if isinstance(reason, str) else reason,
        nothing if days is None else days.cast(pl.Int64),
        nothing if amount is None else amount.cast(pl.Int64),
        pl.lit(None, pl.String) if order_id is None else order_id,
        pl.lit(basis, pl.String),
    )
    return rows.select(value.alias(name) for value, name in zip(values, DUE, strict=True))


def _broken_promises(broken: Frame, as_of: date, settings: ActionsSettings) -> Frame:
    """Customers of whose valid orders one was promised for a date that passed less than `within_days` ago; the last one."""
    days = as_of.toordinal() - pl.col("outcome_day")
    latest = broken.filter(days < settings.mend_a_broken_promise.within_days).pipe(
        last_of, "customer_id", order=["outcome_day", "order_id"]
    )
    is_late = pl.col("promise_status") == "late"
    return _as_due(
        latest,
        "mend_a_broken_promise",
        pl.when(is_late).then(pl.lit("delivered_late")).otherwise(pl.lit("delivery_overdue")),
        days=days,
        amount=pl.col("net_amount"),
        order_id=pl.col("order_id"),
        basis="value_at_risk",
    )


def _vips_to_care_for(facts: Facts, settings: ActionsSettings) -> Frame:
    """VIPs who say they are unhappy, or whose churn band is one of the entry's."""
    entry = settings.vip_care
    is_unhappy = pl.col("says").is_in(entry.says).fill_null(False)
    is_slipping = pl.col("band").is_in(entry.bands).fill_null(False)
    vips = (
        facts.loyalty.filter(pl.col("is_vip"))
        .select("customer_id", "net_spend")
        .join(facts.say_do.select("customer_id", "says"), on="customer_id", how="left")
        .join(facts.churn.select("customer_id", "band", "days_since_last_order"), on="customer_id", how="left")
        .filter(is_unhappy | is_slipping)
    )
    return _as_due(
        vips,
        "vip_care",
        pl.when(is_unhappy).then(pl.lit("vip_is_unhappy")).otherwise(pl.lit("vip_is_slipping")),
        days=pl.col("days_since_last_order"),
        amount=pl.col("net_spend"),
        basis="value_at_risk",
    )


def _open_carts(carts: Frame, as_of: date, shop: Shop, settings: ActionsSettings) -> Frame:
    """Customers with a cart that was left less than `within_days` ago and not ordered since; the last one."""
    days = days_before(as_of, "left_on")
    latest = (
        carts.filter(~pl.col("customer_id").is_null(), ~pl.col("is_recovered").fill_null(False))
        .with_columns(left_on=local_date("abandoned_at", shop.time_zone))
        .filter(days < settings.abandoned_cart.within_days)
        .pipe(last_of, "customer_id", order=["abandoned_at", "cart_id"])
    )
    return _as_due(
        latest, "abandoned_cart", "cart_left_behind", days=days, amount=pl.col("cart_amount"), basis="cart_recovery"
    )


def _about_to_leave(churn: Frame, settings: ActionsSettings) -> Frame:
    """Customers in one of the entry's churn bands."""
    leaving = churn.filter(pl.col("band").is_in(settings.win_back.bands))
    return _as_due(leaving, "win_back", "silent_too_long", days=pl.col("days_since_last_order"), basis="value_at_risk")


def _first_orders(orders: Frame, as_of: date, settings: ActionsSettings) -> Frame:
    """Customers with one valid order ever, less than `within_days` ago."""
    days = days_before(as_of, "local_date")
    firsts = (
        orders.group_by("customer_id")
        .agg(
            pl.len().alias("n_orders"),
            pl.col("order_id").min(),
            pl.col("local_date").min(),
            pl.col("net_amount").sum(),
        )
        .filter(pl.col("n_orders") == 1, days < settings.welcome_series.within_days)
    )
    return _as_due(
        firsts,
        "welcome_series",
        "first_order",
        days=days,
        amount=pl.col("net_amount"),
        order_id=pl.col("order_id"),
        basis="expected_spend",
    )


def _near_next_tier(loyalty: Frame, settings: ActionsSettings) -> Frame:
    """Customers who have gone at least `min_pct` of the way to the next tier."""
    missing = pl.col("amount_to_next_tier")
    near = loyalty.filter(~missing.is_null(), pl.col("pct_to_next_tier") >= settings.tier_nudge.min_pct)
    return _as_due(near, "tier_nudge", "close_to_next_tier", amount=missing, basis="expected_spend")


def _to_review(orders: Frame, broken: Frame, facts: Facts, as_of: date, shop: Shop, settings: ActionsSettings) -> Frame:
    """Customers whose last delivery was as promised, can be judged by now, and has no review of theirs; not the unhappy."""
    entry, end = settings.thank_and_ask_for_a_review, day_end(as_of, shop.time_zone)
    days = days_before(as_of, "delivered_on")
    unhappy = facts.say_do.filter(pl.col("says").is_in(entry.not_for)).select("customer_id")
    reviews = facts.reviews.filter(pl.col("created_at") < end).select("order_id", "customer_id", "created_at").cache()
    last_review = reviews.group_by("customer_id").agg(pl.col("created_at").max().alias("reviewed_at"))
    delivered = (
        orders.filter(pl.col("delivered_at") < end)
        .pipe(last_of, "customer_id", order=["delivered_at", "order_id"])
        .with_columns(delivered_on=local_date("delivered_at", shop.time_zone))
        .filter(days >= entry.from_days, days < entry.within_days)
        .join(broken.select("order_id"), on="order_id", how="anti")
        .join(unhappy, on="customer_id", how="anti")
        .join(reviews.filter(~pl.col("order_id").is_null()).select("order_id").unique(), on="order_id", how="anti")
        .join(last_review, on="customer_id", how="left")
        .filter(~(pl.col("reviewed_at") >= pl.col("ordered_at")).fill_null(False))
    )
    return _as_due(
        delivered,
        "thank_and_ask_for_a_review",
        "delivered_without_review",
        days=days,
        amount=pl.col("net_amount"),
        order_id=pl.col("order_id"),
    )


def _to_survey(
    last_order: Frame, orders: Frame, facts: Facts, as_of: date, shop: Shop, settings: ActionsSettings
) -> Frame:
    """Customers with a recent order who were neither invited nor answered less than `pause_days` ago."""
    entry, end = settings.ask_for_a_survey, day_end(as_of, shop.time_zone)
    buyers = orders.select("order_id", pl.col("customer_id").alias("buyer_id"))
    asked = (
        pl.concat(
            [
                facts.responses.filter(pl.col("submitted_at") < end).select(
                    "customer_id", "order_id", pl.col("submitted_at").alias("asked_at"), is_answer=pl.lit(1, pl.Int64)
                ),
                facts.invitations.filter(pl.col("invited_at") < end).select(
                    "customer_id", "order_id", pl.col("invited_at").alias("asked_at"), is_answer=pl.lit(0, pl.Int64)
                ),
            ]
        )
        .join(buyers, on="order_id", how="left")
        .with_columns(customer_id=pl.coalesce("customer_id", "buyer_id"))
        .filter(~pl.col("customer_id").is_null())
        .with_columns(asked_on=local_date("asked_at", shop.time_zone))
        .with_columns(asked_days=days_before(as_of, "asked_on"))
        .group_by("customer_id")
        .agg(pl.col("asked_days").min(), pl.col("is_answer").max())
    ).cache()
    days = days_before(as_of, "local_date")
    to_ask = (
        last_order.filter(days < entry.within_days)
        .join(asked, on="customer_id", how="left")
        .filter(~(pl.col("asked_days") < entry.pause_days).fill_null(False))
    )
    has_answered = (pl.col("is_answer") == 1).fill_null(False)
    return _as_due(
        to_ask,
        "ask_for_a_survey",
        pl.when(has_answered).then(pl.lit("no_recent_answer")).otherwise(pl.lit("never_answered_a_survey")),
        days=days,
    )
