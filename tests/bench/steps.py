"""Every step that reads orders, as a night computes it that trains no model. `python -m tests.bench.steps ORDERS CUSTOMERS VOICES [--train] [--keep FOLDER]`.

Makes the facts of the shop, then the tables of each step. Prints as JSON, per step, the CPU seconds and the rows of its
tables, and the highest memory of the process up to its end.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.assets.dated import collected
from pipeline.core.attitude.constructs import (
    add_answers,
    construct_items,
    construct_scores,
    count_constructs,
    reliability,
    withheld_constructs,
)
from pipeline.core.attitude.drivers import complete_scores, rank_drivers
from pipeline.core.attitude.nps import classify_promoters, count_answers, count_invited, count_nps_responses, nps_index
from pipeline.core.attitude.promise import count_promises, promise_impact
from pipeline.core.attitude.review_flags import count_reviews, find_suspects, find_suspicion, review_flags
from pipeline.core.attitude.reviews import (
    answering_sources,
    category_of_products,
    count_care,
    count_categories,
    review_care,
)
from pipeline.core.attitude.sci import classify_anonymous, classify_sci, count_classes, sci_index, surveys_asking
from pipeline.core.attitude.settings import ExperienceSettings, NpsSettings, SciSettings, ThemesSettings
from pipeline.core.attitude.statements import statements_as_of
from pipeline.core.attitude.survey_settings import ConstructSettings, DriverSettings, OutcomeSettings
from pipeline.core.attitude.themes import add_themes, count_themes, find_themes, nps_by_theme, theme_coverage
from pipeline.core.behaviour.channels import compare_channels, count_channels
from pipeline.core.behaviour.cohorts import count_cohorts, follow_cohorts, purchase_months
from pipeline.core.behaviour.evidence import count_habits, find_evidence
from pipeline.core.behaviour.preferences import find_preferences, shop_habits
from pipeline.core.behaviour.rfm import count_scored, customer_values, find_scoring, score_rfm
from pipeline.core.behaviour.settings import CohortSettings, JourneySettings, PreferenceSettings, RfmSettings
from pipeline.core.facts.customers import customers_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.core.frames import Frame
from pipeline.core.loyalty.pillars import (
    convenience_pillars,
    count_pillars,
    counts_pieces,
    customer_pillars,
    find_replies,
    judge_deliveries,
)
from pipeline.core.loyalty.settings import PillarSettings
from pipeline.core.outlook.backtest import train
from pipeline.core.outlook.features import Sources, churn_features
from pipeline.core.outlook.scores import score_customers
from pipeline.core.outlook.settings import ChurnSettings
from pipeline.fact_files import Facts
from pipeline.fact_rows import Rules
from pipeline.facts import facts_of
from pipeline.lake import Lake
from schemas.registry import Table
from tests.bench import AS_OF, TIME_ZONE
from tests.bench.measure import BYTES_PER_MAXRSS, MIB
from tests.bench.shop import ITEMS

Tables = dict[str, Frame]


class Files(Lake):
    """A lake of the tables that were generated; all others are empty."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        super().__init__("")
        self.files = files

    def scan(self, table: Table, **_: Any) -> pl.LazyFrame:
        """The rows of the file of a table."""
        file = self.files.get(table.name)
        return pl.scan_parquet(file) if file else pl.LazyFrame(schema=table.polars_schema)

    def state(self, table: Table) -> str:  # noqa: ARG002 (as the lake has it)
        """Files never change."""
        return ""

    def n_stored(self, table: Table) -> int:  # noqa: ARG002 (as the lake has it)
        """Too few to be kept by month, as the files hold no month of their own."""
        return 0


@dataclass(frozen=True)
class Shop:
    """The facts of one shop, and the tables of the steps before."""

    facts: Facts
    made: Tables

    @property
    def known(self) -> Frame:
        """The orders as of the benchmark's date."""
        return orders_as_of(self.facts.scan("orders"), as_of=AS_OF)

    def scan(self, *names: str) -> list[Frame]:
        """The facts of some tables."""
        return [self.facts.scan(name) for name in names]


def rfm(shop: Shop) -> Tables:
    """RFM, in which every other step finds who is known."""
    customers = customers_as_of(shop.facts.scan("customers"), as_of=AS_OF)
    by = RfmSettings()
    (values,) = collected(customer_values(shop.known, customers, as_of=AS_OF, settings=by))
    scoring = find_scoring(count_scored(values).collect(), as_of=AS_OF, settings=by)
    scores = score_rfm(values, scoring, as_of=AS_OF, settings=by)
    return {"rfm": scores, "rfm_cut_points": scoring.cut_points.lazy()}


