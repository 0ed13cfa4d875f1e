"""The assets of what customers say against what they do, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import dagster as dg
import polars as pl

from pipeline.assets.dated import collected, compute_segments, read_segments, segment_specs
from pipeline.core.attitude.say_do import Sources, count_cells, name_cells
from pipeline.core.attitude.settings import SayDoSettings
from pipeline.core.frames import add_up
from pipeline.fact_files import Facts, is_consent_told
from pipeline.parts import Found, Rows
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings

AFTER = ("sci", "nps", "rfm", "churn_risk")


def say_do_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The cell of every customer, and what is in each cell."""
    reads = ("survey_responses", "survey_answers", "orders", "customers")
    specs = segment_specs("say_do", "say_do_cells", reads=reads, settings=settings, after=AFTER)

    @dg.multi_asset(name="say_do", specs=specs, pool=POOL)
    def say_do(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            named = partial(
                _named,
                as_of=as_of,
                by=settings.say_do,
                consent_without_flag=settings.actions.consent_without_flag,
                is_consent_told=is_consent_told(facts),
            )
            counts = []
            for found in facts.over(named):
                yield found.rows
                counts.append(found.sums)
            yield {"say_do_cells": add_up(counts, by=["as_of_date", "cell"]).lazy()}

        yield from compute_segments(context, home, settings, reads, compute)

    return [say_do]


def _named(
    part: Facts, *, as_of: date, by: SayDoSettings, consent_without_flag: bool, is_consent_told: bool
) -> Found[pl.DataFrame]:
    """The cells of some customers, and how many are in each."""
    sci, nps, rfm, churn = read_segments(part, as_of, *AFTER)
    sources = Sources(sci=sci, nps=nps, rfm=rfm, churn=churn, customers=part.scan("customers"))
    (cells,) = collected(
        name_cells(sources, settings=by, consent_without_flag=consent_without_flag, is_consent_told=is_consent_told)
    )
    return Found({"say_do": cells}, count_cells(cells).collect())
