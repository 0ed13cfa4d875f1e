"""The contract of an order line."""

import pandera.polars as pa

from schemas.types import CURRENCY_PATTERN, EXTRA_WORDS, MINOR, Contract, UtcTime


class OrderLines(Contract, key=("order_id", "line_number"), month_of="ordered_at", is_delivered=True):
    """One row per order line."""

    order_id: str = pa.Field(str_length={"min_value": 1}, description="The order this line belongs to.")
    line_number: int = pa.Field(ge=1, description="Position of the line in its order, from 1.")
    source_id: str = pa.Field(
        nullable=True,
        description="The source's own id of the order, as in orders.",
    )
    ordered_at: UtcTime = pa.Field(description="When the order was placed.")
    product_id: str = pa.Field(nullable=True, description="The shop's product number or SKU.")
    category: str = pa.Field(nullable=True, description="Product category as the shop names it.")
    quantity: int = pa.Field(description="Pieces; below 0 for goods sent back.")
    quantity_delivered: int = pa.Field(
        nullable=True, ge=0, description="Pieces that reached the customer, where the source counts them."
    )
    currency: str = pa.Field(str_matches=CURRENCY_PATTERN, description="ISO 4217 code of the amount.")
    line_amount: int = pa.Field(
        metadata=MINOR, description="Value of the whole line (all pieces) after line discounts."
    )
    extra: str = pa.Field(nullable=True, description=EXTRA_WORDS)
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")
