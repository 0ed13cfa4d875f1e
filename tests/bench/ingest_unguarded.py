"""The ingest of `tests.bench.ingest` with every guard of silent loss and of personal data switched off, so that what they cost can be
measured by turns. `python -m tests.bench.ingest_unguarded CSV FOLDER`."""

import sys
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import polars as pl

from pipeline.core.ingest import conform
from pipeline.core.ingest.conform import FAULT_SCHEMA, Conformed
from pipeline.sources.entity_rows import EntityRows
from tests.bench.ingest import run

NO_FAULTS = pl.DataFrame(schema=FAULT_SCHEMA)
NO_SUSPECTS = pl.DataFrame(schema={"row": pl.UInt32, "suspects": pl.String})


def units_as_rounded(given: pl.Series) -> pl.Series:
    """Amounts in minor units; what six decimals do not show goes without a word."""
    amount = given.cast(pl.String).str.to_decimal(scale=6)
    units = amount.round(2)
    is_exact = (amount == units) & (amount.abs() < Decimal(conform.EXACT_INTEGERS) / conform.MINOR_UNITS)
    return (units.set(~is_exact.fill_null(False), None) * conform.MINOR_UNITS).cast(pl.Int64)


def main() -> None:
    """Ingest one file, unguarded."""
    with (
        patch("pipeline.sources.entity_rows.read_ids", lambda rows: Conformed(rows, NO_FAULTS)),
        patch("pipeline.sources.entity_rows.without_contacts", lambda rows, *_: (rows, 0)),
        patch(
            "pipeline.sources.entity_rows.conform",
            lambda rows, schema, *, time_zone, **_: conform.conform(rows, schema, time_zone=time_zone),
        ),
        patch.object(conform, "_to_minor_units", units_as_rounded),
        patch.object(EntityRows, "_suspects", lambda *_: NO_SUSPECTS),
        patch("pipeline.lake.seal", lambda *_: None),
    ):
        print(run(Path(sys.argv[1]), Path(sys.argv[2])))


if __name__ == "__main__":
    main()
