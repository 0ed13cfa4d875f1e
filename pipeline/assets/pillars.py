"""The asset step of the pillars of convenience, per customer and of the shop, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import Frames, collected, compute_segments, read_segments, segment_specs
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.loyalty.pillars import convenience_pillars, customer_pillars, find_replies, judge_deliveries
from pipeline.fact_files import Facts
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings


def pillar_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The pillars of convenience, in one step."""
    reads = ("orders", "order_lines", "touchpoints", "reviews", "customers")
    specs = segment_specs("customer_pillars", "convenience_pillars", reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="pillars", specs=specs, pool=POOL)
    def pillars(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Frames:
            lines, touchpoints, reviews = (facts.scan(name) for name in ("order_lines", "touchpoints", "reviews"))
            known = orders_as_of(facts.scan("orders"), as_of=as_of)
            (rfm,) = read_segments(facts, as_of, "rfm")
            deliveries, replies = collected(
                judge_deliveries(known, lines, as_of=as_of),
                find_replies(reviews, touchpoints, known, as_of=as_of, time_zone=settings.shop.time_zone),
            )
            return {
                "customer_pillars": customer_pillars(deliveries, replies, rfm, as_of=as_of),
                "convenience_pillars": convenience_pillars(deliveries, replies, as_of=as_of, settings=settings.pillars),
            }

        yield from compute_segments(context, home, settings, reads, compute)

    return [pillars]
