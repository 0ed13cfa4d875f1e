"""Rows of a table that come in parts: they are all there, whole, and hold the contract, wherever they wait."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from pandera.errors import SchemaError
from polars.testing import assert_frame_equal

from pipeline import parts
from pipeline.lake import Lake, Stored
from pipeline.parts import Parts, store
from schemas.registry import SEGMENTS

TABLE = SEGMENTS["segment_sizes"]
DAY = date(2026, 6, 30)


def rows(*segments: str, n: int = 3) -> pl.DataFrame:
    figures = {"n_customers": n, "n_total": 4, "pct_customers": 75.0, "net_value": 100}
    made = [{"as_of_date": DAY, "kind": "rfm", "segment": each} | figures for each in segments]
    return pl.DataFrame(made, schema=TABLE.polars_schema)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def test_few_rows_wait_in_memory_and_many_in_files(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "ROWS_AT_ONCE", 3)
    found = Parts(lake, TABLE)
    for part in (rows("a", "b"), rows("c")):
        found.add(part)
    assert isinstance(found.rows, pl.DataFrame)
    for part in (rows("e", "d"), rows(), rows("f")):
        found.add(part)
    assert found.n_rows == 6
    assert found.in_memory == []
    assert [part.n_rows for part in found.stored] == [2, 1, 2, 1]
    assert lake.scan(TABLE).collect().is_empty()
    assert lake.replace_dates(TABLE, {DAY: found.rows})
    assert_frame_equal(lake.scan(TABLE).sort("segment").collect(), rows("a", "b", "c", "d", "e", "f"))


def test_rows_that_are_in_a_file_already_stay_there(lake: Lake) -> None:
    first = store(lake, TABLE, rows("a", "b"))
    assert isinstance(first, Stored)
    assert store(lake, TABLE, first) == first
    found = Parts(lake, TABLE)
    for part in (rows("c"), first):
        found.add(part)
    assert found.n_rows == 3
    lake.replace_dates(TABLE, {DAY: found.rows})
    assert lake.scan(TABLE).collect()["segment"].sort().to_list() == ["a", "b", "c"]
    assert len(lake.active_files(TABLE)) == 2


def test_rows_that_break_the_contract_are_not_stored(lake: Lake) -> None:
    with pytest.raises(SchemaError, match="n_customers"):
        store(lake, TABLE, rows("a", n=-1))
    assert not Path(lake.root).exists()
