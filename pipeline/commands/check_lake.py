"""Whether every table of the lake is whole: its log, its rows and its files. Repairing one does not belong here."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipeline.commands.check import unwritable_folders
from pipeline.commands.findings import Fact, Finding, one_line
from pipeline.errors import LakeError
from pipeline.lake import Lake
from pipeline.lake_seals import faults_of_files, n_rows
from pipeline.settings import Settings
from schemas.registry import ENTITIES, TABLES, Table

COPY = "put back a copy of the whole lake"


def check_lake(settings: Settings) -> Iterator[Finding]:
    """Read every table of the lake whole and change nothing: one finding per damaged table, and one for all others; and one of
    the home where a run may not write.

    An object store keeps its files whole by itself: there only log and rows are checked.
    """
    lake = Lake(settings.lake_root)
    if facts := list(unwritable_folders(settings)):
        yield Finding("home", str(settings.home), facts)
    whole = Finding("lake", lake.root)
    tables = rows = files = 0
    was_read = _tables_read(lake)
    for name, table in TABLES.items():
        if not lake.is_made(table):
            faults = [f"the table is lost; {COPY}"] if name in was_read else []
        else:
            faults, n = _faults(lake, table)
            tables, rows, files = tables + (not faults), rows + n[0], files + n[1]
        if faults:
            yield Finding(name, f"{lake.root}/{name}", [Fact("damaged", fault, "fail") for fault in faults])
    whole.facts.append(Fact("tables", f"{tables} are whole; {rows:,} rows in {files:,} files"))
    yield whole


def _faults(lake: Lake, table: Table) -> tuple[list[str], tuple[int, int]]:
    """What is wrong with a table, and its rows and files if nothing is."""
    try:
        delta = lake.open(table)
    except LakeError as error:
        return [one_line(error)], (0, 0)
    way_out = f"run with --rebuild {table.name}, or {COPY}" if table.name in ENTITIES else COPY
    found = [] if lake.is_remote else list(faults_of_files(Path(lake.root, table.name), delta))
    return [f"{fault}; {way_out}" for fault in found], (0, 0) if found else (n_rows(delta), len(delta.file_uris()))


def _tables_read(lake: Lake) -> set[str]:
    """The tables that segments were computed from."""
    reads = TABLES["lake_reads"]
    try:
        return set(lake.scan(reads).select("lake_table").collect().to_series()) if lake.is_made(reads) else set()
    except (LakeError, OSError, pl.exceptions.PolarsError):
        # Its own finding says so.
        return set()
