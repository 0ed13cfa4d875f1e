"""The assets of the Net Promoter Score and of the themes behind it, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import collected, compute_segments, read_segments, segment_specs
from pipeline.core.attitude.nps import classify_promoters, count_invited, count_nps_responses, nps_index
from pipeline.core.attitude.themes import find_themes, nps_by_theme, theme_coverage
from pipeline.core.facts.orders import orders_as_of
from pipeline.fact_files import Facts
from pipeline.parts import Frames
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings


def attitude_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The Net Promoter Score, its responses and customers, and the themes of comments: one step."""
    reads = ("survey_responses", "survey_answers", "customers", "survey_invitations", "orders", "reviews")
    names = ("nps_responses", "nps", "nps_index", "comment_themes", "theme_coverage", "nps_themes")
    specs = segment_specs(*names, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="nps", specs=specs, pool=POOL)
    def nps(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def past(facts: Facts, as_of: date) -> Frames:
            responses, _, _, invitations, *_ = (facts.scan(name) for name in reads)
            (rfm,) = read_segments(facts, as_of, "rfm")
            (counted,) = collected(count_nps_responses(responses, rfm, as_of=as_of, settings=settings.nps))
            invited = count_invited(invitations, responses, rfm, as_of=as_of, settings=settings.nps)
            return {
                "nps_responses": counted,
                "nps": classify_promoters(counted, as_of=as_of),
                "nps_index": nps_index(counted, responses, invited, rfm, as_of=as_of, settings=settings.nps),
            }

        def compute(facts: Facts, as_of: date) -> Frames:
            scores = past(facts, as_of)
            responses, reviews, by = facts.scan("survey_responses"), facts.scan("reviews"), settings.themes
            (rfm,) = read_segments(facts, as_of, "rfm")
            known = orders_as_of(facts.scan("orders"), as_of=as_of)
            found = find_themes(responses, reviews, scores["nps_responses"], rfm, known, as_of=as_of, settings=by)
            (themes,) = collected(found)
            return scores | {
                "comment_themes": themes,
                "theme_coverage": theme_coverage(themes, as_of=as_of, settings=by),
                "nps_themes": nps_by_theme(themes, as_of=as_of, settings=by),
            }

        yield from compute_segments(context, home, settings, reads, compute, past=past)

    return [nps]
