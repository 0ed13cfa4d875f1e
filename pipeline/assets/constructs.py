"""The assets of the constructs that surveys measure: scores, reliability and drivers, one partition per as_of date."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import as_of_date
from pipeline.assets.dated import collected, compute_segments, read_segments, segment_specs
from pipeline.core.attitude.constructs import (
    Answered,
    ConstructCounts,
    add_answers,
    construct_items,
    construct_scores,
    count_constructs,
    reliability,
    withheld_constructs,
)
from pipeline.core.attitude.drivers import complete_scores, importance_table, rank_drivers
from pipeline.core.attitude.survey_settings import ConstructSettings, OutcomeSettings
from pipeline.fact_files import Facts
from pipeline.parts import Found, Rows
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
        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            items, by, plans = construct_items(settings.measures), settings.constructs, settings.driver_plans
            # Where all customers are one bucket their answers are added once; else a bucket's anew for its scores.
            known = None if facts.bounds else _added(facts, as_of=as_of, items=items)
            counted = facts.over(partial(_counted, as_of=as_of, items=items, known=known))
            measured = reliability((found.sums for found in counted), items, as_of=as_of, settings=by)
            withheld = withheld_constructs(measured)
            score = partial(_scored, as_of=as_of, items=items, by=by, plans=plans, withheld=withheld, known=known)
            scores = []
            for found in facts.over(score):
                yield found.rows
                scores.append(found.sums)
            drivers = rank_drivers(scores, plans, withheld, as_of=as_of, settings=settings.drivers)
            yield {"construct_reliability": measured.lazy(), "driver_importance": drivers.lazy()}

        for result in compute_segments(context, home, settings, reads, compute):
            if result.asset_key == asset_keys.table("driver_importance"):
                drivers = home.lake.scan_as_of(SEGMENTS["driver_importance"], as_of_date(context)).collect()
                picture = dg.MetadataValue.md(importance_table(drivers))
                result = result._replace(metadata={**(result.metadata or {}), "importance_performance": picture})
            yield result
        yield _alpha_check(home, as_of_date(context))

    return [constructs]


def _added(part: Facts, *, as_of: date, items: pl.DataFrame) -> Answered:
    (rfm,) = read_segments(part, as_of, "rfm")
    return add_answers(part.scan("survey_responses"), part.scan("survey_answers"), rfm, items, as_of=as_of)


def _counted(part: Facts, *, as_of: date, items: pl.DataFrame, known: Answered | None) -> Found[ConstructCounts]:
    """What the complete responses of some customers add up to; `known` are their answers where these were added before."""
    return Found({}, count_constructs(known or _added(part, as_of=as_of, items=items)))


def _scored(
    part: Facts,
    *,
    as_of: date,
    items: pl.DataFrame,
    by: ConstructSettings,
    plans: Mapping[str, OutcomeSettings],
    withheld: pl.DataFrame,
    known: Answered | None,
) -> Found[dict[str, pl.DataFrame]]:
    """The scores of some customers, and again the complete ones, which drivers are found in; `known` as in `_counted`."""
    answered = known or _added(part, as_of=as_of, items=items)
    (scores,) = collected(construct_scores(answered, withheld, as_of=as_of, settings=by))
    return Found({"construct_scores": scores}, complete_scores(scores, plans, withheld))


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
