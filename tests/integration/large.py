"""A shop so large that its customers are computed some after the others: the demo shop, with small limits. No expected value
belongs here."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.assets.dated import facts_now
from pipeline.configuration import load_settings
from pipeline.fact_files import Facts
from pipeline.resources import Home
from pipeline.settings import Settings
from schemas.registry import KNOWN, SEGMENTS
from tests.scenario import Shop

ROWS_PER_BUCKET = 25_000


@dataclass(frozen=True)
class Large:
    """A shop, its facts in several buckets, and what it had at once: the dated tables, and what is known."""

    shop: Shop
    settings: Settings
    facts: Facts
    at_once: dict[str, pl.DataFrame]
    known: dict[str, pl.DataFrame]


@contextmanager
def in_buckets(shop: Shop, **engine: Any) -> Iterator[Facts]:
    """The facts of a shop that is computed in buckets, as `engine` says, for as long as the context lasts: made anew, by month."""
    shutil.rmtree(shop.home / "work" / "facts")
    shop.configure(engine=engine)
    settings = load_settings(shop.config, home=shop.home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
        yield facts_now(Home.of(settings), settings)


@contextmanager
def make_large(first: Shop, folder: Path, day: str) -> Iterator[Large]:
    """A copy of a shop after its night of `day`, which is large for as long as the context lasts."""
    shop = Shop(folder, first.environment)
    shutil.copytree(first.folder, shop.folder)
    work = shop.home / "work"
    at_once = {name: shop.partition(name, day) for name in SEGMENTS}
    known = {name: pl.read_parquet(work / "known" / name) for name in KNOWN}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.fact_rows.ROWS_PER_GROUP", 500)
        patch.setattr("pipeline.parts.ROWS_AT_ONCE", 1_000)
        with in_buckets(shop, rows_per_bucket=ROWS_PER_BUCKET) as facts:
            assert len(facts.buckets()) > 3
            yield Large(shop, load_settings(shop.config, home=shop.home), facts, at_once, known)
