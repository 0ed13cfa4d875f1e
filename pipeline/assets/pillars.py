"""The asset step of the pillars of convenience, per customer and of the shop, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import dagster as dg
import polars as pl

from pipeline.assets.dated import collected, compute_segments, read_segments, segment_specs
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.loyalty.pillars import (
    PillarCounts,
    convenience_pillars,
    count_pillars,
    counts_pieces,
    customer_pillars,
    find_replies,
    judge_deliveries,
)
from pipeline.fact_files import Facts
from pipeline.parts import Found, Rows
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings


def pillar_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The pillars of convenience, in one step."""
    reads = ("orders", "order_lines", "touchpoints", "reviews", "customers")
    specs = segment_specs("customer_pillars", "convenience_pillars", reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="pillars", specs=specs, pool=POOL)
    def pillars(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            measured = partial(
                _measured,
                as_of=as_of,
                time_zone=settings.shop.time_zone,
                is_counted=any(found.item() for found in facts.over(partial(_counts_pieces, as_of=as_of))),
            )
            counts = []
            for found in facts.over(measured):
                yield found.rows
                counts.append(found.sums)
            yield {"convenience_pillars": convenience_pillars(counts, as_of=as_of, settings=settings.pillars).lazy()}

        yield from compute_segments(context, home, settings, reads, compute)

    return [pillars]


def _counts_pieces(part: Facts, *, as_of: date) -> pl.DataFrame:
    """Whether the pieces of any order of some customers were counted."""
    return counts_pieces(orders_as_of(part.scan("orders"), as_of=as_of), part.scan("order_lines"))


def _measured(part: Facts, *, as_of: date, time_zone: str, is_counted: bool) -> Found[PillarCounts]:
    """The pillars of some customers, and what their deliveries and replies add up to."""
    lines, touchpoints, reviews = (part.scan(name) for name in ("order_lines", "touchpoints", "reviews"))
    known = orders_as_of(part.scan("orders"), as_of=as_of)
    (rfm,) = read_segments(part, as_of, "rfm")
    deliveries, replies = collected(
        judge_deliveries(known, lines, as_of=as_of, counts_pieces=is_counted),
        find_replies(reviews, touchpoints, known, as_of=as_of, time_zone=time_zone),
    )
    rows = customer_pillars(deliveries, replies, rfm, as_of=as_of)
    return Found({"customer_pillars": rows}, count_pillars(deliveries, replies))
