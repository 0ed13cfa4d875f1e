"""Rows of dated tables that come in parts, and wait for the one commit of their date. What is computed does not belong here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

import polars as pl

from pipeline.fact_files import Facts
from pipeline.lake import Lake, Stored
from schemas.faults import require
from schemas.registry import SEGMENTS
from schemas.types import Table

ROWS_AT_ONCE = 500_000
"""Computed rows that wait in memory to be written together."""


Frames: TypeAlias = dict[str, pl.LazyFrame]
"""Rows of dated tables that are not computed yet, by the name of the table."""
Rows: TypeAlias = Mapping[str, pl.LazyFrame | pl.DataFrame | Stored]
"""Rows of dated tables, wherever they are."""
Sums = TypeVar("Sums")


@dataclass(frozen=True)
class Found(Generic[Sums]):
    """What is computed of a bucket: its rows of tables, and what is added to that of the other buckets.

    The function that computes it gives lazy frames; where it is computed elsewhere, files with their rows come back.
    """

    rows: Rows
    sums: Sums


def computed(facts: Facts, rows: Rows) -> dict[str, pl.DataFrame | Stored]:
    """The rows computed now and together, with names in place of numbers; those that are computed as they are."""
    lazy = {name: part for name, part in rows.items() if isinstance(part, pl.LazyFrame)}
    frames = dict(zip(lazy, pl.collect_all(lazy.values(), engine="streaming"), strict=True))
    return {name: facts.named(frames[name]) if isinstance(part, pl.LazyFrame) else part for name, part in rows.items()}


def store(lake: Lake, table: Table, rows: pl.DataFrame | Stored) -> pl.DataFrame | Stored:
    """Write rows that have names to a file of the table, which is no part of it yet; of no rows there is none.

    Those that are in one stay there.

    Raises:
        SchemaError: a row breaks the contract.
    """
    if isinstance(rows, Stored) or rows.is_empty():
        return rows
    rows = rows.select(table.polars_schema.names())
    require(rows, table.model)
    return lake.store(table, rows)


def stored(part: Facts, found: Found[Sums]) -> Found[Sums]:
    """What was found of a bucket, its rows written to files of their tables."""
    rows = computed(part, found.rows)
    return Found({name: store(part.lake, SEGMENTS[name], frame) for name, frame in rows.items()}, found.sums)


@dataclass
class Parts:
    """The rows of a table at a date: where there are many, all but a lone part are in files of the table."""

    lake: Lake
    table: Table
    in_memory: list[pl.DataFrame] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    n_rows: int = 0

    def add(self, rows: pl.DataFrame | Stored) -> None:
        """Take another part."""
        self.n_rows += rows.n_rows if isinstance(rows, Stored) else rows.height
        if isinstance(rows, Stored):
            self.stored.append(rows)
        else:
            self.in_memory.append(rows)
        if self.stored or (self.n_rows > ROWS_AT_ONCE and len(self.in_memory) > 1):
            parts = (store(self.lake, self.table, part) for part in self.in_memory)
            self.stored += [part for part in parts if isinstance(part, Stored)]
            self.in_memory = []

    @property
    def rows(self) -> pl.DataFrame | list[Stored]:
        """All of them; those in files hold their contract."""
        return self.stored or pl.concat(self.in_memory)
