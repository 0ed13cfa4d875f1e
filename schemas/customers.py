"""The contract of a customer."""

import pandera.polars as pa

from schemas.types import PSEUDONYM_PATTERN, Contract, UtcTime


class Customers(Contract, key=("customer_id",), is_delivered=True):
    """One row per customer: everyone in a customer source, and everyone who ever placed an order."""

    customer_id: str = pa.Field(str_length={"min_value": 1}, description="The shop's customer number.")
    email_hash: str = pa.Field(
        nullable=True,
        str_matches=PSEUDONYM_PATTERN,
        description="Pseudonym of the e-mail address, where the source has one.",
    )
    registered_at: UtcTime = pa.Field(nullable=True, description="When the account was made, where the source says so.")
    country: str = pa.Field(
        nullable=True, description="ISO 3166 code of the customer's country, where the source says so."
    )
    preferred_category: str = pa.Field(
        nullable=True, description="Product category that the customer says to prefer, where the shop asks."
    )
    preferred_channel: str = pa.Field(
        nullable=True, description="Channel that the customer says to prefer: web, app, store, …, where the shop asks."
    )
    accepts_marketing: bool = pa.Field(nullable=True, description="Whether the customer agreed to marketing mail.")
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(
        description="Name of the configured source; of the order's source when only orders name the customer."
    )
    batch_id: str = pa.Field(description="Batch that last changed the row.")
