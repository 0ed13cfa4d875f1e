"""The asset step of what customers went through: promises, care for reviews, reviews to doubt, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import Frames, collected, compute_segments, read, segment_specs
from pipeline.core.attitude.promise import promise_impact
from pipeline.core.attitude.review_flags import review_flags
from pipeline.core.attitude.reviews import review_care, reviews_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings


def experience_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Promise impact, review care and review flags, in one step."""
    reads = ("orders", "order_lines", "reviews", "survey_responses", "survey_answers")
    specs = segment_specs("promise_impact", "review_care", "review_flags", reads=reads, settings=settings)

    @dg.multi_asset(name="experience", specs=specs, pool=POOL)
    def experience(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(as_of: date) -> Frames:
            orders, lines, reviews, responses, answers = read(home, *reads)
            time_zone, by = settings.shop.time_zone, settings.experience
            known = orders_as_of(orders, as_of=as_of, time_zone=time_zone, valid_statuses=settings.rfm.valid_statuses)
            (written,) = collected(reviews_as_of(reviews, known, as_of=as_of, time_zone=time_zone))
            return {
                "promise_impact": promise_impact(
                    known, written, responses, answers, as_of=as_of, time_zone=time_zone, sci=settings.sci, settings=by
                ),
                "review_care": review_care(written, lines, as_of=as_of, time_zone=time_zone, settings=by),
                "review_flags": review_flags(written, as_of=as_of, settings=by),
            }

        yield from compute_segments(context, home, reads, compute)

    return [experience]