def sci(shop: Shop) -> Tables:
    """The Secure Customer Index."""
    (responses,), known = shop.scan("survey_responses"), shop.made["rfm"]
    surveys = surveys_asking(responses, as_of=AS_OF)
    (classes,) = collected(classify_sci(responses, known, surveys, as_of=AS_OF))
    anonymous = classify_anonymous(responses, surveys, as_of=AS_OF)
    counts = count_classes(classes, anonymous, responses, known)
    return {"sci": classes, "sci_index": sci_index(counts, settings=SciSettings())}


def nps(shop: Shop) -> Tables:
    """The Net Promoter Score and the themes of comments."""
    responses, reviews = shop.scan("survey_responses", "reviews")
    known, by = shop.made["rfm"], NpsSettings()
    (counted,) = collected(count_nps_responses(responses, known, as_of=AS_OF, settings=by))
    answers = count_answers(counted, responses, known, as_of=AS_OF, settings=by)
    invited = count_invited(shop.facts.scan("survey_invitations"), responses, known, as_of=AS_OF, settings=by)
    answers, invited = collected(answers, invited)
    found = find_themes(responses, reviews, counted, known, shop.known, as_of=AS_OF, settings=ThemesSettings())
    (themes,) = collected(found)
    mentioned = add_themes([count_themes(themes)])
    return {
        "nps_responses": counted,
        "nps": classify_promoters(counted, as_of=AS_OF),
        "nps_index": nps_index(answers, invited, as_of=AS_OF, settings=by),
        "comment_themes": themes,
        "theme_coverage": theme_coverage(mentioned, as_of=AS_OF, settings=ThemesSettings()),
        "nps_themes": nps_by_theme(mentioned, as_of=AS_OF, settings=ThemesSettings()),
    }


def constructs(shop: Shop) -> Tables:
    """Scores and reliability of constructs, and the drivers of loyalty: two constructs of four items each."""
    responses, answers = shop.scan("survey_responses", "survey_answers")
    items, by = (
        construct_items({"care": {"first": ITEMS[3:7], "second": ITEMS[7:], "loyalty": ITEMS[:3]}}),
        ConstructSettings(),
    )
    answered = add_answers(responses, answers, shop.made["rfm"], items, as_of=AS_OF)
    measured = reliability([count_constructs(answered)], items, as_of=AS_OF, settings=by)
    withheld = withheld_constructs(measured)
    (scores,) = collected(construct_scores(answered.totals.lazy(), withheld, as_of=AS_OF, settings=by))
    plans = {"care": OutcomeSettings(outcome="loyalty", predictors=["first", "second"])}
    complete = complete_scores(scores, plans, withheld)
    drivers = rank_drivers([complete], plans, withheld, as_of=AS_OF, settings=DriverSettings())
    return {
        "construct_scores": scores,
        "construct_reliability": measured.lazy(),
        "driver_importance": drivers.lazy(),
    }


def experience(shop: Shop) -> Tables:
    """Promises, review care, doubtful reviews."""
    reviews, lines, responses = shop.scan("reviews", "order_lines", "survey_responses")
    by = ExperienceSettings()
    until = reviews.filter(pl.col("created_date") <= AS_OF)
    reviewed = reviews.select("product_id").unique().collect(engine="streaming")
    products = category_of_products([count_categories(lines, reviewed, as_of=AS_OF)])
    answering = answering_sources(until, as_of=AS_OF)
    suspicion = find_suspicion([count_reviews(until, settings=by)], settings=by)
    (written,) = collected(reviews_as_of(reviews, shop.known, as_of=AS_OF))
    (said,) = collected(statements_as_of(written, responses, shop.made["rfm"], as_of=AS_OF))
    shared = shop.known.clear().collect()
    promises = count_promises(shop.known, said, shared, as_of=AS_OF, settings=by)
    care = count_care(written, lines, products, answering=answering, as_of=AS_OF, time_zone=TIME_ZONE)
    return {
        "promise_impact": promise_impact([promises], shared, as_of=AS_OF, settings=by).lazy(),
        "review_care": review_care([care], as_of=AS_OF, settings=by).lazy(),
        "review_flags": review_flags(find_suspects(written, suspicion, settings=by), as_of=AS_OF),
    }


def channels(shop: Shop) -> Tables:
    """How alike the channels are."""
    answered, (responses, reviews) = shop.made["nps_responses"], shop.scan("survey_responses", "reviews")
    by = JourneySettings()
    counts = count_channels(shop.known, answered, responses, reviews, as_of=AS_OF, settings=by)
    return {"channel_consistency": compare_channels(counts, as_of=AS_OF, settings=by)}


