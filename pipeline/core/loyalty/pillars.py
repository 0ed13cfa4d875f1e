"""The pillars of convenience: reliability, availability, personal attention, situation. What follows broken promises
belongs to `promise_impact`, what else is known of replies to reviews to `review_care`.
"""

from datetime import date

import polars as pl

from pipeline.core.facts.orders import with_buyers
from pipeline.core.facts.promises import BROKEN, judge_promise
from pipeline.core.frames import Frame, clock_hours
from pipeline.core.loyalty.settings import PillarSettings
from pipeline.core.statistics import percentage

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


def judge_deliveries(orders: Frame, lines: Frame, *, as_of: date) -> Frame:
    """One row per order of `orders_as_of`: how its delivery went by as_of, 1 or 0; null where it is unknown or undecided.

    `lines` are the facts of order lines. Columns: `customer_id`, `month` (first day of the local month of the order),
    `on_time` by the promise first made, `in_full`, `otif` (on time and in full, where both are known) and `honoured`
    (delivered on the very date that the customer asked for, if any: a day too early nobody is at home). In full: every
    line of goods with a known `quantity_delivered` has all of its pieces. An overdue order is not in full either, in a
    shop that counts the pieces of any order. Definitions, section 6.
    """
    pieces = pl.col("quantity_delivered")
    gaps = (
        lines.filter(pieces.is_not_null(), pl.col("quantity") > 0)
        .group_by("order_id")
        .agg((pieces - pl.col("quantity")).min().alias("largest_gap"))
    )
    has_arrived = pl.col("delivered_date").is_not_null() & ~pl.col("is_cancelled")
    gap = pl.when(has_arrived).then(pl.col("largest_gap"))
    is_overdue = (pl.col("promise_status") == "overdue") & (gap.count() > 0)
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
    totals = _joined(_counts(evidence, "customer_id"), _hours(replies.filter(named), "customer_id"), "customer_id")
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


def convenience_pillars(deliveries: Frame, replies: Frame, *, as_of: date, settings: PillarSettings) -> Frame:
    """One row per local month (null: all) and measure (contract ConveniencePillars), anonymous orders included.

    Shares with their Wilson 95% interval; the median of the hours has none. Null below `settings.min_n`.
    """
    counts = _counts(deliveries, "month")
    per_month = _joined(counts, _hours(replies, "month"), "month")
    # An impossible month stands for all: null would join nothing.
    no_month = pl.lit(date.min).alias("month")
    of_all = _joined(
        counts.with_columns(no_month).group_by("month").agg(pl.col(COUNTS).sum()),
        _hours(replies.with_columns(no_month), "month"),
        "month",
    )
    totals = pl.concat([per_month, of_all.with_columns(month=pl.lit(None, pl.Date))])
    return pl.concat([_measured(totals, measure, as_of, settings.min_n) for measure in PILLAR_OF_MEASURE])


def _is_kept(status: pl.Expr) -> pl.Expr:
    """1 for a promise that was kept, 0 for a broken one; null for any other."""
    is_broken = pl.any_horizontal(status == name for name in BROKEN)
    return pl.when(status == "kept").then(pl.lit(1, pl.Int8)).when(is_broken).then(pl.lit(0, pl.Int8))


def _counts(deliveries: Frame, by: str) -> Frame:
    """Per customer or month, and share: how many deliveries are known, and how many of these were good."""
    known = [pl.col(name).count().cast(pl.Int64).alias(f"n_{name}_known") for name in SHARES]
    met = [pl.col(name).sum().cast(pl.Int64).alias(f"n_{name}") for name in SHARES]
    return deliveries.group_by(by).agg(*known, *met)


def _hours(replies: Frame, by: str) -> Frame:
    """Per customer or month: how many replies there were, and their median hours."""
    hours = pl.col("reply_hours")
    return replies.group_by(by).agg(
        hours.count().cast(pl.Int64).alias("n_replies"), hours.median().alias("median_reply_hours")
    )


def _joined(counts: Frame, hours: Frame, by: str) -> Frame:
    return counts.join(hours, on=by, how="full", coalesce=True).select(
        by, pl.col(*COUNTS, "n_replies").fill_null(0), "median_reply_hours"
    )


def _measured(totals: Frame, measure: str, as_of: date, min_n: int) -> Frame:
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
