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


def rows_to_retry(rejected: pl.LazyFrame, source: str) -> pl.DataFrame:
    """The rows of a source in quarantine that a mapping can read again: not released, no broken line, no mere duplicate."""
    return rejected.filter(
        (pl.col("source") == source)
        & ~pl.col("is_released")
        & pl.col("input").is_not_null()
        & ~pl.col("reasons").str.ends_with(DUPLICATE)
    ).collect()


def load_kept(inputs: Inputs, kept: pl.DataFrame, columns: Mapping[str, Mapping[str, str]]) -> None:
    """Add a view per input of `kept` rows to `inputs`, as `read.load_inputs` would; `columns`: input -> column -> type."""
    rows = kept.unique(["input", "file", "row_number"]).sort("input", "file", "row_number")
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
        newest = part.group_by("file").agg(pl.col("exported_at").max()).sort("file")
        inputs.parts += [Part(str(name), file, None, exported_at) for file, exported_at in newest.iter_rows()]
        inputs.lines += Lines(len(records), len(records), 0)


def _records(row: Mapping[str, Any], spare: Iterator[int]) -> list[dict[str, Any]]:
    raw = json.loads(row["raw"])
    first, *others = raw if isinstance(raw, list) else [raw]
    numbered = [first | {"_row": row["row_number"]}, *(other | {"_row": next(spare)} for other in others)]
    return [record | {"_file": row["file"]} for record in numbered]


def _create(connection: duckdb.DuckDBPyConnection, name: str, table: pl.DataFrame, types: Mapping[str, str]) -> None:
    fields = ", ".join(
        f"cast({quoted(column)} as {types[column]}) as {quoted(column)}" if column in types else quoted(column)
        for column in table.columns
    )
    connection.register("kept", table.to_arrow())
    connection.execute(f"create table {quoted(name)} as select {fields} from kept")
    connection.unregister("kept")
