"""Where each customer stands: recognition, tier and points in one row, beside the ledger. Each is computed in its own module."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.core.frames import Frame
from pipeline.core.loyalty.points import Programme, delivered_events, earned_by_rule, keep_ledger, with_rewards
from pipeline.core.loyalty.settings import LoyaltySettings
from pipeline.core.loyalty.tiers import gains_of_orders, gains_of_points, stand_in_tiers

OF_TIERS = (
    *("customer_id", "ordered_date", "gross_amount", "discount_amount", "refund_amount", "net_amount"),
    *("refunded_date", "is_sale", "is_valid", "is_invoice"),
)
OF_POINTS = (
    *("order_id", "customer_id", "ordered_at", "channel", "gross_amount", "discount_amount"),
    *("refund_amount", "net_amount", "refunded_at", "is_sale", "is_invoice"),
)
"""Columns of orders that each needs: beside a million customers there can be ten million of them."""


@dataclass(frozen=True)
class Standing:
    """`loyalty`: contract Loyalty. `ledger`: contract PointsLedger."""

    loyalty: pl.DataFrame
    ledger: pl.DataFrame


def stand(
    people: pl.DataFrame,
    orders: Frame,
    events: Frame,
    programme: Programme,
    *,
    as_of: date,
    time_zone: str,
    settings: LoyaltySettings,
) -> Standing:
    """Everyone in `people`, with tier, points and flags.

    `people` are rows of `recognise_customers`, `orders` those of `orders_as_of` and `events` the facts of loyalty_events, both of
    these people. If the programme has any event, its events alone make the ledger; else orders earn by rule. Events of
    customers that the shop does not know are left out.
    """
    placed_by_customers = orders.filter(pl.col("customer_id").is_not_null())
    counting, earning = placed_by_customers.select(*OF_TIERS), placed_by_customers.select(*OF_POINTS)
    if programme.has_events or not settings.points.per_currency_unit:
        earning = earning.clear()
    if settings.metric == "points":
        counting = counting.clear()
    placed, earned, delivered = pl.collect_all([counting, earning, events], engine="streaming")
    people = people.sort("customer_id")
    if programme.has_events:
        happened = delivered_events(delivered, as_of=as_of, settings=settings.points)
        happened = happened.join(people, on="customer_id", how="semi")
    else:
        happened = earned_by_rule(earned, settings=settings.points)
    points = keep_ledger(happened, as_of=as_of, time_zone=time_zone, has_expiries=programme.has_expiries)
    if settings.metric == "points":
        gains = gains_of_points(happened, time_zone=time_zone, settings=settings)
    else:
        gains = gains_of_orders(placed, settings=settings)
    tiers = stand_in_tiers(people, gains, as_of=as_of, settings=settings)
    has_points = programme.has_events or settings.points.per_currency_unit > 0
    no_points = pl.lit(0 if has_points else None, pl.Int64)
    return Standing(
        loyalty=people.join(tiers, on="customer_id", how="left")
        .join(points.balances, on="customer_id", how="left")
        .with_columns(
            pl.lit(as_of).alias("as_of_date"),
            pl.col("points_balance", "points_expiring_30d").fill_null(no_points),
        )
        .with_columns(**with_rewards(pl.col("points_balance"), settings=settings.points)),
        ledger=points.ledger,
    )
