"""Which actions of the playbook are due for a customer, and why. Whether one is allowed, and which is taken, is found elsewhere.

What a customer is (tier, churn band, class) is found elsewhere too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipeline.core.facts.orders import with_buyers
from pipeline.core.facts.promises import BROKEN
from pipeline.core.frames import Frame, days_before, last_of
from pipeline.core.loyalty.action_settings import ActionsSettings
from schemas.actions import ACTIONS

ACTION = pl.Enum(sorted(ACTIONS))
"""Actions in the order of their names: sorted and joined in a fraction of the time that text takes."""
OFFER = ("product_id", "product_name", "price_amount", "discounted_amount", "discount_ends_on")
"""The columns that tell which product is offered."""
DUE = (
    *("customer_id", "action", "reason", "reason_days", "reason_amount", "order_id"),
    *(*OFFER, "expected_value_basis"),
)
"""The columns of an action that is due; amounts in minor units."""


@dataclass(frozen=True)
class Sources:
    """What actions follow from.

    `orders` are those of `orders_as_of`; `customers` those of `customer_facts`, as consent is that of today; `reviews`,
    `responses` and `invitations` the facts, with every review of these orders; `contacts` and `carts` with the local dates of their moments (`exported_date`,
    `abandoned_date`); `churn`, `loyalty`, `say_do`, `carts`, `sci`, `cart_products` and `nps` the tables of the same as_of.
    """

    orders: Frame
    customers: Frame
    reviews: Frame
    responses: Frame
    invitations: Frame
    contacts: Frame
    churn: Frame
    loyalty: Frame
    say_do: Frame
    carts: Frame
    sci: Frame
    cart_products: Frame
    nps: Frame


@dataclass(frozen=True)
class Shop:
    """What the configuration says of the shop's carts and surveys."""

    cart_recovery_days: int
    has_survey: bool


def due_actions(sources: Sources, *, as_of: date, shop: Shop, settings: ActionsSettings) -> Frame:
    """One row per customer and enabled action of the playbook that is due at as_of, in the columns DUE."""
    orders = sources.orders.filter(pl.col("is_valid"), pl.col("customer_id").is_not_null())
    per_buyer = orders.group_by("customer_id").agg(
        n_orders=pl.len(), last_order_date=pl.col("ordered_date").max(), last_ordered_at=pl.col("ordered_at").max()
    )
    buyers = per_buyer.collect(engine="streaming").lazy()
    found = {
        "mend_a_broken_promise": _broken_promises(orders, as_of, settings),
        "vip_care": _vips_to_care_for(sources, settings),
        "offer_on_abandoned_product": _offers(sources, buyers, as_of, settings),
        "abandoned_cart": _reminders(sources, buyers, as_of, settings),
        "win_back": _about_to_leave(sources.churn, settings),
        "welcome_series": _first_orders(orders, buyers, as_of, settings),
        "tier_nudge": _near_next_tier(sources.loyalty, settings),
        "ask_what_is_missing": _loyal_but_missing(sources.sci, settings),
        "thank_and_ask_for_a_review": _to_review(orders, sources, as_of, settings),
    }
    if shop.has_survey:
        found["ask_for_a_survey"] = _to_survey(buyers, sources, as_of, settings)
    is_due = [_as_due(rows, action) for action, rows in found.items() if settings.playbook[action].enabled]
    return pl.concat([_nothing(orders), *is_due], how="diagonal").select(DUE)


