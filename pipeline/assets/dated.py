"""What the steps of dated tables share: reading the lake, computing a date, storing its partition. No single table belongs here."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeAlias

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import as_of_date, daily_partitions, row_count, table_spec
from pipeline.facts import FACTS, Facts, Rules, facts_of
from pipeline.resources import Home
from pipeline.settings import Settings
from pipeline.warehouse.build_file import newest_as_of
from schemas.registry import RECORDS, SEGMENTS, TABLES

KINDS = {"polars", "deltalake"}


Frames: TypeAlias = dict[str, pl.LazyFrame]
"""Segment tables by name."""


def facts_now(home: Home, settings: Settings) -> Facts:
    """The facts of the lake as it is now."""
    rates = settings.currency.rates
    rules = Rules(
        settings.shop.time_zone,
        settings.rfm.valid_statuses,
        settings.sci.boxes,
        count_free=settings.orders.free_orders == "count",
        language=settings.shop.language,
        themes=settings.themes.known_themes,
        currency=settings.shop.currency,
        rates=str(rates) if rates else None,
        rates_digest=hashlib.sha256(rates.read_bytes()).hexdigest() if rates else None,
        max_rate_age_days=settings.currency.max_rate_age_days,
    )
    return facts_of(home.facts, home.lake, rules)


def read_segments(home: Home, facts: Facts, as_of: date, *names: str) -> list[pl.LazyFrame]:
    """Partitions of one as_of date as the core takes them: customers and orders by number."""
    return [facts.numbered(home.lake.scan_as_of(SEGMENTS[name], as_of)) for name in names]


def collected(*frames: pl.LazyFrame) -> list[pl.LazyFrame]:
    """The same rows, computed now and together, so that whatever several tables share is computed once.

    The streaming engine of polars recomputes a cached frame when caches are nested. For themes that is ten times the work;
    for journeys it takes hundreds of threads, and beyond 512 the engine waits for ever.
    """
    found = pl.collect_all(frames, engine="streaming")
    return [frame.lazy() for frame in found]


def compute_segments(
    context: dg.AssetExecutionContext,
    home: Home,
    settings: Settings,
    reads: tuple[str, ...],
    compute: Callable[[Facts, date], Frames],
) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
    """Compute the tables of the run's date, store each as a partition, and record which lake versions were read.

    An edition shows the newest date: if a run for an older date brought new data, the newest is computed again too.
    """
    as_of = as_of_date(context)
    versions = {name: home.lake.version(TABLES[name]) for name in (*reads, "identity")}
    newest = newest_as_of(home.lake)
    facts = facts_now(home, settings)
    results = _write(home, facts, as_of, compute(facts, as_of), versions)
    yield from results
    if newest is not None and newest > as_of and _is_stale(home, newest, results[0].asset_key, versions):
        _write(home, facts, newest, compute(facts, newest), versions)


def _write(
    home: Home, facts: Facts, as_of: date, frames: Frames, versions: dict[str, int]
) -> list[dg.MaterializeResult]:  # type: ignore[type-arg]
    computed = pl.collect_all([facts.named(rows) for rows in frames.values()], engine="streaming")
    results: list[dg.MaterializeResult] = []  # type: ignore[type-arg]
    for name, rows in zip(frames, computed, strict=True):
        table = SEGMENTS[name]
        table.model.validate(rows.select(table.polars_schema.names()))
        home.lake.replace_as_of(table, as_of, rows)
        metadata = row_count(rows.height, version=home.lake.version(table))
        results.append(dg.MaterializeResult(asset_key=asset_keys.table(name), metadata=metadata))
    records = pl.DataFrame(
        [(as_of, name, lake_table, version) for name in frames for lake_table, version in versions.items()],
        schema=RECORDS["lake_reads"].polars_schema,
        orient="row",
    )
    home.lake.merge(RECORDS["lake_reads"], records.lazy())
    return results


def _is_stale(home: Home, as_of: date, key: dg.AssetKey | None, versions: dict[str, int]) -> bool:
    """Whether the partition of a date was computed from other versions of the lake."""
    assert key is not None
    reads = home.lake.scan(RECORDS["lake_reads"]).filter(pl.col("as_of_date") == as_of, segment_table=key.path[-1])
    return dict(reads.select("lake_table", "version").collect().iter_rows()) != versions


def segment_specs(
    *names: str, reads: tuple[str, ...], settings: Settings, after: tuple[str, ...] = ()
) -> list[dg.AssetSpec]:
    """The specs of assets that one step computes from the lake tables `reads` and the dated tables `after`."""
    deps = [asset_keys.fact(name) if name in FACTS else asset_keys.table(name) for name in (*reads, *after)]
    return [
        dg.AssetSpec(**table_spec(name, kinds=KINDS, deps=deps), partitions_def=daily_partitions(settings))
        for name in names
    ]
