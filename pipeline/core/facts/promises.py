"""What became of a delivery promise by a date. What followed a promise belongs to `pipeline.core.attitude.promise`."""

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipeline.core.frames import Frame, day_end, day_number, day_start, local_date

BROKEN = ("late", "overdue")
"""The statuses of a broken promise (definitions, section 6)."""


def judge_promises(orders: Frame, *, as_of: date, time_zone: str) -> Frame:
    """One row per order of `orders_as_of`: what became of its promise by as_of, by date. Definitions, section 6.

    Columns: `order_id`, `customer_id`, `is_valid`, `month` (first day of the local month of the order), `channel`,
    `promise_status`, `delivered_date` (local; null when not delivered by as_of, and where the order is void), and as day numbers `day` of
    the order and `outcome_day`, on which the outcome was known.
    """
    end = day_end(as_of, time_zone)
    is_delivered = (pl.col("delivered_at") < end).fill_null(False)
    is_cancelled = pl.col("status").is_in(["cancelled", "returned"])
    is_void = pl.col("promised_at").is_null() | is_cancelled
    is_undated = (pl.col("status") == "delivered") & pl.col("delivered_at").is_null()
    statuses = [
        (is_void, pl.lit("none")),
        (is_delivered & (pl.col("delivered_date") <= pl.col("promised_date")), pl.lit("kept")),
        (is_delivered, pl.lit("late")),
        (is_undated, pl.lit("unknown")),
        (pl.col("promised_at") < day_start(as_of, time_zone), pl.lit("overdue")),
    ]
    status = pl.col("promise_status")
    outcome_dates = [
        (status.is_in([*BROKEN, "unknown"]), pl.col("promised_date")),
        (is_delivered, pl.col("delivered_date")),
    ]
    return (
        orders.with_columns(
            promised_date=local_date("promised_at", time_zone), delivered_date=local_date("delivered_at", time_zone)
        )
        .with_columns(promise_status=first_case(statuses, pl.lit("open")))
        .with_columns(outcome_date=first_case(outcome_dates, pl.col("local_date")))
        .select(
            "order_id",
            "customer_id",
            "is_valid",
            pl.col("local_date").dt.truncate("1mo").alias("month"),
            pl.col("channel").fill_null(UNKNOWN),
            "promise_status",
            pl.when(is_delivered & ~is_cancelled).then(pl.col("delivered_date")).alias("delivered_date"),
            day_number("local_date").alias("day"),
            (day_number("outcome_date") + status.is_in(BROKEN).cast(pl.Int64)).alias("outcome_day"),
        )
    )


def first_case(cases: Sequence[tuple[pl.Expr, pl.Expr]], otherwise: pl.Expr) -> pl.Expr:
    """The value of the first case that holds."""
    value = otherwise
    for condition, result in reversed(cases):
        value = pl.when(condition).then(result).otherwise(value)
    return value


UNKNOWN = "unknown"
"""The channel or category of a review for which there is none."""
