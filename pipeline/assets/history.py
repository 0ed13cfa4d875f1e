"""The assets of group `segments` about all kinds of segments: changes and migration since the date before, and sizes."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import as_of_date, daily_partitions, row_count, table_spec
from pipeline.assets.dated import KINDS, Frames, compute_segments, segment_specs
from pipeline.core.behaviour.cut_points import stored_cut_points
from pipeline.core.behaviour.history import Comparison, compare_segments, neighbours_of, segments_known, segments_of
from pipeline.core.behaviour.rfm import rescore_segments
from pipeline.core.behaviour.segment_sizes import size_segments
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.frames import Frame
from pipeline.facts import Facts
from pipeline.lake import Lake
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from pipeline.warehouse.build_file import newest_as_of
from schemas.history import SEGMENT_KINDS
from schemas.registry import RECORDS, SEGMENTS

CHANGES, MIGRATION, SIZES = "segment_changes", "segment_migration", "segment_sizes"


def history_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Changes, migration and sizes of every kind of segment."""
    after = [
        asset_keys.table(name)
        for name in (*(table for table, _ in SEGMENT_KINDS.values()), "rfm_cut_points", "churn_model_card")
    ]
    specs = [
        dg.AssetSpec(**table_spec(name, kinds=KINDS, deps=after), partitions_def=daily_partitions(settings))
        for name in (CHANGES, MIGRATION)
    ]

    @dg.multi_asset(name="history", specs=specs, pool=POOL)
    def history(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        as_of = as_of_date(context)
        # A run for an older date can compute the newest one again.
        for day in sorted({as_of, newest_as_of(home.lake) or as_of}):
            record_history(home.lake, day, settings.rfm)
        for name in (CHANGES, MIGRATION):
            rows = home.lake.scan_as_of(SEGMENTS[name], as_of).select(pl.len()).collect().item()
            metadata = row_count(rows, version=home.lake.version(SEGMENTS[name]))
            yield dg.MaterializeResult(asset_key=asset_keys.table(name), metadata=metadata)

    return [history, _sizes(settings)]


def _sizes(settings: Settings) -> dg.AssetsDefinition:
    after = tuple(table for table, _ in SEGMENT_KINDS.values())

    @dg.multi_asset(
        name="sizes", specs=segment_specs(SIZES, reads=("customers",), settings=settings, after=after), pool=POOL
    )
    def sizes(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(_: Facts, as_of: date) -> Frames:
            segments = segments_of(_segment_tables(home.lake, as_of))
            return {SIZES: size_segments(segments, _scan(home.lake, "rfm", as_of), as_of=as_of)}

        yield from compute_segments(context, home, settings, ("customers",), compute)

    return sizes


def _segment_tables(lake: Lake, as_of: date) -> dict[str, tuple[Frame, str]]:
    """Of each kind of segment its table at a date, and the column there."""
    return {kind: (_scan(lake, table, as_of), column) for kind, (table, column) in SEGMENT_KINDS.items()}


def record_history(lake: Lake, as_of: date, settings: RfmSettings) -> None:
    """Write the changes and the migration of a date, and those of the next date, whose earlier neighbour it is.

    A date counts as a neighbour once its history was recorded, also when retention has dropped its segments since. The
    changes of both dates are written in one commit: half of them would make another history.
    """
    near = neighbours_of(as_of, [*lake.dates(SEGMENTS[CHANGES]), *_recorded(lake)])
    stored: Frame = lake.scan(SEGMENTS[CHANGES])
    current = segments_of(_segment_tables(lake, as_of))
    versions = {table: lake.version(SEGMENTS[table]) for table, _ in SEGMENT_KINDS.values()}

    def compare(previous: Frame, following: Frame, from_date: date | None, day: date) -> Comparison:
        rescored = _rescored(lake, day, from_date, settings) if from_date else None
        remodelled = _remodelled(lake, day, from_date) if from_date else None
        return compare_segments(
            previous, following, rescored, remodelled, from_date=from_date, as_of=day, min_n=settings.min_n
        )

    compared = {as_of: compare(segments_known(stored, by=near.earlier or date.min), current, near.earlier, as_of)}
    if near.later:
        compared[near.later] = compare(current, segments_known(stored, by=near.later), as_of, near.later)
    frames = [frame for pair in compared.values() for frame in (pair.changes, pair.migration)]
    rows = pl.collect_all(frames, engine="streaming")
    for name, found in ((CHANGES, rows[0::2]), (MIGRATION, rows[1::2])):
        for frame in found:
            SEGMENTS[name].model.validate(frame)
        lake.replace_dates(SEGMENTS[name], dict(zip(compared, found, strict=True)))
    records = pl.DataFrame(
        [(as_of, name, table, version) for name in (CHANGES, MIGRATION) for table, version in versions.items()],
        schema=RECORDS["lake_reads"].polars_schema,
        orient="row",
    )
    lake.merge(RECORDS["lake_reads"], records.lazy())


def _recorded(lake: Lake) -> list[date]:
    """The dates whose history was recorded, whether anything changed on them or not."""
    reads = lake.scan(RECORDS["lake_reads"]).filter(segment_table=CHANGES)
    return reads.select(pl.col("as_of_date").unique()).collect().to_series().to_list()


def _rescored(lake: Lake, as_of: date, from_date: date, settings: RfmSettings) -> Frame | None:
    """The RFM segments of as_of under the cut points and map of from_date; none if these were not kept."""
    cut_points = stored_cut_points(lake.scan_as_of(SEGMENTS["rfm_cut_points"], from_date).collect())
    maps = lake.scan_as_of(SEGMENTS["rfm"], from_date).select("segment_map").head(1).collect().to_series()
    segment_map = settings.known_maps.get(maps[0]) if len(maps) else None
    if cut_points is None or segment_map is None or segment_map.bins != len(cut_points["recency"]):
        return None
    return rescore_segments(_scan(lake, "rfm", as_of), cut_points, segment_map)


def _remodelled(lake: Lake, as_of: date, from_date: date) -> Frame:
    """Customers whose churn band at as_of is from another model than that of from_date."""
    before = _scan(lake, "churn_risk", from_date).select("customer_id", model_before="model_id")
    is_another = (pl.col("model_id") != pl.col("model_before")).fill_null(True)
    by_model = _scan(lake, "churn_risk", as_of).filter(pl.col("method") == "model")
    return by_model.join(before, on="customer_id", how="left").filter(is_another)


def _scan(lake: Lake, table: str, as_of: date) -> Frame:
    return lake.scan_as_of(SEGMENTS[table], as_of)
