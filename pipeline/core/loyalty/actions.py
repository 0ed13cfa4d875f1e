"""The next action for a customer: which are due, which of them are allowed, and the one to take.

What a customer is (tier, churn band, class) is found elsewhere; so is what an action brings in the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import narwhals as nw
import polars as pl

from pipeline.core.attitude.promise import BROKEN, judge_promises
from pipeline.core.behaviour.orders import orders_as_of
from pipeline.core.frames import Frame, computed_once, day_end, day_start, days_before, local_date, nth
from schemas.actions import ACTIONS

if TYPE_CHECKING:
    from pipeline.settings import ActionsSettings

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


def choose_actions(facts: Facts, *, as_of: date, shop: Shop, settings: "ActionsSettings") -> Frame:
    """One row per customer with an action that is due and allowed at as_of (contract NextAction).

    Of the actions that are due those are held back that were exported for the customer less than their `repeat_days` ago,
    and marketing also within `contact_days` of any exported action, and without consent. Of the others the one with the
    lowest priority number is taken, of equal ones that of the highest expected value (none is the least), then the first
    by name. An exported action counts when it is of an edition of an earlier date: what was exported from this date leaves
    it as it is, so that a rerun gives the same. Amounts in minor units. Definitions, sections 3, 5, 6.
    """
    valued = _valued(_due(facts, as_of, shop, settings), facts, as_of, shop, settings)
    due = computed_once(_judged(valued, facts, as_of, shop, settings))
    counts = due.group_by("customer_id").agg(
        nw.len().cast(nw.Int64).alias("n_due"),
        nw.col("is_held").cast(nw.Int64).sum().cast(nw.Int64).alias("n_held_back"),
    )
    playbook = list(settings.playbook.values())
    order = ["priority", "value_order"]
    return (
        due.filter(~nw.col("is_held"))
        .unique(subset="customer_id", keep="first", order_by=[*order, "action"])
        .join(counts, on="customer_id", how="left")
        .with_columns(place=nw.lit(1, nw.Int64))
        .with_columns(rank=nw.col("place").cum_sum().over(order_by=[*order, "customer_id"]))
        .select(
            "customer_id",
            nw.lit(as_of).alias("as_of_date"),
            "action",
            "reason",
            "reason_days",
            "reason_amount",
            "order_id",
            nth(nw.col("number"), [entry.channel for entry in playbook]).alias("channel"),
            "priority",
            nw.col("rank").cast(nw.Int64),
            "expected_value",
            "expected_value_basis",
            "n_evidence",
            (nw.col("n_evidence") < settings.min_n).fill_null(False).alias("is_suppressed"),
            "needs_consent",
            "consent_basis",
            _expiry(nw.col("number"), [as_of + timedelta(days=entry.expires_days) for entry in playbook]),
            "n_due",
            "n_held_back",
        )
    )


def latest_consent(accounts: Frame) -> Frame:
    """One row per customer of whom an account says whether marketing is accepted: the newest word of all accounts.

    Marketing needs a yes that is known to be newer than any no: a yes without a date is the oldest word, a no without a
    date the last. The newest word is that of today whatever the date: mail goes out now.
    """
    accepts = nw.col("accepts_marketing")
    undated = nw.when(accepts).then(nw.lit(0)).otherwise(nw.lit(2))
    return (
        accounts.filter(~accepts.is_null())
        .with_columns(
            age=nw.when(nw.col("updated_at").is_null()).then(undated).otherwise(nw.lit(1)),
            is_no=(~accepts).cast(nw.Int64),
        )
        .unique(subset="customer_id", keep="last", order_by=["age", "updated_at", "is_no"])
        .select("customer_id", "accepts_marketing")
    )


def not_yet_contacted(
    actions: pl.DataFrame, contacts: pl.DataFrame, *, on: date, time_zone: str, settings: "ActionsSettings"
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


def _expiry(number: nw.Expr, days: Sequence[date]) -> nw.Expr:
    expires_on: nw.Expr = nw.lit(days[0])
    for position, day in enumerate(days):
        expires_on = nw.when(number == position).then(nw.lit(day)).otherwise(expires_on)
    return expires_on.alias("expires_on")


# What is allowed


def _judged(due: Frame, facts: Facts, as_of: date, shop: Shop, settings: "ActionsSettings") -> Frame:
    """The actions that are due with their entry in the playbook, and whether each is held back."""
    contacts = computed_once(
        facts.contacts.filter(nw.col("as_of_date") < nw.lit(as_of))
        .with_columns(contacted_on=local_date("exported_at", shop.time_zone))
        .select("customer_id", "action", contact_days=days_before(as_of, "contacted_on"))
    )
    last = contacts.group_by("customer_id").agg(nw.col("contact_days").min())
    same = contacts.group_by("customer_id", "action").agg(nw.col("contact_days").min().alias("repeat_days"))
    consent = computed_once(latest_consent(facts.accounts))
    has_flag = nw.col("n_told") > 0
    playbook = list(settings.playbook.values())
    number: nw.Expr = nw.lit(None, nw.Int64)
    for position, action in enumerate(ACTIONS):
        number = nw.when(nw.col("action") == action).then(nw.lit(position, nw.Int64)).otherwise(number)
    needs = nw.col("needs_consent")
    may = (
        nw.when(has_flag)
        .then(nw.col("accepts_marketing").fill_null(False))
        .otherwise(nw.lit(settings.consent_without_flag))
    )
    is_repeated = (
        nw.col("repeat_days") < nth(nw.col("number"), [e.repeat_days for e in playbook], nw.Int64)
    ).fill_null(False)
    is_pressed = (nw.col("contact_days") < settings.contact_days).fill_null(False)
    basis = nw.when(has_flag).then(nw.lit("given")).otherwise(nw.lit("assumed"))
    return (
        due.join(last, on="customer_id", how="left")
        .join(same, on=["customer_id", "action"], how="left")
        .join(consent, on="customer_id", how="left")
        .join(consent.select(n_told=nw.len().cast(nw.Int64)), how="cross")
        .with_columns(number=number)
        .with_columns(
            priority=nth(nw.col("number"), [entry.priority for entry in playbook], nw.Int64),
            needs_consent=nth(nw.col("number"), [int(entry.needs_consent) for entry in playbook], nw.Int64) == 1,
            value_order=nw.coalesce(0 - nw.col("expected_value"), nw.lit(LAST, nw.Int64)),
        )
        .with_columns(
            is_held=is_repeated | (needs & (is_pressed | ~may)),
            consent_basis=nw.when(needs).then(basis).otherwise(nw.lit("not_needed")),
        )
    )


# What is at stake


def _valued(due: Frame, facts: Facts, as_of: date, shop: Shop, settings: "ActionsSettings") -> Frame:
    """The actions that are due with expected value, and the evidence behind the share of recovered carts."""
    basis, n_carts = nw.col("expected_value_basis"), nw.col("n_carts")
    is_enough = n_carts >= settings.min_n
    recovered = (nw.col("reason_amount") * nw.col("n_recovered") / n_carts).round(0).cast(nw.Int64)
    of_cart = basis == "cart_recovery"
    expected = (
        nw.when(basis == "value_at_risk")
        .then(nw.col("value_at_risk"))
        .otherwise(
            nw.when(basis == "expected_spend")
            .then(nw.col("expected_spend_h"))
            .otherwise(nw.when(of_cart & is_enough).then(recovered))
        )
    )
    return (
        due.join(facts.churn.select("customer_id", "value_at_risk", "expected_spend_h"), on="customer_id", how="left")
        .join(_cart_recovery(facts.carts, as_of, shop), how="cross")
        .select(*DUE, expected_value=expected, n_evidence=nw.when(of_cart).then(n_carts))
    )


def _cart_recovery(carts: Frame, as_of: date, shop: Shop) -> Frame:
    """One row: known customers' carts whose days of recovery are over, and how many of them were recovered.

    A younger cart counts on neither side: a recovered one is known at once, one that is not only at the end.
    """
    over = day_start(as_of - timedelta(days=shop.cart_recovery_days - 1), shop.time_zone)
    return carts.filter(nw.col("abandoned_at") < over, ~nw.col("is_recovered").is_null()).select(
        n_carts=nw.len().cast(nw.Int64),
        n_recovered=nw.col("is_recovered").cast(nw.Int64).sum().fill_null(0).cast(nw.Int64),
    )


# What is due


def _due(facts: Facts, as_of: date, shop: Shop, settings: "ActionsSettings") -> Frame:
    """One row per customer and action of the playbook that is due."""
    orders = computed_once(
        orders_as_of(facts.orders, as_of=as_of, time_zone=shop.time_zone, valid_statuses=shop.valid_statuses).filter(
            ~nw.col("customer_id").is_null(), nw.col("is_valid")
        )
    )
    broken = computed_once(
        judge_promises(orders, as_of=as_of, time_zone=shop.time_zone)
        .filter(nw.col("promise_status").is_in(BROKEN))
        .join(orders.select("order_id", "net_amount"), on="order_id", how="inner")
    )
    last_order = computed_once(orders.group_by("customer_id").agg(nw.col("local_date").max()))
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
    return nw.concat(found).filter(nw.col("action").is_in(enabled))


def _as_due(
    rows: Frame,
    action: str,
    reason: str | nw.Expr,
    *,
    days: nw.Expr | None = None,
    amount: nw.Expr | None = None,
    order_id: nw.Expr | None = None,
    basis: str | None = None,
) -> Frame:
    """The rows, one per customer, in the columns DUE."""
    nothing = nw.lit(None, nw.Int64)
    values = (
        nw.col("customer_id"),
        nw.lit(action),
        nw.lit(reason) if isinstance(reason, str) else reason,
        nothing if days is None else days.cast(nw.Int64),
        nothing if amount is None else amount.cast(nw.Int64),
        nw.lit(None, nw.String) if order_id is None else order_id,
        nw.lit(basis, nw.String),
    )
    return rows.select(value.alias(name) for value, name in zip(values, DUE, strict=True))


def _broken_promises(broken: Frame, as_of: date, settings: "ActionsSettings") -> Frame:
    """Customers of whose valid orders one was promised for a date that passed less than `within_days` ago; the last one."""
    days = as_of.toordinal() - nw.col("outcome_day")
    latest = broken.filter(days < settings.mend_a_broken_promise.within_days).unique(
        subset="customer_id", keep="last", order_by=["outcome_day", "order_id"]
    )
    is_late = nw.col("promise_status") == "late"
    return _as_due(
        latest,
        "mend_a_broken_promise",
        nw.when(is_late).then(nw.lit("delivered_late")).otherwise(nw.lit("delivery_overdue")),
        days=days,
        amount=nw.col("net_amount"),
        order_id=nw.col("order_id"),
        basis="value_at_risk",
    )


def _vips_to_care_for(facts: Facts, settings: "ActionsSettings") -> Frame:
    """VIPs who say they are unhappy, or whose churn band is one of the entry's."""
    entry = settings.vip_care
    is_unhappy = nw.col("says").is_in(entry.says).fill_null(False)
    is_slipping = nw.col("band").is_in(entry.bands).fill_null(False)
    vips = (
        facts.loyalty.filter(nw.col("is_vip"))
        .select("customer_id", "net_spend")
        .join(facts.say_do.select("customer_id", "says"), on="customer_id", how="left")
        .join(facts.churn.select("customer_id", "band", "days_since_last_order"), on="customer_id", how="left")
        .filter(is_unhappy | is_slipping)
    )
    return _as_due(
        vips,
        "vip_care",
        nw.when(is_unhappy).then(nw.lit("vip_is_unhappy")).otherwise(nw.lit("vip_is_slipping")),
        days=nw.col("days_since_last_order"),
        amount=nw.col("net_spend"),
        basis="value_at_risk",
    )


