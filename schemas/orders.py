"""The contract of an order. What makes an order *valid* for segmentation is a rule of `pipeline.core.facts`, not of the contract."""

import pandera.polars as pa
import polars as pl
from pandera.polars import PolarsData

from schemas.types import CURRENCY_PATTERN, EXTRA_WORDS, MINOR, ORDER_STATUSES, PSEUDONYM_PATTERN, Contract, UtcTime


class Orders(Contract, key=("order_id",), month_of="ordered_at", is_delivered=True):
    """One row per order: its newest version."""

    order_id: str = pa.Field(str_length={"min_value": 1}, description="The shop's order number.")
    source_id: str = pa.Field(
        nullable=True,
        description="The source's own id of the order, which never changes, where a number can be used twice: another id under a number is "
        "another order.",
    )
    customer_id: str = pa.Field(nullable=True, description="Who ordered; null for an anonymous order.")
    email_hash: str = pa.Field(
        nullable=True,
        str_matches=PSEUDONYM_PATTERN,
        description="Pseudonym of the e-mail address, where the source has one.",
    )
    ordered_at: UtcTime = pa.Field(description="When the order was placed.")
    status: str = pa.Field(isin=ORDER_STATUSES, description="pending, paid, shipped, delivered, cancelled or returned.")
    channel: str = pa.Field(nullable=True, description="Where it was sold: web, app, store, marketplace, …")
    currency: str = pa.Field(str_matches=CURRENCY_PATTERN, description="ISO 4217 code of the amounts.")
    gross_amount: int = pa.Field(metadata=MINOR, ge=0, description="Value before discount and refund.")
    discount_amount: int = pa.Field(metadata=MINOR, ge=0, description="Discount given on the order.")
    refund_amount: int = pa.Field(
        metadata=MINOR, ge=0, description="Money given back, for this order or by a cancellation invoice."
    )
    net_amount: int = pa.Field(
        metadata=MINOR,
        description="gross_amount - discount_amount - refund_amount; below 0 on a cancellation invoice.",
    )
    is_net_unsettled: bool = pa.Field(
        nullable=True,
        description="Whether the export leaves open how much of the order was paid; null: it does not.",
    )
    promised_at: UtcTime = pa.Field(
        nullable=True, description="The delivery date first promised; null without a promise."
    )
    redelivery_at: UtcTime = pa.Field(
        nullable=True, description="The date the customer asked to move the delivery to; null: not moved."
    )
    delivered_at: UtcTime = pa.Field(nullable=True, description="When the customer received it.")
    refunded_at: UtcTime = pa.Field(
        nullable=True, description="When the refund was given; null: unknown, and the refund then counts at once."
    )
    extra: str = pa.Field(nullable=True, description=EXTRA_WORDS)
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")

    @pa.dataframe_check(name="net_amount", error="is not gross_amount - discount_amount - refund_amount")
    def net_is_what_the_shop_keeps(cls, data: PolarsData) -> pl.LazyFrame:
        """Net is gross less discount and refund."""
        return data.lazyframe.select(
            pl.col("net_amount") == pl.col("gross_amount") - pl.col("discount_amount") - pl.col("refund_amount")
        )

    @pa.dataframe_check(name="delivered_at", error="is before ordered_at")
    def delivery_follows_the_order(cls, data: PolarsData) -> pl.LazyFrame:
        """Nothing is delivered before it is ordered."""
        return data.lazyframe.select((pl.col("delivered_at") >= pl.col("ordered_at")).fill_null(True))
