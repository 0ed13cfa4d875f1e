"""Orders as they were known on a date: which exist, which are valid, what was refunded. Scores and segments do not belong here."""

from collections.abc import Sequence
from datetime import date, timedelta

import narwhals as nw

from pipeline.core.frames import Frame, computed_once, day_end, day_start, local_date


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
    refund, net = nw.col("refund_amount"), nw.col("net_amount")
    is_fully_refunded = (refund > 0) & (net <= 0) & (nw.col("gross_amount") > 0)
    sold = [status for status in valid_statuses if status != "returned"]
    return (
        orders.filter(nw.col("ordered_at") < end)
        .with_columns(
            local_date=local_date("ordered_at", time_zone),
            refund_amount=nw.when(nw.col("refunded_at") >= end).then(nw.lit(0, nw.Int64)).otherwise(refund),
        )
        .with_columns(net_amount=nw.col("gross_amount") - nw.col("discount_amount") - refund)
        .with_columns(
            has_valid_status=nw.col("status").is_in(sold),
            is_invoice=is_cancellation_invoice(),
        )
        .with_columns(is_valid=nw.col("has_valid_status") & ~is_fully_refunded)
    )


def is_cancellation_invoice() -> nw.Expr:
    """Whether an order is the refund of another that it does not name: it came back, and nothing was sold on it."""
    return (nw.col("status") == "returned") & (nw.col("gross_amount") == 0)


def customers_as_of(customers: Frame, orders: Frame, *, as_of: date, time_zone: str) -> Frame:
    """The customers who are known on a date beside those of `orders_as_of`; `orders` are all of the lake.

    Who registered later is not. Of those without a date who ordered later only an order can tell that they were known
    before; who never ordered is known.
    """
    end = day_end(as_of, time_zone)
    ordering = orders.filter(nw.col("ordered_at") >= end).select("customer_id", orders_later=nw.lit(True)).unique()
    is_undated = nw.col("registered_at").is_null()
    return (
        customers.join(ordering, on="customer_id", how="left")
        .filter((is_undated & nw.col("orders_later").is_null()) | (nw.col("registered_at") < end))
        .drop("orders_later")
    )


def latest_channels(moments: Frame, orders: Frame) -> Frame:
    """The channel of the customer's latest order at each moment, by time, then by order number: `response_id`, `channel`.

    `moments` has one row per response: response_id, customer_id, responded_at. A response before any order has no row.
    """
    placed = computed_once(
        orders.select("order_id", "customer_id", "ordered_at", "channel")
        .join(moments.select("response_id", "customer_id", "responded_at"), on="customer_id", how="inner")
        .filter(nw.col("ordered_at") <= nw.col("responded_at"))
    )
    # The time first: sorting every order of every respondent by number takes twice as long.
    latest = placed.group_by("response_id").agg(nw.col("ordered_at").max())
    return (
        placed.join(latest, on=["response_id", "ordered_at"], how="inner")
        .unique(subset="response_id", keep="last", order_by=["order_id"])
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
    in_window = nw.lit(True) if first_date == date.min else nw.col("ordered_at") >= day_start(first_date, time_zone)
    is_valid = nw.col("is_valid")
    counts_in_net = in_window & (is_valid | nw.col("is_invoice"))
    totals = (
        orders.filter(~nw.col("customer_id").is_null())
        .select(
            "customer_id",
            valid_at=nw.when(is_valid).then(nw.col("ordered_at")),
            n_valid=(is_valid & in_window).cast(nw.Int64),
            net_total=nw.when(counts_in_net).then(nw.col("net_amount")).otherwise(nw.lit(0, nw.Int64)),
        )
        .group_by("customer_id")
        .agg(
            nw.col("valid_at").min().alias("first_valid_at"),
            nw.col("valid_at").max().alias("last_valid_at"),
            nw.col("n_valid").sum(),
            nw.col("net_total").sum(),
        )
    )
    return totals.join(customers.select("customer_id"), on="customer_id", how="full").select(
        nw.coalesce("customer_id", "customer_id_right").alias("customer_id"),
        "first_valid_at",
        "last_valid_at",
        nw.col("n_valid").fill_null(0).cast(nw.Int64),
        nw.col("net_total").fill_null(0).cast(nw.Int64),
    )
