"""Frames that must follow their contracts: those of one test are checked together at its end, as pandera's cost is per call."""

import polars as pl

from schemas.faults import require
from schemas.types import Table

_SHOWN: dict[str, tuple[Table, list[pl.DataFrame]]] = {}


def follows(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, which have the columns, types and key of their contract; every value is checked when the test ends."""
    assert rows.schema == table.polars_schema
    assert not rows.select(table.key).is_duplicated().any()
    _SHOWN.setdefault(table.name, (table, []))[1].append(rows)
    return rows


def check_values() -> None:
    """Check the values of all frames that `follows` was given since the last call.

    Raises:
        pandera.errors.SchemaError: one breaks its contract.
    """
    shown = list(_SHOWN.values())
    _SHOWN.clear()
    for table, frames in shown:
        require(pl.concat(frames), table.model)
