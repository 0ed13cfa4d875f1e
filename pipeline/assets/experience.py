"""The asset step of customer experience: promises, review care, doubtful reviews, one partition per as_of date."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

import dagster as dg
import polars as pl

from pipeline.assets.dated import collected, compute_segments, read_segments, segment_specs
from pipeline.core.attitude.promise import PromiseCounts, count_promises, promise_impact
from pipeline.core.attitude.review_flags import (
    ReviewCounts,
    Suspicion,
    count_reviews,
    find_suspects,
    find_suspicion,
    review_flags,
)
from pipeline.core.attitude.reviews import (
    CareCounts,
    answering_sources,
    category_of_products,
    count_care,
    count_categories,
    review_care,
)
from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.attitude.statements import statements_as_of
from pipeline.core.facts.orders import of_other_orders, orders_as_of
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.fact_files import Facts
from pipeline.parts import Frames
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings

NAMING = ("reviews", "survey_responses")
"""Entities whose rows have a customer, and may name an order that another customer has bought."""
OF_ORDERS = ("order_id", "customer_id", "channel", "is_invoice", "ordered_date", "outcome_date", "promise_status")
OF_LINES = ("order_id", "line_number", "ordered_date", "category", "line_amount")


@dataclass(frozen=True)
class _Shared:
    """The orders that others than the buyer have reviewed or answered about, as of the date, and the lines of these.

    Few, and known to every bucket: in whose the order is not, it would be an unknown one.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame

    def with_orders(self, own: pl.LazyFrame) -> pl.LazyFrame:
        """The orders of a bucket and these, each once."""
        if self.orders.is_empty():
            return own
        others = own.join(self.orders.lazy(), on="order_id", how="anti")
        return pl.concat([others.select(OF_ORDERS), self.orders.lazy()])


@dataclass(frozen=True)
class _Known:
    """What is known of the whole shop: `product_category` of the products reviewed, the sources that `answer`, what is suspect."""

    products: pl.DataFrame
    answering: pl.DataFrame
    suspicion: Suspicion


class _Told(NamedTuple):
    """What lines and reviews of some customers add up to, for what is known of the whole shop."""

    categories: pl.DataFrame
    answering: pl.DataFrame
    reviews: ReviewCounts


class _Counts(NamedTuple):
    """What orders, reviews and statements of some customers add up to, and their suspect reviews."""

    promises: PromiseCounts
    care: CareCounts
    suspects: pl.DataFrame


def experience_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """Promise impact, review care and review flags, in one step."""
    reads = ("orders", "order_lines", "reviews", "survey_responses", "survey_answers", "customers")
    tables = ("promise_impact", "review_care", "review_flags")
    specs = segment_specs(*tables, reads=reads, settings=settings, after=("rfm",))

    @dg.multi_asset(name="experience", specs=specs, pool=POOL)
    def experience(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        def compute(facts: Facts, as_of: date) -> Frames:
            return compute_experience(facts, as_of, by=settings.experience, time_zone=settings.shop.time_zone)

        yield from compute_segments(context, home, settings, reads, compute)

    return [experience]


def compute_experience(facts: Facts, as_of: date, *, by: ExperienceSettings, time_zone: str) -> Frames:
    """Promise impact, review care and review flags of a date: sums of the buckets, with the few rows that look across them."""
    shared = _shared(facts, as_of)
    known = _known(facts, as_of, by)
    count = partial(_counted, as_of=as_of, by=by, time_zone=time_zone, known=known, shared=shared)
    parts = [*facts.over(count)]
    suspects = pl.concat(part.suspects for part in parts)
    promises = promise_impact((part.promises for part in parts), shared.orders, as_of=as_of, settings=by)
    return {
        "promise_impact": promises.lazy(),
        "review_care": review_care((part.care for part in parts), as_of=as_of, settings=by).lazy(),
        "review_flags": review_flags(suspects.lazy(), as_of=as_of),
    }


def _shared(facts: Facts, as_of: date) -> _Shared:
    orders = orders_as_of(facts.scan("orders"), as_of=as_of).select(OF_ORDERS)
    lines = facts.scan("order_lines").select(OF_LINES)
    # Where all customers are one bucket, no order is another's.
    named = pl.concat(facts.over(_named_elsewhere)).unique() if facts.bounds else None
    if named is None or named.is_empty():
        return _Shared(orders.clear().collect(), lines.clear().collect())
    found = (rows.join(named.lazy(), on="order_id", how="semi") for rows in (orders, lines))
    return _Shared(*pl.collect_all(found, engine="streaming"))


def _named_elsewhere(part: Facts) -> pl.DataFrame:
    """The `order_id` of each order that a row of some customers names, and that is none of theirs."""
    rows = pl.concat([part.scan(name).select("customer_id", "order_id") for name in NAMING])
    named = of_other_orders(rows, part.scan("orders")).select("order_id").unique()
    return named.collect(engine="streaming")


def _known(facts: Facts, as_of: date, by: ExperienceSettings) -> _Known:
    reviewed = facts.scan("reviews").select("product_id").drop_nulls().unique().collect(engine="streaming")
    parts = [*facts.over(partial(_told, as_of=as_of, by=by, reviewed=reviewed))]
    return _Known(
        category_of_products(part.categories for part in parts),
        pl.concat(part.answering for part in parts).unique(),
        find_suspicion((part.reviews for part in parts), settings=by),
    )


def _told(part: Facts, *, as_of: date, by: ExperienceSettings, reviewed: pl.DataFrame) -> _Told:
    written = part.scan("reviews").filter(pl.col("created_date") <= as_of)
    return _Told(
        count_categories(part.scan("order_lines"), reviewed, as_of=as_of),
        answering_sources(written, as_of=as_of),
        count_reviews(written, settings=by),
    )


def _counted(
    part: Facts, *, as_of: date, by: ExperienceSettings, time_zone: str, known: _Known, shared: _Shared
) -> _Counts:
    orders, lines, reviews, responses = (part.scan(name) for name in ("orders", "order_lines", *NAMING))
    placed = orders_as_of(orders, as_of=as_of)
    (rfm,) = read_segments(part, as_of, "rfm")
    (written,) = collected(reviews_as_of(reviews, shared.with_orders(placed), as_of=as_of))
    (said,) = collected(statements_as_of(written, responses, rfm, as_of=as_of))
    bought = pl.concat([lines.select(OF_LINES), shared.lines.lazy()])
    return _Counts(
        promises=count_promises(placed, said, shared.orders, as_of=as_of, settings=by),
        care=count_care(written, bought, known.products, answering=known.answering, as_of=as_of, time_zone=time_zone),
        suspects=find_suspects(written, known.suspicion, settings=by).collect(engine="streaming"),
    )
