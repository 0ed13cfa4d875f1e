"""The assets of group `scores`: who is about to leave, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.segments import Frames, compute_segments, read, segment_specs
from pipeline.core.outlook.churn_rule import band_customers
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings


def score_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Churn risk."""
    reads = ("orders",)

    @dg.multi_asset(pool=POOL, name="churn_risk", specs=segment_specs("churn_risk", reads=reads, settings=settings))
    def churn_risk(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(as_of: date) -> Frames:
            bands = band_customers(
                *read(home, *reads),
                as_of=as_of,
                time_zone=settings.shop.time_zone,
                valid_statuses=settings.rfm.valid_statuses,
                settings=settings.churn,
            )
            return {"churn_risk": bands}

        yield from compute_segments(context, home, reads, compute)

    return [churn_risk]
