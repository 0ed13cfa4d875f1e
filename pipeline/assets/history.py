"""The assets of group `segments` about all kinds of segments: changes and migration since the date before, and sizes."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import daily_partitions, table_spec
from pipeline.assets.dated import (
    KINDS,
    compute_segments,
    currency_of,
    dates_to_compute,
    facts_now,
    past_of,
    record_reads,
    report,
    segment_specs,
)
from pipeline.core.behaviour.cut_points import stored_cut_points
from pipeline.core.behaviour.history import (
    WAY,
    compare_segments,
    migration_of,
    neighbours_of,
    segments_known,
    segments_of,
    with_recorded_causes,
)
from pipeline.core.behaviour.rfm import rescore_segments
from pipeline.core.behaviour.segment_sizes import count_sizes, segment_sizes
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.facts.customers import one_per_person, with_persons
from pipeline.core.frames import Frame, add_up
from pipeline.fact_files import Facts
from pipeline.lake import Lake, Stored
from pipeline.parts import Frames, Parts, store
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from pipeline.warehouse.build_file import newest_as_of
from schemas.faults import require
from schemas.history import SEGMENT_KINDS
from schemas.registry import RECORDS, SEGMENTS

CHANGES, MIGRATION, SIZES = "segment_changes", "segment_migration", "segment_sizes"


def history_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Changes, migration and sizes of every kind of segment."""
    after = [
        asset_keys.table(name)
        for name in (
            *(table for table, _ in SEGMENT_KINDS.values()),
            *("rfm_cut_points", "segment_map", "churn_model_card"),
        )
    ]
    specs = [
        dg.AssetSpec(**table_spec(name, kinds=KINDS, deps=after), partitions_def=daily_partitions(settings))
        for name in (CHANGES, MIGRATION)
    ]

    @dg.multi_asset(name="history", specs=specs, pool=POOL)
    def history(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        facts = facts_now(home, settings)
        days = [*past_of(context, home, settings, facts), *dates_to_compute(context, home)]
        # A run for an older date may have computed the newest one again.
        computed = sorted({*days, newest_as_of(home.lake) or days[-1]})
        record_history(facts, computed, settings.rfm, settings.shop.currency)
        for name in (CHANGES, MIGRATION):
            rows = home.lake.scan(SEGMENTS[name]).filter(pl.col("as_of_date").is_in(days))
            found = dict(rows.group_by("as_of_date").len().collect().iter_rows())
            counts = {day: found.get(day, 0) for day in days}
            yield report(context, home, name, counts, currency=settings.shop.currency)

    return [history, _sizes(settings)]


def _sizes(settings: Settings) -> dg.AssetsDefinition:
    after = tuple(table for table, _ in SEGMENT_KINDS.values())

    @dg.multi_asset(
        name="sizes", specs=segment_specs(SIZES, reads=("customers",), settings=settings, after=after), pool=POOL
    )
    def sizes(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Frames:
            return {SIZES: segment_sizes(facts.over(partial(_sized, as_of=as_of)), as_of=as_of)}

        yield from compute_segments(context, home, settings, ("customers",), compute, past=compute)

    return sizes


def _sized(part: Facts, *, as_of: date) -> pl.DataFrame:
    """What a bucket's customers add to the sizes of segments."""
    segments, scores = segments_of(_segment_tables(part, as_of)), part.own_dated("rfm", as_of)
    return count_sizes(segments, scores).collect(engine="streaming")


def _segment_tables(part: Facts, as_of: date) -> dict[str, tuple[Frame, str]]:
    """Kind of segment -> its table at a date, of a bucket's customers, and its column there."""
    return {kind: (part.own_dated(table, as_of), column) for kind, (table, column) in SEGMENT_KINDS.items()}


def record_history(facts: Facts, days: Sequence[date], settings: RfmSettings, currency: str) -> None:
    """Write the changes and the migration of dates, and of the next date after each, which is compared with it.

    The amounts of these dates are in `currency`; of another currency the cut points of a date tell nothing.

    A date counts as a neighbour once its history is recorded, even if retention has since dropped its segments; then why
    customers moved stays as it was recorded. The changes of all dates are written in one commit: only some of them would
    make a different history.
    """
    lake = facts.lake
    recorded = {*lake.dates(SEGMENTS[CHANGES]), *_recorded(lake), *days}
    near = {day: neighbours_of(day, recorded) for day in days}
    following = {later.later for later in near.values() if later.later}
    near |= {day: neighbours_of(day, recorded) for day in following}
    kept = {kind: {*lake.dates(SEGMENTS[table])} for kind, (table, _) in SEGMENT_KINDS.items()}
    versions = {table: lake.version(SEGMENTS[table]) for table, _ in SEGMENT_KINDS.values()}

    def currency_on(day: date) -> str:
        return currency if day in days else currency_of(lake, day, now=currency)

    def pair_of(day: date) -> _Pair:
        before = near[day].earlier
        return _Pair(day, before, before is not None and currency_on(before) == currency_on(day))

    def migration(pair: _Pair, ways: pl.DataFrame) -> pl.DataFrame:
        day, before = pair.as_of, pair.from_date
        found = migration_of(ways.lazy(), from_date=before, as_of=day, min_n=settings.min_n).collect()
        # Scores of a date tell why by cut points that are kept, bands by the models of both dates.
        needed = {"rfm": {day}, "churn": {day, before or day}}
        if untold := [kind for kind, of in needed.items() if not of <= kept[kind]]:
            found = with_recorded_causes(found, lake.scan_as_of(SEGMENTS[MIGRATION], day).collect(), untold=untold)
        return found

    pairs = [pair_of(day) for day in sorted(near)]
    changes = {pair.as_of: Parts(lake, SEGMENTS[CHANGES]) for pair in pairs}
    ways: dict[date, list[pl.DataFrame]] = {pair.as_of: [] for pair in pairs}
    for of_bucket in facts.over(partial(_compared, pairs=pairs, days=frozenset(days))):
        for day, found in of_bucket.items():
            changes[day].add(found.changes)
            ways[day].append(found.ways)
    rows_of: dict[str, Mapping[date, pl.DataFrame | list[Stored]]] = {
        CHANGES: {day: parts.rows for day, parts in changes.items()},
        MIGRATION: {pair.as_of: migration(pair, add_up(ways[pair.as_of], by=WAY)) for pair in pairs},
    }
    for name, by_day in rows_of.items():
        if in_memory := [rows for rows in by_day.values() if isinstance(rows, pl.DataFrame)]:
            require(pl.concat(in_memory), SEGMENTS[name].model)
        lake.replace_dates(SEGMENTS[name], by_day)
    record_reads(lake, [(day, name) for day in days for name in (CHANGES, MIGRATION)], versions)


@dataclass(frozen=True)
class _Pair:
    """A date, and the recorded one before it, if there is one; `is_comparable`: amounts of both are in one currency."""

    as_of: date
    from_date: date | None
    is_comparable: bool


@dataclass(frozen=True)
class _Moved:
    """What became of a bucket's customers at a date: the `changes`, and the `ways` that they went (`Comparison`)."""

    changes: pl.DataFrame | Stored
    ways: pl.DataFrame


def _compared(part: Facts, *, pairs: Sequence[_Pair], days: Collection[date]) -> dict[date, _Moved]:
    """What became of a bucket's customers at each date; the segments of `days` are those of the dated tables, of others as recorded.

    The rows name customers as on their date, so those of a bucket are stored here, and nobody puts names back.
    """
    identity = _people(part)

    @lru_cache(maxsize=2)
    def segments_on(day: date) -> pl.DataFrame:
        if day in days:
            return segments_of(_segment_tables(part, day)).collect(engine="streaming")
        return segments_known(part.own_dated(CHANGES), by=day).collect(engine="streaming")

    def compare(pair: _Pair) -> _Moved:
        day, before = pair.as_of, pair.from_date
        rescored = _rescored(part, day, before) if before and pair.is_comparable else None
        remodelled = _remodelled(part, day, before, identity) if before else None
        # One kind after the other, as comparing holds all customers of both dates.
        compared = [
            compare_segments(
                segments_on(before or date.min).lazy().filter(kind=kind),
                segments_on(day).lazy().filter(kind=kind),
                rescored if kind == "rfm" else None,
                remodelled if kind == "churn" else None,
                identity=identity,
                as_of=day,
            )
            for kind in SEGMENT_KINDS
        ]
        found = [pl.collect_all([each.changes, each.ways], engine="streaming") for each in compared]
        changes, ways = (pl.concat(parts) for parts in zip(*found, strict=True))
        return _Moved(store(part.lake, SEGMENTS[CHANGES], changes) if part.bucket else changes, ways)

    return {pair.as_of: compare(pair) for pair in pairs}


def _people(part: Facts) -> Frame:
    """Identity, of a bucket's customers, read once."""
    names = part.lake.scan(RECORDS["identity"]).select("identifier", "kind", "customer_id")
    return part.own_by_name(names).collect(engine="streaming").lazy()


def _recorded(lake: Lake) -> list[date]:
    """The dates whose history was recorded, whether anything changed on them or not."""
    reads = lake.scan(RECORDS["lake_reads"]).filter(segment_table=CHANGES)
    return reads.select(pl.col("as_of_date").unique()).collect().to_series().to_list()


def _rescored(part: Facts, as_of: date, from_date: date) -> Frame | None:
    """The RFM segments of as_of under the cut points and map of from_date; none if these were not kept.

    Today's configuration does not tell: a map can have been edited since under the same name.
    """
    cut_points = stored_cut_points(_scan(part.lake, "rfm_cut_points", from_date).collect())
    cells = _scan(part.lake, "segment_map", from_date).collect()
    if cut_points is None or cells.is_empty():
        return None
    return rescore_segments(part.own_dated("rfm", as_of), cut_points, cells)


def _remodelled(part: Facts, as_of: date, from_date: date, identity: Frame) -> Frame:
    """Customers whose churn band at as_of is from another model than that of from_date, or at one of the dates from none.

    Two bands by the rule of days are by the same rule, whatever model stood beside it. Who has another name since is compared
    with what was known under the former one.
    """
    by = ("model_id", "method")
    before, now = (part.own_dated("churn_risk", day).select("customer_id", *by) for day in (from_date, as_of))
    of_person = one_per_person(before, identity).select("person", *by)
    is_by_model = (pl.col("method") == "model") | (pl.col("method_before") == "model").fill_null(False)
    is_another = (pl.col("model_id") != pl.col("model_id_before")).fill_null(True)
    return (
        with_persons(now, identity)
        .join(before, on="customer_id", how="left", suffix="_own")
        .join(of_person, on="person", how="left", suffix="_former")
        .with_columns(**{f"{name}_before": pl.coalesce(f"{name}_own", f"{name}_former") for name in by})
        .filter(is_by_model & is_another)
    )


def _scan(lake: Lake, table: str, as_of: date) -> Frame:
    return lake.scan_as_of(SEGMENTS[table], as_of)
