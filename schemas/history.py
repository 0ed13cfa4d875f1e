"""The contracts of what became of customers from date to date. How it is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import Contract

SEGMENT_KINDS = {
    "rfm": ("rfm", "segment"),
    "sci": ("sci", "sci_class"),
    "churn": ("churn_risk", "band"),
    "tier": ("loyalty", "tier"),
}
"""Kind of segment -> the dated table with one row per customer that holds it, and its column there."""

GONE = "gone"
"""Where a customer went who has no row any more."""

MIGRATION_CAUSES = ("none", "customer", "threshold", "model", "unknown")


class SegmentChanges(Contract, key=("as_of_date", "kind", "customer_id"), is_dated=True, keeps_every_date=True):
    """One row per as_of date, kind and customer whose segment differs from the neighbouring earlier date; on the first, all."""

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    kind: str = pa.Field(isin=list(SEGMENT_KINDS), description="Which segment: rfm, sci, churn or tier.")
    customer_id: str = pa.Field(description="The customer.")
    segment: str = pa.Field(
        nullable=True,
        description="Segment, class, band or tier from this date on; null when the customer has none any more.",
    )
    previous_segment: str = pa.Field(
        nullable=True, description="The same on the neighbouring earlier date; null when the customer had none."
    )


class SegmentMigration(
    Contract,
    key=("as_of_date", "kind", "from_segment", "to_segment", "cause"),
    is_dated=True,
    published_as="marts.segment_migration",
    shows_history=True,
):
    """One row per as_of date, kind, segment before, segment after and cause: how many customers went this way.

    Not additive: n_from, probability; n_customers over dates or kinds.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    from_date: pl.Date = pa.Field(description="The neighbouring earlier date that as_of_date is compared with.")
    kind: str = pa.Field(isin=list(SEGMENT_KINDS), description="Which segment: rfm, sci, churn or tier.")
    from_segment: str = pa.Field(description="Segment at from_date.")
    to_segment: str = pa.Field(description="Segment at as_of_date; gone when the customer has none any more.")
    cause: str = pa.Field(
        isin=MIGRATION_CAUSES,
        description="none: the same segment; customer: the customer's own values moved it; threshold: only cut points or "
        "map did; model: the churn model was trained anew between the dates, and may have; unknown: values or cut points "
        "are not kept.",
    )
    n_customers: int = pa.Field(ge=1, description="Customers that went this way.")
    n_from: int = pa.Field(ge=1, description="Customers in from_segment at from_date: the denominator.")
    probability: float = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="n_customers / n_from; adds up to 1 over a from_segment; null when suppressed.",
    )
    is_suppressed: bool = pa.Field(description="Whether n_from is below the configured minimum.")
