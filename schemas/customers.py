"""The contract of a customer."""

import pandera.polars as pa

from schemas.types import MINOR, PSEUDONYM_PATTERN, Contract, UtcTime


class Customers(Contract, key=("customer_id",), is_delivered=True):
    """One row per customer: everyone in a customer source, and everyone whom an order names."""

    customer_id: str = pa.Field(str_length={"min_value": 1}, description="The shop's customer number.")
    email_hash: str = pa.Field(
        nullable=True,
        str_matches=PSEUDONYM_PATTERN,
        description="Pseudonym of the e-mail address, where the source has one.",
    )
    registered_at: UtcTime = pa.Field(
        nullable=True, description="When the account was created, where the source says so."
    )
    country: str = pa.Field(
        nullable=True, description="ISO 3166 code of the customer's country, where the source says so."
    )
    preferred_category: str = pa.Field(
        nullable=True, description="Product category the customer claims to prefer, where the shop asks."
    )
    preferred_channel: str = pa.Field(
        nullable=True,
        description="Channel the customer claims to prefer, such as web, app or store, where the shop asks.",
    )
    accepts_marketing: bool = pa.Field(nullable=True, description="Whether the customer agreed to marketing mail.")
    stated_orders: int = pa.Field(
        nullable=True, ge=0, description="Orders of the customer as the source counts them, cancelled ones included."
    )
    stated_spent_amount: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        description="What the customer has paid for these orders, less refunds, as the source adds it up; in the shop's currency.",
    )
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(
        description="Name of the configured source; the source of the order when only orders name the customer."
    )
    batch_id: str = pa.Field(description="Batch that last changed the row.")
