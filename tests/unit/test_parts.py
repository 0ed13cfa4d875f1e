"""Rows of a table that come in parts: they are all there, whole, and hold the contract, wherever they wait."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from pandera.errors import SchemaError
from polars.testing import assert_frame_equal

from pipeline import parts
from pipeline.parts import Parts, store
from schemas.registry import SEGMENTS

TABLE = SEGMENTS["segment_sizes"]


def rows(*segments: str, n: int = 3) -> pl.DataFrame:
    figures = {"n_customers": n, "n_total": 4, "pct_customers": 75.0, "net_value": 100}
    made = [{"as_of_date": date(2026, 6, 30), "kind": "rfm", "segment": each} | figures for each in segments]
    return pl.DataFrame(made, schema=TABLE.polars_schema)


def test_few_rows_wait_in_memory_and_many_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "ROWS_AT_ONCE", 3)
    found = Parts(TABLE, tmp_path / "parts")
    for part in (rows("a", "b"), rows("c")):
        found.add(part)
    assert isinstance(found.rows, pl.DataFrame)
    found.add(rows("e", "d"))
    found.add(rows("f"))
    assert found.n_rows == 6
    assert isinstance(found.rows, pl.LazyFrame)
    assert found.in_memory == []
    assert found.rows.collect()["segment"].to_list() == ["a", "b", "c", "d", "e", "f"]


def test_rows_that_are_in_a_file_already_stay_there(tmp_path: Path) -> None:
    first = store(TABLE, rows("a", "b"), tmp_path / "first.parquet")
    assert (first.file, first.n_rows) == (tmp_path / "first.parquet", 2)
    assert [*tmp_path.iterdir()] == [first.file]
    assert store(TABLE, first, tmp_path / "other.parquet") == first
    found = Parts(TABLE, tmp_path / "parts")
    for part in (rows("c"), first):
        found.add(part)
    assert found.n_rows == 3
    assert isinstance(found.rows, pl.LazyFrame)
    assert_frame_equal(found.rows.collect(), pl.concat([rows("a", "b"), rows("c")]), check_row_order=False)


def test_rows_that_break_the_contract_are_not_stored(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="n_customers"):
        store(TABLE, rows("a", n=-1), tmp_path / "part.parquet")
    assert not [*tmp_path.iterdir()]
