"""What a row of the lake has beside its contract, and which of two versions of a row counts. Reading and writing belong to `lake`."""

from datetime import datetime

import polars as pl

from schemas.registry import Table

MONTH = "order_month"
ROW_HASH = "row_hash"
EXPORTED_AT = "exported_at"
DELETED_AT = "deleted_at"
AS_OF = "as_of_date"
ORIGIN_FILE, ORIGIN_ROW = "origin_file", "origin_row"
ORIGIN = {ORIGIN_FILE: pl.String(), ORIGIN_ROW: pl.Int64(), "origin_more_rows": pl.String()}
"""Where the stored version of a delivered row came from: the file, its first row there, and any others it was made of.
In the same commit as the row itself, so that no stop can part them; null in rows from before origins were kept."""
HAS_ORIGIN = "has_origin"
READ_ANEW = "is_read_anew"
PLACE = ("source", ORIGIN_FILE, EXPORTED_AT)
"""What tells the file, as of its last change, that gave a version of a row."""
VERSION = ("updated_at", EXPORTED_AT)
"""What orders the versions of a delivered row: the source's own word first, then the age of the file that brought it."""


def partition_columns(table: Table) -> list[str]:
    """The column by which the files of a table are partitioned, if any."""
    if table.is_dated:
        return [AS_OF]
    return [MONTH] if table.month_of else []


def stored_schema(table: Table) -> pl.Schema:
    """The columns of a table as they are stored."""
    schema = pl.Schema(table.polars_schema)
    if not table.is_dated:
        schema[ROW_HASH] = pl.Int64()
    if table.is_delivered:
        schema[EXPORTED_AT] = schema[DELETED_AT] = pl.Datetime("us", "UTC")
        schema.update(ORIGIN)
    if table.month_of:
        schema[MONTH] = pl.String()
    return schema


def lookup_columns(table: Table) -> list[str | pl.Expr]:
    """The columns that tell whether two rows are the same one, and which of them counts."""
    has_origin = pl.col(ORIGIN_FILE).is_not_null().alias(HAS_ORIGIN)
    version: list[str | pl.Expr] = [*VERSION, DELETED_AT, has_origin] if table.is_delivered else []
    return [*table.key, ROW_HASH, *version, *([MONTH] if table.month_of else [])]


def looked_up(table: Table, rows: pl.LazyFrame, anew: pl.DataFrame) -> pl.LazyFrame:
    """The rows with what tells whether two are the same one, and which counts; `anew`: the files that are read under other rules.

    Where there are any, each row has its file, and READ_ANEW: whether that is one of them.
    """
    columns = lookup_columns(table)
    if anew.is_empty():
        return rows.select(columns)
    marks = anew.lazy().select(*PLACE).unique().with_columns(pl.lit(True).alias(READ_ANEW))
    marked = rows.join(marks, on=PLACE, how="left", nulls_equal=True).with_columns(pl.col(READ_ANEW).fill_null(False))
    return marked.select(*columns, "source", ORIGIN_FILE, READ_ANEW)


def with_technical_columns(table: Table, rows: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of the contract with all columns stored beside it."""
    contract = table.polars_schema.names()
    content = [name for name in contract if name != "batch_id"]
    given = rows.collect_schema().names()
    moment = pl.Datetime("us", "UTC")
    beside = {EXPORTED_AT: moment, DELETED_AT: moment, **ORIGIN} if table.is_delivered else {}
    rows = rows.select(
        *contract,
        pl.struct(content).hash(seed=0).reinterpret(signed=True).alias(ROW_HASH),
        *((pl.col(name) if name in given else pl.lit(None)).cast(kind).alias(name) for name, kind in beside.items()),
    )
    if table.month_of:
        rows = rows.with_columns(pl.col(table.month_of).dt.strftime("%Y-%m").alias(MONTH))
    return rows


def is_changed(table: Table, *, with_places: bool = False) -> pl.Expr:
    """Whether the arriving row of a pair takes the place of the stored one; `with_places`: whether the rows have READ_ANEW."""
    differs = pl.col(ROW_HASH) != pl.col(f"{ROW_HASH}_arriving")
    if not table.is_delivered:
        return differs
    updated, exported = (_compare(name) for name in VERSION)
    is_anew = _is_read_anew() if with_places else pl.lit(False)
    is_newer = (updated > 0) | ((updated == 0) & (exported >= 0)) | is_anew
    # Where the source's own time is equal or missing, the age of the file decides. So the lake must know the last file a
    # version was seen in: else a version from a file between two that agree would replace it when it arrives late.
    gains_origin = pl.col(f"{HAS_ORIGIN}_arriving") & ~pl.col(HAS_ORIGIN)
    is_of_other_age = (exported > 0) | (is_anew & (exported != 0))
    return is_newer & (differs | is_of_other_age | gains_origin | _is_back())


def _is_read_anew() -> pl.Expr:
    """Whether the stored version is none any more, as its file is read again under other rules: times that it gave, such as
    `updated_at`, say nothing beside those of the arriving row.

    The file as it was gives what the batch has of the key now, of whatever file. A file that has changed since may lack the row: it
    takes only the place of what it gave itself.
    """
    _, exported = (_compare(name) for name in VERSION)
    same_file = pl.all_horizontal(
        pl.col(name).eq_missing(pl.col(f"{name}_arriving")) for name in ("source", ORIGIN_FILE)
    )
    return pl.col(READ_ANEW) | (pl.col(f"{READ_ANEW}_arriving") & same_file & (exported >= 0))


def _is_back() -> pl.Expr:
    """Whether a row was marked as deleted before the file of the arriving one was exported, which has it."""
    deleted, exported = pl.col(DELETED_AT), pl.col(f"{EXPORTED_AT}_arriving")
    return (pl.col(f"{DELETED_AT}_arriving").is_null() & (deleted < exported)).fill_null(False)


def is_older(*, or_equal: bool = False) -> pl.Expr:
    """Whether the version of a row is older than that of the row it is paired with, whose columns end in `_arriving`."""
    updated, exported = (_compare(name) for name in VERSION)
    return (updated > 0) | ((updated == 0) & ((exported >= 0) if or_equal else (exported > 0)))


def _compare(name: str) -> pl.Expr:
    """1 when the arriving value is the greater, -1 when the stored one is; null is the least."""
    never = pl.lit(datetime.min).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    arriving, stored = (pl.col(column).fill_null(never) for column in (f"{name}_arriving", name))
    return (arriving > stored).cast(pl.Int8) - (arriving < stored).cast(pl.Int8)


def keep_deleted(rows: pl.LazyFrame, changed: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """A row deleted after the arriving version stays deleted, and a live one live: younger snapshots than the arriving have it.

    Of a customer who is known by orders alone, without a file, no snapshot has said anything.
    """
    is_of_file = pl.col(EXPORTED_AT).is_not_null()
    deleted = changed.select(*table.key, pl.col(DELETED_AT).alias("stored_deleted_at"), is_of_file=is_of_file)
    is_live = pl.col("is_of_file") & pl.col("stored_deleted_at").is_null()
    stays = (is_live | (pl.col("stored_deleted_at") >= pl.col(EXPORTED_AT))).fill_null(False)
    kept = pl.when(stays).then("stored_deleted_at").otherwise(DELETED_AT).alias(DELETED_AT)
    return rows.join(deleted, on=table.key, how="left").with_columns(kept).drop("stored_deleted_at", "is_of_file")
