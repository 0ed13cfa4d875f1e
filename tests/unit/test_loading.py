"""Files of one input that do not agree: what is in one is not changed by what is beside it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.errors import SourceShapeError
from pipeline.sources.loading import load_inputs
from pipeline.sources.parts import Part

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
LATE = datetime(2026, 7, 1, 23, 30)
AN_AMOUNT = 1_234_567.89


def load(folder: Path, *values: pa.Array) -> list[tuple[Any]]:
    """The values of a column of which each file of an input has some, in the order of the files."""
    parts = []
    for number, array in enumerate(values):
        pq.write_table(pa.table({"value": array}), folder / f"{number}.parquet")
        parts.append(Part("orders", str(folder / f"{number}.parquet"), "", NOW))
    with duckdb.connect() as connection:
        load_inputs("shop", parts, connection, folder)
        return [row[0] for row in connection.execute("select value from orders order by _file").fetchall()]


@pytest.mark.parametrize(
    ("local", "text"),
    [
        (pa.array([LATE], pa.timestamp("us")), "2026-07-01 23:30:00"),
        (pa.array([date(2026, 7, 1)]), "2026-07-01"),
        (pa.array(["2026-07-01 23:30"]), "2026-07-01 23:30"),
        (pa.array([None], pa.timestamp("us")), None),
    ],
)
def test_a_time_without_a_zone_beside_one_with_a_zone_keeps_to_be_without(
    tmp_path: Path, local: pa.Array, text: str | None
) -> None:
    zoned = pa.array([LATE.replace(tzinfo=UTC)], pa.timestamp("us", "UTC"))
    assert load(tmp_path, local, zoned) == [text, "2026-07-01 23:30:00+00:00"]


def test_times_of_one_kind_stay_times(tmp_path: Path) -> None:
    assert load(tmp_path, pa.array([LATE]), pa.array([LATE])) == [LATE, LATE]
    assert load(tmp_path, pa.array([LATE]), pa.array([date(2026, 7, 1)])) == [LATE, datetime(2026, 7, 1)]


@pytest.mark.parametrize("other", [pa.array(["1.00"]), pa.array([1.0], pa.float64()), pa.array([1])])
def test_an_amount_that_a_float_has_rounded_is_no_number_beside_others(tmp_path: Path, other: pa.Array) -> None:
    """A float of four bytes has 1234567.875 nearest to it."""
    rounded, short, nothing, _ = load(tmp_path, pa.array([AN_AMOUNT, 19.99, None], pa.float32()), other)
    assert (rounded, short, nothing) == ("1234567.9 in a FLOAT, which has lost the cents", "19.99", None)
    assert load(tmp_path, pa.array([19.99], pa.float32()), pa.array([19.99], pa.float32())) == pytest.approx(
        [19.99] * 2
    )


def test_columns_whose_names_differ_in_case_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"Total": [1], "total": [99]}).write_parquet(tmp_path / "orders.parquet")
    part = Part("orders", str(tmp_path / "orders.parquet"), "", NOW)
    with duckdb.connect() as connection, pytest.raises(SourceShapeError) as raised:
        load_inputs("shop", [part], connection, tmp_path)
    assert str(raised.value) == f"source shop: file {part.address}: column 'total' appears twice; rename it"
