"""Rows of dated tables that come in parts, and wait for the one commit of their date. What is computed does not belong here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

import polars as pl

from pipeline.fact_files import Facts
from pipeline.whole_files import unfinished
from schemas.faults import require
from schemas.types import Table

ROWS_AT_ONCE = 500_000
"""Computed rows that wait in memory to be written together."""


@dataclass(frozen=True)
class Stored:
    """Rows of a table in a file, as tables are written: by name, sorted by the key, and they hold the contract."""

    file: Path
    n_rows: int


Frames: TypeAlias = dict[str, pl.LazyFrame]
"""Rows of dated tables that are not computed yet, by the name of the table."""
Rows: TypeAlias = Mapping[str, pl.LazyFrame | Stored]
"""Rows of dated tables, wherever they are."""
Sums = TypeVar("Sums")


@dataclass(frozen=True)
class Found(Generic[Sums]):
    """What is computed of a bucket: its rows of tables, and what is added to that of the other buckets.

    The function that computes it gives frames; where it is computed elsewhere, files with their rows come back.
    """

    rows: Rows
    sums: Sums


def computed(facts: Facts, rows: Rows) -> dict[str, pl.DataFrame | Stored]:
    """The rows computed now and together, with names in place of numbers; those in files as they are."""
    lazy = {name: part for name, part in rows.items() if isinstance(part, pl.LazyFrame)}
    frames = dict(zip(lazy, pl.collect_all(lazy.values(), engine="streaming"), strict=True))
    return {name: part if isinstance(part, Stored) else facts.named(frames[name]) for name, part in rows.items()}


def store(table: Table, rows: pl.DataFrame | Stored, file: Path) -> Stored:
    """Write rows that have names to a file, which is there whole or not at all; those that are in one stay there.

    Raises:
        SchemaError: a row breaks the contract.
    """
    if isinstance(rows, Stored):
        return rows
    rows = rows.select(table.polars_schema.names()).sort(table.key)
    require(rows, table.model)
    rows.write_parquet(unfinished(file), compression="lz4", statistics=False)
    unfinished(file).replace(file)
    return Stored(file, rows.height)


@dataclass
class Parts:
    """The rows of a table at a date: where there are many, all but a lone part wait in files of a folder."""

    table: Table
    folder: Path
    in_memory: list[pl.DataFrame] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    n_rows: int = 0

    def add(self, rows: pl.DataFrame | Stored) -> None:
        """Take another part."""
        if isinstance(rows, Stored):
            self.files.append(rows.file)
            self.n_rows += rows.n_rows
        else:
            self.in_memory.append(rows)
            self.n_rows += rows.height
        if self.files or (self.n_rows > ROWS_AT_ONCE and len(self.in_memory) > 1):
            self.folder.mkdir(parents=True, exist_ok=True)
            while self.in_memory:
                file = self.folder / f"{len(self.files):06}.parquet"
                self.files.append(store(self.table, self.in_memory.pop(0), file).file)

    @property
    def rows(self) -> pl.DataFrame | pl.LazyFrame:
        """All of them; those in files hold their contract."""
        return pl.scan_parquet(self.files, glob=False) if self.files else pl.concat(self.in_memory)
