"""A proposal for the horizon of churn, from how long customers take to come back. Its use does not belong here."""

from dataclasses import dataclass

import polars as pl

from pipeline.core.frames import Frame

SHARES = (0.5, 0.8, 0.9)
PROPOSED_SHARE = 0.8
"""The share of waits that end within the horizon: who waits longer is more likely gone than slow."""
WEEK_DAYS = 7


@dataclass(frozen=True)
class Horizon:
    """Waits between purchase days: how many, by how many customers, their quantiles in days, and the proposal in days."""

    n_gaps: int
    n_customers: int
    quantiles: dict[float, float]
    days: int | None


def propose_horizon(orders: Frame) -> Horizon:
    """Whole weeks that hold 80% of all gaps between purchase days in a row; `orders` are those of `orders_as_of`.

    No proposal without a gap. Quantiles interpolate linearly. Customers who never came back have no gap, and those
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
    found = {share: float(gaps["gap_days"].quantile(share, "linear") or 0) for share in SHARES}
    weeks = max(1, -int(-found[PROPOSED_SHARE] // WEEK_DAYS))
    return Horizon(gaps.height, gaps["customer_id"].n_unique(), found, weeks * WEEK_DAYS)
