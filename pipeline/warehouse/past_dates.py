"""The earlier dates of a dated table in one file, for the build file: the lake has a file per date, and opening it costs more than
reading it. Which rows are published does not belong here."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.lake import Lake
from pipeline.lake_rows import AS_OF
from pipeline.whole_files import unfinished
from schemas.types import Table

MADE_OF = "loyalty.made_of"
"""The name in the metadata of the file for the lake's files that it was made of, by date."""
MOST_APART = 30
"""Dates, at most, that are read from the lake's own files."""
NEWEST_APART = 7
"""Dates that never go into the file: a night may compute them again."""
MOST_ROWS = 2_000_000
"""Of a larger table reading is most of the cost, and a second copy is no longer small."""


@dataclass(frozen=True)
class Past:
    """A file with all rows of some dates of a table, and these dates."""

    file: Path
    days: Collection[date]


def past_of(folder: Path, lake: Lake, table: Table) -> Past | None:
    """The past of a table, made anew in `folder` where the lake's files of a date are others; null where a file would not help.

    Retention changes the dates of a table that it thins out too often for a file of them.
    """
    if not table.is_dated or table.is_thinned_out or lake.n_stored(table) > MOST_ROWS:
        return None
    _, held = lake.files_by_date(table)
    file = folder / f"{table.name}.parquet"
    known = _made_of(file)
    if not all(held.get(day) == files for day, files in known.items()):
        known = {}
    if len(held) - len(known) > MOST_APART:
        more = {day: held[day] for day in sorted(held)[:-NEWEST_APART] if day not in known}
        rows = lake.scan(table).filter(pl.col(AS_OF).is_in(list(more)))
        before = [pl.scan_parquet(file, glob=False)] if known else []
        known |= more
        _write(file, pl.concat([*before, rows]), known)
    return Past(file, known.keys()) if known else None


def _made_of(file: Path) -> dict[date, list[str]]:
    """What a file says it was made of; nothing where it cannot be read."""
    try:
        told = json.loads(pl.read_parquet_metadata(file)[MADE_OF])
        return {date.fromisoformat(day): files for day, files in told.items()}
    except (OSError, pl.exceptions.PolarsError, KeyError, ValueError):
        return {}


def _write(file: Path, rows: pl.LazyFrame, made_of: dict[date, list[str]]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = unfinished(file)
    told = json.dumps({str(day): files for day, files in made_of.items()})
    rows.sink_parquet(new, metadata={MADE_OF: told}, maintain_order=False)
    new.replace(file)
