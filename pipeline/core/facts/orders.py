"""Orders: what is true of each whatever the date, and what was known of it on a date. Scores and segments do not belong here."""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from pipeline.core.facts.money import Money, paid_in_shop_currency
from pipeline.core.facts.promises import judge_promise, outcome_date
from pipeline.core.frames import Frame
from pipeline.core.local_dates import with_local_dates


def order_facts(
    orders: Frame,
    *,
    time_zone: str,
    valid_statuses: Sequence[str],
    count_free: bool = False,
    money: Money | None = None,
) -> Frame:
    """One row per order of the lake, with what is true of it whatever the date. Key: `order_id`.

    The columns of the contract Orders, with all amounts in the shop's currency. The status is the newest that is known, as its
    history is not kept. Definitions, section 1. Adds the columns of `paid_in_shop_currency`, and:

    - `ordered_date`, `promised_date`, `delivered_date`, `refunded_date`, `redelivery_date`, `updated_date`: the local
      dates of its moments.
    - `has_valid_status`: its status is one of `valid_statuses`.
    - `is_free`: nothing was to be paid for it, as for a sample or an exchange, whatever is given back for it and when. With
      `count_free`, which counts such orders as purchases, only where the discount is above the value.
    - `is_sale`: of a valid status, not free, and with a value in the shop's currency.
    - `is_invoice`: a cancellation invoice: the refund of an order that it does not name, with nothing sold on it.
    - `is_cancelled`: cancelled or returned, so that no promise binds.
    - `is_undated`: said to be delivered, without a date.
    """
    status, has_valid_status = pl.col("status"), pl.col("status").is_in(list(valid_statuses))
    gross, discount = pl.col("gross_amount"), pl.col("discount_amount")
    is_free = has_valid_status & ((gross < discount) if count_free else (gross <= discount))
    judged = with_local_dates(orders, time_zone).with_columns(
        # From the amounts as paid: without a rate they are 0.
        has_valid_status=has_valid_status,
        is_free=is_free,
        is_invoice=(status == "returned") & (gross == 0),
    )
    return paid_in_shop_currency(judged, money).with_columns(
        is_sale=pl.col("has_valid_status") & ~pl.col("is_free") & ~pl.col("is_unpriced"),
        is_cancelled=status.is_in(["cancelled", "returned"]),
        is_undated=(status == "delivered") & pl.col("delivered_at").is_null(),
    )


def orders_as_of(facts: Frame, *, as_of: date) -> Frame:
    """One row per order that exists at as_of, anonymous and invalid ones included. Key: `order_id`.

    An order exists once its local date is not after as_of. The columns of `order_facts`, as known at as_of: a later
    refund or delivery has not happened yet, and a refund without a date counts at once. A promise binds whatever the
    price. Definitions, sections 1, 6. Adds:

    - `is_valid`: it is a sale and not fully refunded; an invoice never is.
    - `invalid_reason`: why not (`status_…`, fully_refunded, free, no_rate); null for a valid order and for an invoice.
    - `promise_status`: what became of the promise (`judge_promise`).
    - `outcome_date`: when that was known (`outcome_date`).
    """
    refund, net = pl.col("refund_amount"), pl.col("net_amount")
    is_fully_refunded = (refund > 0) & (net <= 0)
    is_delivered = pl.col("delivered_date") <= as_of
    return (
        facts.filter(pl.col("ordered_date") <= as_of)
        .with_columns(
            refund_amount=pl.when(pl.col("refunded_date") > as_of).then(pl.lit(0, pl.Int64)).otherwise(refund),
            delivered_at=pl.when(is_delivered).then(pl.col("delivered_at")),
            delivered_date=pl.when(is_delivered).then(pl.col("delivered_date")),
        )
        .with_columns(
            net_amount=pl.col("gross_amount") - pl.col("discount_amount") - refund,
            promise_status=judge_promise("promised_date", as_of),
        )
        .with_columns(
            invalid_reason=pl.when(~pl.col("has_valid_status"))
            .then(pl.concat_str(pl.lit("status_"), pl.col("status")))
            .when(is_fully_refunded)
            .then(pl.lit("fully_refunded"))
            .when("is_free")
            .then(pl.lit("free"))
            .when("is_unpriced")
            .then(pl.lit("no_rate")),
            is_valid=pl.col("is_sale") & ~is_fully_refunded,
            outcome_date=outcome_date(),
        )
    )