def _open_carts(carts: Frame, as_of: date, shop: Shop, settings: "ActionsSettings") -> Frame:
    """Customers with a cart that was left less than `within_days` ago and not ordered since; the last one."""
    days = days_before(as_of, "left_on")
    latest = (
        carts.filter(~nw.col("customer_id").is_null(), ~nw.col("is_recovered").fill_null(False))
        .with_columns(left_on=local_date("abandoned_at", shop.time_zone))
        .filter(days < settings.abandoned_cart.within_days)
        .unique(subset="customer_id", keep="last", order_by=["abandoned_at", "cart_id"])
    )
    return _as_due(
        latest, "abandoned_cart", "cart_left_behind", days=days, amount=nw.col("cart_amount"), basis="cart_recovery"
    )


def _about_to_leave(churn: Frame, settings: "ActionsSettings") -> Frame:
    """Customers in one of the entry's churn bands."""
    leaving = churn.filter(nw.col("band").is_in(settings.win_back.bands))
    return _as_due(leaving, "win_back", "silent_too_long", days=nw.col("days_since_last_order"), basis="value_at_risk")


def _first_orders(orders: Frame, as_of: date, settings: "ActionsSettings") -> Frame:
    """Customers with one valid order ever, less than `within_days` ago."""
    days = days_before(as_of, "local_date")
    firsts = (
        orders.group_by("customer_id")
        .agg(
            nw.len().alias("n_orders"),
            nw.col("order_id").min(),
            nw.col("local_date").min(),
            nw.col("net_amount").sum(),
        )
        .filter(nw.col("n_orders") == 1, days < settings.welcome_series.within_days)
    )
    return _as_due(
        firsts,
        "welcome_series",
        "first_order",
        days=days,
        amount=nw.col("net_amount"),
        order_id=nw.col("order_id"),
        basis="expected_spend",
    )


