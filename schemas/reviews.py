"""The contract of a review."""

import pandera.polars as pa
import polars as pl
from pandera.polars import PolarsData

from schemas.types import EXTRA_WORDS, PSEUDONYM_PATTERN, Contract, UtcTime


class Reviews(Contract, key=("review_id",), is_delivered=True):
    """One row per review. Customer and order are as the source names them; whether they exist is checked on reading."""

    review_id: str = pa.Field(str_length={"min_value": 1}, description="The source's review number.")
    source_id: str = pa.Field(
        nullable=True,
        description="The source's own id of the review, which never changes, where a number can be used twice.",
    )
    order_id: str = pa.Field(nullable=True, description="The order reviewed, where the source says so.")
    customer_id: str = pa.Field(nullable=True, description="Who wrote it, where the source says so.")
    email_hash: str = pa.Field(
        nullable=True,
        str_matches=PSEUDONYM_PATTERN,
        description="Pseudonym of the e-mail address, where the source has one.",
    )
    product_id: str = pa.Field(nullable=True, description="The product reviewed; null for a review of the shop.")
    rating: float = pa.Field(description="Stars given, on the scale rating_min to rating_max.")
    rating_min: int = pa.Field(description="Lowest rating of the scale.")
    rating_max: int = pa.Field(description="Highest rating of the scale.")
    title: str = pa.Field(nullable=True, description="Title. Personal free text.", metadata={"is_personal_text": True})
    body: str = pa.Field(nullable=True, description="Text. Personal free text.", metadata={"is_personal_text": True})
    created_at: UtcTime = pa.Field(description="When the review was written.")
    replied_at: UtcTime = pa.Field(nullable=True, description="When the shop replied.")
    is_verified: bool = pa.Field(nullable=True, description="Whether the source verified the purchase.")
    helpful_votes: int = pa.Field(
        nullable=True, ge=0, description="Other customers who found it helpful, where the source counts them."
    )
    extra: str = pa.Field(nullable=True, description=EXTRA_WORDS)
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")

    @pa.dataframe_check(name="rating", error="is outside rating_min to rating_max")
    def rating_is_on_its_scale(cls, data: PolarsData) -> pl.LazyFrame:
        """A rating lies on its scale."""
        return data.lazyframe.select(pl.col("rating").is_between(pl.col("rating_min"), pl.col("rating_max")))
