"""Splitting rows into valid and rejected, and choosing one row per key. Finding the faults does not belong here."""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

SOURCE_ID = "source_id"
"""The source's own id of a row, where its key can come twice."""


@dataclass(frozen=True)
class Split:
    """`valid`: the rows without a fault; `rejected`: row (position) and reasons of the others, one row each."""

    valid: pl.DataFrame
    rejected: pl.DataFrame


def split_rows(frame: pl.DataFrame, faults: pl.DataFrame) -> Split:
    """Divide `frame` by `faults` (row, column, reason): every row ends on exactly one side, with all its reasons joined by '; '."""
    rejected = faults.group_by("row").agg(pl.col("reason").unique().sort().str.join("; ").alias("reasons")).sort("row")
    is_rejected = pl.Series([False]).new_from_index(0, frame.height).scatter(rejected["row"], True)
    return Split(valid=frame.filter(~is_rejected), rejected=rejected)


def count_by_rule(faults: pl.DataFrame) -> dict[str, int]:
    """Rejected rows per column at fault; a row with two faults in two columns counts under both."""
    counts = faults.unique(["row", "column"]).group_by("column").len().sort("column")
    return dict(counts.iter_rows())


def first_ids(rows: pl.LazyFrame, key: tuple[str, ...]) -> pl.LazyFrame:
    """Per key the source_id of the first row to arrive that has one, as `other_id`.

    `rows`: the columns of `key`, source_id, `position` (unique), `file` and `row_number` (order of arrival).
    """
    named = rows.filter(pl.col(SOURCE_ID).is_not_null()).sort("file", "row_number", "position")
    return named.group_by(key, maintain_order=True).agg(pl.col(SOURCE_ID).first().alias("other_id"))


def find_collisions(rows: pl.LazyFrame, ids: pl.LazyFrame, key: tuple[str, ...]) -> pl.LazyFrame:
    """The rows with another source_id than the one of their key in `ids` (`other_id`): another order of the same number, say.

    A row without a source_id is a version of whatever has its key.
    """
    return rows.join(ids, on=key).filter(pl.col(SOURCE_ID) != pl.col("other_id"))


def settle_versions(rows: pl.LazyFrame, key: tuple[str, ...], version: tuple[str, ...]) -> pl.LazyFrame:
    """Which rows of a batch count, when keys come more than once.

    `rows`: the columns of `key` and `version`, `position` (unique), `file` and `row_number` (order of arrival). Returns one
    row per row whose key comes more than once: position, is_latest, is_duplicate. The newest version is the latest, the
    first column of `version` counting most and null least, and the first to arrive among equals; a row with the same key
    and version as an earlier one is a duplicate; an older version is neither.
    """
    doubled = rows.group_by(key).len().filter(pl.col("len") > 1).select(key)
    copies = (
        rows.join(doubled, on=key, how="semi")
        .sort("file", "row_number", "position")
        .with_columns(pl.int_range(pl.len()).alias("arrival"))
    )
    copies = copies.with_columns(
        (pl.col("arrival") != pl.col("arrival").min().over([*key, *version])).alias("is_duplicate")
    )
    newest_last = [*(pl.col(name) for name in version), -pl.col("arrival")]
    latest = copies.sort(newest_last, nulls_last=False).group_by(key).agg(pl.col("position").last().alias("latest"))
    return copies.join(latest, on=key).select(
        "position", (pl.col("position") == pl.col("latest")).alias("is_latest"), "is_duplicate"
    )


def row_key(key: tuple[str, ...]) -> pl.Expr:
    """The values of the key columns as one text; null when one is."""
    return pl.concat_str([pl.col(name).cast(pl.String) for name in key], separator=" ").alias("row_key")


def unchanged_versions(read: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Of the files that a batch has read and found unchanged: file and `exported_at`, as of which their rows were rejected.

    `read`, `known`: the files of the batch and those read before it, as the contract `InputsRead` has them.
    """
    before = known.select("input", "file", "digest", before="exported_at")
    unchanged = read.drop_nulls("digest").join(before, on=["input", "file", "digest"])
    # A copy of it can have come with a later time, and the rows be there as of the former.
    touched = unchanged.filter(pl.col("before") < pl.col("exported_at")).select("file", exported_at="before")
    return pl.concat([unchanged.select("file", "exported_at"), touched])


def is_of_version(versions: pl.DataFrame) -> pl.Expr:
    """Whether a rejected row is of one of these `versions` (file, exported_at), and so was not only in an earlier content."""
    version = pl.format("{} {}", pl.col("exported_at").dt.epoch("us"), "file")
    return version.is_in(versions.select(version).to_series().to_list()).fill_null(False)


def release(
    rejected: pl.LazyFrame,
    staged: pl.LazyFrame,
    accepted: pl.LazyFrame,
    *,
    is_read_again: pl.Expr,
    batch_id: str,
    gone: Collection[str] = (),
) -> pl.LazyFrame:
    """The rows that leave the quarantine: those of `rejected` that a batch no longer rejects.

    `staged`: what the batch rejects. `is_read_again`: whether the batch read the same row again from its unchanged file.
    In a changed file a row may have been repaired or only left out; there it leaves when its key is
    among `accepted` (file, entity, row_key), the batch's valid rows. A row of a file that is `gone` leaves when the batch rejects
    the very same row of another file, where it stands from now on.
    """
    left = rejected.filter(~pl.col("is_released")).join(staged, on="rejected_id", how="anti")
    again = left.filter(is_read_again)
    others = left.filter(~is_read_again)
    repaired = others.join(accepted, on=["file", "entity", "row_key"], how="semi")
    # A broken line has no input.
    same = staged.select("entity", "input", "raw")
    elsewhere = others.filter(pl.col("file").is_in(list(gone))).join(
        same, on=["entity", "input", "raw"], how="semi", nulls_equal=True
    )
    return pl.concat([again, repaired, elsewhere]).with_columns(is_released=pl.lit(True), released_by=pl.lit(batch_id))
