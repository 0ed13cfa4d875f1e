"""All attitude tables as the night computes them. `python -m tests.bench.attitude ORDERS CUSTOMERS VOICES`.

Prints as JSON, per step of the night, its tables with their rows and the CPU seconds that they took.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import narwhals as nw
import polars as pl

from pipeline.core.attitude.promise import promise_impact
from pipeline.core.attitude.review_flags import review_flags
from pipeline.core.attitude.reviews import review_care, reviews_as_of
from pipeline.core.attitude.sci import classify_sci, sci_index
from pipeline.core.behaviour.orders import orders_as_of
from pipeline.core.frames import Frame, computed_once
from pipeline.settings import ExperienceSettings, RfmSettings, SciSettings
from tests.bench import AS_OF, TIME_ZONE


@dataclass(frozen=True)
class Shop:
    """The generated tables of one shop."""

    orders: Frame
    customers: Frame
    order_lines: Frame
    reviews: Frame
    responses: Frame
    answers: Frame


def sci(shop: Shop) -> dict[str, Frame]:
    """The Secure Customer Index."""
    classes = classify_sci(
        shop.responses, shop.answers, shop.customers, as_of=AS_OF, time_zone=TIME_ZONE, settings=SciSettings()
    )
    return {"sci": classes, "sci_index": sci_index(classes, settings=SciSettings())}


def experience(shop: Shop) -> dict[str, Frame]:
    """Promises, care for reviews, reviews to doubt."""
    by = ExperienceSettings()
    known = orders_as_of(shop.orders, as_of=AS_OF, time_zone=TIME_ZONE, valid_statuses=RfmSettings().valid_statuses)
    written = computed_once(reviews_as_of(shop.reviews, known, as_of=AS_OF, time_zone=TIME_ZONE))
    impact = promise_impact(
        known, written, shop.responses, shop.answers, as_of=AS_OF, time_zone=TIME_ZONE, sci=SciSettings(), settings=by
    )
    return {
        "promise_impact": impact,
        "review_care": review_care(written, shop.order_lines, as_of=AS_OF, time_zone=TIME_ZONE, settings=by),
        "review_flags": review_flags(written, as_of=AS_OF, settings=by),
    }


STEPS: tuple[Callable[[Shop], dict[str, Frame]], ...] = (sci, experience)
"""Every step of the night that computes attitude tables."""


def run(shop: Shop) -> Iterator[tuple[str, dict[str, float]]]:
    """Compute the tables of every step together, as its asset does."""
    for step in STEPS:
        started = time.process_time()
        frames = step(shop)
        tables = pl.collect_all([frame.to_native() for frame in frames.values()], engine="streaming")
        rows = {name: table.height for name, table in zip(frames, tables, strict=True)}
        yield step.__name__, {"cpu_seconds": round(time.process_time() - started, 1), **rows}


if __name__ == "__main__":
    orders, customers, voices = (Path(argument) for argument in sys.argv[1:4])
    names = ("order_lines", "reviews", "survey_responses", "survey_answers")
    files = (orders, customers, *(voices / f"{name}.parquet" for name in names))
    print(json.dumps(dict(run(Shop(*(nw.from_native(pl.scan_parquet(file)) for file in files))))))
