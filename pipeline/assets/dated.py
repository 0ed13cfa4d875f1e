"""What the steps of dated tables share: reading the lake, computing a date, storing its partition. No single table belongs here."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TypeAlias

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import as_of_date, daily_partitions, row_count, table_spec
from pipeline.core.ingest.identity import resolve
from pipeline.resources import Home
from pipeline.settings import Settings
from pipeline.warehouse.build_file import newest_as_of
from schemas.registry import ENTITIES, RECORDS, SEGMENTS, TABLES, Table

KINDS = {"polars", "deltalake"}


Frames: TypeAlias = dict[str, pl.LazyFrame]
"""Segment tables by name."""


def read(home: Home, *names: str) -> list[pl.LazyFrame]:
    """Lake tables as the core takes them: every customer is named as the one that it belongs to."""
    identity = home.lake.scan(RECORDS["identity"])
    frames = {name: home.lake.scan(ENTITIES[name]) for name in names}
    if not identity.select(pl.len()).collect().item():
        return list(frames.values())
    for name in names:
        for column in ("customer_id", "referred_customer_id"):
            if column in ENTITIES[name].polars_schema:
                frames[name] = resolve(frames[name], identity, column=column)
    if "customers" in frames:
        # Of several accounts of one person the first counts, as in int_customers_resolved.
        first = frames["customers"].sort("registered_at", nulls_last=True)
        frames["customers"] = first.unique("customer_id", keep="first", maintain_order=True)
    return list(frames.values())


def named(home: Home, table: Table) -> pl.LazyFrame:
    """All rows of a table, also those of several accounts of one person, by the name of the person."""
    return resolve(home.lake.scan(table), home.lake.scan(RECORDS["identity"]))


def read_segments(home: Home, as_of: date, *names: str) -> list[pl.LazyFrame]:
    """Partitions of one as_of date as the core takes them."""
    return [home.lake.scan_as_of(SEGMENTS[name], as_of) for name in names]


def known_customers(home: Home, as_of: date, customers: pl.LazyFrame) -> pl.LazyFrame:
    """Those of the lake's customers who are known at a date: its RFM has a row for each of them."""
    (rfm,) = read_segments(home, as_of, "rfm")
    return customers.join(rfm.select("customer_id"), on="customer_id", how="semi")


def collected(*frames: pl.LazyFrame) -> list[pl.LazyFrame]:
    """The same rows, computed now and together: what several tables rest on is then made once, however deep it lies.

    The streaming engine of polars computes a cached frame anew where caches rest on caches: ten times the work for themes,
    and hundreds of threads for journeys, of which it has 512 and then waits for ever.
    """
    found = pl.collect_all(frames, engine="streaming")
    return [frame.lazy() for frame in found]


def compute_segments(
    context: dg.AssetExecutionContext,
    home: Home,
    reads: tuple[str, ...],
    compute: Callable[[date], Frames],
) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
    """Compute the tables of the run's date, store each as the partition of its table, and record which versions were read.

    An edition shows the newest date: where a run for an older one has brought something new, that date is computed too.
    """
    as_of = as_of_date(context)
    versions = {name: home.lake.version(TABLES[name]) for name in (*reads, "identity")}
    newest = newest_as_of(home.lake)
    results = _write(home, as_of, compute(as_of), versions)
    yield from results
    if newest is not None and newest > as_of and _is_stale(home, newest, results[0].asset_key, versions):
        _write(home, newest, compute(newest), versions)


def _write(home: Home, as_of: date, frames: Frames, versions: dict[str, int]) -> list[dg.MaterializeResult]:  # type: ignore[type-arg]
    computed = pl.collect_all(frames.values(), engine="streaming")
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
    deps = [asset_keys.table(name) for name in (*reads, "identity", *after)]
    return [
        dg.AssetSpec(**table_spec(name, kinds=KINDS, deps=deps), partitions_def=daily_partitions(settings))
        for name in names
    ]