def _near_next_tier(loyalty: Frame, settings: "ActionsSettings") -> Frame:
    """Customers who have gone at least `min_pct` of the way to the next tier."""
    missing = nw.col("amount_to_next_tier")
    near = loyalty.filter(~missing.is_null(), nw.col("pct_to_next_tier") >= settings.tier_nudge.min_pct)
    return _as_due(near, "tier_nudge", "close_to_next_tier", amount=missing, basis="expected_spend")


def _to_review(
    orders: Frame, broken: Frame, facts: Facts, as_of: date, shop: Shop, settings: "ActionsSettings"
) -> Frame:
    """Customers whose last delivery was as promised, can be judged by now, and has no review of theirs; not the unhappy."""
    entry, end = settings.thank_and_ask_for_a_review, day_end(as_of, shop.time_zone)
    days = days_before(as_of, "delivered_on")
    unhappy = facts.say_do.filter(nw.col("says").is_in(entry.not_for)).select("customer_id")
    reviews = computed_once(
        facts.reviews.filter(nw.col("created_at") < end).select("order_id", "customer_id", "created_at")
    )
    last_review = reviews.group_by("customer_id").agg(nw.col("created_at").max().alias("reviewed_at"))
    delivered = (
        orders.filter(nw.col("delivered_at") < end)
        .unique(subset="customer_id", keep="last", order_by=["delivered_at", "order_id"])
        .with_columns(delivered_on=local_date("delivered_at", shop.time_zone))
        .filter(days >= entry.from_days, days < entry.within_days)
        .join(broken.select("order_id"), on="order_id", how="anti")
        .join(unhappy, on="customer_id", how="anti")
        .join(reviews.filter(~nw.col("order_id").is_null()).select("order_id").unique(), on="order_id", how="anti")
        .join(last_review, on="customer_id", how="left")
        .filter(~(nw.col("reviewed_at") >= nw.col("ordered_at")).fill_null(False))
    )
    return _as_due(
        delivered,
        "thank_and_ask_for_a_review",
        "delivered_without_review",
        days=days,
        amount=nw.col("net_amount"),
        order_id=nw.col("order_id"),
    )


