"""The contracts of the Net Promoter tables computed per as_of date. How a number is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import NPS_CLASSES, SURVEY_TYPES, Contract, UtcTime

NOT_COUNTED_REASONS = ("unknown_customer", "later_response_in_window")
NPS_DIMENSIONS = ("all", "channel", "acquisition_month", "rfm_segment", "quarter")

NPS_SCORE = "Answer to the Net Promoter question, 0 to 10."
NPS_CLASS = "promoter (9-10), passive (7-8) or detractor (0-6)."


class NpsResponses(Contract, key=("as_of_date", "response_id"), is_dated=True):
    """One row per as_of date and response with an answer to the Net Promoter question."""

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    response_id: str = pa.Field(description="The response.")
    survey_type: str = pa.Field(isin=SURVEY_TYPES, description="relational or transactional.")
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    customer_id: str = pa.Field(nullable=True, description="Who answered, where the source says so.")
    order_id: str = pa.Field(nullable=True, description="The order asked about, where the source says so.")
    responded_at: UtcTime = pa.Field(description="When the response was sent.")
    local_date: pl.Date = pa.Field(description="The date of the response in the shop's time zone.")
    nps_score: float = pa.Field(ge=0, le=10, description=NPS_SCORE)
    nps_class: str = pa.Field(isin=NPS_CLASSES, description=NPS_CLASS)
    is_counted: bool = pa.Field(
        description="Whether the response counts: a known customer's latest in its survey type and window, or one without a customer."
    )
    not_counted_reason: str = pa.Field(
        nullable=True,
        isin=NOT_COUNTED_REASONS,
        description="Why it does not count: unknown_customer or later_response_in_window; null when it counts.",
    )


class Nps(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_nps"):
    """One row per as_of date and customer with a counted Net Promoter response: the latest, relational before transactional."""

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    response_id: str = pa.Field(description="The response that decides.")
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    survey_type: str = pa.Field(
        isin=SURVEY_TYPES, description="relational, or transactional where the customer has no relational response."
    )
    nps_score: float = pa.Field(ge=0, le=10, description=NPS_SCORE)
    nps_class: str = pa.Field(isin=NPS_CLASSES, description=NPS_CLASS)
    responded_at: UtcTime = pa.Field(description="When the response was sent.")
    age_days: int = pa.Field(ge=0, description="Whole local days from the response to as_of.")


class NpsIndex(
    Contract, key=("as_of_date", "survey_type", "dimension", "value"), is_dated=True, published_as="marts.nps_by"
):
    """One row per as_of date, survey type, dimension and value with a counted response: the Net Promoter Score.

    A quarter without one has no row, also where customers were invited in it.

    The window ends at as_of; dimension quarter has calendar quarters instead, the newest up to as_of. Not additive:
    every score, z, p and pct; counts over dates, dimensions and quarters; n_rest over values, as an answer is in the rest of
    every other value.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    survey_type: str = pa.Field(
        isin=SURVEY_TYPES, description="relational or transactional: two series, never combined."
    )
    dimension: str = pa.Field(
        isin=NPS_DIMENSIONS, description="all, channel, acquisition_month, rfm_segment, or calendar quarter."
    )
    value: str = pa.Field(
        description="Value of the dimension: all; a channel; a month such as 2026-03; a segment; a quarter such as 2026-Q1; unknown."
    )
    n: int = pa.Field(
        ge=1,
        description="Customers with an answer in the period, by each customer's latest, and answers without a customer, one each.",
    )
    n_promoters: int = pa.Field(ge=0, description="Of these, those who answered 9 or 10.")
    n_passives: int = pa.Field(ge=0, description="Of these, those who answered 7 or 8.")
    n_detractors: int = pa.Field(ge=0, description="Of these, those who answered 0 to 6.")
    n_anonymous: int = pa.Field(ge=0, description="Of these, answers without a customer; their segment is unknown.")
    nps: float = pa.Field(
        nullable=True,
        ge=-100,
        le=100,
        description="Net Promoter Score: 100 * (n_promoters - n_detractors) / n; null when suppressed.",
    )
    nps_low: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Lower bound of the adjusted Wald 95% interval."
    )
    nps_high: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Upper bound of the adjusted Wald 95% interval."
    )
    is_suppressed: bool = pa.Field(description="Whether n is below the configured minimum.")
    n_previous: int = pa.Field(
        ge=0,
        description="As n, for the previous window or calendar quarter.",
    )
    nps_previous: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Net Promoter Score of the previous period; null when suppressed."
    )
    z_previous: float = pa.Field(
        nullable=True, description="z of the change since the previous period; null when either side is suppressed."
    )
    p_previous: float = pa.Field(
        nullable=True, ge=0, le=1, description="Two-sided p-value of z_previous, to six decimals."
    )
    n_invited: int = pa.Field(
        nullable=True,
        ge=0,
        description=(
            "Known customers invited to a survey of this type in the period, by local date; "
            "null for dimensions other than all and quarter."
        ),
    )
    n_responded: int = pa.Field(
        nullable=True,
        ge=0,
        description="Of these, customers who responded to that survey by as_of and before their next invitation to it.",
    )
    pct_responded: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="Response rate: 100 * n_responded / n_invited; null when n_invited is below the configured minimum.",
    )
    pct_responded_low: float = pa.Field(
        nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval of pct_responded."
    )
    pct_responded_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval of pct_responded."
    )
    n_rest: int = pa.Field(
        nullable=True,
        ge=0,
        description="Answers of the series with another value of the dimension; null for all and quarter.",
    )
    nps_rest: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Net Promoter Score of these others; null when suppressed."
    )
    z_rest: float = pa.Field(
        nullable=True, description="z of the difference from these others; null when either side is suppressed."
    )
    p_rest: float = pa.Field(nullable=True, ge=0, le=1, description="Two-sided p-value of z_rest, to six decimals.")
