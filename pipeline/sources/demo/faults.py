"""The faults of real files, in the demo shop's exports. Which files there are belongs to `export`.

One row in every 1 / dirt_rate of a file has a fault, in the last half of its block of rows: a file that has only just
begun holds no fault, so at the default rate of 0.01 no file ever has more than 2.5% of faulty rows. Faults depend on
seed, file and place in the file, and rows are only ever added at the end: they stay where they are at a later end date.
"""

import numpy as np
import polars as pl

from pipeline.sources.demo.draws import generator

UNKNOWN_CUSTOMER = "K0000000"
UNKNOWN_ORDER = "B0000000"
"""Numbers that the shop never gives."""
BROKEN_LINES = ("column_too_many", "column_too_few")
ORDER_FAULTS = (
    *("duplicate", "impossible_date", "delivered_before_placed", "negative_amount", "late_change"),
    *BROKEN_LINES,
)
ROW_FAULTS = ("duplicate", "impossible_date", *BROKEN_LINES)
TOUCHPOINT_FAULTS = (*ROW_FAULTS, "unknown_customer")
SURVEY_FAULTS = (*ROW_FAULTS, "unknown_customer", "unknown_order")
REVIEW_FAULTS = ("duplicate", "impossible_date", "unknown_customer", "unknown_order")


def with_faults(rows: pl.DataFrame, *, rate: float, seed: int, file: str, faults: tuple[str, ...]) -> pl.DataFrame:
    """Add a column `fault`: the fault of the row, or null.

    One row in each block of 1 / rate rows, somewhere in the block's last half. `rate` is at most 0.5.
    """
    chosen: list[str | None] = [None] * rows.height
    if rate > 0:
        draws = generator(seed, f"faults {file}").random((int(rows.height * rate) + 1, 2))
        places = ((np.arange(len(draws)) + 0.5 + 0.5 * draws[:, 0]) / rate).astype(int)
        for place, kind in zip(places.tolist(), (draws[:, 1] * len(faults)).astype(int).tolist(), strict=True):
            if place < rows.height:
                chosen[place] = faults[kind]
    return rows.with_columns(pl.Series("fault", chosen, dtype=pl.String))


def spoil(rows: pl.DataFrame, *, date: str) -> pl.DataFrame:
    """Carry out the faults that every file can have, but for broken lines."""
    spoilt = {date: ("impossible_date", pl.format("31/02/{}", pl.col(date).str.slice(0, 4)))}
    if "customer_number" in rows.columns:
        spoilt["customer_number"] = ("unknown_customer", pl.lit(UNKNOWN_CUSTOMER))
    if "order_number" in rows.columns:
        spoilt["order_number"] = ("unknown_order", pl.lit(UNKNOWN_ORDER))
    spoilt_rows = rows.with_columns(
        **{
            column: pl.when(pl.col("fault") == fault).then(value).otherwise(column)
            for column, (fault, value) in spoilt.items()
        }
    )
    copies = np.where(rows["fault"].eq_missing("duplicate"), 2, 1)
    return spoilt_rows[np.repeat(np.arange(rows.height), copies)]


def spoil_orders(rows: pl.DataFrame, *, first_state: str) -> pl.DataFrame:
    """Carry out the faults of orders: impossible amounts and deliveries, and a change that arrives after the order itself.

    A late change is two rows of one order: as it was just after it was placed, in its `first_state`, and as it is now.
    """

    def has(fault: str) -> pl.Expr:
        return pl.col("fault") == fault

    placed_on = pl.col("placed_at").str.slice(0, 10).str.to_date(strict=False)
    spoilt = rows.with_columns(
        subtotal=pl.when(has("negative_amount")).then(pl.format("-{}", "subtotal")).otherwise("subtotal"),
        delivered_at=pl.when(has("delivered_before_placed"))
        .then(placed_on.dt.offset_by("-3d").dt.strftime("%Y-%m-%d 12:00:00"))
        .otherwise("delivered_at"),
    ).with_row_index("place")
    before = spoilt.filter(has("late_change") & (pl.col("changed_at") > pl.col("placed_at"))).with_columns(
        state=pl.lit(first_state),
        refunded=pl.lit("0.00"),
        total=(pl.col("subtotal").cast(pl.Decimal(12, 2)) - pl.col("discount").cast(pl.Decimal(12, 2))).cast(pl.String),
        promised_on=pl.lit(None, dtype=pl.String),
        moved_to=pl.lit(None, dtype=pl.String),
        delivered_at=pl.lit(None, dtype=pl.String),
        refunded_at=pl.lit(None, dtype=pl.String),
        changed_at="placed_at",
    )
    return pl.concat([before, spoilt]).sort("place", maintain_order=True).drop("place")
