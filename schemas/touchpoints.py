"""The contract of a touchpoint: one contact of a visitor or customer with the shop."""

import pandera.polars as pa
import polars as pl
from pandera.polars import PolarsData

from schemas.types import CURRENCY_PATTERN, EXTRA_WORDS, MINOR, PSEUDONYM_PATTERN, TOUCHPOINT_KINDS, Contract, UtcTime


class Touchpoints(Contract, key=("touchpoint_id",), month_of="occurred_at", is_delivered=True):
    """One row per touchpoint.

    Customer and order are as the source names them; whether they exist is checked on reading.
    """

    touchpoint_id: str = pa.Field(str_length={"min_value": 1}, description="The source's number of the touchpoint.")
    source_id: str = pa.Field(
        nullable=True,
        description="The source's own id of the touchpoint, which never changes, where a number can be used twice.",
    )
    customer_id: str = pa.Field(nullable=True, description="Who it was, where the source says so.")
    email_hash: str = pa.Field(
        nullable=True,
        str_matches=PSEUDONYM_PATTERN,
        description="Pseudonym of the e-mail address, where the source has one.",
    )
    session_id: str = pa.Field(nullable=True, description="The session it belongs to, where the source has one.")
    occurred_at: UtcTime = pa.Field(description="When it happened.")
    replied_at: UtcTime = pa.Field(
        nullable=True,
        description="When the shop replied to a service contact; null: no reply, or the source does not say.",
    )
    channel: str = pa.Field(nullable=True, description="Where it happened: web, app, store, telephone, …")
    kind: str = pa.Field(
        isin=TOUCHPOINT_KINDS,
        description="visit, product_view, cart, checkout, order, service_contact, review, social (a contact on social media), "
        "vote, share (passed on to others), store_visit, email_open or email_click.",
    )
    order_id: str = pa.Field(nullable=True, description="The order it concerns, where the source says so.")
    product_id: str = pa.Field(nullable=True, description="The product it concerns; null for the shop as a whole.")
    category: str = pa.Field(nullable=True, description="Product category as the shop names it.")
    cart_amount: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="Value of the whole cart, where the source says so; needs a currency.",
    )
    currency: str = pa.Field(
        nullable=True, str_matches=CURRENCY_PATTERN, description="ISO 4217 code of the amount; null without an amount."
    )
    extra: str = pa.Field(nullable=True, description=EXTRA_WORDS)
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")

    @pa.dataframe_check(name="currency", error="is missing beside cart_amount")
    def an_amount_has_a_currency(cls, data: PolarsData) -> pl.LazyFrame:
        """A cart with a value names its currency."""
        return data.lazyframe.select(pl.col("cart_amount").is_null() | pl.col("currency").is_not_null())
