"""The contracts of the pillars of convenience. How a number is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import Contract

MEASURES = ("otif", "on_time", "in_full", "reply_hours", "honoured")
PILLARS = ("reliability", "availability", "personal_attention", "situation")


class CustomerPillars(
    Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_pillars"
):
    """One row per as_of date and customer with a judged delivery or a reply. Not additive: shares, hours."""

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    n_otif_known: int = pa.Field(ge=0, description="Orders whose on-time and in-full outcome is known.")
    n_otif: int = pa.Field(ge=0, description="Of these, orders delivered on time and in full.")
    pct_otif: float = pa.Field(
        nullable=True, ge=0, le=100, description="Reliability: 100 * n_otif / n_otif_known; null without any."
    )
    n_on_time_known: int = pa.Field(ge=0, description="Orders whose promise was kept or broken.")
    n_on_time: int = pa.Field(ge=0, description="Of these, orders delivered by the date first promised.")
    pct_on_time: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_on_time / n_on_time_known; null without any."
    )
    n_in_full_known: int = pa.Field(
        ge=0, description="Orders whose in-full outcome is known; an overdue order is not in full."
    )
    n_in_full: int = pa.Field(ge=0, description="Of these, orders with every piece delivered.")
    pct_in_full: float = pa.Field(
        nullable=True, ge=0, le=100, description="Availability: 100 * n_in_full / n_in_full_known; null without any."
    )
    n_honoured_known: int = pa.Field(
        ge=0,
        description="Orders the customer moved to another date that have been delivered, on a date that is known, or are overdue since.",
    )
    n_honoured: int = pa.Field(ge=0, description="Of these, orders delivered on exactly that date.")
    pct_honoured: float = pa.Field(
        nullable=True, ge=0, le=100, description="Situation: 100 * n_honoured / n_honoured_known; null without any."
    )
    n_replies: int = pa.Field(ge=0, description="Reviews and service contacts of the customer the shop replied to.")
    median_reply_hours: float = pa.Field(
        nullable=True, ge=0, description="Personal attention: median hours to these replies; null without any."
    )


class ConveniencePillars(
    Contract,
    key=("as_of_date", "month", "measure"),
    is_dated=True,
    published_as="marts.convenience_pillars",
    shows_history=True,
    split_by="month",
):
    """One row per as_of date, month and measure.

    Not additive: shares and hours; n over dates or measures.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    month: pl.Date = pa.Field(
        nullable=True,
        description="First day of the local month of the order, or of the review or contact replied to; null for all months.",
    )
    pillar: str = pa.Field(isin=PILLARS, description="reliability, availability, personal_attention or situation.")
    measure: str = pa.Field(
        isin=MEASURES,
        description="otif (on time and in full), on_time, in_full, reply_hours or honoured (moved deliveries that came on the date asked for).",
    )
    n: int = pa.Field(ge=0, description="Orders with a known outcome of the measure, or replies given.")
    n_met: int = pa.Field(
        nullable=True, ge=0, description="Of these orders, those that met the measure; null for reply_hours."
    )
    pct: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_met / n; null when suppressed and for reply_hours."
    )
    pct_low: float = pa.Field(nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval.")
    pct_high: float = pa.Field(nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval.")
    median_hours: float = pa.Field(
        nullable=True, ge=0, description="Median hours to a reply; null when suppressed and for shares."
    )
    is_suppressed: bool = pa.Field(description="Whether n is below the configured minimum.")
