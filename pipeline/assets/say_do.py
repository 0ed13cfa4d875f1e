"""The assets of what customers say against what they do, one partition per as_of date."""

from collections.abc import Iterator
from datetime import date

import dagster as dg

from pipeline.assets.dated import Frames, compute_segments, read_segments, segment_specs
from pipeline.core.attitude.say_do import count_cells, name_cells
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
        def compute(as_of: date) -> Frames:
            cells = name_cells(*read_segments(home, as_of, *after), settings=settings.say_do)
            return {"say_do": cells, "say_do_cells": count_cells(cells)}

        yield from compute_segments(context, home, reads, compute)

    return [say_do]
