"""Convenience pillars per order: delivered on time, in full, both, and by the date it was moved to."""

from datetime import date

import narwhals as nw

from pipeline.core.attitude.promise import BROKEN, judge_promises
from pipeline.core.frames import Frame, day_end


def judge_deliveries(orders: Frame, lines: Frame, *, as_of: date, time_zone: str) -> Frame:
    """One row per order of `orders_as_of`: how its delivery went by as_of; null where it is unknown or undecided.

    Columns: `order_id`, `customer_id`, `month` (first day of the local month of the order), `is_on_time` by the promise
    first made, `is_in_full`, `is_otif` (on time and in full, where both are known) and `is_moved_on_time` (by the date
    the customer asked for, where one was). In full: every line with a known `quantity_delivered` has all of its pieces;
    known only of an order delivered by as_of. Lines of goods sent back are no delivery. Definitions, section 6.
    """
    promised = judge_promises(orders, as_of=as_of, time_zone=time_zone)
    moved = judge_promises(
        orders.with_columns(promised_at=nw.col("redelivery_at")), as_of=as_of, time_zone=time_zone
    ).select("order_id", moved_status=nw.col("promise_status"))
    delivered = orders.filter(
        nw.col("delivered_at") < day_end(as_of, time_zone), ~nw.col("status").is_in(["cancelled", "returned"])
    )
    pieces = nw.col("quantity_delivered")
    complete = (
        lines.filter(~pieces.is_null() & (nw.col("quantity") > 0))
        .join(delivered.select("order_id"), on="order_id", how="semi")
        .group_by("order_id")
        .agg((pieces - nw.col("quantity")).min().alias("largest_gap"))
        .select("order_id", is_in_full=nw.col("largest_gap") >= 0)
    )
    on_time, in_full = nw.col("is_on_time"), nw.col("is_in_full")
    return (
        promised.join(moved, on="order_id", how="left")
        .join(complete, on="order_id", how="left")
        .with_columns(is_on_time=_is_kept("promise_status"), is_moved_on_time=_is_kept("moved_status"))
        .with_columns(is_otif=nw.when(~on_time.is_null() & ~in_full.is_null()).then(on_time & in_full))
        # DuckDB truncates a date to a timestamp.
        .with_columns(nw.col("month").cast(nw.Date))
        .select("order_id", "customer_id", "month", "is_on_time", "is_in_full", "is_otif", "is_moved_on_time")
    )


def _is_kept(status: str) -> nw.Expr:
    """Whether a promise was kept; null unless it was kept or broken."""
    return nw.when(nw.col(status).is_in(["kept", *BROKEN])).then(nw.col(status) == "kept")
