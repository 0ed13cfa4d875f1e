"""A shop so large that its customers are computed some after the others: its rows are those of a shop computed at once."""

import shutil
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.assets.dated import facts_now
from pipeline.configuration import load_settings
from pipeline.fact_files import write_known
from pipeline.resources import Home
from schemas.registry import KNOWN, SEGMENTS
from tests.integration.conftest import DEMO_DAY
from tests.scenario import Shop


def test_a_shop_in_buckets_has_the_rows_of_one_that_is_computed_at_once(
    demo_night: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path / "shop", demo_night.environment)
    shutil.copytree(demo_night.folder, shop.folder)
    at_once = {name: shop.partition(name, DEMO_DAY) for name in SEGMENTS}
    known = {name: pl.read_parquet(shop.home / "work" / "known" / name) for name in KNOWN}
    for setting, rows in (
        ("facts.ROWS_BY_MONTH", 1),
        ("facts.ROWS_PER_BUCKET", 10_000),
        ("fact_making.ROWS_PER_GROUP", 500),
        ("assets.dated.ROWS_AT_ONCE", 1_000),
    ):
        monkeypatch.setattr(f"pipeline.{setting}", rows)
    # So that they are made anew, by month.
    shutil.rmtree(shop.home / "work" / "facts")
    # What a run that was stopped has left.
    left = shop.home / "work" / "parts" / "customer_categories" / DEMO_DAY / "000099.parquet"
    left.parent.mkdir(parents=True)
    at_once["customer_categories"].write_parquet(left)
    shop.compute(DEMO_DAY, *SEGMENTS, force="yes")
    assert not (shop.home / "work" / "parts").exists()
    settings = load_settings(shop.config, home=shop.home)
    facts = facts_now(Home.of(settings), settings)
    assert len(facts.buckets()) > 3
    for name, rows in at_once.items():
        key = SEGMENTS[name].key
        assert_frame_equal(shop.partition(name, DEMO_DAY).sort(key), rows.sort(key), rel_tol=1e-12)
    write_known(tmp_path / "known", facts, as_of=date.fromisoformat(DEMO_DAY), consent_without_flag=False)
    for name, rows in known.items():
        key = KNOWN[name].key
        assert_frame_equal(pl.read_parquet(tmp_path / "known" / name).sort(key), rows.sort(key))
