"""The assets of what customers say against what they do, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import Frames, compute_segments, read_segments, segment_specs
from pipeline.core.attitude.say_do import Sources, count_cells, name_cells
from pipeline.fact_files import Facts
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings


def say_do_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The cell of every customer, and what is in each cell."""
    reads = ("survey_responses", "survey_answers", "orders", "customers")
    after = ("sci", "nps", "rfm", "churn_risk")
    specs = segment_specs("say_do", "say_do_cells", reads=reads, settings=settings, after=after)

    @dg.multi_asset(name="say_do", specs=specs, pool=POOL)
    def say_do(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Frames:
            sci, nps, rfm, churn = read_segments(facts, as_of, *after)
            sources = Sources(sci=sci, nps=nps, rfm=rfm, churn=churn, customers=facts.scan("customers"))
            without_flag = settings.actions.consent_without_flag
            cells = name_cells(sources, settings=settings.say_do, consent_without_flag=without_flag)
            return {"say_do": cells, "say_do_cells": count_cells(cells)}

        yield from compute_segments(context, home, settings, reads, compute)

    return [say_do]
