"""The asset step of customer experience: promises, review care, doubtful reviews, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import collected, compute_segments, read_segments, segment_specs
from pipeline.core.attitude.promise import promise_impact
from pipeline.core.attitude.review_flags import review_flags
from pipeline.core.attitude.reviews import review_care
from pipeline.core.attitude.statements import statements_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.fact_files import Facts
from pipeline.parts import Frames
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings


def experience_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Promise impact, review care and review flags, in one step."""
    reads = ("orders", "order_lines", "reviews", "survey_responses", "survey_answers", "customers")
    tables = ("promise_impact", "review_care", "review_flags")
    specs = segment_specs(*tables, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="experience", specs=specs, pool=POOL)
    def experience(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Frames:
            orders, lines, reviews, responses = (facts.scan(name) for name in reads[:4])
            zone, by = settings.shop.time_zone, settings.experience
            known = orders_as_of(orders, as_of=as_of)
            (rfm,) = read_segments(facts, as_of, "rfm")
            (written,) = collected(reviews_as_of(reviews, known, as_of=as_of))
            (said,) = collected(statements_as_of(written, responses, rfm, as_of=as_of))
            return {
                "promise_impact": promise_impact(known, said, as_of=as_of, settings=by),
                "review_care": review_care(written, lines, as_of=as_of, time_zone=zone, settings=by),
                "review_flags": review_flags(written, as_of=as_of, settings=by),
            }

        yield from compute_segments(context, home, settings, reads, compute)

    return [experience]
