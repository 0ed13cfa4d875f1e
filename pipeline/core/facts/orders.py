"""Orders as they were known on a date: which exist, which are valid, what was refunded. Scores and segments do not belong here."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from pipeline.core.frames import Frame, day_end, day_start, last_of, local_date


def orders_as_of(orders: Frame, *, as_of: date, time_zone: str, valid_statuses: Sequence[str]) -> Frame:
    """One row per order that exists at as_of: its local date in the shop's time zone is not after as_of.

    All columns of the lake's orders, anonymous orders included, with `refund_amount` and `net_amount` as known at as_of
    (a refund given after it has not happened, one without a date counts at once), and `local_date`, `has_valid_status`,
    `is_valid` and `is_invoice`. Valid: the status is one of `valid_statuses` and the order is not fully refunded. An order
    of value 0 is valid unless refunds made it 0. Invoice: a cancellation invoice, the refund of an order that it does not name; its
    status is returned, nothing was sold on it, and it is never valid. The status is the newest that is known: an order
    that came back is not valid on an earlier date either. Amounts in minor units. Definitions, section 1.
    """
    end = day_end(as_of, time_zone)
    refund, net = pl.col("refund_amount"), pl.col("net_amount")
    is_fully_refunded = (refund > 0) & (net <= 0) & (pl.col("gross_amount") > 0)
    sold = [status for status in valid_statuses if status != "returned"]
    return (
        orders.filter(pl.col("ordered_at") < end)
        .with_columns(
            local_date=local_date("ordered_at", time_zone),
            refund_amount=pl.when(pl.col("refunded_at") >= end).then(pl.lit(0, pl.Int64)).otherwise(refund),
        )
        .with_columns(net_amount=pl.col("gross_amount") - pl.col("discount_amount") - refund)
        .with_columns(
            has_valid_status=pl.col("status").is_in(sold),
            is_invoice=is_cancellation_invoice(),
        )
        .with_columns(is_valid=pl.col("has_valid_status") & ~is_fully_refunded)
    )


def is_cancellation_invoice() -> pl.Expr:
    """Whether an order is the refund of another that it does not name: it came back, and nothing was sold on it."""
    return (pl.col("status") == "returned") & (pl.col("gross_amount") == 0)


def customers_as_of(customers: Frame, orders: Frame, *, as_of: date, time_zone: str) -> Frame:
    """The customers who are known on a date beside those of `orders_as_of`; `orders` are all of the lake.

    Who registered later is not. Of those without a date who ordered later only an order can tell that they were known
    before; who never ordered is known.
    """
    end = day_end(as_of, time_zone)
    ordering = orders.filter(pl.col("ordered_at") >= end).select("customer_id", orders_later=pl.lit(True)).unique()
    is_undated = pl.col("registered_at").is_null()
    return (
        customers.join(ordering, on="customer_id", how="left")
        .filter((is_undated & pl.col("orders_later").is_null()) | (pl.col("registered_at") < end))
        .drop("orders_later")
    )


def latest_channels(moments: Frame, orders: Frame) -> Frame:
    """The channel of the customer's latest order at each moment, by time, then by order number: `response_id`, `channel`.

    `moments` has one row per response: response_id, customer_id, responded_at. A response before any order has no row.
    """
    placed = (
        orders.select("order_id", "customer_id", "ordered_at", "channel")
        .join(moments.select("response_id", "customer_id", "responded_at"), on="customer_id", how="inner")
        .filter(pl.col("ordered_at") <= pl.col("responded_at"))
    ).cache()
    # The time first: sorting every order of every respondent by number takes twice as long.
    latest = placed.group_by("response_id").agg(pl.col("ordered_at").max())
    return (
        placed.join(latest, on=["response_id", "ordered_at"], how="inner")
        .pipe(last_of, "response_id", order=["order_id"])
        .select("response_id", "channel")
    )


def window_start(as_of: date, window_days: int | None) -> date:
    """The first local date of the window (as_of - window_days, as_of]; without a window the first date there is."""
    return date.min if window_days is None else as_of - timedelta(days=window_days - 1)


def totals_per_customer(orders: Frame, customers: Frame, *, first_date: date, time_zone: str) -> Frame:
    """One row per customer: everyone in `customers`, and everyone in `orders`; they come from `customers_as_of` and `orders_as_of`.

    Columns: `customer_id`; `first_valid_at`, `last_valid_at` of all valid orders, null without one; `n_valid` valid orders
    since `first_date`; `net_total` paid less refunds since `first_date` in minor units: net amounts of valid orders and of
    cancellation invoices, so it can be below 0.
    """
    in_window = pl.lit(True) if first_date == date.min else pl.col("ordered_at") >= day_start(first_date, time_zone)
    is_valid = pl.col("is_valid")
    counts_in_net = in_window & (is_valid | pl.col("is_invoice"))
    totals = (
        orders.filter(~pl.col("customer_id").is_null())
        .select(
            "customer_id",
            valid_at=pl.when(is_valid).then(pl.col("ordered_at")),
            n_valid=(is_valid & in_window).cast(pl.Int64),
            net_total=pl.when(counts_in_net).then(pl.col("net_amount")).otherwise(pl.lit(0, pl.Int64)),
        )
        .group_by("customer_id")
        .agg(
            pl.col("valid_at").min().alias("first_valid_at"),
            pl.col("valid_at").max().alias("last_valid_at"),
            pl.col("n_valid").sum(),
            pl.col("net_total").sum(),
        )
    )
    return totals.join(customers.select("customer_id"), on="customer_id", how="full").select(
        pl.coalesce("customer_id", "customer_id_right").alias("customer_id"),
        "first_valid_at",
        "last_valid_at",
        pl.col("n_valid").fill_null(0).cast(pl.Int64),
        pl.col("net_total").fill_null(0).cast(pl.Int64),
    )
