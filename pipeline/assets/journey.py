"""The assets of the customer journey in group `segments`: carts, stages and channels at an as_of date, from one step."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import Frames, collected, compute_segments, read_segments, segment_specs
from pipeline.core.behaviour.cart_products import find_cart_products
from pipeline.core.behaviour.channels import compare_channels
from pipeline.core.behaviour.engagement import engage_customers, interactions, repurchase_by_engagement
from pipeline.core.behaviour.influence import touchpoint_influence
from pipeline.core.behaviour.journey import (
    convert_stages,
    find_abandoned_carts,
    follow_customers,
    months_of,
    praise,
    touchpoints_as_of,
)
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.fact_files import Facts
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings

TABLES = ("abandoned_carts", "abandoned_cart_products", "customer_journey", "stage_conversion", "channel_consistency")
ENGAGEMENT = ("customer_engagement", "engagement_repurchase", "touchpoint_influence")


def journey_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Abandoned carts, customers' journeys, conversion by stage, how alike the channels are, and engagement."""
    return [_journey(settings), _engagement(settings)]


def _journey(settings: Settings) -> dg.AssetsDefinition:
    # Surveys are read through nps_responses.
    reads = ("touchpoints", "customers", "orders", "reviews", "survey_responses", "survey_answers", "products")
    specs = segment_specs(*TABLES, reads=reads, settings=settings, after=("rfm", "nps_responses"))

    @dg.multi_asset(name="journey", specs=specs, pool=POOL)
    def journey(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        zone, by = settings.shop.time_zone, settings.journey

        def compute(facts: Facts, as_of: date) -> Frames:
            touchpoints, _, orders, reviews = (facts.scan(name) for name in reads[:4])
            rfm, answered = read_segments(facts, as_of, "rfm", "nps_responses")
            known = orders_as_of(orders, as_of=as_of)
            recent = touchpoints_as_of(touchpoints, rfm, known, as_of=as_of, months=by.months)
            seen, answered = collected(recent, answered)
            praised = praise(answered, reviews, as_of=as_of, settings=by)
            journeys = follow_customers(seen, known, praised, months=months_of(seen), as_of=as_of, settings=by)
            abandoned = find_abandoned_carts(seen, known, as_of=as_of, time_zone=zone, settings=by)
            journeys, abandoned = collected(journeys, abandoned)
            return {
                "abandoned_carts": abandoned,
                "abandoned_cart_products": find_cart_products(
                    seen, abandoned, facts.scan("products"), as_of=as_of, currency=settings.shop.currency
                ),
                "customer_journey": journeys,
                "stage_conversion": convert_stages(journeys, answered, settings=by),
                "channel_consistency": compare_channels(
                    known, answered, facts.scan("survey_responses"), reviews, as_of=as_of, settings=by
                ),
            }

        yield from compute_segments(context, home, settings, reads, compute)

    return journey


def _engagement(settings: Settings) -> dg.AssetsDefinition:
    reads = ("touchpoints", "customers", "orders", "reviews")
    specs = segment_specs(*ENGAGEMENT, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="engagement", specs=specs, pool=POOL)
    def engagement(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        by = settings.engagement

        def compute(facts: Facts, as_of: date) -> Frames:
            touchpoints, _, orders, reviews = (facts.scan(name) for name in reads)
            (rfm,) = read_segments(facts, as_of, "rfm")
            known = orders_as_of(orders, as_of=as_of)
            recent = touchpoints_as_of(touchpoints, rfm, known, as_of=as_of, months=by.months)
            written = reviews_as_of(reviews, known, as_of=as_of).join(rfm, on="customer_id", how="semi")
            seen, found = collected(recent, interactions(recent, written))
            return {
                "customer_engagement": engage_customers(found, as_of=as_of, settings=by),
                "engagement_repurchase": repurchase_by_engagement(found, known, as_of=as_of, settings=by),
                "touchpoint_influence": touchpoint_influence(seen, known, as_of=as_of, settings=by),
            }

        yield from compute_segments(context, home, settings, reads, compute)

    return engagement
