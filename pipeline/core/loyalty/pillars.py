"""The pillars of convenience: reliability, availability, personal attention, situation. What broken promises are followed by
belongs to `promise_impact`, all that is known of replies to reviews to `review_care`.
"""

from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw

from pipeline.core.attitude.promise import BROKEN, judge_promises
from pipeline.core.frames import Frame, clock_hours, day_end, local_date
from pipeline.core.statistics import wilson_interval

if TYPE_CHECKING:
    from pipeline.settings import PillarSettings

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
    moved = orders.filter(~nw.col("redelivery_at").is_null())
    asked_for = judge_promises(
        moved.with_columns(promised_at=nw.col("redelivery_at")), as_of=as_of, time_zone=time_zone
    ).select("order_id", asked_status="promise_status")
    asked_dates = moved.select("order_id", asked_date=local_date("redelivery_at", time_zone))
    pieces = nw.col("quantity_delivered")
    gaps = (
        lines.filter(~pieces.is_null() & (nw.col("quantity") > 0))
        .group_by("order_id")
        .agg((pieces - nw.col("quantity")).min().alias("largest_gap"))
    )
    delivered_date = nw.col("delivered_date")
    gap = nw.when(~delivered_date.is_null()).then(nw.col("largest_gap"))
    counts_pieces = nw.col("gap").count() > 0
    is_that_day = (delivered_date == nw.col("asked_date")).fill_null(False)
    return (
        judge_promises(orders, as_of=as_of, time_zone=time_zone)
        .join(asked_for.join(asked_dates, on="order_id", how="inner"), on="order_id", how="left")
        .join(gaps, on="order_id", how="left")
        .with_columns(gap=gap)
        .with_columns(is_overdue=(nw.col("promise_status") == "overdue") & counts_pieces)
        .with_columns(
            on_time=_is_kept("promise_status"),
            in_full=nw.when(~nw.col("gap").is_null() | nw.col("is_overdue")).then(
                (nw.col("gap") >= 0).fill_null(False).cast(nw.Int64)
            ),
            honoured=_is_kept("asked_status") * is_that_day.cast(nw.Int64),
        )
        # DuckDB truncates a date to a timestamp.
        .with_columns(nw.col("month").cast(nw.Date), otif=nw.col("on_time") * nw.col("in_full"))
        .select("customer_id", "month", *SHARES)
    )


def find_replies(reviews: Frame, touchpoints: Frame, orders: Frame, *, as_of: date, time_zone: str) -> Frame:
    """One row per review or service contact that the shop had answered by as_of: `customer_id`, `month` (first day of the
    local month in which it was written), `reply_hours` on the shop's clock.

    `reviews` are those of `reviews_as_of`, `orders` those of `orders_as_of`: a contact that names nobody is the buyer's of the
    order that it names. An answer that is older than what it answers is none.
    """
    buyers = orders.select("order_id", nw.col("customer_id").alias("buyer_id"))
    contacts = (
        touchpoints.filter(nw.col("kind") == "service_contact", nw.col("replied_at") < day_end(as_of, time_zone))
        .join(buyers, on="order_id", how="left")
        .with_columns(customer_id=nw.coalesce("customer_id", "buyer_id"))
    )
    asked = [
        rows.select("customer_id", "replied_at", asked_at=asked_at)
        for rows, asked_at in ((reviews, "created_at"), (contacts, "occurred_at"))
    ]
    return (
        nw.concat(asked)
        .filter(nw.col("replied_at") >= nw.col("asked_at"))
        .with_columns(asked_date=local_date("asked_at", time_zone), replied_date=local_date("replied_at", time_zone))
        .select(
            "customer_id",
            month=nw.col("asked_date").dt.truncate("1mo").cast(nw.Date),
            reply_hours=clock_hours("asked", "replied", time_zone),
        )
    )