def due_when(settings: ActionsSettings) -> dict[str, str]:
    """When each action is due, in words: what the functions below ask, with the figures of the configuration."""
    by = settings
    return {
        "mend_a_broken_promise": f"the promise of a valid order was broken less than {by.mend_a_broken_promise.within_days} days ago",
        "vip_care": f"a VIP says what counts as unhappy ({_listed(by.vip_care.says)}), or is in churn band "
        f"{_listed(by.vip_care.bands)}",
        "offer_on_abandoned_product": "a product that is discounted now was left in a cart less than "
        f"{by.offer_on_abandoned_product.within_days} days ago, without an order since",
        "abandoned_cart": f"a cart was left less than {by.abandoned_cart.within_days} days ago, without an order since",
        "win_back": f"the churn band is {_listed(by.win_back.bands)}",
        "welcome_series": f"there is one valid order ever, less than {by.welcome_series.within_days} days ago",
        "tier_nudge": f"there is a next tier, and pct_to_next_tier is at least {by.tier_nudge.min_pct:g}",
        "ask_what_is_missing": "an item of the Secure Customer Index was answered second best and none worse, less than "
        f"{by.ask_what_is_missing.within_days} days ago",
        "thank_and_ask_for_a_review": f"the last delivery broke no promise and came {by.thank_and_ask_for_a_review.from_days} to "
        f"{by.thank_and_ask_for_a_review.within_days - 1} days ago, and has no review, and the customer does not say "
        f"{_listed(by.thank_and_ask_for_a_review.not_for)}",
        "ask_for_a_survey": f"the last valid order is less than {by.ask_for_a_survey.within_days} days ago, and there was no "
        f"invitation or answer less than {by.ask_for_a_survey.pause_days} days ago",
    }


