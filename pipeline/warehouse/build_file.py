"""The private DuckDB file that dbt builds in: the lake's live rows, and the run's context. What is built from it is dbt's."""

from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from pipeline.lake import AS_OF, DELETED_AT, Lake
from pipeline.settings import Settings
from schemas.registry import SEGMENTS, TABLES, Table


def newest_as_of(lake: Lake) -> date | None:
    """The newest as_of date in the lake: the date of the next edition."""
    return lake.scan(SEGMENTS["rfm"]).select(pl.col(AS_OF).max()).collect().item()  # type: ignore[no-any-return]


def make_build_file(
    path: Path, lake: Lake, settings: Settings, *, as_of: date, run_id: str, started_at: datetime
) -> None:
    """Make the file anew: schema `lake` with the live rows of every table, and the one row of `run_context`.

    A table is a view over its active files; of a remote lake it is a copy.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for stale in (path, path.with_name(f"{path.name}.wal")):
        stale.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema lake")
        for table in TABLES.values():
            _make_view(connection, lake, table)
        connection.execute(
            """create table lake.run_context as
            select ?::date as as_of_date, ? as time_zone, ? as currency, ?::varchar[] as valid_statuses,
                ? as run_id, ?::timestamptz as started_at""",
            [
                *(as_of, settings.shop.time_zone, settings.shop.currency),
                *(settings.rfm.valid_statuses, run_id, started_at),
            ],
        )


def _make_view(connection: duckdb.DuckDBPyConnection, lake: Lake, table: Table) -> None:
    # DuckDB reads neither an object store nor no file at all: such tables go into the build file itself.
    files = [] if lake.is_remote else lake.active_files(table)
    if not files:
        connection.register("rows", _arrow_stream(lake, table))
        connection.execute(f'create table lake."{table.name}" as select * from rows')
        connection.unregister("rows")
        return
    columns = ", ".join(f'"{name}"' for name in table.polars_schema)
    listing = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    typed = f", hive_types = {{'{AS_OF}': date}}" if table.is_dated else ""
    live = f"where {DELETED_AT} is null" if table.is_delivered else ""
    connection.execute(
        f"""create view lake."{table.name}" as
        select {columns} from read_parquet([{listing}], hive_partitioning = true{typed}) {live}"""
    )


def _arrow_stream(lake: Lake, table: Table) -> pa.RecordBatchReader:
    """The rows of a lake table, a batch at a time, so that a large one never stands in memory whole."""
    schema = pl.DataFrame(schema=table.polars_schema).to_arrow().schema
    chunks = lake.scan(table).collect_batches(engine="streaming", maintain_order=False)
    batches = (batch for chunk in chunks for batch in chunk.to_arrow().cast(schema).to_batches())
    return pa.RecordBatchReader.from_batches(schema, batches)
