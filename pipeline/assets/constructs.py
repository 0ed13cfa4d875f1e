"""The assets of the constructs that surveys measure: scores, reliability and drivers, one partition per as_of date."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial
from typing import NamedTuple

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import as_of_date
from pipeline.assets.dated import collected, compute_segments, read_segments, segment_specs
from pipeline.core.attitude.constructs import (
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
from pipeline.fact_files import Facts, Kept, kept_rows
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
            counted = [*facts.over(partial(_counted, as_of=as_of, items=items))]
            measured = reliability((part.counts for part in counted), items, as_of=as_of, settings=by)
            withheld = withheld_constructs(measured)
            score = partial(_scored, as_of=as_of, by=by, plans=plans, withheld=withheld)
            scores = []
            for found in facts.over(score, [part.totals for part in counted]):
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


class _Answers(NamedTuple):
    """What the complete responses of a bucket's customers add up to, and the total of each response."""

    counts: ConstructCounts
    totals: Kept


def _counted(part: Facts, *, as_of: date, items: pl.DataFrame) -> _Answers:
    (rfm,) = read_segments(part, as_of, "rfm")
    answered = add_answers(part.scan("survey_responses"), part.scan("survey_answers"), rfm, items, as_of=as_of)
    return _Answers(count_constructs(answered), part.keep("totals", answered.totals.lazy()))


def _scored(
    _: Facts,
    totals: Kept,
    *,
    as_of: date,
    by: ConstructSettings,
    plans: Mapping[str, OutcomeSettings],
    withheld: pl.DataFrame,
) -> Found[dict[str, pl.DataFrame]]:
    """The scores of a bucket's customers, and again the complete ones, which drivers are found in."""
    (scores,) = collected(construct_scores(kept_rows(totals), withheld, as_of=as_of, settings=by))
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
