"""The assets of the constructs that surveys measure: scores, reliability and drivers, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import as_of_date
from pipeline.assets.dated import collected, compute_segments, read_segments, segment_specs
from pipeline.core.attitude.constructs import construct_items, score_constructs
from pipeline.core.attitude.drivers import importance_table, rank_drivers
from pipeline.fact_files import Facts
from pipeline.parts import Frames
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import SEGMENTS

CONSTRUCT_TABLES = ("construct_scores", "construct_reliability", "driver_importance")
ALPHA_CHECK = "alpha_is_not_negative"


def construct_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Scores and reliability of constructs, and the drivers of the outcome, computed in one step."""
    reads = ("survey_responses", "survey_answers", "customers")
    check = dg.AssetCheckSpec(
        ALPHA_CHECK,
        asset=asset_keys.table("construct_reliability"),
        description="No construct has a negative alpha. If it is negative over all waves, the construct is withheld from "
        "scores and drivers.",
    )

    @dg.multi_asset(
        name="constructs",
        specs=segment_specs(*CONSTRUCT_TABLES, reads=reads, settings=settings, after=("rfm",)),
        check_specs=[check],
        pool=POOL,
    )
    def constructs(
        context: dg.AssetExecutionContext, home: Home
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Frames:
            (rfm,) = read_segments(facts, as_of, "rfm")
            found = score_constructs(
                facts.scan("survey_responses"),
                facts.scan("survey_answers"),
                rfm,
                construct_items(settings.measures).lazy(),
                as_of=as_of,
                settings=settings.constructs,
            )
            scores, reliability = collected(*found)
            drivers = rank_drivers(scores, settings.driver_plans, as_of=as_of, settings=settings.drivers)
            return dict(zip(CONSTRUCT_TABLES, (scores, reliability, drivers.lazy()), strict=True))

        for result in compute_segments(context, home, settings, reads, compute):
            if result.asset_key == asset_keys.table("driver_importance"):
                drivers = home.lake.scan_as_of(SEGMENTS["driver_importance"], as_of_date(context)).collect()
                picture = dg.MetadataValue.md(importance_table(drivers))
                result = result._replace(metadata={**(result.metadata or {}), "importance_performance": picture})
            yield result
        yield _alpha_check(home, as_of_date(context))

    return [constructs]


def _alpha_check(home: Home, as_of: date) -> dg.AssetCheckResult:
    """Not blocking: the construct is withheld, and the rest of the warehouse stays correct."""
    rows = home.lake.scan_as_of(SEGMENTS["construct_reliability"], as_of)
    negative = rows.filter(pl.col("alpha") < 0).sort("alpha", "survey_id", "construct", "wave").collect()
    named = [f"{row['survey_id']}.{row['construct']} {row['wave']}: {row['alpha']:.2f}" for row in negative.to_dicts()]
    return dg.AssetCheckResult(
        check_name=ALPHA_CHECK,
        asset_key=asset_keys.table("construct_reliability"),
        passed=not named,
        severity=dg.AssetCheckSeverity.ERROR,
        description=(
            f"negative alpha: {'; '.join(named[:3])}; nearly always an item lacks reversed: true in surveys; "
            "its construct is withheld where all waves together are negative"
            if named
            else "no construct has a negative alpha"
        ),
        metadata={"negative": len(named)},
    )
