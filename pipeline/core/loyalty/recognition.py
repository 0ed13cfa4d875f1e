"""Who is recognised, and why: net spend, VIPs, referrals and ambassadors. Tiers and points do not belong here."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from pipeline.core.facts.orders import customers_as_of, orders_as_of, totals_per_customer, window_start
from pipeline.core.frames import Frame, day_end, first_of
from pipeline.core.loyalty.settings import LoyaltySettings
from pipeline.core.statistics import value_counts

AT_CHURN_RISK = ("at_risk", "highly_at_risk", "lost")
"""Churn bands in which nobody is an ambassador."""


def recognise_customers(
    orders: Frame,
    customers: Frame,
    sci: Frame,
    nps: Frame,
    reviews: Frame,
    churn: Frame,
    referrals: Frame,
    *,
    as_of: date,
    time_zone: str,
    valid_statuses: Sequence[str],
    settings: LoyaltySettings,
) -> Frame:
    """One row per customer at as_of: everyone in `customers` who was known by then, and everyone who ordered by then.

    Columns of the contract Loyalty: customer_id, net_spend, is_vip, vip_reason, is_ambassador, ambassador_reason,
    n_referred_orders, referred_net_value.

    `sci`, `nps` and `churn` are the tables of the same as_of. Amounts in minor units. Net spend: paid less refunds in the
    window, at least 0, by the same rule as the monetary value of RFM. VIP: fewer than `vip_share` of the customers with
    net spend have spent more, so equal spend gets an equal flag and a tie at the threshold is all in. Ambassador: promoter
    or SCI secure, and a good review or a referred order, and not in a churn band from at_risk on; a customer
    without a band is not at risk. Definitions, section 6.
    """
    known = orders_as_of(orders, as_of=as_of, time_zone=time_zone, valid_statuses=valid_statuses)
    people = customers_as_of(customers, orders, as_of=as_of, time_zone=time_zone)
    totals = totals_per_customer(
        known, people, first_date=window_start(as_of, settings.window_days), time_zone=time_zone
    )
    net = pl.col("net_total")
    spend = totals.select("customer_id", net_spend=pl.when(net > 0).then(net).otherwise(pl.lit(0, pl.Int64))).cache()
    written = reviews.filter(pl.col("created_at") < day_end(as_of, time_zone))
    happy = _good_reviewers(written, known, minimum_pomp=settings.ambassador_min_rating_pomp)
    given = referrals.filter(pl.col("referred_at") < day_end(as_of, time_zone))
    yes = pl.lit(True)
    found = (
        spend.join(_vip_amounts(spend, settings.vip_share), on="net_spend", how="left")
        .join(_of(nps.filter(pl.col("nps_class") == "promoter")).with_columns(is_promoter=yes), **_LEFT)
        .join(_of(sci.filter(pl.col("sci_class") == "secure")).with_columns(is_secure=yes), **_LEFT)
        .join(_of(churn.filter(pl.col("band").is_in(AT_CHURN_RISK))).with_columns(is_leaving=yes), **_LEFT)
        .join(happy.with_columns(is_happy=yes), **_LEFT)
        .join(_referred_orders(given, known), **_LEFT)
    )
    flags = ("is_vip", "is_promoter", "is_secure", "is_leaving", "is_happy")
    promoter, secure, review = pl.col("is_promoter"), pl.col("is_secure"), pl.col("is_happy")
    referral = pl.col("n_referred_orders") > 0
    reason = pl.lit(None, pl.String)
    for name, holds in (
        ("secure_with_referral", secure & referral),
        ("secure_with_review", secure & review),
        ("promoter_with_referral", promoter & referral),
        ("promoter_with_review", promoter & review),
    ):
        reason = pl.when(holds & ~pl.col("is_leaving")).then(pl.lit(name)).otherwise(reason)
    return (
        found.with_columns(
            *(pl.col(flag).fill_null(False) for flag in flags),
            pl.col("n_referred_orders").fill_null(0),
            pl.col("referred_net_value").fill_null(0),
        )
        .with_columns(ambassador_reason=reason)
        .select(
            "customer_id",
            "net_spend",
            "is_vip",
            pl.when(pl.col("is_vip"))
            .then(pl.lit("top_net_spend"))
            .otherwise(pl.lit(None, pl.String))
            .alias("vip_reason"),
            (~pl.col("ambassador_reason").is_null()).alias("is_ambassador"),
            "ambassador_reason",
            "n_referred_orders",
            "referred_net_value",
        )
    )


_LEFT: dict[str, Any] = {"on": "customer_id", "how": "left"}


def _of(rows: Frame) -> Frame:
    """The customers of some rows, each once."""
    return rows.select("customer_id").unique()


def _referred_orders(referrals: Frame, orders: Frame) -> Frame:
    """One row per customer whose referrals led to valid orders: how many, and their net value in minor units.

    The order is the one that the referral names, else the first valid order of the referred customer from then on. It
    counts once, for the earliest referral, and never for the customer who placed it.
    """
    valid = orders.filter(pl.col("is_valid")).select(
        "order_id", pl.col("customer_id").alias("buyer_id"), "ordered_at", "net_amount"
    )
    by_order = referrals.select("referral_id", "customer_id", "referred_at", "order_id").join(
        valid, on="order_id", how="inner"
    )
    by_customer = (
        referrals.filter(pl.col("order_id").is_null())
        .select("referral_id", "customer_id", "referred_at", pl.col("referred_customer_id").alias("buyer_id"))
        .join(valid, on="buyer_id", how="inner")
        .filter(pl.col("ordered_at") >= pl.col("referred_at"))
        .pipe(first_of, "referral_id", order=["ordered_at", "order_id"])
    )
    columns = ["referral_id", "customer_id", "referred_at", "order_id", "buyer_id", "net_amount"]
    return (
        pl.concat([by_order.select(columns), by_customer.select(columns)])
        .filter((pl.col("customer_id") != pl.col("buyer_id")).fill_null(True) & ~pl.col("customer_id").is_null())
        .pipe(first_of, "order_id", order=["referred_at", "referral_id"])
        .group_by("customer_id")
        .agg(
            pl.len().cast(pl.Int64).alias("n_referred_orders"),
            pl.col("net_amount").sum().cast(pl.Int64).alias("referred_net_value"),
        )
    )


def _vip_amounts(spend: Frame, vip_share: float) -> Frame:
    """One row per distinct net spend of a VIP: fewer than `vip_share` of the spenders have spent more."""
    # As a fraction of integers: 0.07 * 100 is a little above 7 in floating point, and would let in an eighth.
    share = Fraction(str(vip_share))
    n_above = pl.col("n_total") - pl.col("n_below") - pl.col("n")
    return (
        value_counts(spend.filter(pl.col("net_spend") > 0), "net_spend")
        .filter(n_above * share.denominator < pl.col("n_total") * share.numerator)
        .select(pl.col("value").alias("net_spend"), pl.lit(True).alias("is_vip"))
    )


def _good_reviewers(reviews: Frame, orders: Frame, *, minimum_pomp: float) -> Frame:
    """Customers with a review of at least this percentage of its scale (POMP, definitions, section 4).

    A review without a customer is that of the customer of its order.
    """
    lowest, highest = pl.col("rating_min"), pl.col("rating_max")
    buyers = orders.select("order_id", pl.col("customer_id").alias("buyer_id"))
    return (
        reviews.select("order_id", "customer_id", "rating", "rating_min", "rating_max")
        .join(buyers, on="order_id", how="left")
        .with_columns(customer_id=pl.coalesce("customer_id", "buyer_id"))
        .filter(
            ~pl.col("customer_id").is_null(),
            (highest > lowest) & (100 * (pl.col("rating") - lowest) >= minimum_pomp * (highest - lowest)),
        )
        .select("customer_id")
        .unique()
    )
