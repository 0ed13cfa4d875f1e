"""The contracts of cohorts: who came back, and when. How a number is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import MINOR, Contract


class CohortRetention(
    Contract, key=("as_of_date", "cohort_month", "months_since"), is_dated=True, published_as="marts.cohort_retention"
):
    """One row per as_of date, cohort and month since its first order.

    Not additive: shares; customers over months; cumulative value.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    cohort_month: pl.Date = pa.Field(description="First day of the local month of the customers' first valid order.")
    months_since: int = pa.Field(ge=0, description="Calendar months since cohort_month; 0 = that month itself.")
    n_customers: int = pa.Field(
        ge=1, description="Customers of the cohort: the denominator; still growing until its month ends."
    )
    n_active: int = pa.Field(
        nullable=True, ge=0, description="Of these, customers with a valid order in the month; null when censored."
    )
    pct_active: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_active / n_customers; null when censored or suppressed."
    )
    pct_active_low: float = pa.Field(nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval.")
    pct_active_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval."
    )
    n_orders: int = pa.Field(nullable=True, ge=0, description="Valid orders of the month; null when censored.")
    net_value: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        description="Net spend of the month: paid less refunds; below 0 when refunds exceed payments.",
    )
    cumulative_net_value: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        description="Net spend of the cohort from its first month up to this one; null when censored.",
    )
    cumulative_value_per_customer: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        description="cumulative_net_value / n_customers; null when censored or suppressed.",
    )
    is_censored: bool = pa.Field(description="Whether the month had not ended by as_of; its figures are then null.")
    is_suppressed: bool = pa.Field(description="Whether n_customers is below the configured minimum.")


class RepeatPurchase(
    Contract,
    key=("as_of_date", "cohort_month"),
    is_dated=True,
    published_as="marts.repeat_purchase",
    shows_history=True,
    split_by="cohort_month",
):
    """One row per as_of date and cohort month.

    Not additive: shares and medians; counts over dates.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    cohort_month: pl.Date = pa.Field(
        nullable=True,
        description="First day of the local month of the customers' first valid order; null for all customers.",
    )
    n_customers: int = pa.Field(ge=1, description="Customers with a valid order: the denominator.")
    n_repeat: int = pa.Field(ge=0, description="Of these, customers with two or more valid orders.")
    pct_repeat: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_repeat / n_customers; null when suppressed."
    )
    pct_repeat_low: float = pa.Field(nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval.")
    pct_repeat_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval."
    )
    n_second_days: int = pa.Field(
        ge=0, description="Customers with two or more purchase days: the events behind the median."
    )
    median_days_to_second: int = pa.Field(
        nullable=True,
        ge=1,
        description="Days from the first to the second purchase day within which half of all customers come back "
        "(Kaplan-Meier); null when not reached or suppressed.",
    )
    median_days_low: int = pa.Field(
        nullable=True,
        ge=1,
        description="Lower bound of its 95% interval; null when not reached or suppressed, or where all who were left came back on one day.",
    )
    median_days_high: int = pa.Field(
        nullable=True,
        ge=1,
        description="Upper bound of its 95% interval; null when not reached or suppressed, or where all who were left came back on one day.",
    )
    is_suppressed: bool = pa.Field(description="Whether n_customers is below the configured minimum.")
