"""The assets of the Net Promoter Score and of the themes behind it, one partition per as_of date."""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import NamedTuple

import dagster as dg
import polars as pl

from pipeline.assets.dated import collected, compute_segments, known_customers, segment_specs
from pipeline.core.attitude.nps import (
    KEY_OF_ANSWERS,
    KEY_OF_INVITED,
    classify_promoters,
    count_answers,
    count_invited,
    count_nps_responses,
    nps_index,
)
from pipeline.core.attitude.settings import NpsSettings, ThemesSettings
from pipeline.core.attitude.themes import (
    ThemeCounts,
    add_themes,
    count_themes,
    find_themes,
    nps_by_theme,
    orders_of_others,
    theme_coverage,
)
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame, add_up
from pipeline.fact_files import Facts
from pipeline.parts import Found, Frames, Rows
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings

ORDER = ("order_id", "customer_id", "channel")
ANSWER = ("response_id", "order_id", "survey_type", "responded_at", "nps_class", "is_counted")


class _Counts(NamedTuple):
    """What `count_answers` and `count_invited` find."""

    answers: pl.DataFrame
    invited: pl.DataFrame


class _Elsewhere(NamedTuple):
    """What the comments of a bucket rest on that may be in another one."""

    orders: pl.DataFrame
    """The orders, as of the date, that somebody writes or answers about who has not placed them."""
    answers: pl.DataFrame
    """The counted responses about these orders: what is needed of them."""


def attitude_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The Net Promoter Score, its responses and customers, and the themes of comments: one step."""
    reads = ("survey_responses", "survey_answers", "customers", "survey_invitations", "orders", "reviews")
    names = ("nps_responses", "nps", "nps_index", "comment_themes", "theme_coverage", "nps_themes")
    specs = segment_specs(*names, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="nps", specs=specs, pool=POOL)
    def nps(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        by = settings.themes

        def past(facts: Facts, as_of: date) -> Iterator[Rows]:
            counts = []
            for found in facts.over(partial(_scored, as_of=as_of, by=settings.nps)):
                yield found.rows
                counts.append(found.sums)
            yield index(counts, as_of)

        def compute(facts: Facts, as_of: date) -> Iterator[Rows]:
            elsewhere = _elsewhere(facts, as_of=as_of, by=settings.nps)
            counts, mentioned = [], []
            for found in facts.over(
                partial(_with_themes, as_of=as_of, nps=settings.nps, themes=by, elsewhere=elsewhere)
            ):
                yield found.rows
                counts.append(found.sums[0])
                mentioned.append(found.sums[1])
            themes = add_themes(mentioned)
            yield index(counts, as_of) | {
                "theme_coverage": theme_coverage(themes, as_of=as_of, settings=by),
                "nps_themes": nps_by_theme(themes, as_of=as_of, settings=by),
            }

        def index(counts: Iterable[_Counts], as_of: date) -> Frames:
            answers, invited = zip(*counts, strict=True)
            added = (add_up(answers, by=KEY_OF_ANSWERS).lazy(), add_up(invited, by=KEY_OF_INVITED).lazy())
            return {"nps_index": nps_index(*added, as_of=as_of, settings=settings.nps)}

        yield from compute_segments(context, home, settings, reads, compute, past=past)

    return [nps]


def _scored(part: Facts, *, as_of: date, by: NpsSettings) -> Found[_Counts]:
    """Which responses count, who is a promoter, and how many."""
    return Found(*_scores(part, known_customers(part, as_of), as_of=as_of, by=by))


def _scores(part: Facts, known: Frame, *, as_of: date, by: NpsSettings) -> tuple[Frames, _Counts]:
    responses, invitations = part.scan("survey_responses"), part.scan("survey_invitations")
    (counted,) = collected(count_nps_responses(responses, known, as_of=as_of, settings=by))
    counts = pl.collect_all(
        [
            count_answers(counted, responses, known, as_of=as_of, settings=by),
            count_invited(invitations, responses, known, as_of=as_of, settings=by),
        ],
        engine="streaming",
    )
    return {"nps_responses": counted, "nps": classify_promoters(counted, as_of=as_of)}, _Counts(*counts)


def _with_themes(
    part: Facts, *, as_of: date, nps: NpsSettings, themes: ThemesSettings, elsewhere: _Elsewhere | None
) -> Found[tuple[_Counts, ThemeCounts]]:
    """As `_scored`, and the themes of comments, which also rest on what is `elsewhere`."""
    known = known_customers(part, as_of)
    scores, counts = _scores(part, known, as_of=as_of, by=nps)
    answers, orders, shared = scores["nps_responses"].select(ANSWER), _orders(part, as_of), None
    if elsewhere:
        shared = elsewhere.answers.lazy().select("response_id")
        answers = _with_others(answers, elsewhere.answers, "response_id")
        orders = _with_others(orders, elsewhere.orders, "order_id")
    responses, reviews = part.scan("survey_responses"), part.scan("reviews")
    (mentions,) = collected(find_themes(responses, reviews, answers, known, orders, as_of=as_of, settings=themes))
    return Found(scores | {"comment_themes": mentions}, (counts, count_themes(mentions, shared)))


def _elsewhere(facts: Facts, *, as_of: date, by: NpsSettings) -> _Elsewhere | None:
    """Null where every bucket has all that its comments rest on."""
    if not facts.bounds:
        return None
    asked = pl.concat(facts.over(partial(_spoken_of, as_of=as_of))).unique()
    if asked.is_empty():
        return None
    orders, answers = zip(*facts.over(partial(_told, as_of=as_of, by=by, asked=asked)), strict=True)
    known = pl.concat(orders)
    return _Elsewhere(known, pl.concat(answers).join(known, on="order_id", how="semi")) if known.height else None


def _spoken_of(part: Facts, *, as_of: date) -> pl.DataFrame:
    """The orders that others than their buyer speak of."""
    names = ("survey_responses", "reviews", "orders")
    return orders_of_others(*(part.scan(name) for name in names), as_of=as_of).collect(engine="streaming")


def _told(part: Facts, *, as_of: date, by: NpsSettings, asked: pl.DataFrame) -> _Elsewhere:
    """Those of the orders that are asked for, and the counted responses about any of them."""
    responses, wanted = part.scan("survey_responses"), asked.lazy()
    known = known_customers(part, as_of)
    # Whether a response counts depends on all responses of its customer.
    speakers = responses.join(wanted, on="order_id", how="semi").select("customer_id").unique()
    answered = responses.join(speakers, on="customer_id", how="semi", nulls_equal=True)
    counted = count_nps_responses(answered, known, as_of=as_of, settings=by).filter("is_counted").select(ANSWER)
    found = [rows.join(wanted, on="order_id", how="semi") for rows in (_orders(part, as_of), counted)]
    return _Elsewhere(*pl.collect_all(found, engine="streaming"))


def _orders(part: Facts, as_of: date) -> pl.LazyFrame:
    return orders_as_of(part.scan("orders"), as_of=as_of).select(ORDER)


def _with_others(own: pl.LazyFrame, others: pl.DataFrame, key: str) -> pl.LazyFrame:
    """The rows of the bucket and those of others, each once: some are in both."""
    rows = others.lazy()
    return pl.concat([own.join(rows, on=key, how="anti"), rows])
