"""All attitude tables as the night computes them. `python -m tests.bench.attitude ORDERS CUSTOMERS VOICES`.

Prints as JSON, per step of the night, its tables with their rows and the CPU seconds that they took.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.assets.dated import collected
from pipeline.core.attitude.constructs import construct_items, score_constructs
from pipeline.core.attitude.drivers import rank_drivers
from pipeline.core.attitude.nps import classify_promoters, count_invited, count_nps_responses, nps_index
from pipeline.core.attitude.promise import promise_impact
from pipeline.core.attitude.review_flags import review_flags
from pipeline.core.attitude.reviews import review_care, reviews_as_of
from pipeline.core.attitude.sci import classify_sci, sci_index
from pipeline.core.attitude.settings import ExperienceSettings, NpsSettings, SciSettings, ThemesSettings
from pipeline.core.attitude.survey_settings import ConstructSettings, DriverSettings, OutcomeSettings
from pipeline.core.attitude.themes import find_themes, nps_by_theme
from pipeline.core.behaviour.channels import compare_channels
from pipeline.core.behaviour.rfm import score_rfm
from pipeline.core.behaviour.settings import JourneySettings, RfmSettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from schemas.registry import ENTITIES
from tests.bench import AS_OF, TIME_ZONE
from tests.bench.shop import ITEMS


@dataclass(frozen=True)
class Shop:
    """The generated tables of one shop."""

    orders: Frame
    customers: Frame
    order_lines: Frame
    reviews: Frame
    responses: Frame
    answers: Frame
    rfm: Frame
    nps_responses: Frame


def sci(shop: Shop) -> dict[str, Frame]:
    """The Secure Customer Index."""
    by = SciSettings()
    (classes,) = collected(
        classify_sci(shop.responses, shop.answers, shop.customers, as_of=AS_OF, time_zone=TIME_ZONE, settings=by)
    )
    return {"sci": classes, "sci_index": sci_index(classes, shop.responses, shop.orders, shop.rfm, settings=by)}


def count_promoters(responses: Frame, answers: Frame, customers: Frame) -> Frame:
    """Which answers count in the Net Promoter Score."""
    return count_nps_responses(responses, answers, customers, as_of=AS_OF, time_zone=TIME_ZONE, settings=NpsSettings())


def nps(shop: Shop) -> dict[str, Frame]:
    """The Net Promoter Score and the themes of comments."""
    (counted,) = collected(count_promoters(shop.responses, shop.answers, shop.customers))
    invited = count_invited(
        pl.LazyFrame(schema=ENTITIES["survey_invitations"].polars_schema),
        shop.responses,
        shop.customers,
        as_of=AS_OF,
        time_zone=TIME_ZONE,
        settings=NpsSettings(),
    )
    (themes,) = collected(
        find_themes(shop.responses, shop.reviews, counted, as_of=AS_OF, time_zone=TIME_ZONE, settings=ThemesSettings())
    )
    return {
        "nps_responses": counted,
        "nps": classify_promoters(counted, as_of=AS_OF),
        "nps_index": nps_index(counted, invited, shop.orders, shop.rfm, as_of=AS_OF, settings=NpsSettings()),
        "comment_themes": themes,
        "nps_themes": nps_by_theme(themes, as_of=AS_OF, settings=ThemesSettings()),
    }


def constructs(shop: Shop) -> dict[str, Frame]:
    """Scores and reliability of constructs, and the drivers of loyalty: two constructs of four items each."""
    measures = {"care": {"first": ITEMS[3:7], "second": ITEMS[7:], "loyalty": ITEMS[:3]}}
    found = score_constructs(
        shop.responses,
        shop.answers,
        shop.customers,
        construct_items(measures).lazy(),
        as_of=AS_OF,
        time_zone=TIME_ZONE,
        settings=ConstructSettings(),
    )
    scores, reliability = collected(*found)
    plan = OutcomeSettings(outcome="loyalty", predictors=["first", "second"])
    drivers = rank_drivers(scores, {"care": plan}, as_of=AS_OF, settings=DriverSettings())
    return {
        "construct_scores": scores,
        "construct_reliability": reliability,
        "driver_importance": drivers.lazy(),
    }


def channels(shop: Shop) -> dict[str, Frame]:
    """How alike the channels are."""
    known = orders_as_of(shop.orders, as_of=AS_OF, time_zone=TIME_ZONE, valid_statuses=RfmSettings().valid_statuses)
    consistency = compare_channels(
        known, shop.nps_responses, shop.reviews, as_of=AS_OF, time_zone=TIME_ZONE, settings=JourneySettings()
    )
    return {"channel_consistency": consistency}


def experience(shop: Shop) -> dict[str, Frame]:
    """Promises, care for reviews, reviews to doubt."""
    by = ExperienceSettings()
    known = orders_as_of(shop.orders, as_of=AS_OF, time_zone=TIME_ZONE, valid_statuses=RfmSettings().valid_statuses)
    (written,) = collected(reviews_as_of(shop.reviews, known, as_of=AS_OF, time_zone=TIME_ZONE))
    impact = promise_impact(
        known, written, shop.responses, shop.answers, as_of=AS_OF, time_zone=TIME_ZONE, sci=SciSettings(), settings=by
    )
    return {
        "promise_impact": impact,
        "review_care": review_care(written, shop.order_lines, as_of=AS_OF, time_zone=TIME_ZONE, settings=by),
        "review_flags": review_flags(written, as_of=AS_OF, settings=by),
    }


STEPS: tuple[Callable[[Shop], dict[str, Frame]], ...] = (sci, nps, constructs, experience, channels)
"""Every step of the night that computes attitude tables."""


def run(shop: Shop) -> Iterator[tuple[str, dict[str, float]]]:
    """Compute the tables of every step together, as its asset does."""
    for step in STEPS:
        started = time.process_time()
        frames = step(shop)
        tables = pl.collect_all(frames.values(), engine="streaming")
        rows = {name: table.height for name, table in zip(frames, tables, strict=True)}
        yield step.__name__, {"cpu_seconds": round(time.process_time() - started, 1), **rows}


if __name__ == "__main__":
    orders, customers, voices = (Path(argument) for argument in sys.argv[1:4])
    names = ("order_lines", "reviews", "survey_responses", "survey_answers")
    files = (orders, customers, *(voices / f"{name}.parquet" for name in names))
    tables = [pl.scan_parquet(file) for file in files]
    scored = score_rfm(*tables[:2], as_of=AS_OF, time_zone=TIME_ZONE, settings=RfmSettings()).scores
    counted = count_promoters(*tables[4:], tables[1])
    print(json.dumps(dict(run(Shop(*tables, *collected(scored, counted))))))
