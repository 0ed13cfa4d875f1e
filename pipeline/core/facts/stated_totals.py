"""What a shop's own list says of its customers' orders, beside the orders that are there. No figure is altered by it."""

from datetime import date

import polars as pl

from pipeline.core.frames import Frame


def compare_totals(customers: Frame, orders: Frame, *, as_of: date) -> Frame:
    """One row per customer whose orders a source counts, where there is an order. Key: `as_of_date`, `customer_id`.

    The columns of the contract CustomerTotals, and no others. `customers` come from `customer_facts`, `orders` from
    `order_facts`: all of them, as a list describes the day of its export. Amounts are compared only where both cover as
    many orders and the list states one. Definitions, sections 1, 9.
    """
    there = orders.group_by("customer_id").agg(
        n_orders=(~pl.col("is_invoice")).sum().cast(pl.Int64),
        spent_amount=pl.col("net_amount").sum(),
        is_foreign=pl.col("original_currency").is_not_null().any(),
    )
    stated, n_orders = pl.col("stated_orders"), pl.col("n_orders")
    return (
        customers.filter(stated.is_not_null())
        .select("customer_id", "stated_orders", "stated_spent_amount")
        .join(there, on="customer_id", how="left")
        .with_columns(pl.col("n_orders", "spent_amount").fill_null(0), pl.col("is_foreign").fill_null(False))
        .filter((stated > 0) | (n_orders > 0))
        .select(
            pl.lit(as_of).alias("as_of_date"),
            "customer_id",
            pl.when(n_orders < stated)
            .then(pl.lit("fewer_orders"))
            .when(n_orders > stated)
            .then(pl.lit("more_orders"))
            .when(pl.col("stated_spent_amount").is_null())
            .then(pl.lit("no_amount"))
            .when("is_foreign")
            .then(pl.lit("other_currency"))
            .when(pl.col("stated_spent_amount") != pl.col("spent_amount"))
            .then(pl.lit("spent_differs"))
            .otherwise(pl.lit("agrees"))
            .alias("outcome"),
            "stated_orders",
            "n_orders",
            "stated_spent_amount",
            "spent_amount",
        )
    )
