"""Rejected rows as inputs again: the quarantine's raw rows take the place of the files that they came from."""

import json
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import duckdb
import polars as pl

from pipeline.sources.inputs import Inputs, Lines, quoted
from pipeline.sources.parts import Part

DUPLICATE = "is a duplicate of another row of this batch"
"""The reason of a row that only its twin rejects: to try it again would say nothing."""
ANSWERS = "survey_answers"


def rows_to_retry(rejected: pl.LazyFrame, source: str) -> pl.DataFrame:
    """The rows of a source in quarantine that a mapping can read again: not released, no broken line, no mere duplicate."""
    return rejected.filter(
        (pl.col("source") == source)
        & ~pl.col("is_released")
        & pl.col("input").is_not_null()
        & ~pl.col("reasons").str.ends_with(DUPLICATE)
    ).collect()


def load_kept(inputs: Inputs, kept: pl.DataFrame, columns: Mapping[str, Mapping[str, str]]) -> pl.DataFrame:
    """Add a view per input of `kept` rows to `inputs`, as `read.load_inputs` would; `columns`: input -> column -> type.

    A file that was overwritten gave one row number to several rows: each version of it is a part of its own, under another
    spelling of its address. Returns the kept rows with that spelling, `read_as`.
    """
    kept = _by_version(kept)
    place = ["input", "read_as", "row_number"]
    # Rows of several entities have one row behind them.
    rows = kept.sort(*place, pl.col("entity") == ANSWERS).unique(place, keep="first", maintain_order=True)
    for (name,), part in rows.group_by("input", maintain_order=True):
        # The first of several rows keeps its number; the others get numbers that no row has.
        spare = count(part.select(pl.col("row_number").max()).item() + 1)
        records = [record for row in part.iter_rows(named=True) for record in _records(row, spare)]
        names = dict.fromkeys(key for record in records for key in record)
        table = pl.DataFrame(
            records, schema={key: pl.Int64 if key == "_row" else pl.String for key in names}, orient="row"
        )
        _create(inputs.connection, str(name), table, columns.get(str(name), {}))
        inputs.names.append(str(name))
        versions = part.select("read_as", "file", "exported_at").unique().sort("read_as")
        inputs.parts += [
            Part(str(name), read_as, None, exported_at) for read_as, _, exported_at in versions.iter_rows()
        ]
        inputs.addresses |= {read_as: file for read_as, file, _ in versions.iter_rows() if read_as != file}
        inputs.lines += Lines(len(records), len(records), 0)
    return kept


def _by_version(kept: pl.DataFrame) -> pl.DataFrame:
    """The rows with what their file is read as: the newest version of it as itself, each other one under a spelling of its own."""
    version = ["input", "file", "exported_at"]
    # Two rows with one number tell two versions of a file that claim the same age. Of one response each rejected answer
    # can hide something else.
    texts = pl.when(pl.col("entity") != ANSWERS).then("raw")
    kept = kept.with_columns(copy=texts.rank("dense").over(*version, "row_number").fill_null(1))
    versions = kept.select(*version, "copy").unique()
    versions = versions.sort(
        "input", "file", "exported_at", "copy", descending=[False, False, True, False], nulls_last=True
    )
    taken = set(kept["file"])
    spelt = []
    for input_, file, exported_at, copy, age in versions.with_columns(
        age=pl.int_range(pl.len()).over("input", "file")
    ).iter_rows():
        read_as = file if age == 0 else next(name for name in _spellings(file) if name not in taken)
        taken.add(read_as)
        spelt.append((input_, file, exported_at, copy, read_as))
    schema = {**{name: versions.schema[name] for name in versions.columns}, "read_as": pl.String()}
    names = pl.DataFrame(spelt, schema=schema, orient="row")
    return kept.join(names, on=versions.columns, nulls_equal=True, maintain_order="left").drop("copy")


def _spellings(address: str) -> Iterator[str]:
    """Other spellings of an address with the same folders and the same name, which a mapping can read: `a//b.csv`."""
    folder, slash, name = address.rpartition("/")
    for more in count(1):
        yield f"{folder if slash else '.'}{slash}{'/' * more}{name}"


def _records(row: Mapping[str, Any], spare: Iterator[int]) -> list[dict[str, Any]]:
    raw = json.loads(row["raw"])
    first, *others = raw if isinstance(raw, list) else [raw]
    numbered = [first | {"_row": row["row_number"]}, *(other | {"_row": next(spare)} for other in others)]
    return [record | {"_file": row["read_as"]} for record in numbered]


def _create(connection: duckdb.DuckDBPyConnection, name: str, table: pl.DataFrame, types: Mapping[str, str]) -> None:
    fields = ", ".join(
        f"cast({quoted(column)} as {types[column]}) as {quoted(column)}" if column in types else quoted(column)
        for column in table.columns
    )
    connection.register("kept", table.to_arrow())
    connection.execute(f"create table {quoted(name)} as select {fields} from kept")
    connection.unregister("kept")
