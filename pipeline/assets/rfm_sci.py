"""The assets of group `segments`: what the customers of the lake are at an as_of date, one partition per date."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

import dagster as dg
import polars as pl

from pipeline.assets.dated import (
    collected,
    compute_segments,
    computed_as_past,
    currency_of,
    dates_to_compute,
    known_customers,
    past_of,
    segment_specs,
)
from pipeline.core.attitude.sci import (
    KEY_OF_COUNTS,
    classify_anonymous,
    classify_sci,
    count_classes,
    sci_index,
    surveys_asking,
)
from pipeline.core.behaviour.cut_points import CutPoints, stored_cut_points
from pipeline.core.behaviour.rfm import (
    KEY_OF_VALUES,
    Scoring,
    count_scored,
    customer_values,
    find_scoring,
    map_rows,
    score_rfm,
)
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.facts.customers import customers_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import add_up
from pipeline.fact_files import Facts, Kept, kept_rows
from pipeline.parts import Found, Rows
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import SEGMENTS


def segment_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """RFM with its cut points and map, and SCI with its index."""
    return [_rfm(settings), _sci(settings)]


def _rfm(settings: Settings) -> dg.AssetsDefinition:
    reads, tables = ("orders", "customers"), ("rfm", "rfm_cut_points", "segment_map")

    @dg.multi_asset(name="rfm", specs=segment_specs(*tables, reads=reads, settings=settings), pool=POOL)
    def rfm(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def is_in_currency(cut_points: pl.DataFrame) -> bool:
            # What this run computes is; its settings come later.
            others = {*cut_points["as_of_date"]}.difference(dates_to_compute(context, home))
            now = settings.shop.currency
            return all(currency_of(home.lake, day, now=now) == now for day in others)

        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            if not settings.rfm.freeze_cut_points:
                return score(facts, as_of, None)
            # Cut points are frozen from the first run on: each date of the past before it has its own.
            past = [*past_of(context, home, settings, facts), *computed_as_past(home.lake)]
            before = _earlier_cut_points(home, as_of, past)
            return score(facts, as_of, stored_cut_points(before) if is_in_currency(before) else None)

        def past(facts: Facts, as_of: date) -> Iterator[Rows]:
            return score(facts, as_of, None)

        def score(facts: Facts, as_of: date, frozen: CutPoints | None) -> Iterator[Rows]:
            by = settings.rfm
            counted = [*facts.over(partial(_counted, as_of=as_of, by=by))]
            counts = add_up((part.counts for part in counted), by=KEY_OF_VALUES)
            scoring = find_scoring(counts, as_of=as_of, settings=by, frozen=frozen)
            yield {
                "rfm_cut_points": scoring.cut_points.lazy(),
                "segment_map": map_rows(by.map, by.segment_map, as_of=as_of).lazy(),
            }
            score_values = partial(_scored, as_of=as_of, by=by, scoring=scoring)
            for found in facts.over(score_values, [part.values for part in counted]):
                yield found.rows

        frozen = settings.rfm.freeze_cut_points
        yield from compute_segments(context, home, settings, reads, compute, looks_back=frozen, past=past)

    return rfm


class _Values(NamedTuple):
    """How many customers of a bucket have each value, and the values of each."""

    counts: pl.DataFrame
    values: Kept


def _counted(part: Facts, *, as_of: date, by: RfmSettings) -> _Values:
    orders = orders_as_of(part.scan("orders"), as_of=as_of)
    customers = customers_as_of(part.scan("customers"), as_of=as_of)
    values = part.keep("values", customer_values(orders, customers, as_of=as_of, settings=by))
    return _Values(count_scored(kept_rows(values)).collect(engine="streaming"), values)


def _scored(_: Facts, values: Kept, *, as_of: date, by: RfmSettings, scoring: Scoring) -> Found[None]:
    """The scores of a bucket's customers."""
    return Found({"rfm": score_rfm(kept_rows(values), scoring, as_of=as_of, settings=by)}, None)


def _earlier_cut_points(home: Home, as_of: date, past: Sequence[date]) -> pl.DataFrame:
    """The cut points of the newest earlier date that is not one of `past`; no row where there is none."""
    is_earlier = (pl.col("as_of_date") < as_of) & ~pl.col("as_of_date").is_in(past)
    stored = home.lake.scan(SEGMENTS["rfm_cut_points"]).filter(is_earlier)
    return stored.filter(pl.col("as_of_date") == pl.col("as_of_date").max()).collect()


def _sci(settings: Settings) -> dg.AssetsDefinition:
    reads = ("survey_responses", "survey_answers", "customers", "orders")
    specs = segment_specs("sci", "sci_index", reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="sci", specs=specs, pool=POOL)
    def sci(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            surveys = pl.concat(facts.over(partial(_asking, as_of=as_of))).unique()
            counts = []
            for found in facts.over(partial(_classified, as_of=as_of, surveys=surveys)):
                yield found.rows
                counts.append(found.sums)
            index = sci_index(add_up(counts, by=KEY_OF_COUNTS).lazy(), settings=settings.sci)
            yield {"sci_index": index}

        yield from compute_segments(context, home, settings, reads, compute, past=compute)

    return sci


def _asking(part: Facts, *, as_of: date) -> pl.DataFrame:
    """The surveys that ask the index."""
    return surveys_asking(part.scan("survey_responses"), as_of=as_of).collect(engine="streaming")


def _classified(part: Facts, *, as_of: date, surveys: pl.DataFrame) -> Found[pl.DataFrame]:
    """The classes of customers, and how many have each, where the shop has these `surveys` that ask the index."""
    responses, asking = part.scan("survey_responses"), surveys.lazy()
    known = known_customers(part, as_of)
    (classes,) = collected(classify_sci(responses, known, asking, as_of=as_of))
    anonymous = classify_anonymous(responses, asking, as_of=as_of)
    counts = count_classes(classes, anonymous, responses, known)
    return Found({"sci": classes}, counts.collect(engine="streaming"))
