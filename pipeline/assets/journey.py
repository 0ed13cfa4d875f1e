"""The assets of the customer journey in group `segments`: carts, stages and channels at an as_of date, from one step."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import (
    Frames,
    collected,
    compute_segments,
    known_customers,
    read,
    read_segments,
    segment_specs,
)
from pipeline.core.behaviour.channels import compare_channels
from pipeline.core.behaviour.journey import convert_stages, find_abandoned_carts, follow_customers, touchpoints_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings

TABLES = ("abandoned_carts", "customer_journey", "stage_conversion", "channel_consistency")


def journey_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Abandoned carts, the journey of every customer with its conversion by stage, and how alike the channels are."""
    return [_journey(settings)]


def _journey(settings: Settings) -> dg.AssetsDefinition:
    # The surveys by way of nps_responses.
    reads = ("touchpoints", "customers", "orders", "reviews", "survey_responses", "survey_answers")
    specs = segment_specs(*TABLES, reads=reads, settings=settings, after=("rfm", "nps_responses"))

    @dg.multi_asset(name="journey", specs=specs, pool=POOL)
    def journey(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        zone, by = settings.shop.time_zone, settings.journey

        def compute(as_of: date) -> Frames:
            touchpoints, customers, orders, reviews = read(home, *reads[:4])
            known = orders_as_of(orders, as_of=as_of, time_zone=zone, valid_statuses=settings.rfm.valid_statuses)
            said = (*read_segments(home, as_of, "nps_responses"), reviews)
            people = known_customers(home, as_of, customers)
            (seen,) = collected(touchpoints_as_of(touchpoints, people, as_of=as_of, time_zone=zone, months=by.months))
            carts = find_abandoned_carts(seen, orders, as_of=as_of, time_zone=zone, settings=by)
            (journeys,) = collected(follow_customers(seen, orders, *said, as_of=as_of, time_zone=zone, settings=by))
            channels = compare_channels(known, *said, as_of=as_of, time_zone=zone, settings=by)
            frames = (carts, journeys, convert_stages(journeys, said[0], settings=by), channels)
            return dict(zip(TABLES, frames, strict=True))

        yield from compute_segments(context, home, reads, compute)

    return journey
