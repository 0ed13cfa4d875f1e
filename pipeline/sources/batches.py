"""The staged batches of a source on disk: what happened to its rows, and the rows. How they come there does not belong here."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.core.ingest.quarantine import row_key, unchanged_versions
from pipeline.errors import SourceShapeError
from schemas.registry import ENTITIES, RECORDS, Table

EXPORTED_AT, POSITION = "exported_at", "position"
SHOWN_FILE, MORE_ROWS = "shown_file", "more_rows"
LEFT_OUT = "left_out.parquet"
"""Which rows were left out on purpose."""
ORIGIN = (
    pl.col(SHOWN_FILE).alias("origin_file"),
    pl.col("row_number").alias("origin_row"),
    pl.col(MORE_ROWS).alias("origin_more_rows"),
)
REPORT = "report.json"


@dataclass
class Batch:
    """What happened to the rows of one source for one entity; the columns of the contract `Batches`, and the first of each kind of fault."""

    source: str
    entity: str
    batch_id: str
    started_at: str
    lines_read: int = 0
    lines_parsed: int = 0
    lines_broken: int = 0
    rows_mapped: int = 0
    rows_valid: int = 0
    rows_rejected: int = 0
    rows_superseded: int = 0
    lines_swallowed: int = 0
    """Line breaks in rejected rows where no text with several lines should be: each could be a row of its own."""
    excluded_by_reason: dict[str, int] = field(default_factory=dict)
    rejected_by_rule: dict[str, int] = field(default_factory=dict)
    lines_within: int = 0
    """Of the lines read, those that are part of a value of the row before them."""
    values_hidden: int = 0
    """Texts that are neither free nor ids, with an e-mail address or phone number in them, which is hidden."""
    samples: list[str] = field(default_factory=list)
    """Of each kind of rejected rows the first: its file, row and reasons, and no value."""

    @property
    def rows_excluded(self) -> int:
        """Rows the mapping left out on purpose."""
        return sum(self.excluded_by_reason.values())

    def as_record(self, run_id: str) -> dict[str, object]:
        """The batch as a row of the contract `Batches`."""
        record = asdict(self) | {"run_id": run_id, "rows_excluded": self.rows_excluded}
        record["started_at"] = datetime.fromisoformat(self.started_at)
        for name in ("excluded_by_reason", "rejected_by_rule"):
            record[name] = json.dumps(record[name], sort_keys=True)
        del record["samples"], record["lines_swallowed"], record["values_hidden"], record["lines_within"]
        return record

    @property
    def is_balanced(self) -> bool:
        """Whether every line and every row has ended somewhere, once."""
        lines = self.lines_read == self.lines_parsed + self.lines_broken
        return lines and self.rows_mapped == self.rows_valid + self.rows_rejected + self.rows_excluded

    @property
    def reject_rate(self) -> float:
        """Share of rejected rows, those within them, and broken lines among all that were meant to be merged; 0 for an empty
        batch."""
        bad = self.rows_rejected + self.lines_swallowed + self.lines_broken
        return bad / (bad + self.rows_valid) if bad else 0.0

    @property
    def has_survivors(self) -> bool:
        """Whether any row was valid, or there was none to begin with."""
        return self.rows_valid > 0 or self.rows_rejected + self.lines_broken == 0

    def is_refused(self, max_reject_rate: float) -> bool:
        """Whether nothing of it may be merged: no row survived, or more than the limit were rejected."""
        return not self.has_survivors or self.reject_rate > max_reject_rate


def worst_of(batches: Iterable[Batch]) -> Batch:
    """The batch to report: one without a valid row, else the one with the greatest share of rejected rows."""
    return max(batches, key=lambda batch: (not batch.has_survivors, batch.reject_rate))


@dataclass
class Report:
    """What is known of staged batches, one per entity, beside their rows."""

    batches: list[Batch]
    inputs: list[dict[str, Any]]
    """What was read, as the contract `InputsRead` has it; nothing when quarantined rows were."""
    drift: str
    """How the columns differ from the batch before, in words."""
    retried: list[str] | None
    """The rejected rows that were tried again; null when files and databases were read."""
    notes: list[str] = field(default_factory=list)
    """What the files do not hold of what a person saw in them, in words."""
    addresses: dict[str, str] = field(default_factory=dict)
    """What a version of a file was read as -> its address, where several versions were tried again together."""
    gone: list[dict[str, Any]] = field(default_factory=list)
    """Files read before that are there no more: file, `exported_at` of then, and whether their content was read elsewhere (`is_moved`)."""


class Staged:
    """The staged batches of one source on disk: per entity the valid and the rejected rows, and the report of all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def is_there(self) -> bool:
        """Whether a batch is staged, whole."""
        return (self.folder / REPORT).is_file()

    def report(self) -> Report:
        """The report.

        Raises:
            SourceShapeError: nothing is staged.
        """
        try:
            report = json.loads((self.folder / REPORT).read_text())
        except FileNotFoundError:
            name = self.folder.name
            raise SourceShapeError(f"source {name}: no batch is staged; materialise sources/{name} first") from None
        return Report(**report | {"batches": [Batch(**batch) for batch in report["batches"]]})

    def batches(self) -> list[Batch]:
        """The batches."""
        return self.report().batches

    def inputs_read(self) -> pl.DataFrame:
        """What was read, as the contract `InputsRead` has it."""
        rows = [row | {EXPORTED_AT: datetime.fromisoformat(row[EXPORTED_AT])} for row in self.report().inputs]
        return pl.DataFrame(rows, schema=RECORDS["inputs_read"].polars_schema, orient="row")

    def read_again(self, known: pl.DataFrame) -> pl.DataFrame:
        """The versions of files that were read before and now again with the same content, there or elsewhere: file, exported_at.

        `known`: what was read of the source before, as the contract `InputsRead` has it.
        """
        unchanged = unchanged_versions(self.inputs_read(), known)
        gone = self.report().gone
        moved = [(row["file"], datetime.fromisoformat(row[EXPORTED_AT])) for row in gone if row["is_moved"]]
        return pl.concat([unchanged, pl.DataFrame(moved, schema=unchanged.schema, orient="row")])

    def valid(self, table: Table) -> pl.LazyFrame:
        """Valid rows, the newest version of each key, with the contract's columns and `exported_at`."""
        return self._valid(table)

    def _valid(self, table: Table, *more: pl.Expr) -> pl.LazyFrame:
        folder = self.folder / table.name
        rows = pl.scan_parquet(folder / "valid-*.parquet").join(
            pl.scan_parquet(folder / "dropped.parquet"), on=POSITION, how="anti"
        )
        return rows.select(*table.polars_schema.names(), EXPORTED_AT, *more)

    def arriving(self, table: Table) -> pl.LazyFrame:
        """Valid rows as the lake merges them: with `exported_at`, and where each came from."""
        return self._valid(table, *ORIGIN)

    def tried_again(self, table: Table, known: pl.DataFrame) -> pl.LazyFrame:
        """The same for rejected rows of full snapshots: with `deleted_at`, since when their file is another snapshot.

        `known`: what was read of the source before, as the contract `InputsRead` has it.
        """
        newest = known.lazy().group_by("file").agg(pl.col(EXPORTED_AT).max().alias("deleted_at"))
        rows = self._valid(table, *ORIGIN, pl.col("file").replace(self.report().addresses))
        is_gone = pl.col("deleted_at") > pl.col(EXPORTED_AT)
        return (
            rows.join(newest, on="file", how="left")
            .with_columns(pl.when(is_gone).then("deleted_at").alias("deleted_at"))
            .drop("file")
        )

    def read_anew(self, table: Table, known: pl.DataFrame) -> pl.DataFrame:
        """The files of the table's rows that were read before under other rules: source, origin_file, exported_at.

        `known`: what was read of the source before, as the contract `InputsRead` has it. Rows whose mapping passes on no file count as
        of one that has been.
        """
        before = known.select("input", "file", before="rules")
        changed = self.inputs_read().join(before, on=["input", "file"]).filter(pl.col("rules") != pl.col("before"))
        if changed.is_empty():
            return pl.DataFrame()
        files = pl.scan_parquet(self.folder / table.name / "valid-*.parquet").filter(
            pl.col("file").is_null() | pl.col("file").is_in(changed["file"].to_list())
        )
        found = files.select("source", pl.col(SHOWN_FILE).alias("origin_file"), EXPORTED_AT).unique().collect()
        # Rows from before origins were kept are told by the age of their file alone.
        return pl.concat([found, found.with_columns(origin_file=pl.lit(None, pl.String))]).unique()

    def left_out(self, table: Table) -> pl.LazyFrame | None:
        """Key and version of the rows that were left out on purpose; null where there was none."""
        file = self.folder / table.name / LEFT_OUT
        return pl.scan_parquet(file) if file.exists() else None

    def present(self, table: Table) -> pl.LazyFrame | None:
        """The keys of all rows, those rejected or left out on purpose too; null when a broken line or a rejected row does not show
        its key."""
        rejected = pl.read_parquet(self.folder / table.name / "rejected_keys.parquet")
        if self.batches()[0].lines_broken or any(column.null_count() for column in rejected):
            return None
        left_out = self.left_out(table)
        more = [] if left_out is None else [left_out.select(table.key)]
        return pl.concat([self.valid(table).select(table.key), rejected.lazy(), *more])

    def accepted(self) -> pl.LazyFrame:
        """Of every valid row its file, entity and key."""
        report = self.report()
        names = [batch.entity for batch in report.batches]
        return pl.concat(
            pl.scan_parquet(self.folder / name / "valid-*.parquet").select(
                pl.col("file").replace(report.addresses), pl.lit(name).alias("entity"), row_key(ENTITIES[name].key)
            )
            for name in names
        )

    def rejected(self) -> pl.LazyFrame:
        """Rejected rows of all entities, as the contract `RejectedRows` has them."""
        return pl.scan_parquet(self.folder / "*" / "rejected.parquet")
