"""The pillars of convenience: reliability, availability, personal attention, situation. What follows broken promises
belongs to `promise_impact`, what else is known of replies to reviews to `review_care`.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import polars as pl

from pipeline.core.facts.orders import with_buyers
from pipeline.core.facts.promises import BROKEN, judge_promise
from pipeline.core.frames import Frame, add_up, clock_hours
from pipeline.core.loyalty.settings import PillarSettings
from pipeline.core.statistics import median_of_counts, percentage

PILLAR_OF_MEASURE = {
    "otif": "reliability",
    "on_time": "reliability",
    "in_full": "availability",
    "reply_hours": "personal_attention",
    "honoured": "situation",
}
"""Definitions, section 6."""
SHARES = tuple(measure for measure in PILLAR_OF_MEASURE if measure != "reply_hours")
COUNTS = tuple(f"n_{name}{kind}" for name in SHARES for kind in ("_known", ""))
KEYS_OF_COUNTS = (["month"], ["month", "reply_hours"])
"""Of both frames of PillarCounts, in their order."""


class PillarCounts(NamedTuple):
    """What deliveries and replies add up to, by local `month`.

    `deliveries`: one row per month, with COUNTS. `hours`: one row per month and `reply_hours`, `n` replies that took so long.
    """

    deliveries: pl.DataFrame
    hours: pl.DataFrame


def counts_pieces(orders: Frame, lines: Frame) -> pl.DataFrame:
    """Whether the pieces of any of the orders of `orders_as_of` that have arrived were counted: one value. `lines` are facts."""
    counted = lines.filter(_is_counted()).join(orders.filter(_has_arrived()), on="order_id", how="semi")
    return counted.select(counts_pieces=pl.len() > 0).collect(engine="streaming")


def judge_deliveries(orders: Frame, lines: Frame, *, as_of: date, counts_pieces: bool) -> Frame:
    """One row per order of `orders_as_of`: how its delivery went by as_of, 1 or 0; null where it is unknown or undecided.

    `lines` are the facts of order lines. Columns: `customer_id`, `month` (first day of the local month of the order),
    `on_time` by the promise first made, `in_full`, `otif` (on time and in full, where both are known) and `honoured`
    (delivered on the very date that the customer asked for, if any: a day too early nobody is at home). In full: every
    line of goods with a known `quantity_delivered` has all of its pieces. An overdue order is not in full either, in a
    shop that counts the pieces of any order (`counts_pieces` of all orders). Definitions, section 6.
    """
    gaps = (
        lines.filter(_is_counted())
        .group_by("order_id")
        .agg((pl.col("quantity_delivered") - pl.col("quantity")).min().alias("largest_gap"))
    )
    gap = pl.when(_has_arrived()).then(pl.col("largest_gap"))
    is_overdue = (pl.col("promise_status") == "overdue") & counts_pieces
    is_that_day = (pl.col("delivered_date") == pl.col("redelivery_date")).fill_null(False)
    return (
        orders.join(gaps, on="order_id", how="left")
        .select(
            "customer_id",
            month=pl.col("ordered_date").dt.month_start(),
            on_time=_is_kept(pl.col("promise_status")),
            in_full=pl.when(gap.is_not_null()).then(gap >= 0).when(is_overdue).then(pl.lit(False)).cast(pl.Int8),
            honoured=_is_kept(judge_promise("redelivery_date", as_of)) * is_that_day.cast(pl.Int8),
        )
        .with_columns(otif=pl.col("on_time") * pl.col("in_full"))
    )


def find_replies(reviews: Frame, touchpoints: Frame, orders: Frame, *, as_of: date, time_zone: str) -> Frame:
    """One row per review or service contact that the shop had answered by as_of: `customer_id`, `month` (first day of the
    local month in which it was written), `reply_hours` on the shop's clock.

    `reviews` and `touchpoints` are the facts, `orders` those of `orders_as_of`: a row without a customer is the buyer's
    of the order that it names. An answer older than what it answers does not count.
    """
    contacts = touchpoints.filter(pl.col("kind") == "service_contact")
    asked = [
        rows.filter(pl.col("replied_date") <= as_of, pl.col("replied_at") >= pl.col(f"{moment}_at")).select(
            *("customer_id", "order_id", "replied_at", "replied_date"),
            asked_at=f"{moment}_at",
            asked_date=f"{moment}_date",
        )
        for rows, moment in ((reviews, "created"), (contacts, "occurred"))
    ]
    return with_buyers(pl.concat(asked), orders).select(
        "customer_id",
        month=pl.col("asked_date").dt.month_start(),
        reply_hours=clock_hours("asked", "replied", time_zone),
    )


def customer_pillars(deliveries: Frame, replies: Frame, customers: Frame, *, as_of: date) -> Frame:
    """One row per customer with any evidence (contract CustomerPillars), from `judge_deliveries` and `find_replies`.

    `customers` are those who may have a row: one who is named only in a review is not known to be one.
    """
    named = pl.col("customer_id").is_not_null()
    evidence = deliveries.filter(named, pl.any_horizontal(pl.col(SHARES).is_not_null()))
    totals = _joined(_counts(evidence, "customer_id"), _hours(replies.filter(named)), "customer_id")
    shares = [
        column
        for name in SHARES
        for column in (
            f"n_{name}_known",
            f"n_{name}",
            percentage(pl.col(f"n_{name}"), pl.col(f"n_{name}_known"))[0].alias(f"pct_{name}"),
        )
    ]
    return totals.join(customers.select("customer_id"), on="customer_id", how="semi").select(
        "customer_id", pl.lit(as_of).alias("as_of_date"), *shares, "n_replies", "median_reply_hours"
    )


def count_pillars(deliveries: Frame, replies: Frame) -> PillarCounts:
    """What `judge_deliveries` and `find_replies` add up to. Counts of different customers can be added."""
    hours = replies.group_by(KEYS_OF_COUNTS[1]).agg(pl.len().cast(pl.Int64).alias("n"))
    return PillarCounts(*pl.collect_all([_counts(deliveries, "month"), hours], engine="streaming"))


def convenience_pillars(counts: Iterable[PillarCounts], *, as_of: date, settings: PillarSettings) -> pl.DataFrame:
    """One row per local month (null: all) and measure (contract ConveniencePillars), anonymous orders included.

    `counts` are those of all customers, in any number of parts. Shares with their Wilson 95% interval; the median of the
    hours has none. Null below `settings.min_n`.
    """
    deliveries, hours = (
        _with_all_months(add_up(parts, by=keys))
        for parts, keys in zip(zip(*counts, strict=True), KEYS_OF_COUNTS, strict=True)
    )
    medians = median_of_counts(hours, "reply_hours", "month").rename({"reply_hours": "median_reply_hours"})
    timed = add_up([hours.select("month", n_replies="n")], by=["month"]).join(medians, on="month", nulls_equal=True)
    totals = _joined(add_up([deliveries], by=["month"]).lazy(), timed.lazy(), "month").collect()
    return pl.concat([_measured(totals, measure, as_of, settings.min_n) for measure in PILLAR_OF_MEASURE])


def _is_counted() -> pl.Expr:
    """Whether the pieces of a line of goods were counted."""
    return pl.col("quantity_delivered").is_not_null() & (pl.col("quantity") > 0)


def _has_arrived() -> pl.Expr:
    return pl.col("delivered_date").is_not_null() & ~pl.col("is_cancelled")


def _with_all_months(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts of each month, and again with a null for all."""
    return pl.concat([counts, counts.with_columns(month=pl.lit(None, pl.Date))])


