"""Loyalty: tier by net spend, the way to the next one, VIP and ambassador. Points and actions do not belong here."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

import narwhals as nw

from pipeline.core.behaviour.orders import orders_as_of, totals_per_customer, window_start
from pipeline.core.frames import Frame, computed_once, day_end, edges_reached, minor_units, nth, ratio
from pipeline.core.statistics import value_counts

if TYPE_CHECKING:
    from pipeline.settings import LoyaltySettings, TierSettings

AT_CHURN_RISK = ("at_risk", "highly_at_risk", "lost")
"""Churn bands in which nobody is an ambassador."""


def assign_tiers(
    orders: Frame,
    customers: Frame,
    sci: Frame,
    nps: Frame,
    reviews: Frame,
    churn: Frame,
    *,
    as_of: date,
    time_zone: str,
    valid_statuses: Sequence[str],
    settings: "LoyaltySettings",
) -> Frame:
    """One row per customer at as_of (contract Loyalty): everyone in `customers`, and everyone who ordered by then.

    `sci`, `nps` and `churn` are the tables of the same as_of. Amounts in minor units. Net spend: paid less refunds in the
    window, at least 0, by the same rule as the monetary value of RFM. VIP: fewer than `vip_share` of the customers with
    net spend have spent more, so equal spend gets an equal flag and a tie at the threshold is all in. Ambassador: promoter
    or SCI secure, and a good latest review, and not in a churn band from at_risk on; a customer without a band is not at
    risk. Definitions, section 6.
    """
    known = orders_as_of(orders, as_of=as_of, time_zone=time_zone, valid_statuses=valid_statuses)
    totals = totals_per_customer(
        known, customers, first_date=window_start(as_of, settings.window_days), time_zone=time_zone
    )
    net = nw.col("net_total")
    spend = computed_once(
        totals.select("customer_id", net_spend=nw.when(net > 0).then(net).otherwise(nw.lit(0, nw.Int64)))
    )
    promoters = nps.filter(nw.col("nps_class") == "promoter").select("customer_id")
    fans = nw.concat([promoters, sci.filter(nw.col("sci_class") == "secure").select("customer_id")])
    written = reviews.filter(nw.col("created_at") < day_end(as_of, time_zone))
    happy = _good_reviewers(written, known, minimum_pomp=settings.ambassador_min_rating_pomp)
    leaving = churn.filter(nw.col("band").is_in(AT_CHURN_RISK)).select("customer_id")
    ambassadors = (
        fans.unique()
        .join(happy, on="customer_id", how="semi")
        .join(leaving, on="customer_id", how="anti")
        .with_columns(is_ambassador=nw.lit(True))
    )
    return (
        spend.join(_vip_amounts(spend, settings.vip_share), on="net_spend", how="left")
        .join(ambassadors, on="customer_id", how="left")
        .with_columns(**_tier_position(settings.tiers))
        .select(
            "customer_id",
            nw.lit(as_of).alias("as_of_date"),
            "tier",
            "net_spend",
            "next_tier",
            "amount_to_next_tier",
            "pct_to_next_tier",
            nw.col("is_vip").fill_null(False),
            nw.col("is_ambassador").fill_null(False),
        )
    )


def _tier_position(tiers: Sequence["TierSettings"]) -> dict[str, nw.Expr]:
    """Tier, next tier, and the way between them, of `net_spend`."""
    names, starts = [tier.name for tier in tiers], [minor_units(tier.from_amount) for tier in tiers]
    spend = nw.col("net_spend")
    level = edges_reached(spend, starts[1:])
    start, goal = nth(level, starts, nw.Int64), nth(level, [*starts[1:], None], nw.Int64)
    return {
        "tier": nth(level, names),
        "next_tier": nth(level, [*names[1:], None]),
        "amount_to_next_tier": goal - spend,
        "pct_to_next_tier": ratio(spend - start, goal - start).fill_null(1.0),
    }


def _vip_amounts(spend: Frame, vip_share: float) -> Frame:
    """One row per distinct net spend of a VIP: fewer than `vip_share` of the spenders have spent more."""
    # As a fraction of integers: 0.07 * 100 is a little above 7 in floating point, and would let in an eighth.
    share = Fraction(str(vip_share))
    n_above = nw.col("n_total") - nw.col("n_below") - nw.col("n")
    return (
        value_counts(spend.filter(nw.col("net_spend") > 0), "net_spend")
        .filter(n_above * share.denominator < nw.col("n_total") * share.numerator)
        .select(nw.col("value").alias("net_spend"), nw.lit(True).alias("is_vip"))
    )


def _good_reviewers(reviews: Frame, orders: Frame, *, minimum_pomp: float) -> Frame:
    """Customers whose latest review has at least this percentage of its scale (POMP, definitions, section 4).

    A review without a customer is that of the customer of its order.
    """
    lowest, highest = nw.col("rating_min"), nw.col("rating_max")
    buyers = orders.select("order_id", nw.col("customer_id").alias("buyer_id"))
    return (
        reviews.select("review_id", "order_id", "customer_id", "created_at", "rating", "rating_min", "rating_max")
        .join(buyers, on="order_id", how="left")
        .with_columns(customer_id=nw.coalesce("customer_id", "buyer_id"))
        .filter(~nw.col("customer_id").is_null())
        .unique(subset="customer_id", keep="last", order_by=["created_at", "review_id"])
        .filter((highest > lowest) & (100 * (nw.col("rating") - lowest) >= minimum_pomp * (highest - lowest)))
        .select("customer_id")
    )
