"""The contracts of the tables computed per as_of date. How a number is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.types import (
    CUSTOMER_STATES,
    MINOR,
    MINOR_OF_MONETARY,
    MISSING_ITEMS,
    SCI_CLASSES,
    SURVEY_TYPES,
    Contract,
    UtcTime,
)

SCI_DIMENSIONS = ("all", "survey_type", "channel", "acquisition_month", "rfm_segment")
AS_OF = "The date the row describes; nothing after it counts."


class Rfm(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_rfm"):
    """One row per customer and as_of date: recency, frequency, monetary value and segment.

    Only customers in state `scored` have scores. Not additive: recency_days and every score.
    """

    customer_id: str = pa.Field(description="The customer.", metadata={"references": "dim_customers"})
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    state: str = pa.Field(
        isin=CUSTOMER_STATES,
        description="scored: a valid order in the window; lapsed: only before it, or only orders in a currency without a "
        "rate; prospect: never one.",
    )
    first_order_date: pl.Date = pa.Field(nullable=True, description="Local date of the first valid order.")
    last_order_date: pl.Date = pa.Field(nullable=True, description="Local date of the last valid order.")
    recency_days: int = pa.Field(
        nullable=True, ge=0, description="Whole days from the last valid order to as_of, in the shop's time zone."
    )
    frequency: int = pa.Field(ge=0, description="Valid orders in the window.")
    monetary: int = pa.Field(
        metadata=MINOR, ge=0, description="Net spend in the window: paid less refunds, at least 0."
    )
    refund_exceeds_paid: bool = pa.Field(
        description="Whether refunds in the window exceed payments, so that monetary was raised to 0."
    )
    r_score: int = pa.Field(
        nullable=True, ge=1, description="Recency score, 1 to the number of bins; highest = most recent."
    )
    f_score: int = pa.Field(nullable=True, ge=1, description="Frequency score; highest = most orders.")
    m_score: int = pa.Field(nullable=True, ge=1, description="Monetary score; highest = most spent.")
    fm_score: int = pa.Field(nullable=True, ge=1, description="(f_score + m_score) / 2, halves rounded up.")
    segment: str = pa.Field(description="Segment of the configured map; `lapsed` or `prospect` outside scoring.")
    segment_map: str = pa.Field(description="Name of the map that named the segment.")
    is_f_degenerate: bool = pa.Field(
        description="Whether frequency was scored by count because it has too few distinct values or too many customers on the lowest."
    )


class RfmCutPoints(
    Contract,
    key=("as_of_date", "dimension", "bin"),
    is_dated=True,
    published_as="marts.rfm_cut_points",
    shows_history=True,
):
    """One row per as_of date, dimension and bin: which values get which score, from `lower` up to but not including `upper`.

    Not additive: lower, upper; n_customers over dates or dimensions.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    dimension: str = pa.Field(
        isin=["recency", "frequency", "monetary"],
        description="recency (days), frequency (orders) or monetary (money).",
    )
    bin: int = pa.Field(ge=1, description="The score.")
    lower: float = pa.Field(
        metadata=MINOR_OF_MONETARY,
        nullable=True,
        description="The lowest value that the bin takes in, which nobody need have; null: it takes in no value.",
    )
    upper: float = pa.Field(
        metadata=MINOR_OF_MONETARY,
        nullable=True,
        description="The value below which the bin ends; null: it has no upper end, or takes in no value.",
    )
    n_customers: int = pa.Field(ge=0, description="Customers in the bin.")
    method: str = pa.Field(
        isin=["rank", "edges", "quantile", "count", "frozen"],
        description="How the dimension was scored; frozen: by the stored cut points of the newest earlier date.",
    )
    is_degenerate: bool = pa.Field(
        description="Whether the dimension had fewer distinct values than bins, or bin 1 would be empty as too many share the lowest."
    )