def _listed(names: Sequence[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "none"


def _nothing(orders: Frame) -> Frame:
    """No action at all, with all columns: rules leave out those that they do not fill."""
    texts = ("reason", "product_id", "product_name", "expected_value_basis")
    numbers = ("reason_days", "reason_amount", "price_amount", "discounted_amount")
    return orders.clear().select(
        *("customer_id", "order_id"),
        pl.lit(None, ACTION).alias("action"),
        *(pl.lit(None, pl.String).alias(name) for name in texts),
        *(pl.lit(None, pl.Int64).alias(name) for name in numbers),
        pl.lit(None, pl.Date).alias("discount_ends_on"),
    )


def _as_due(rows: Frame, action: str) -> Frame:
    """The rows of a rule, one per customer, in the columns DUE that it fills."""
    columns = [name for name in DUE if name in rows.collect_schema()]
    return rows.select(*columns, action=pl.lit(action, ACTION))


def _broken_promises(orders: Frame, as_of: date, settings: ActionsSettings) -> Frame:
    """Customers with an order whose promise was broken less than `within_days` ago; the last one."""
    days = days_before(as_of, "outcome_date")
    is_late = pl.col("promise_status") == "late"
    return (
        orders.filter(pl.col("promise_status").is_in(BROKEN), days < settings.mend_a_broken_promise.within_days)
        .select("customer_id", "order_id", "outcome_date", "promise_status", "net_amount")
        .pipe(last_of, "customer_id", order=["outcome_date", "order_id"])
        .select(
            "customer_id",
            "order_id",
            reason=pl.when(is_late).then(pl.lit("delivered_late")).otherwise(pl.lit("delivery_overdue")),
            reason_days=days,
            reason_amount="net_amount",
            expected_value_basis=pl.lit("value_at_risk"),
        )
    )


def _vips_to_care_for(sources: Sources, settings: ActionsSettings) -> Frame:
    """VIPs who say they are unhappy, with the age of that answer, or whose churn band is one of the entry's."""
    entry = settings.vip_care
    says_by_sci = (pl.col("says") == pl.col("sci_class")).fill_null(False)
    answer_age = pl.when(says_by_sci).then("sci_age_days").otherwise("nps_age_days")
    is_unhappy = pl.col("says").is_in(entry.says).fill_null(False)
    is_slipping = pl.col("churn_band").is_in(entry.bands).fill_null(False)
    return (
        sources.loyalty.filter(pl.col("is_vip"))
        .select("customer_id", "net_spend")
        .join(sources.say_do.select("customer_id", "says", "sci_class"), on="customer_id", how="left")
        .join(sources.sci.select("customer_id", sci_age_days="age_days"), on="customer_id", how="left")
        .join(sources.nps.select("customer_id", nps_age_days="age_days"), on="customer_id", how="left")
        .join(sources.churn.select("customer_id", "churn_band", "days_since_last_order"), on="customer_id", how="left")
        .filter(is_unhappy | is_slipping)
        .select(
            "customer_id",
            reason=pl.when(is_unhappy).then(pl.lit("vip_is_unhappy")).otherwise(pl.lit("vip_is_slipping")),
            reason_days=pl.when(is_unhappy).then(answer_age).otherwise("days_since_last_order"),
            reason_amount="net_spend",
            expected_value_basis=pl.lit("value_at_risk"),
        )
    )


def _open_carts(sources: Sources, buyers: Frame, as_of: date, within_days: int) -> Frame:
    """Carts of customers that were left less than `within_days` ago and not ordered since."""
    has_ordered = (pl.col("last_ordered_at") >= pl.col("abandoned_at")).fill_null(False)
    return (
        sources.carts.filter(
            pl.col("customer_id").is_not_null(),
            ~pl.col("is_recovered").fill_null(False),
            days_before(as_of, "abandoned_date") < within_days,
        )
        .join(buyers.select("customer_id", "last_ordered_at"), on="customer_id", how="left")
        .filter(~has_ordered)
        .select("customer_id", "cart_id", "abandoned_at", "abandoned_date", "cart_amount")
    )


def _reminders(sources: Sources, buyers: Frame, as_of: date, settings: ActionsSettings) -> Frame:
    """Customers with an open cart; the last one."""
    return (
        _open_carts(sources, buyers, as_of, settings.abandoned_cart.within_days)
        .pipe(last_of, "customer_id", order=["abandoned_at", "cart_id"])
        .select("customer_id", reason=pl.lit("cart_left_behind"), **_of_cart(as_of))
    )


def _offers(sources: Sources, buyers: Frame, as_of: date, settings: ActionsSettings) -> Frame:
    """Customers with a discounted product in an open cart: from the last such cart the one that saves them most."""
    carts = _open_carts(sources, buyers, as_of, settings.offer_on_abandoned_product.within_days)
    products = sources.cart_products.filter(pl.col("discounted_amount").is_not_null()).select("cart_id", *OFFER)
    return (
        carts.join(products, on="cart_id")
        .with_columns(saving=pl.col("price_amount") - pl.col("discounted_amount"))
        .pipe(last_of, "customer_id", order=["abandoned_at", "cart_id", "saving", "product_id"])
        .select("customer_id", *OFFER, reason=pl.lit("cart_product_discounted"), **_of_cart(as_of))
    )


def _of_cart(as_of: date) -> dict[str, pl.Expr]:
    """The columns of an action that is about a cart."""
    return {
        "reason_days": days_before(as_of, "abandoned_date"),
        "reason_amount": pl.col("cart_amount"),
        "expected_value_basis": pl.lit("cart_recovery"),
    }


def _about_to_leave(churn: Frame, settings: ActionsSettings) -> Frame:
    """Customers in one of the entry's churn bands."""
    return churn.filter(pl.col("churn_band").is_in(settings.win_back.bands)).select(
        "customer_id",
        reason=pl.lit("silent_too_long"),
        reason_days="days_since_last_order",
        expected_value_basis=pl.lit("value_at_risk"),
    )


def _first_orders(orders: Frame, buyers: Frame, as_of: date, settings: ActionsSettings) -> Frame:
    """Customers with one valid order ever, less than `within_days` ago."""
    days = days_before(as_of, "ordered_date")
    once = buyers.filter(pl.col("n_orders") == 1).select("customer_id")
    return (
        orders.filter(days < settings.welcome_series.within_days)
        .join(once, on="customer_id", how="semi")
        .select(
            "customer_id",
            "order_id",
            reason=pl.lit("first_order"),
            reason_days=days,
            reason_amount="net_amount",
            expected_value_basis=pl.lit("expected_spend"),
        )
    )


def _near_next_tier(loyalty: Frame, settings: ActionsSettings) -> Frame:
    """Customers who have gone at least `min_pct` of the way to the next tier; what they miss is an amount of money only where tiers
    go by it."""
    missing = pl.col("amount_to_next_tier")
    return loyalty.filter(missing.is_not_null(), pl.col("pct_to_next_tier") >= settings.tier_nudge.min_pct).select(
        "customer_id",
        reason=pl.lit("close_to_next_tier"),
        reason_amount=pl.when(tier_metric="net_spend").then(missing),
        expected_value_basis=pl.lit("expected_spend"),
    )


def _loyal_but_missing(sci: Frame, settings: ActionsSettings) -> Frame:
    """Customers who lately answered an item of the index second best, and none worse."""
    is_recent = pl.col("age_days") < settings.ask_what_is_missing.within_days
    return sci.filter(pl.col("sci_missing_items").is_not_null(), is_recent).select(
        "customer_id",
        reason=pl.format("loyal_but_missing_{}", "sci_missing_items"),
        reason_days="age_days",
        expected_value_basis=pl.lit("value_at_risk"),
    )


def _to_review(orders: Frame, sources: Sources, as_of: date, settings: ActionsSettings) -> Frame:
    """Customers whose last delivery broke no promise, can be judged by now, and has no review of theirs; not the unhappy."""
    entry = settings.thank_and_ask_for_a_review
    days = days_before(as_of, "delivered_date")
    columns = (
        "customer_id",
        "order_id",
        "ordered_at",
        "delivered_at",
        "delivered_date",
        "promise_status",
        "net_amount",
    )
    unhappy = sources.say_do.filter(pl.col("says").is_in(entry.not_for))
    reviews = sources.reviews.filter(pl.col("created_date") <= as_of)
    last_review = (
        with_buyers(reviews, sources.orders).group_by("customer_id").agg(reviewed_at=pl.col("created_at").max())
    )
    return (
        # An old delivery never counts, so it need not be known whether it is the last.
        orders.filter(days < entry.within_days)
        .select(columns)
        .pipe(last_of, "customer_id", order=["delivered_at", "order_id"])
        .filter(days >= entry.from_days, ~pl.col("promise_status").is_in(BROKEN))
        .join(unhappy, on="customer_id", how="anti")
        .join(reviews, on="order_id", how="anti")
        .join(last_review, on="customer_id", how="left")
        .filter(~(pl.col("reviewed_at") >= pl.col("ordered_at")).fill_null(False))
        .select(
            "customer_id",
            "order_id",
            reason=pl.lit("delivered_without_review"),
            reason_days=days,
            reason_amount="net_amount",
        )
    )


def _to_survey(buyers: Frame, sources: Sources, as_of: date, settings: ActionsSettings) -> Frame:
    """Customers with a recent order who were neither invited nor answered less than `pause_days` ago, with the days since their
    last answer."""
    entry = settings.ask_for_a_survey
    days = days_before(as_of, "last_order_date")
    contacts = [
        rows.select("customer_id", "order_id", asked_date=asked_date, is_answer=pl.lit(is_answer)).filter(
            pl.col("asked_date") <= as_of
        )
        for rows, asked_date, is_answer in (
            (sources.responses, "submitted_date", True),
            (sources.invitations, "invited_date", False),
        )
    ]
    asked = (
        with_buyers(pl.concat(contacts), sources.orders)
        .group_by("customer_id")
        .agg(pl.col("asked_date").max(), answered_date=pl.col("asked_date").filter("is_answer").max())
    )
    pause_start = as_of - timedelta(days=entry.pause_days)
    return (
        buyers.filter(days < entry.within_days)
        .join(asked, on="customer_id", how="left")
        .filter((pl.col("asked_date") <= pause_start).fill_null(True))
        .select(
            "customer_id",
            reason=pl.when(pl.col("answered_date").is_not_null())
            .then(pl.lit("no_recent_answer"))
            .otherwise(pl.lit("never_answered_a_survey")),
            reason_days=days_before(as_of, "answered_date"),
        )
    )
