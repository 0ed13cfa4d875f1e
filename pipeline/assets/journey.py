"""The assets of the customer journey in group `segments`: carts, stages and channels at an as_of date, from one step."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.segments import Frames, collected, compute_segments, read, segment_specs
from pipeline.core.behaviour.channels import compare_channels
from pipeline.core.behaviour.journey import convert_stages, find_abandoned_carts, follow_customers, touchpoints_as_of
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings

TABLES = ("abandoned_carts", "customer_journey", "stage_conversion", "channel_consistency")


def journey_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Abandoned carts, the journey of every customer with its conversion by stage, and how alike the channels are."""
    return [_journey(settings)]


def _journey(settings: Settings) -> dg.AssetsDefinition:
    reads = ("touchpoints", "customers", "orders", "survey_responses", "survey_answers", "reviews")

    @dg.multi_asset(name="journey", specs=segment_specs(*TABLES, reads=reads, settings=settings), pool=POOL)
    def journey(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        zone, by = settings.shop.time_zone, settings.journey

        def compute(as_of: date) -> Frames:
            touchpoints, customers, orders, *said = read(home, *reads)
            (seen,) = collected(
                touchpoints_as_of(touchpoints, customers, as_of=as_of, time_zone=zone, months=by.months)
            )
            carts = find_abandoned_carts(seen, orders, as_of=as_of, time_zone=zone, settings=by)
            (journeys,) = collected(follow_customers(seen, orders, *said, as_of=as_of, time_zone=zone, settings=by))
            channels = compare_channels(orders, *said, as_of=as_of, time_zone=zone, settings=by)
            frames = (carts, journeys, convert_stages(journeys, settings=by), channels)
            return dict(zip(TABLES, frames, strict=True))

        yield from compute_segments(context, home, reads, compute)

    return journey