def _is_kept(status: pl.Expr) -> pl.Expr:
    """1 for a promise that was kept, 0 for a broken one; null for any other."""
    is_broken = pl.any_horizontal(status == name for name in BROKEN)
    return pl.when(status == "kept").then(pl.lit(1, pl.Int8)).when(is_broken).then(pl.lit(0, pl.Int8))


def _counts(deliveries: Frame, by: str) -> Frame:
    """Per customer or month, and share: how many deliveries are known, and how many of these were good."""
    known = [pl.col(name).count().cast(pl.Int64).alias(f"n_{name}_known") for name in SHARES]
    met = [pl.col(name).sum().cast(pl.Int64).alias(f"n_{name}") for name in SHARES]
    return deliveries.group_by(by).agg(*known, *met)


def _hours(replies: Frame) -> Frame:
    """Per customer: how many replies there were, and their median hours."""
    hours = pl.col("reply_hours")
    return replies.group_by("customer_id").agg(
        hours.count().cast(pl.Int64).alias("n_replies"), hours.median().alias("median_reply_hours")
    )


def _joined(counts: Frame, hours: Frame, by: str) -> Frame:
    return counts.join(hours, on=by, how="full", coalesce=True, nulls_equal=True).select(
        by, pl.col(*COUNTS, "n_replies").fill_null(0), "median_reply_hours"
    )


def _measured(totals: pl.DataFrame, measure: str, as_of: date, min_n: int) -> pl.DataFrame:
    """The rows of one measure, in the columns of the contract."""
    if measure in SHARES:
        named = totals.with_columns(n=pl.col(f"n_{measure}_known"), n_met=pl.col(f"n_{measure}"))
        median = pl.lit(None, pl.Float64)
    else:
        named = totals.with_columns(n=pl.col("n_replies"), n_met=pl.lit(None, pl.Int64))
        median = pl.col("median_reply_hours")
    n, n_met = pl.col("n"), pl.col("n_met")
    share, low, high = percentage(n_met, n)
    shown = {"pct": share, "pct_low": low, "pct_high": high, "median_hours": median}
    return named.select(
        pl.lit(as_of).alias("as_of_date"),
        "month",
        pl.lit(PILLAR_OF_MEASURE[measure]).alias("pillar"),
        pl.lit(measure).alias("measure"),
        "n",
        "n_met",
        *(pl.when(n >= min_n).then(value).alias(name) for name, value in shown.items()),
        (n < min_n).alias("is_suppressed"),
    )
