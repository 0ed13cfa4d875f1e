"""The pillars of convenience: reliability, availability, personal attention, situation. What broken promises are followed by
belongs to `promise_impact`, all that is known of replies to reviews to `review_care`.
"""

from datetime import date

import polars as pl

from pipeline.core.facts.promises import BROKEN, judge_promises
from pipeline.core.frames import Frame, clock_hours, day_end, local_date
from pipeline.core.loyalty.settings import PillarSettings
from pipeline.core.statistics import wilson_interval

PILLAR_OF_MEASURE = {
    "otif": "reliability",
    "on_time": "reliability",
    "in_full": "availability",
    "reply_hours": "personal_attention",
    "honoured": "situation",
}
"""Definitions, section 6."""
SHARES = tuple(measure for measure in PILLAR_OF_MEASURE if measure != "reply_hours")


def judge_deliveries(orders: Frame, lines: Frame, *, as_of: date, time_zone: str) -> Frame:
    """One row per order of `orders_as_of`: how its delivery went by as_of, 1 or 0; null where it is unknown or undecided.

    Columns: `customer_id`, `month` (first day of the local month of the order), `on_time` by the promise first made,
    `in_full`, `otif` (on time and in full, where both are known) and `honoured` (delivered on the very date that the
    customer asked for, where one was: a day too early nobody is at home). In full: every line of goods with a known
    `quantity_delivered` has all of its pieces. An overdue order has reached nobody: it is not in full either, in a shop
    that counts pieces. Definitions, section 6.
    """
    moved = orders.filter(~pl.col("redelivery_at").is_null())
    asked_for = judge_promises(
        moved.with_columns(promised_at=pl.col("redelivery_at")), as_of=as_of, time_zone=time_zone
    ).select("order_id", asked_status="promise_status")
    asked_dates = moved.select("order_id", asked_date=local_date("redelivery_at", time_zone))
    pieces = pl.col("quantity_delivered")
    gaps = (
        lines.filter(~pieces.is_null() & (pl.col("quantity") > 0))
        .group_by("order_id")
        .agg((pieces - pl.col("quantity")).min().alias("largest_gap"))
    )
    delivered_date = pl.col("delivered_date")
    gap = pl.when(~delivered_date.is_null()).then(pl.col("largest_gap"))
    counts_pieces = pl.col("gap").count() > 0
    is_that_day = (delivered_date == pl.col("asked_date")).fill_null(False)
    return (
        judge_promises(orders, as_of=as_of, time_zone=time_zone)
        .join(asked_for.join(asked_dates, on="order_id", how="inner"), on="order_id", how="left")
        .join(gaps, on="order_id", how="left")
        .with_columns(gap=gap)
        .with_columns(is_overdue=(pl.col("promise_status") == "overdue") & counts_pieces)
        .with_columns(
            on_time=_is_kept("promise_status"),
            in_full=pl.when(~pl.col("gap").is_null() | pl.col("is_overdue")).then(
                (pl.col("gap") >= 0).fill_null(False).cast(pl.Int64)
            ),
            honoured=_is_kept("asked_status") * is_that_day.cast(pl.Int64),
        )
        # DuckDB truncates a date to a timestamp.
        .with_columns(pl.col("month").cast(pl.Date), otif=pl.col("on_time") * pl.col("in_full"))
        .select("customer_id", "month", *SHARES)
    )


def find_replies(reviews: Frame, touchpoints: Frame, orders: Frame, *, as_of: date, time_zone: str) -> Frame:
    """One row per review or service contact that the shop had answered by as_of: `customer_id`, `month` (first day of the
    local month in which it was written), `reply_hours` on the shop's clock.

    `reviews` are those of `reviews_as_of`, `orders` those of `orders_as_of`: a contact that names nobody is the buyer's of the
    order that it names. An answer that is older than what it answers is none.
    """
    buyers = orders.select("order_id", pl.col("customer_id").alias("buyer_id"))
    contacts = (
        touchpoints.filter(pl.col("kind") == "service_contact", pl.col("replied_at") < day_end(as_of, time_zone))
        .join(buyers, on="order_id", how="left")
        .with_columns(customer_id=pl.coalesce("customer_id", "buyer_id"))
    )
    asked = [
        rows.select("customer_id", "replied_at", asked_at=asked_at)
        for rows, asked_at in ((reviews, "created_at"), (contacts, "occurred_at"))
    ]
    return (
        pl.concat(asked)
        .filter(pl.col("replied_at") >= pl.col("asked_at"))
        .with_columns(asked_date=local_date("asked_at", time_zone), replied_date=local_date("replied_at", time_zone))
        .select(
            "customer_id",
            month=pl.col("asked_date").dt.truncate("1mo").cast(pl.Date),
            reply_hours=clock_hours("asked", "replied", time_zone),
        )
    )


