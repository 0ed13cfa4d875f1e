"""Who is recognised, and why: net spend, VIPs, referrals and ambassadors. Tiers and points do not belong here."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from pipeline.core.facts.orders import totals_per_customer, window_start, with_buyers
from pipeline.core.frames import Frame, first_of, with_nearest
from pipeline.core.loyalty.settings import LoyaltySettings

AT_CHURN_RISK = ("at_risk", "highly_at_risk", "lost")
"""Churn bands in which nobody is an ambassador."""


@dataclass(frozen=True)
class Evidence:
    """What recognition rests on, besides net spend and referrals.

    `orders` are those of `orders_as_of`, `reviews` the facts; `sci`, `nps` and `churn` the tables of the same as_of.
    """

    orders: Frame
    reviews: Frame
    sci: Frame
    nps: Frame
    churn: Frame


def net_spends(orders: Frame, customers: Frame, *, as_of: date, settings: LoyaltySettings) -> Frame:
    """One row per customer at as_of: everyone in `customers`, and everyone who has ordered. Key: `customer_id`.

    `net_spend`: minor units paid less refunds in the window, at least 0, by the same rule as the monetary value of RFM. `orders`
    come from `orders_as_of`, `customers` from `customers_as_of`.
    """
    totals = totals_per_customer(orders, customers, first_date=window_start(as_of, settings.window_days))
    return totals.select("customer_id", net_spend=pl.col("net_total").clip(0))


def count_spends(spends: Frame) -> Frame:
    """How many customers, `n`, have each `net_spend` above 0. Of several sets of customers the counts are added."""
    return spends.filter(pl.col("net_spend") > 0).group_by("net_spend").agg(pl.len().cast(pl.Int64).alias("n"))


def vip_threshold(counts: pl.DataFrame, *, settings: LoyaltySettings) -> int | None:
    """The least net spend of a VIP, in minor units, null where there is none; `counts` are those of `count_spends` of everybody.

    Fewer than `vip_share` of the customers with net spend have spent more.
    """
    # As a fraction of integers: 0.07 * 100 is a little above 7 in floating point, and would let in an eighth.
    share, n = Fraction(str(settings.vip_share)), pl.col("n")
    n_above = n.sum() - n.cum_sum()
    is_vip = n_above * share.denominator < n.sum() * share.numerator
    least: int | None = counts.sort("net_spend").filter(is_vip).select(pl.col("net_spend").min()).item()
    return least


def recognise_customers(
    spends: Frame, referred: Frame, evidence: Evidence, *, as_of: date, vip_from: int | None, settings: LoyaltySettings
) -> Frame:
    """One row per customer of `net_spends`.

    Columns of the contract Loyalty: customer_id, net_spend, is_vip, vip_reason, is_ambassador, ambassador_reason,
    n_referred_orders, referred_net_value.

    Amounts in minor units. VIP: fewer than `vip_share` of the customers with net spend have spent more, so equal spend gets an
    equal flag and a tie at the threshold, `vip_threshold`, is all in. Ambassador: promoter or SCI secure, and a good review or a
    referred order (`count_referred` of all orders), and not in a churn band from at_risk on; a customer without a band is not at
    risk. Definitions, section 6.
    """
    is_vip = (pl.col("net_spend") >= pl.lit(vip_from, pl.Int64)).fill_null(False)
    return (
        _with_signs(spends, referred, evidence, as_of, settings)
        .with_columns(is_vip=is_vip, ambassador_reason=_ambassador_reason())
        .select(
            "customer_id",
            "net_spend",
            "is_vip",
            pl.when("is_vip").then(pl.lit("top_net_spend")).alias("vip_reason"),
            pl.col("ambassador_reason").is_not_null().alias("is_ambassador"),
            "ambassador_reason",
            "n_referred_orders",
            "referred_net_value",
        )
    )


def _with_signs(spends: Frame, referred: Frame, evidence: Evidence, as_of: date, settings: LoyaltySettings) -> Frame:
    """The customers with what can make an ambassador: whether a promoter, secure, leaving, happy; referred orders."""
    written = evidence.reviews.filter(pl.col("created_date") <= as_of)
    signs = {
        "is_promoter": evidence.nps.filter(pl.col("nps_class") == "promoter"),
        "is_secure": evidence.sci.filter(pl.col("sci_class") == "secure"),
        "is_leaving": evidence.churn.filter(pl.col("churn_band").is_in(AT_CHURN_RISK)),
        "is_happy": _good_reviewers(written, evidence.orders, minimum_pomp=settings.ambassador_min_rating_pomp),
    }
    found = spends.join(referred, on="customer_id", how="left")
    for name, customers in signs.items():
        found = found.join(customers.select("customer_id", pl.lit(True).alias(name)), on="customer_id", how="left")
    return found.with_columns(
        pl.col(*signs).fill_null(False), pl.col("n_referred_orders", "referred_net_value").fill_null(0)
    )


def _ambassador_reason() -> pl.Expr:
    """Why a customer is an ambassador, from the columns of `_with_signs`; null for any other."""
    is_promoter, is_secure, is_happy = pl.col("is_promoter"), pl.col("is_secure"), pl.col("is_happy")
    has_referred = pl.col("n_referred_orders") > 0
    return (
        pl.when("is_leaving")
        .then(None)
        .when(is_promoter & is_happy)
        .then(pl.lit("promoter_with_review"))
        .when(is_promoter & has_referred)
        .then(pl.lit("promoter_with_referral"))
        .when(is_secure & is_happy)
        .then(pl.lit("secure_with_review"))
        .when(is_secure & has_referred)
        .then(pl.lit("secure_with_referral"))
    )


def count_referred(referrals: Frame, orders: Frame, *, as_of: date) -> Frame:
    """One row per customer whose referrals by as_of led to valid orders: how many, `n_referred_orders`, and their `referred_net_value`
    in minor units.

    `referrals` are all facts, `orders` those of `orders_as_of`; of the orders of several sets of customers the counts are added. The
    order is the one that the referral names, else the first valid order of the referred customer from then on. It
    counts once, for the earliest referral, and never for the customer who placed it.
    """
    referrals = referrals.filter(pl.col("referred_date") <= as_of)
    valid = orders.filter(pl.col("is_valid")).select("order_id", "ordered_at", "net_amount", buyer_id="customer_id")
    by_order = referrals.select("referral_id", "customer_id", "referred_at", "order_id").join(valid, on="order_id")
    by_customer = with_nearest(
        referrals.filter(pl.col("order_id").is_null()).select(
            "referral_id", "customer_id", "referred_at", buyer_id="referred_customer_id"
        ),
        valid,
        by=["buyer_id"],
        at="referred_at",
        other_at="ordered_at",
        order=["order_id"],
        strategy="forward",
    ).filter(pl.col("order_id").is_not_null())
    columns = ["referral_id", "customer_id", "referred_at", "order_id", "buyer_id", "net_amount"]
    return (
        pl.concat([by_order.select(columns), by_customer.select(columns)])
        .filter((pl.col("customer_id") != pl.col("buyer_id")).fill_null(True) & pl.col("customer_id").is_not_null())
        .pipe(first_of, "order_id", order=["referred_at", "referral_id"])
        .group_by("customer_id")
        .agg(n_referred_orders=pl.len().cast(pl.Int64), referred_net_value=pl.col("net_amount").sum())
    )


def _good_reviewers(reviews: Frame, orders: Frame, *, minimum_pomp: float) -> Frame:
    """Customers with a review of at least this percentage of its scale (POMP, definitions, section 4).

    A review without a customer is that of the customer of its order.
    """
    lowest, highest = pl.col("rating_min"), pl.col("rating_max")
    is_good = (highest > lowest) & (100 * (pl.col("rating") - lowest) >= minimum_pomp * (highest - lowest))
    good = reviews.filter(is_good).select("order_id", "customer_id")
    return with_buyers(good, orders).select("customer_id").drop_nulls().unique()
