"""The contracts of a survey response, of its answers, and of an invitation to respond."""

import pandera.polars as pa
import polars as pl
from pandera.polars import PolarsData

from schemas.types import EXTRA_WORDS, PSEUDONYM_PATTERN, SURVEY_TYPES, Contract, UtcTime


class SurveyResponses(Contract, key=("response_id",), is_delivered=True):
    """One row per response. Customer and order are as the source names them; whether they exist is checked on reading."""

    response_id: str = pa.Field(
        str_length={"min_value": 1}, description="The survey tool's response number, unique over all surveys."
    )
    source_id: str = pa.Field(
        nullable=True,
        description="The tool's own id of the response, which never changes, where a number can be used twice.",
    )
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    survey_type: str = pa.Field(isin=SURVEY_TYPES, description="relational or transactional.")
    customer_id: str = pa.Field(nullable=True, description="Who answered, where the source says so.")
    email_hash: str = pa.Field(
        nullable=True,
        str_matches=PSEUDONYM_PATTERN,
        description="Pseudonym of the e-mail address, where the source has one.",
    )
    order_id: str = pa.Field(nullable=True, description="The order asked about, where the source says so.")
    submitted_at: UtcTime = pa.Field(description="When the response was sent.")
    comment: str = pa.Field(
        nullable=True, description="Open answer. Personal free text.", metadata={"is_personal_text": True}
    )
    extra: str = pa.Field(nullable=True, description=EXTRA_WORDS)
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")


class SurveyAnswers(Contract, key=("response_id", "item_id"), is_delivered=True):
    """One row per answered item of a response; an item left empty has no row. Values are as given, before reverse coding."""

    response_id: str = pa.Field(str_length={"min_value": 1}, description="The response this answer belongs to.")
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    item_id: str = pa.Field(description="Name of the item: its column in the source.")
    role: str = pa.Field(
        nullable=True, description="Role of the item in the SCI: satisfaction, repurchase or recommend."
    )
    is_nps: bool = pa.Field(description="Whether the item is the Net Promoter question.")
    construct: str = pa.Field(nullable=True, description="The construct the item belongs to.")
    value: float = pa.Field(description="The answer on the scale scale_min to scale_max.")
    scale_min: int = pa.Field(description="Lowest answer of the scale.")
    scale_max: int = pa.Field(description="Highest answer of the scale.")
    is_reversed: bool = pa.Field(description="Whether a high answer means a low attitude.")
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the response; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")

    @pa.dataframe_check(name="value", error="is outside scale_min to scale_max")
    def value_is_on_its_scale(cls, data: PolarsData) -> pl.LazyFrame:
        """An answer lies on its scale."""
        return data.lazyframe.select(pl.col("value").is_between(pl.col("scale_min"), pl.col("scale_max")))


class SurveyInvitations(Contract, key=("invitation_id",), is_delivered=True):
    """One row per invitation to a survey, a reminder being one of its own.

    Customer and order are as the source names them; whether they exist is checked on reading.
    """

    invitation_id: str = pa.Field(
        str_length={"min_value": 1}, description="The source's number of the invitation, unique over all surveys."
    )
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    survey_type: str = pa.Field(isin=SURVEY_TYPES, description="relational or transactional.")
    customer_id: str = pa.Field(nullable=True, description="Who was invited, where the source says so.")
    email_hash: str = pa.Field(
        nullable=True,
        str_matches=PSEUDONYM_PATTERN,
        description="Pseudonym of the e-mail address, where the source has one.",
    )
    order_id: str = pa.Field(nullable=True, description="The order asked about, where the source says so.")
    invited_at: UtcTime = pa.Field(description="When the invitation was sent.")
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")