def _to_survey(
    last_order: Frame, orders: Frame, facts: Facts, as_of: date, shop: Shop, settings: "ActionsSettings"
) -> Frame:
    """Customers with a recent order who were neither invited nor answered less than `pause_days` ago."""
    entry, end = settings.ask_for_a_survey, day_end(as_of, shop.time_zone)
    buyers = orders.select("order_id", nw.col("customer_id").alias("buyer_id"))
    asked = computed_once(
        nw.concat(
            [
                facts.responses.filter(nw.col("submitted_at") < end).select(
                    "customer_id", "order_id", nw.col("submitted_at").alias("asked_at"), is_answer=nw.lit(1, nw.Int64)
                ),
                facts.invitations.filter(nw.col("invited_at") < end).select(
                    "customer_id", "order_id", nw.col("invited_at").alias("asked_at"), is_answer=nw.lit(0, nw.Int64)
                ),
            ]
        )
        .join(buyers, on="order_id", how="left")
        .with_columns(customer_id=nw.coalesce("customer_id", "buyer_id"))
        .filter(~nw.col("customer_id").is_null())
        .with_columns(asked_on=local_date("asked_at", shop.time_zone))
        .with_columns(asked_days=days_before(as_of, "asked_on"))
        .group_by("customer_id")
        .agg(nw.col("asked_days").min(), nw.col("is_answer").max())
    )
    days = days_before(as_of, "local_date")
    to_ask = (
        last_order.filter(days < entry.within_days)
        .join(asked, on="customer_id", how="left")
        .filter(~(nw.col("asked_days") < entry.pause_days).fill_null(False))
    )
    has_answered = (nw.col("is_answer") == 1).fill_null(False)
    return _as_due(
        to_ask,
        "ask_for_a_survey",
        nw.when(has_answered).then(nw.lit("no_recent_answer")).otherwise(nw.lit("never_answered_a_survey")),
        days=days,
    )
