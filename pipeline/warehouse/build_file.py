"""The private DuckDB file that dbt builds from: the lake's live rows, and the run's context. What is built from it is dbt's."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from pipeline.errors import AuditError
from pipeline.fact_files import known_files
from pipeline.lake import Lake
from pipeline.lake_rows import AS_OF, DELETED_AT, ORIGIN
from pipeline.sources.inputs import literal
from pipeline.warehouse.file_order import likeliest_first
from pipeline.warehouse.past_dates import past_of
from schemas.columns import warehouse_value
from schemas.registry import KNOWN, SEGMENTS, TABLES
from schemas.types import Table


def newest_as_of(lake: Lake) -> date | None:
    """The newest as_of date in the lake: the date of the next edition."""
    return lake.scan(SEGMENTS["rfm"]).select(pl.col(AS_OF).max()).collect().item()  # type: ignore[no-any-return]


def edition_date(lake: Lake) -> date:
    """The date of the next edition.

    Raises:
        AuditError: no customer is in the lake, so there is nothing to publish.
    """
    as_of = newest_as_of(lake)
    if as_of is None:
        tables = [lake.scan(TABLES[name]).limit(1).collect() for name in ("orders", "customers")]
        if all(rows.is_empty() for rows in tables):
            raise AuditError(
                "the lake has no order and no customer, so there is nobody to publish; `loyalty check` says what the source of orders reads"
            )
        raise AuditError(
            "the lake has no customer to publish: no order names one (customer_id in the mapping of orders), "
            "or segments/rfm was never materialised"
        )
    return as_of


@dataclass(frozen=True)
class RunContext:
    """What dbt must know of the run that builds an edition; the columns of its one row."""

    as_of_date: date
    time_zone: str
    currency: str
    run_id: str
    started_at: datetime


def make_build_file(path: Path, lake: Lake, known: Path, past: Path, run: RunContext) -> None:
    """Make the file anew: schema `lake` with the live rows of every table and where delivered ones came from, what is known, and the row of `run_context`.

    A table is a view over its active files, with amounts in units of currency; of a remote lake it is a copy. `known` has
    a folder for each table of what was known at the edition's date, `past` is the folder of earlier dates.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for stale in (path, path.with_name(f"{path.name}.wal")):
        stale.unlink(missing_ok=True)
    # What dbt could not hold in memory, of a night that was killed.
    shutil.rmtree(path.with_name(f"{path.name}.tmp"), ignore_errors=True)
    with duckdb.connect(str(path)) as connection:
        # All together: each statement alone would wait for the disk.
        connection.execute("begin")
        connection.execute("create schema lake")
        for table in TABLES.values():
            _make_view(connection, lake, table, past)
        for name, mart in KNOWN.items():
            values = ", ".join(warehouse_value(column) for column in mart.judged.values())
            connection.execute(f"create view lake.{name} as {_rows_of_files(known_files(known, name), values)}")
        connection.execute(
            """create table lake.run_context as
            select ?::date as as_of_date, ? as time_zone, ? as currency, ? as run_id, ?::timestamptz as started_at""",
            list(asdict(run).values()),
        )
        connection.execute("commit")


def build_date(build_file: Path) -> date:
    """The date of the edition that a build file is for.

    Raises:
        AuditError: there is none.
    """
    if not build_file.is_file():
        raise AuditError(f"no build file at {build_file}; materialise lake/run_context first, or `loyalty run`")
    with duckdb.connect(str(build_file), read_only=True) as connection:
        ((as_of,),) = connection.execute("select as_of_date from lake.run_context").fetchall()
    assert isinstance(as_of, date)
    return as_of


@contextmanager
def opened(build_file: Path, edition: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the edition that dbt has built, and beside it, as `build`, what it was built from."""
    with duckdb.connect(str(edition), read_only=True) as connection:
        connection.execute("attach ? as build (read_only)", [str(build_file)])
        yield connection


def _make_view(connection: duckdb.DuckDBPyConnection, lake: Lake, table: Table, folder: Path) -> None:
    origin = ORIGIN if table.is_delivered else {}
    values = ", ".join([*(warehouse_value(column) for column in table.columns.values()), *origin])
    past = past_of(folder, lake, table)
    earlier, days = (f" union all {_rows_of_files([past.file], values)}", past.days) if past else ("", ())
    # DuckDB reads neither an object store nor no file at all: such tables go into the build file itself.
    files = [] if lake.is_remote else lake.active_files(table, without=days)
    if not files:
        rows = lake.scan(table, with_origin=table.is_delivered)
        if past:
            rows = rows.filter(~pl.col(AS_OF).is_in(list(days)))
        connection.register("rows", _arrow_stream(rows, pl.Schema(table.polars_schema | origin)))
        connection.execute(f'create table lake."{table.name}" as select {values} from rows{earlier}')
        connection.unregister("rows")
        return
    typed = f", hive_types = {{'{AS_OF}': date}}" if table.is_dated else ""
    live = f" where {DELETED_AT} is null" if table.is_delivered else ""
    connection.execute(
        f"""create view lake."{table.name}" as
        select {values} from read_parquet({_listed(files)}, hive_partitioning = true{typed}){live}{earlier}"""
    )


def _rows_of_files(files: Iterable[Path], values: str) -> str:
    return f"select {values} from read_parquet({_listed(files)}, hive_partitioning = false)"


def _listed(files: Iterable[Path | str]) -> str:
    ordered = likeliest_first({str(file): Path(file).stat().st_size for file in files})
    return f"[{', '.join(map(literal, ordered))}]"


def _arrow_stream(rows: pl.LazyFrame, schema: pl.Schema) -> pa.RecordBatchReader:
    """The rows of a lake table, a batch at a time, so that a large one never stands in memory whole."""
    kinds = pl.DataFrame(schema=schema).to_arrow().schema
    chunks = rows.collect_batches(engine="streaming", maintain_order=False)
    batches = (batch for chunk in chunks for batch in chunk.to_arrow().cast(kinds).to_batches())
    return pa.RecordBatchReader.from_batches(kinds, batches)
