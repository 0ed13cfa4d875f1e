"""The contracts of how customers' segments change from date to date. How it is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import MINOR, Contract

SEGMENT_KINDS = {
    "rfm": ("rfm", "segment"),
    "sci": ("sci", "sci_class"),
    "churn": ("churn_risk", "churn_band"),
    "tier": ("loyalty", "tier"),
}
"""Kind of segment -> the dated table with one row per customer that holds it, and its column there."""

GONE = "gone"
"""The segment of a customer who no longer has a row."""

JOINED = "joined"
"""The same of a customer who is one with another by now; also why they no longer have one."""

MIGRATION_CAUSES = ("none", "customer", "threshold", "model", JOINED, "unknown")


class SegmentChanges(Contract, key=("as_of_date", "kind", "customer_id"), is_dated=True, keeps_every_date=True):
    """One row per as_of date, kind and customer whose segment changed since the previous computed date; on the first date, everyone.

    Customers go by the name they had when the date was computed: under a new name somebody is new, under the former one gone.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    kind: str = pa.Field(isin=list(SEGMENT_KINDS), description="Which segment: rfm, sci, churn or tier.")
    customer_id: str = pa.Field(description="The customer.")
    segment: str = pa.Field(
        nullable=True,
        description="Segment, class, band or tier from this date on; null when the customer no longer has one.",
    )
    previous_segment: str = pa.Field(
        nullable=True, description="The same on the previous computed date; null when the customer had none."
    )


class SegmentMigration(
    Contract,
    key=("as_of_date", "kind", "from_segment", "to_segment", "cause"),
    is_dated=True,
    published_as="marts.segment_migration",
    shows_history=True,
):
    """One row per as_of date, kind, segment before, segment after and cause: how many customers moved this way.

    Not additive: n_from, probability; n_customers over dates or kinds.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    from_date: pl.Date = pa.Field(description="The previous computed date, with which as_of_date is compared.")
    kind: str = pa.Field(isin=list(SEGMENT_KINDS), description="Which segment: rfm, sci, churn or tier.")
    from_segment: str = pa.Field(description="Segment at from_date.")
    to_segment: str = pa.Field(
        description="Segment at as_of_date; gone when the customer no longer has one, joined when another customer has it since "
        "the two are one."
    )
    cause: str = pa.Field(
        isin=MIGRATION_CAUSES,
        description="Why they moved. none: same segment; customer: their own values changed; threshold: only cut points or "
        "map changed; model: the churn band is from another model, or a model gave way to the rule of days or replaced it, "
        "which may be why; joined: one customer with another by now; unknown: the earlier cut points or map were not kept, or are in another currency, or segments per customer are no longer kept.",
    )
    n_customers: int = pa.Field(ge=1, description="Customers who moved this way.")
    n_from: int = pa.Field(ge=1, description="Customers in from_segment at from_date: the denominator.")
    probability: float = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="n_customers / n_from; adds up to 1 over a from_segment; null when suppressed.",
    )
    is_suppressed: bool = pa.Field(description="Whether n_from is below the configured minimum.")


class SegmentSizes(
    Contract,
    key=("as_of_date", "kind", "segment"),
    is_dated=True,
    published_as="marts.segment_sizes",
    shows_history=True,
):
    """One row per as_of date, kind and segment: how many customers it has and what they spent.

    Not additive: pct_customers; n_customers and net_value over dates or kinds.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    kind: str = pa.Field(isin=list(SEGMENT_KINDS), description="Which segment: rfm, sci, churn or tier.")
    segment: str = pa.Field(description="Segment, class, band or tier.")
    n_customers: int = pa.Field(ge=1, description="Customers in it.")
    n_total: int = pa.Field(ge=1, description="Customers with a segment of this kind: the denominator.")
    pct_customers: float = pa.Field(
        ge=0,
        le=100,
        description="100 * n_customers / n_total; adds up to 100 over the segments of a kind. Everyone is counted, so it is no "
        "estimate and has no minimum n.",
    )
    net_value: int = pa.Field(
        metadata=MINOR,
        ge=0,
        description="Sum of their monetary values in customer_rfm: net spend in the window of RFM.",
    )
