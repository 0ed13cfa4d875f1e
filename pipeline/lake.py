"""The lake: Delta tables as `schemas.registry` lists them. What a row means, or when it is written, does not belong here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import TableNotFoundError

from schemas.registry import Table

MONTH = "order_month"
ROW_HASH = "row_hash"
AS_OF = "as_of_date"


@dataclass(frozen=True)
class Merged:
    """What a merge changed, in rows."""

    inserted: int
    updated: int
    unchanged: int


class _LocalTable(DeltaTable):
    """A table in a local folder. Delta names its files as in an address; a folder with a blank in its name is then not found."""

    def file_uris(self, *args: Any, **kwargs: Any) -> list[str]:
        """Paths of the files, as the file system names them."""
        return [unquote(uri) for uri in super().file_uris(*args, **kwargs)]


class Lake:
    """All lake tables under one folder; every call opens a table at its newest version."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def ensure(self, table: Table) -> DeltaTable:
        """The table, made empty when it does not exist yet."""
        uri = str(self.root / table.name)
        try:
            return _LocalTable(uri)
        except TableNotFoundError:
            write_deltalake(uri, pl.DataFrame(schema=_stored_schema(table)), partition_by=_partition(table))
            return _LocalTable(uri)

    def scan(self, table: Table) -> pl.LazyFrame:
        """The rows of the newest version, with the columns of the contract."""
        return pl.scan_delta(self.ensure(table)).select(table.polars_schema.names())

    def scan_as_of(self, table: Table, as_of: date) -> pl.LazyFrame:
        """The partition of one as_of date."""
        return self.scan(table).filter(pl.col(AS_OF) == as_of)

    def version(self, table: Table) -> int:
        """The newest version."""
        return self.ensure(table).version()

    def active_files(self, table: Table) -> list[str]:
        """The Parquet files of the newest version; partition columns are in their paths."""
        return self.ensure(table).file_uris()

    def merge(self, table: Table, rows: pl.LazyFrame) -> Merged:
        """Insert new keys and update changed rows; a row older than the lake's is ignored.

        `rows` has the contract's columns and at most one row per key. A row is changed when anything but its batch
        differs; without `updated_at`, or with an equal one, the arriving row is the newer. Nothing to change adds no version.
        """
        delta = self.ensure(table)
        rows = _with_technical_columns(table, rows)
        arriving = rows.select(_lookup_columns(table)).collect(engine="streaming")
        stored = pl.scan_delta(delta).select(_lookup_columns(table))
        pairs = stored.join(arriving.lazy(), on=table.key, how="inner", suffix="_arriving").collect(engine="streaming")
        changed = pairs.filter(pl.col(ROW_HASH) != pl.col(f"{ROW_HASH}_arriving"))
        if "updated_at" in table.polars_schema:
            is_older = pl.col("updated_at_arriving") < pl.col("updated_at")
            lost_its_time = pl.col("updated_at_arriving").is_null() & pl.col("updated_at").is_not_null()
            changed = changed.filter(~(is_older.fill_null(False) | lost_its_time))
        new = arriving.height - pairs.height
        merged = Merged(inserted=new, updated=changed.height, unchanged=pairs.height - changed.height)
        if changed.is_empty():
            if new:
                fresh = rows.join(pairs.lazy(), on=table.key, how="anti") if pairs.height else rows
                write_deltalake(delta, _arrow_stream(fresh, table), mode="append")
            return merged
        settled = pairs.join(changed, on=table.key, how="anti")
        source = rows.join(settled.lazy(), on=table.key, how="anti").collect(engine="streaming")
        predicate = " and ".join(f"stored.{column} = arriving.{column}" for column in table.key)
        if table.month_of:
            months = sorted({*source[MONTH], *changed[MONTH]})
            predicate += f" and stored.{MONTH} in ({', '.join(repr(month) for month in months)})"
        merger = delta.merge(source, predicate, source_alias="arriving", target_alias="stored")
        merger.when_matched_update_all().when_not_matched_insert_all().execute()
        return merged

    def replace_as_of(self, table: Table, as_of: date, rows: pl.DataFrame) -> bool:
        """Put `rows` in place of the partition of one as_of date; equal rows add no version. Returns whether it wrote."""
        delta = self.ensure(table)
        rows = rows.select(table.polars_schema.names()).sort(table.key)
        stored = pl.scan_delta(delta).filter(pl.col(AS_OF) == as_of).select(rows.columns).collect().sort(table.key)
        if stored.equals(rows):
            return False
        write_deltalake(delta, rows, mode="overwrite", predicate=f"{AS_OF} = '{as_of}'")
        return True


def _partition(table: Table) -> list[str]:
    if table.is_dated:
        return [AS_OF]
    return [MONTH] if table.month_of else []


def _stored_schema(table: Table) -> pl.Schema:
    schema = table.polars_schema
    if not table.is_dated:
        schema[ROW_HASH] = pl.Int64()
    if table.month_of:
        schema[MONTH] = pl.String()
    return schema


def _lookup_columns(table: Table) -> list[str]:
    version = ["updated_at"] if "updated_at" in table.polars_schema else []
    return [*table.key, ROW_HASH, *version, *([MONTH] if table.month_of else [])]


def _with_technical_columns(table: Table, rows: pl.LazyFrame) -> pl.LazyFrame:
    content = [name for name in table.polars_schema.names() if name != "batch_id"]
    rows = rows.select(table.polars_schema.names()).with_columns(
        pl.struct(content).hash(seed=0).reinterpret(signed=True).alias(ROW_HASH)
    )
    if table.month_of:
        rows = rows.with_columns(pl.col(table.month_of).dt.strftime("%Y-%m").alias(MONTH))
    return rows


def _arrow_stream(rows: pl.LazyFrame, table: Table) -> pa.RecordBatchReader:
    """The rows as a stream, so that a first load never stands in memory whole."""
    schema = pl.DataFrame(schema=_stored_schema(table)).to_arrow().schema

    def batches() -> Iterator[pa.RecordBatch]:
        for chunk in rows.collect_batches(engine="streaming", maintain_order=False):
            yield from chunk.to_arrow().cast(schema).to_batches()

    return pa.RecordBatchReader.from_batches(schema, batches())
