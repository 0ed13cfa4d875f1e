"""A proposal for the horizon of churn, from how long customers take to come back. Its use does not belong here."""

from dataclasses import dataclass
from math import ceil

import polars as pl

from pipeline.core.frames import Frame

SHARES = (0.5, 0.8, 0.9)
PROPOSED_SHARE = 0.8
"""The share of waits that end within the horizon: who waits longer is more likely gone than slow."""
WEEK_DAYS = 7


@dataclass(frozen=True)
class Horizon:
    """Waits between purchase days: how many, by how many customers; the days within which each of SHARES has ended; the proposal."""

    n_gaps: int
    n_customers: int
    quantiles: dict[float, int]
    days: int | None


def propose_horizon(orders: Frame) -> Horizon:
    """The fewest whole weeks that hold 80% of all gaps between purchase days in a row; `orders` are those of `orders_as_of`.

    No proposal without a gap. A quantile is the shortest gap that at least its share of gaps do not exceed. Customers who never came back have no gap, and those
    who buy often have many: the proposal is about waits, not about customers.
    """
    is_bought = pl.col("is_valid") & pl.col("customer_id").is_not_null()
    days = orders.filter(is_bought).select("customer_id", "ordered_date")
    gaps = (
        days.unique()
        .sort("customer_id", "ordered_date")
        .with_columns(gap_days=pl.col("ordered_date").diff().over("customer_id").dt.total_days())
        .drop_nulls("gap_days")
        .collect()
    )
    if gaps.is_empty():
        return Horizon(0, 0, {}, None)
    days_in_order = gaps["gap_days"].sort()
    # Rounded, as a share of a count can be off in its last digit.
    found = {share: int(days_in_order[ceil(round(share * gaps.height, 6)) - 1]) for share in SHARES}
    weeks = max(1, ceil(found[PROPOSED_SHARE] / WEEK_DAYS))
    return Horizon(gaps.height, gaps["customer_id"].n_unique(), found, weeks * WEEK_DAYS)