class SegmentMap(
    Contract,
    key=("as_of_date", "code"),
    is_dated=True,
    published_as="marts.segment_map",
    shows_history=True,
):
    """One row per as_of date and cell of the map in use: which scores give which segment.

    A score that is null plays no part: maps go by R and FM, by R and F, or by R, F and M.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    code: str = pa.Field(description="The scores of the cell as one text, a character each; A = 10.")
    segment_map: str = pa.Field(description="Name of the map.")
    r_score: int = pa.Field(ge=1, description="Recency score.")
    f_score: int = pa.Field(nullable=True, ge=1, description="Frequency score, of a map that goes by it.")
    m_score: int = pa.Field(nullable=True, ge=1, description="Monetary score, of a map that goes by it.")
    fm_score: int = pa.Field(
        nullable=True, ge=1, description="(f_score + m_score) / 2, halves rounded up, of a map that goes by it."
    )
    segment: str = pa.Field(description="The segment of these scores.")


class Sci(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_sci"):
    """One row per as_of date and customer with a counted response; the latest decides.

    Secure Customer Index and SCI are marks of Burke, Inc. Not additive: boxes, age_days.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    response_id: str = pa.Field(description="The response that decides.")
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    survey_type: str = pa.Field(isin=SURVEY_TYPES, description="relational or transactional.")
    satisfaction_box: int = pa.Field(
        nullable=True, isin=[0, 1, 2, 3], description="Box of overall satisfaction; null when not answered."
    )
    repurchase_box: int = pa.Field(
        nullable=True, isin=[0, 1, 2, 3], description="Box of 'will buy again'; null when not answered."
    )
    recommend_box: int = pa.Field(
        nullable=True, isin=[0, 1, 2, 3], description="Box of 'would recommend'; null when not answered."
    )
    sci_box: int = pa.Field(
        nullable=True, isin=[0, 1, 2, 3], description="Lowest of the three boxes; null when one is missing."
    )
    sci_class: str = pa.Field(
        isin=SCI_CLASSES, description="secure, favorable, vulnerable, at_risk, or unclassified when an item is missing."
    )
    sci_missing_items: str = pa.Field(
        nullable=True,
        isin=MISSING_ITEMS,
        description="What a favorable customer, loyal but in need of something extra, answered only second best (box 2); null "
        "for every other class.",
    )
    is_secure_top_box: bool = pa.Field(
        nullable=True, description="Whether all three items are in box 3; null when unclassified."
    )
    is_secure_top2: bool = pa.Field(
        nullable=True,
        description="Whether all three items are in the top two answers of their scale; null when unclassified.",
    )
    responded_at: UtcTime = pa.Field(description="When the response was sent.")
    age_days: int = pa.Field(ge=0, description="Whole local days from the response to as_of.")


class SciIndex(
    Contract,
    key=("as_of_date", "definition", "dimension", "value"),
    is_dated=True,
    published_as="marts.sci_trend",
    shows_history=True,
):
    """One row per as_of date, definition of secure, dimension and value; dimension all is the whole shop.

    Secure Customer Index is a mark of Burke, Inc. Not additive: every share; counts over dates, definitions or
    dimensions.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    definition: str = pa.Field(
        isin=["top_box", "top2"], description="top_box: all items in box 3; top2: all items in the top two answers."
    )
    dimension: str = pa.Field(
        isin=SCI_DIMENSIONS, description="all, survey_type, channel, acquisition_month or rfm_segment."
    )
    value: str = pa.Field(
        description="Value of the dimension: all; relational; a channel; a month such as 2026-03; a segment; unknown."
    )
    n_customers: int = pa.Field(ge=0, description="Customers with a counted response.")
    n_anonymous: int = pa.Field(ge=0, description="Responses without a customer; each counts as one.")
    n_classified: int = pa.Field(ge=0, description="Of both, those that answered all three items: the denominator.")
    n_secure: int = pa.Field(ge=0, description="Of these, those who are secure.")
    pct_secure: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_secure / n_classified; null when suppressed."
    )
    pct_secure_low: float = pa.Field(nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval.")
    pct_secure_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval."
    )
    is_suppressed: bool = pa.Field(description="Whether n_classified is below the configured minimum.")
