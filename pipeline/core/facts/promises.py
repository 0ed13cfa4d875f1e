"""What became of a delivery promise by a date. What followed a promise belongs to `pipeline.core.attitude.promise`."""

from datetime import date

import polars as pl

from schemas.types import PROMISE_STATUSES

BROKEN = ("late", "overdue")
"""The statuses of a broken promise (definitions, section 6)."""
JUDGED = ("kept", *BROKEN)
"""The statuses of a promise that was kept or broken."""
STATUS = pl.Enum(PROMISE_STATUSES)
"""As numbers, statuses are judged and grouped in half the time of text."""


def judge_promise(promised_date: str, as_of: date) -> pl.Expr:
    """The status at as_of of the promise to deliver on a date, from columns of `orders_as_of`. Definitions, section 6.

    kept, late, overdue (undelivered, the date has passed), open (undelivered, the date has not passed), unknown (said to be
    delivered, without a date), none (no promise, or void: the order is cancelled or returned).
    """
    promised, delivered = pl.col(promised_date), pl.col("delivered_date")
    return (
        pl.when(promised.is_null() | pl.col("is_cancelled"))
        .then(pl.lit("none", STATUS))
        .when(delivered <= promised)
        .then(pl.lit("kept", STATUS))
        .when(delivered.is_not_null())
        .then(pl.lit("late", STATUS))
        .when(pl.col("is_undated"))
        .then(pl.lit("unknown", STATUS))
        .when(promised < as_of)
        .then(pl.lit("overdue", STATUS))
        .otherwise(pl.lit("open", STATUS))
    )


def outcome_date() -> pl.Expr:
    """The local date on which the outcome of a promise was known.

    The day of delivery, or the day after the promised date when it was broken by then; a delivery without a date counts on
    the promised date, an order without a promise when delivered, else when placed.
    """
    status, promised = pl.col("promise_status"), pl.col("promised_date")
    return (
        pl.when(status.is_in(BROKEN))
        .then(promised + pl.duration(days=1))
        .when(status == "unknown")
        .then(promised)
        .otherwise(pl.coalesce("delivered_date", "ordered_date"))
    )