def customer_pillars(deliveries: Frame, replies: Frame, customers: Frame, *, as_of: date) -> Frame:
    """One row per customer with any evidence (contract CustomerPillars), from `judge_deliveries` and `find_replies`.

    `customers` are those who may have a row: who is named by a review only is not known to be one.
    """
    named = _facts(deliveries, replies).filter(~pl.col("customer_id").is_null())
    totals = _totals(named, "customer_id").join(customers.select("customer_id"), on="customer_id", how="semi")
    evidence = pl.sum_horizontal("n_replies", *(f"n_{name}_known" for name in SHARES))
    shares = [
        column
        for name in SHARES
        for column in (f"n_{name}_known", f"n_{name}", _percentage(f"n_{name}", f"n_{name}_known").alias(f"pct_{name}"))
    ]
    return totals.filter(evidence > 0).select(
        "customer_id", pl.lit(as_of).alias("as_of_date"), *shares, "n_replies", "median_reply_hours"
    )


def convenience_pillars(deliveries: Frame, replies: Frame, *, as_of: date, settings: PillarSettings) -> Frame:
    """One row per local month (null: all) and measure (contract ConveniencePillars), anonymous orders included.

    Shares with their Wilson 95% interval; the median of the hours has none. Null below `settings.min_n`.
    """
    facts = _facts(deliveries, replies)
    months = [pl.lit(None, pl.Date), pl.col("month")]
    totals = pl.concat([_totals(facts.with_columns(month=month), "month") for month in months])
    return pl.concat([_measured(totals, measure, as_of, settings.min_n) for measure in PILLAR_OF_MEASURE])


def _is_kept(status: str) -> pl.Expr:
    """1 for a promise that was kept, 0 for a broken one; null for any other."""
    is_kept = (pl.col(status) == "kept").cast(pl.Int64)
    return pl.when(pl.col(status).is_in(["kept", *BROKEN])).then(is_kept)


def _facts(deliveries: Frame, replies: Frame) -> Frame:
    """One row per delivery and reply, with the measures of the one or the other."""
    nothing = {name: pl.lit(None, pl.Int64) for name in SHARES}
    columns = ("customer_id", "month", *PILLAR_OF_MEASURE)
    parts = (deliveries.with_columns(reply_hours=pl.lit(None, pl.Float64)), replies.with_columns(**nothing))
    return pl.concat([part.select(columns) for part in parts])


def _totals(facts: Frame, by: str) -> Frame:
    counts = [pl.col(name).count().cast(pl.Int64).alias(f"n_{name}_known") for name in SHARES]
    met = [pl.col(name).sum().cast(pl.Int64).alias(f"n_{name}") for name in SHARES]
    hours = pl.col("reply_hours")
    return (
        facts.group_by(by)
        .agg(
            *counts,
            *met,
            hours.count().cast(pl.Int64).alias("n_replies"),
            hours.median().alias("median_reply_hours"),
        )
        .with_columns(*(pl.col(f"n_{name}").fill_null(0) for name in SHARES))
    )


def _percentage(met: str, n: str) -> pl.Expr:
    return 100.0 * pl.col(met) / pl.when(pl.col(n) > 0).then(pl.col(n))


def _measured(totals: Frame, measure: str, as_of: date, min_n: int) -> Frame:
    """The rows of one measure, in the columns of the contract."""
    if measure in SHARES:
        named = totals.with_columns(n=pl.col(f"n_{measure}_known"), n_met=pl.col(f"n_{measure}"))
        median = pl.lit(None, pl.Float64)
    else:
        named = totals.with_columns(n=pl.col("n_replies"), n_met=pl.lit(None, pl.Int64))
        median = pl.col("median_reply_hours")
    n, n_met = pl.col("n"), pl.col("n_met")
    low, high = wilson_interval(n_met, n)
    shown = {"pct": _percentage("n_met", "n"), "pct_low": 100.0 * low, "pct_high": 100.0 * high, "median_hours": median}
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
