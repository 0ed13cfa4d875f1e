"""What customers send back."""

from datetime import date

import narwhals as nw

from pipeline.core.frames import Frame


def count_returns(orders: Frame, *, as_of: date) -> Frame:
    """One row per customer with an order (contract CustomerReturns); `orders` are those of `orders_as_of`."""
    named = orders.filter(~nw.col("customer_id").is_null())
    counted = named.group_by("customer_id").agg(
        nw.len().cast(nw.Int64).alias("n_orders"),
        (nw.col("status") == "returned").cast(nw.Int64).sum().alias("n_returned"),
        nw.col("refund_amount").sum(),
    )
    return counted.select(
        "customer_id",
        nw.lit(as_of).alias("as_of_date"),
        "n_orders",
        "n_returned",
        (100.0 * nw.col("n_returned") / nw.col("n_orders")).alias("pct_returned"),
        "refund_amount",
    )