def numbered_orders(known: Frame) -> Frame:
    """The rows and columns of `orders_as_of`. Key: `order_id`. Adds:

    - `order_number`: the place among the customer's valid orders by time, then by name, from 1; null for an invalid or
      anonymous order.
    """
    counts = pl.col("is_valid") & pl.col("customer_id").is_not_null()
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(
        "customer_id", "is_valid", order_by=["ordered_at", "order_id"]
    )
    return known.with_columns(order_number=pl.when(counts).then(place))


def with_buyers(rows: Frame, orders: Frame, *, column: str = "customer_id") -> Frame:
    """The rows, as many as before and with their key and columns; `column` is the customer of the order where a row names none."""
    # A join holds its right side: only the orders of the rows that name an order alone.
    named_alone = rows.filter(pl.col(column).is_null()).select("order_id")
    buyers = orders.select("order_id", buyer_id="customer_id").join(named_alone, on="order_id", how="semi")
    return (
        rows.join(buyers, on="order_id", how="left")
        .with_columns(pl.coalesce(column, "buyer_id").alias(column))
        .drop("buyer_id")
    )


def of_other_orders(rows: Frame, orders: Frame) -> Frame:
    """The rows that name a customer, and an order that is none of `orders`: of these customers it is an order of somebody else.

    A row that names an order alone is its buyer's, and read with it.
    """
    named = rows.filter(pl.col("customer_id").is_not_null(), pl.col("order_id").is_not_null())
    return named.join(orders.select("order_id"), on="order_id", how="anti")


def window_start(as_of: date, window_days: int | None) -> date:
    """The first local date of the window (as_of - window_days, as_of]; without a window the first date there is."""
    return date.min if window_days is None else as_of - timedelta(days=window_days - 1)


def totals_per_customer(orders: Frame, customers: Frame, *, first_date: date) -> Frame:
    """One row per customer: everyone in `customers`, and everyone in `orders`. Key: `customer_id`.

    They come from `customers_as_of` and `orders_as_of`. Has only these columns:

    - `customer_id`: the person.
    - `first_order_date`, `last_order_date`: of all valid orders; null without one.
    - `n_valid`: valid orders since `first_date`.
    - `net_total`: minor units paid less refunds since `first_date`: net amounts of valid orders and of cancellation invoices, so
      it can be below 0.
    - `n_orders`, `n_valid_orders`: orders of all time, all and valid; a cancellation invoice is none.
    - `has_unpriced`: bought something that has no value in the shop's currency.
    """
    is_valid, in_window = pl.col("is_valid"), pl.col("ordered_date") >= first_date
    totals = (
        orders.filter(pl.col("customer_id").is_not_null())
        .select(
            "customer_id",
            "is_valid",
            is_order=~pl.col("is_invoice"),
            is_unpriced=pl.col("is_unpriced") & pl.col("has_valid_status") & ~pl.col("is_free"),
            valid_date=pl.when(is_valid).then(pl.col("ordered_date")),
            n_valid=is_valid & in_window,
            net_total=pl.when(in_window & (is_valid | pl.col("is_invoice"))).then(pl.col("net_amount")).otherwise(0),
        )
        .group_by("customer_id")
        .agg(
            pl.col("valid_date").min().alias("first_order_date"),
            pl.col("valid_date").max().alias("last_order_date"),
            pl.col("n_valid").sum().cast(pl.Int64),
            pl.col("net_total").sum(),
            pl.col("is_order").sum().cast(pl.Int64).alias("n_orders"),
            pl.col("is_valid").sum().cast(pl.Int64).alias("n_valid_orders"),
            pl.col("is_unpriced").any().alias("has_unpriced"),
        )
    )
    counts = ("n_valid", "net_total", "n_orders", "n_valid_orders")
    return totals.join(customers.select("customer_id"), on="customer_id", how="full", coalesce=True).with_columns(
        pl.col(*counts).fill_null(0), pl.col("has_unpriced").fill_null(False)
    )
