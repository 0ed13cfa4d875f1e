"""What a row of the lake has beside its contract, and which of two versions of a row counts. Reading and writing belong to `lake`."""

from datetime import datetime

import polars as pl

from schemas.registry import Table

MONTH = "order_month"
ROW_HASH = "row_hash"
EXPORTED_AT = "exported_at"
DELETED_AT = "deleted_at"
AS_OF = "as_of_date"
VERSION = ("updated_at", EXPORTED_AT)
"""What orders the versions of a delivered row: the source's own word first, then the age of the file that brought it."""


def partition_columns(table: Table) -> list[str]:
    """The column by whose values the files of a table are apart, if any."""
    if table.is_dated:
        return [AS_OF]
    return [MONTH] if table.month_of else []


def stored_schema(table: Table) -> pl.Schema:
    """The columns of a table as they are stored."""
    schema = table.polars_schema
    if not table.is_dated:
        schema[ROW_HASH] = pl.Int64()
    if table.is_delivered:
        schema[EXPORTED_AT] = schema[DELETED_AT] = pl.Datetime("us", "UTC")
    if table.month_of:
        schema[MONTH] = pl.String()
    return schema


def lookup_columns(table: Table) -> list[str]:
    """What must be known of two rows to tell whether they are one, and which of them counts."""
    version = [*VERSION, DELETED_AT] if table.is_delivered else []
    return [*table.key, ROW_HASH, *version, *([MONTH] if table.month_of else [])]


def with_technical_columns(table: Table, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of the contract with all columns that are stored beside it."""
    contract = table.polars_schema.names()
    content = [name for name in contract if name != "batch_id"]
    given = rows.collect_schema().names()
    times = [EXPORTED_AT, DELETED_AT] if table.is_delivered else []
    moment = pl.Datetime("us", "UTC")
    rows = rows.select(
        *contract,
        pl.struct(content).hash(seed=0).reinterpret(signed=True).alias(ROW_HASH),
        *((pl.col(name) if name in given else pl.lit(None)).cast(moment).alias(name) for name in times),
    )
    if table.month_of:
        rows = rows.with_columns(pl.col(table.month_of).dt.strftime("%Y-%m").alias(MONTH))
    return rows


def is_changed(table: Table) -> pl.Expr:
    """Whether the arriving row of a pair shall take the place of the stored one."""
    differs = pl.col(ROW_HASH) != pl.col(f"{ROW_HASH}_arriving")
    if not table.is_delivered:
        return differs
    updated, exported = (_compare(name) for name in VERSION)
    is_newer = (updated > 0) | ((updated == 0) & (exported >= 0))
    # Where the source's own word is equal or missing the age of the file decides: the lake must know in which file a version
    # was seen last, or one from a file between two that agree would take its place when it comes after them.
    return is_newer & (differs | (exported > 0))


def is_older() -> pl.Expr:
    """Whether the version of a row is older than that of the row it is paired with, whose columns end in `_arriving`."""
    updated, exported = (_compare(name) for name in VERSION)
    return (updated > 0) | ((updated == 0) & (exported > 0))


def _compare(name: str) -> pl.Expr:
    """1 when the arriving value is the greater, -1 when the stored one is; null is the least."""
    never = pl.lit(datetime.min).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    arriving, stored = (pl.col(column).fill_null(never) for column in (f"{name}_arriving", name))
    return (arriving > stored).cast(pl.Int8) - (arriving < stored).cast(pl.Int8)


def keep_deleted(rows: pl.LazyFrame, changed: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """A row deleted after the arriving version stays deleted."""
    deleted = changed.select(*table.key, pl.col(DELETED_AT).alias("stored_deleted_at"))
    stays = (pl.col("stored_deleted_at") >= pl.col(EXPORTED_AT)).fill_null(False)
    kept = pl.when(stays).then("stored_deleted_at").otherwise(DELETED_AT).alias(DELETED_AT)
    return rows.join(deleted, on=table.key, how="left").with_columns(kept).drop("stored_deleted_at")
