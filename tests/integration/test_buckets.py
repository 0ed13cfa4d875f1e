"""A shop so large that its customers are computed some after the others: its rows are those of a shop computed at once."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.assets.scores import _scored, _sources
from pipeline.core.outlook.backtest import train
from pipeline.fact_files import write_known
from schemas.registry import KNOWN, SEGMENTS
from tests.integration.conftest import DEMO_DAY
from tests.integration.large import Large

AS_OF = date.fromisoformat(DEMO_DAY)


def test_its_dated_tables_have_the_same_rows(large: Large) -> None:
    # What a run that was stopped has left.
    parts = large.shop.home / "work" / "parts"
    left = parts / "customer_categories" / DEMO_DAY / "000099.parquet"
    left.parent.mkdir(parents=True)
    large.at_once["customer_categories"].write_parquet(left)
    large.shop.compute(DEMO_DAY, *SEGMENTS, force="yes")
    assert not parts.exists()
    for name, rows in large.at_once.items():
        assert_frame_equal(large.shop.partition(name, DEMO_DAY), rows, rel_tol=1e-12)


def test_the_same_is_known_of_it(large: Large, tmp_path: Path) -> None:
    write_known(tmp_path, large.facts, as_of=AS_OF, consent_without_flag=False)
    for name, rows in large.known.items():
        key = KNOWN[name].key
        assert_frame_equal(pl.read_parquet(tmp_path / name).sort(key), rows.sort(key))


def test_a_model_that_ranks_customers_ranks_all_of_them(large: Large, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.core.outlook.backtest.CANDIDATES", ("base_rate", "rfm_sum"))
    training = train(_sources(large.facts), as_of=AS_OF, settings=large.settings.churn)
    assert training.chosen == "rfm_sum"
    found = [
        pl.concat(
            part.rows["churn_risk"].collect()
            for part in _scored(facts, training, {"model_id": "ranks"}, AS_OF, large.settings)
        )
        for facts in (large.facts, replace(large.facts, bounds=()))
    ]
    assert_frame_equal(*(rows.sort("customer_id") for rows in found), rel_tol=1e-12)