def pillars(shop: Shop) -> Tables:
    """The pillars of convenience."""
    lines, touchpoints, reviews = shop.scan("order_lines", "touchpoints", "reviews")
    is_counted = counts_pieces(shop.known, lines).item()
    deliveries, replies = collected(
        judge_deliveries(shop.known, lines, as_of=AS_OF, counts_pieces=is_counted),
        find_replies(reviews, touchpoints, shop.known, as_of=AS_OF, time_zone=TIME_ZONE),
    )
    found = convenience_pillars([count_pillars(deliveries, replies)], as_of=AS_OF, settings=PillarSettings())
    return {
        "customer_pillars": customer_pillars(deliveries, replies, shop.made["rfm"], as_of=AS_OF),
        "convenience_pillars": found.lazy(),
    }


def cohorts(shop: Shop) -> Tables:
    """Retention and repeat purchase by cohort."""
    counts = count_cohorts(purchase_months(shop.known), as_of=AS_OF)
    found = follow_cohorts([counts], as_of=AS_OF, settings=CohortSettings())
    return {"cohort_retention": found.retention.lazy(), "repeat_purchase": found.repeat.lazy()}


def preferences(shop: Shop) -> Tables:
    """What customers prefer, and how they buy of each category."""
    by = PreferenceSettings()
    evidence = find_evidence(
        shop.known,
        *shop.scan("order_lines", "touchpoints", "accounts"),
        as_of=AS_OF,
        time_zone=TIME_ZONE,
        window_days=by.window_days,
    )
    counts = count_habits(shop.known, *shop.scan("order_lines"), as_of=AS_OF, window_days=by.window_days)
    found = find_preferences(evidence, shop_habits([counts]), as_of=AS_OF, settings=by)
    return {"customer_preferences": found.customers.lazy(), "customer_categories": found.categories.lazy()}


def features(shop: Shop) -> Tables:
    """What churn models know of every customer."""
    found = churn_features(_sources(shop), cut=AS_OF, settings=ChurnSettings())
    return {"features": found.lazy()}


def scores(shop: Shop) -> Tables:
    """One training on a sample, which a night does once a week, and the scores of all."""
    training = train(_sources(shop), as_of=AS_OF, settings=ChurnSettings())
    assert training.model is not None
    assert training.value is not None
    known = shop.made["features"].collect()
    by = ChurnSettings()
    risk = score_customers(known, training.model, training.value, as_of=AS_OF, model_id="bench", settings=by)
    return {"churn_risk": risk.lazy()}


def _sources(shop: Shop) -> Sources:
    names = ("orders", "order_lines", "reviews", "survey_responses", "touchpoints")
    return Sources(*shop.scan(*names))


STEPS: tuple[Callable[[Shop], Tables], ...] = (
    *(rfm, sci, nps, constructs, experience, channels, pillars),
    *(cohorts, preferences, features),
)
"""Every step of a night that trains no model, each after those that it rests on."""


def run(
    files: Mapping[str, Path], kept: Path, steps: Iterable[Callable[[Shop], Tables]]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Make the facts, then compute the tables of every step together, as its asset does."""
    started = time.process_time()
    statuses, boxes, themes = RfmSettings().valid_statuses, SciSettings().boxes, ThemesSettings().known_themes
    facts = facts_of(kept / "facts", Files(files), Rules(TIME_ZONE, statuses, boxes, themes=themes))
    yield "facts", _cost(started)
    made: Tables = {}
    for step in steps:
        started = time.process_time()
        frames = step(Shop(facts, made))
        tables = pl.collect_all(frames.values(), engine="streaming")
        cost = _cost(started)
        # From files, as a night reads what steps before it have stored.
        for name, table in zip(frames, tables, strict=True):
            table.write_parquet(kept / f"{name}.parquet")
            made[name] = pl.scan_parquet(kept / f"{name}.parquet")
        cost |= {name: table.height for name, table in zip(frames, tables, strict=True)}
        # A night's step leaves nothing in memory for the next.
        del frames, tables, table
        yield step.__name__, cost


def _cost(started: float) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * BYTES_PER_MAXRSS
    return {"cpu_seconds": round(time.process_time() - started, 2), "peak_mib": peak // MIB}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.steps", description=__doc__)
    for name in ("orders", "customers", "voices"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--train", action="store_true", help="train a model and score all customers, too")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="folder for the tables, which has no facts yet")
    given = parser.parse_args()
    files = {"orders": given.orders, "customers": given.customers}
    files |= {file.stem: file for file in given.voices.glob("*.parquet")}
    with tempfile.TemporaryDirectory(prefix="loyalty-bench-") as folder:
        steps = (*STEPS, scores) if given.train else STEPS
        print(json.dumps(dict(run(files, given.keep or Path(folder), steps))))