def customer_pillars(deliveries: Frame, replies: Frame, customers: Frame, *, as_of: date) -> Frame:
    """One row per customer with any evidence (contract CustomerPillars), from `judge_deliveries` and `find_replies`.

    `customers` are those who may have a row: who is named by a review only is not known to be one.
    """
    named = _facts(deliveries, replies).filter(~nw.col("customer_id").is_null())
    totals = _totals(named, "customer_id").join(customers.select("customer_id"), on="customer_id", how="semi")
    evidence = nw.sum_horizontal("n_replies", *(f"n_{name}_known" for name in SHARES))
    shares = [
        column
        for name in SHARES
        for column in (f"n_{name}_known", f"n_{name}", _percentage(f"n_{name}", f"n_{name}_known").alias(f"pct_{name}"))
    ]
    return totals.filter(evidence > 0).select(
        "customer_id", nw.lit(as_of).alias("as_of_date"), *shares, "n_replies", "median_reply_hours"
    )


def convenience_pillars(deliveries: Frame, replies: Frame, *, as_of: date, settings: "PillarSettings") -> Frame:
    """One row per local month (null: all) and measure (contract ConveniencePillars), anonymous orders included.

    Shares with their Wilson 95% interval; the median of the hours has none. Null below `settings.min_n`.
    """
    facts = _facts(deliveries, replies)
    months = [nw.lit(None, nw.Date), nw.col("month")]
    totals = nw.concat([_totals(facts.with_columns(month=month), "month") for month in months])
    return nw.concat([_measured(totals, measure, as_of, settings.min_n) for measure in PILLAR_OF_MEASURE])


def _is_kept(status: str) -> nw.Expr:
    """1 for a promise that was kept, 0 for a broken one; null for any other."""
    is_kept = (nw.col(status) == "kept").cast(nw.Int64)
    return nw.when(nw.col(status).is_in(["kept", *BROKEN])).then(is_kept)


def _facts(deliveries: Frame, replies: Frame) -> Frame:
    """One row per delivery and reply, with the measures of the one or the other."""
    nothing = {name: nw.lit(None, nw.Int64) for name in SHARES}
    columns = ("customer_id", "month", *PILLAR_OF_MEASURE)
    parts = (deliveries.with_columns(reply_hours=nw.lit(None, nw.Float64)), replies.with_columns(**nothing))
    return nw.concat([part.select(columns) for part in parts])


def _totals(facts: Frame, by: str) -> Frame:
    counts = [nw.col(name).count().cast(nw.Int64).alias(f"n_{name}_known") for name in SHARES]
    met = [nw.col(name).sum().cast(nw.Int64).alias(f"n_{name}") for name in SHARES]
    hours = nw.col("reply_hours")
    return (
        facts.group_by(by)
        .agg(
            *counts,
            *met,
            hours.count().cast(nw.Int64).alias("n_replies"),
            hours.median().alias("median_reply_hours"),
        )
        .with_columns(*(nw.col(f"n_{name}").fill_null(0) for name in SHARES))
    )


def _percentage(met: str, n: str) -> nw.Expr:
    return 100.0 * nw.col(met) / nw.when(nw.col(n) > 0).then(nw.col(n))


def _measured(totals: Frame, measure: str, as_of: date, min_n: int) -> Frame:
    """The rows of one measure, in the columns of the contract."""
    if measure in SHARES:
        named = totals.with_columns(n=nw.col(f"n_{measure}_known"), n_met=nw.col(f"n_{measure}"))
        median = nw.lit(None, nw.Float64)
    else:
        named = totals.with_columns(n=nw.col("n_replies"), n_met=nw.lit(None, nw.Int64))
        median = nw.col("median_reply_hours")
    n, n_met = nw.col("n"), nw.col("n_met")
    low, high = wilson_interval(n_met, n)
    shown = {"pct": _percentage("n_met", "n"), "pct_low": 100.0 * low, "pct_high": 100.0 * high, "median_hours": median}
    return named.select(
        nw.lit(as_of).alias("as_of_date"),
        "month",
        nw.lit(PILLAR_OF_MEASURE[measure]).alias("pillar"),
        nw.lit(measure).alias("measure"),
        "n",
        "n_met",
        *(nw.when(n >= min_n).then(value).alias(name) for name, value in shown.items()),
        (n < min_n).alias("is_suppressed"),
    )
