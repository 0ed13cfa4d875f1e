"""The contract of a product: what it is, what it costs, and what it costs while it is discounted."""

import pandera.polars as pa
import polars as pl
from pandera.polars import PolarsData

from schemas.types import CURRENCY_PATTERN, EXTRA_WORDS, MINOR, Contract, UtcTime


class Products(Contract, key=("product_id",), is_delivered=True):
    """One row per product, by its source's newest statement; a source gives one discount: the current or the next one."""

    product_id: str = pa.Field(
        str_length={"min_value": 1}, description="The shop's product number or SKU, as in order lines and touchpoints."
    )
    product_name: str = pa.Field(nullable=True, description="What the shop calls it.")
    category: str = pa.Field(nullable=True, description="Product category as the shop names it.")
    currency: str = pa.Field(
        nullable=True, str_matches=CURRENCY_PATTERN, description="ISO 4217 code of the amounts; null without one."
    )
    price_amount: int = pa.Field(metadata=MINOR, nullable=True, ge=0, description="Usual price of a piece.")
    discounted_amount: int = pa.Field(
        metadata=MINOR, nullable=True, ge=0, description="Price of a piece while the discount lasts; null without one."
    )
    discount_starts_at: UtcTime = pa.Field(
        nullable=True, description="When the discount begins; its local date counts; null: it has begun."
    )
    discount_ends_at: UtcTime = pa.Field(
        nullable=True, description="When it ends; its local date is the last day; null: no end is known."
    )
    extra: str = pa.Field(nullable=True, description=EXTRA_WORDS)
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")

    @pa.dataframe_check(name="currency", error="is missing beside an amount")
    def an_amount_has_a_currency(cls, data: PolarsData) -> pl.LazyFrame:
        """A price names its currency."""
        is_priced = pl.col("price_amount").is_not_null() | pl.col("discounted_amount").is_not_null()
        return data.lazyframe.select(~is_priced | pl.col("currency").is_not_null())
