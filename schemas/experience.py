"""The contracts of customer experience: promises, review care, doubtful reviews. How it is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import MINOR, Contract

PROMISE_GROUPS = ("kept", "late", "overdue", "unknown", "none", "broken")
REVIEW_DIMENSIONS = ("all", "category", "channel", "month")
BOMBING_SUBJECTS = ("product", "shop")


class PromiseImpact(
    Contract,
    key=("as_of_date", "month", "channel", "promise_status"),
    is_dated=True,
    published_as="marts.promise_impact",
    split_by="month",
):
    """One row per as_of date, month, channel and promise status: what followed kept and broken promises.

    Not additive: means, shares and scores; counts over promise_status, as broken contains late and overdue; counts
    over channel, as all contains the others.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    month: pl.Date = pa.Field(
        nullable=True, description="First day of the local month of the order; null for all months."
    )
    channel: str = pa.Field(description="Channel of the order; unknown, or all.")
    promise_status: str = pa.Field(
        isin=PROMISE_GROUPS,
        description="kept, late, overdue, unknown (delivered without a date), none (no promise, or void) or broken (late or overdue).",
    )
    n_orders: int = pa.Field(
        ge=0, description="Orders, anonymous and invalid ones included; a cancellation invoice is none."
    )
    net_value: int = pa.Field(metadata=MINOR, description="Net amounts of these orders, valid ones only.")
    n_reviews: int = pa.Field(
        ge=0,
        description="Of these, orders with a review after the outcome of the promise was known; the first review counts.",
    )
    mean_pomp: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="Mean rating of these reviews as percent of scale; null when suppressed.",
    )
    mean_pomp_low: float = pa.Field(
        nullable=True, ge=0, le=100, description="Lower bound of the Student 95% interval of mean_pomp."
    )
    mean_pomp_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Student 95% interval of mean_pomp."
    )
    is_pomp_suppressed: bool = pa.Field(description="Whether n_reviews is below the configured minimum.")
    n_nps_relational: int = pa.Field(
        ge=0, description="Orders with a later Net Promoter answer to a relational survey; the first answer counts."
    )
    nps_relational: float = pa.Field(
        nullable=True,
        ge=-100,
        le=100,
        description="Net Promoter Score of these relational answers; null when suppressed.",
    )
    nps_relational_low: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Lower bound of the adjusted Wald 95% interval of nps_relational."
    )
    nps_relational_high: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Upper bound of the adjusted Wald 95% interval of nps_relational."
    )
    is_nps_relational_suppressed: bool = pa.Field(
        description="Whether n_nps_relational is below the configured minimum."
    )
    n_nps_transactional: int = pa.Field(
        ge=0, description="Orders with a later Net Promoter answer to a transactional survey; the first answer counts."
    )
    nps_transactional: float = pa.Field(
        nullable=True,
        ge=-100,
        le=100,
        description="Net Promoter Score of these transactional answers; null when suppressed.",
    )
    nps_transactional_low: float = pa.Field(
        nullable=True,
        ge=-100,
        le=100,
        description="Lower bound of the adjusted Wald 95% interval of nps_transactional.",
    )
    nps_transactional_high: float = pa.Field(
        nullable=True,
        ge=-100,
        le=100,
        description="Upper bound of the adjusted Wald 95% interval of nps_transactional.",
    )
    is_nps_transactional_suppressed: bool = pa.Field(
        description="Whether n_nps_transactional is below the configured minimum."
    )
    n_classified: int = pa.Field(
        ge=0, description="Orders with a later survey response that has an SCI class; the first response counts."
    )
    n_secure: int = pa.Field(ge=0, description="Of these, responses of class secure.")
    pct_secure: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_secure / n_classified; null when suppressed."
    )
    pct_secure_low: float = pa.Field(
        nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval of pct_secure."
    )
    pct_secure_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval of pct_secure."
    )
    is_secure_suppressed: bool = pa.Field(description="Whether n_classified is below the configured minimum.")
    n_observable: int = pa.Field(
        ge=0, description="Orders of a known customer, old enough to tell whether a repurchase followed."
    )
    n_repurchased: int = pa.Field(
        ge=0,
        description="Of these, orders followed by a valid order of the same customer, on a later day within the configured days.",
    )
    pct_repurchased: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_repurchased / n_observable; null when suppressed."
    )
    pct_repurchased_low: float = pa.Field(
        nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval of pct_repurchased."
    )
    pct_repurchased_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval of pct_repurchased."
    )
    is_repurchased_suppressed: bool = pa.Field(description="Whether n_observable is below the configured minimum.")
    repurchase_value: int = pa.Field(
        metadata=MINOR,
        description="Net amounts of the valid orders that followed the n_observable orders within those days; an order that "
        "follows two of them counts for both.",
    )
    mean_repurchase_value: float = pa.Field(
        nullable=True,
        metadata=MINOR,
        description="repurchase_value / n_observable; null when is_repurchased_suppressed.",
    )
    mean_repurchase_value_low: float = pa.Field(
        nullable=True, metadata=MINOR, description="Lower bound of the Student 95% interval of mean_repurchase_value."
    )
    mean_repurchase_value_high: float = pa.Field(
        nullable=True, metadata=MINOR, description="Upper bound of the Student 95% interval of mean_repurchase_value."
    )
    n_observable_kept: int = pa.Field(
        ge=0, description="n_observable of the kept promises it is compared with: same month and channel."
    )
    diff_repurchase_value: float = pa.Field(
        nullable=True,
        metadata=MINOR,
        description="mean_repurchase_value less that after kept promises; null for these, and when suppressed.",
    )
    diff_repurchase_value_low: float = pa.Field(
        nullable=True, metadata=MINOR, description="Lower bound of the Welch 95% interval of diff_repurchase_value."
    )
    diff_repurchase_value_high: float = pa.Field(
        nullable=True, metadata=MINOR, description="Upper bound of the Welch 95% interval of diff_repurchase_value."
    )
    is_diff_suppressed: bool = pa.Field(
        description="Whether n_observable or n_observable_kept is below the configured minimum."
    )


class ReviewCare(Contract, key=("as_of_date", "dimension", "value"), is_dated=True, published_as="marts.review_care"):
    """One row per as_of date, dimension and value: rating, verified share, replies and what followed them.

    Not additive: means, shares and medians; counts over dimensions, as each counts the same reviews.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    dimension: str = pa.Field(
        isin=REVIEW_DIMENSIONS, description="What the reviews are grouped by: all, category, channel or month."
    )
    value: str = pa.Field(
        description="The category of the product, the channel of the order, or the month of writing (YYYY-MM); unknown, or all."
    )
    n_reviews: int = pa.Field(ge=1, description="Reviews written by as_of.")
    mean_pomp: float = pa.Field(
        nullable=True, ge=0, le=100, description="Mean rating as percent of scale; null when suppressed."
    )
    mean_pomp_low: float = pa.Field(
        nullable=True, ge=0, le=100, description="Lower bound of the Student 95% interval of mean_pomp."
    )
    mean_pomp_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Student 95% interval of mean_pomp."
    )
    is_suppressed: bool = pa.Field(description="Whether there are fewer rated reviews than the configured minimum.")
    n_verified_known: int = pa.Field(ge=0, description="Reviews whose source says whether the purchase was verified.")
    n_verified: int = pa.Field(ge=0, description="Of these, verified.")
    pct_verified: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_verified / n_verified_known; null when suppressed."
    )
    pct_verified_low: float = pa.Field(
        nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval of pct_verified."
    )
    pct_verified_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval of pct_verified."
    )
    is_verified_suppressed: bool = pa.Field(description="Whether n_verified_known is below the configured minimum.")
    n_reply_known: int = pa.Field(
        ge=0, description="Reviews from sources with at least one reply; other sources may not export replies."
    )
    n_replied: int = pa.Field(ge=0, description="Of these, reviews the shop had replied to by as_of.")
    pct_replied: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_replied / n_reply_known; null when suppressed."
    )
    pct_replied_low: float = pa.Field(
        nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval of pct_replied."
    )
    pct_replied_high: float = pa.Field(
        nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval of pct_replied."
    )
    is_replied_suppressed: bool = pa.Field(description="Whether n_reply_known is below the configured minimum.")
    n_reply_hours: int = pa.Field(ge=0, description="Reviews with a reply that is not dated before the review.")
    median_reply_hours: float = pa.Field(
        nullable=True, ge=0, description="Median hours on the shop's clock from review to reply; null when suppressed."
    )
    is_reply_hours_suppressed: bool = pa.Field(description="Whether n_reply_hours is below the configured minimum.")
    n_pairs: int = pa.Field(
        ge=0, description="Pairs of a replied review and a review by the same customer after the reply."
    )
    mean_pomp_before_reply: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="Mean rating of the replied reviews of the pairs; null when suppressed.",
    )
    mean_pomp_after_reply: float = pa.Field(
        nullable=True, ge=0, le=100, description="Mean rating of the later reviews of the pairs; null when suppressed."
    )
    mean_pomp_change: float = pa.Field(
        nullable=True,
        ge=-100,
        le=100,
        description="Mean over the pairs of the later rating minus the replied one; null when suppressed.",
    )
    mean_pomp_change_low: float = pa.Field(
        nullable=True, description="Lower bound of the Student 95% interval of mean_pomp_change."
    )
    mean_pomp_change_high: float = pa.Field(
        nullable=True, description="Upper bound of the Student 95% interval of mean_pomp_change."
    )
    is_change_suppressed: bool = pa.Field(description="Whether n_pairs is below the configured minimum.")


class ReviewFlags(Contract, key=("as_of_date", "review_id"), is_dated=True):
    """One row per flagged review and as_of date; a review without a flag has no row."""

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    review_id: str = pa.Field(description="The flagged review.")
    customer_id: str = pa.Field(
        nullable=True,
        description="Who wrote it, else who placed the order; null when the source names neither.",
    )
    order_id: str = pa.Field(nullable=True, description="The order reviewed; null when the lake does not know it.")
    is_duplicate_text: bool = pa.Field(
        description="Whether reviews of other customers or orders have the same text; short texts do not count."
    )
    n_copies: int = pa.Field(
        nullable=True, ge=2, description="Reviews with that text, including this one; null without a duplicate."
    )
    duplicate_of: str = pa.Field(
        nullable=True, description="The first review with that text; null for the first itself and without a duplicate."
    )
    is_bombing: bool = pa.Field(
        description="Whether this is a lowest rating on a day with far more of them than usual for the product or the shop."
    )
    bombing_subject: str = pa.Field(
        nullable=True,
        isin=BOMBING_SUBJECTS,
        description="Whose usual number was exceeded: product or shop; null without bombing.",
    )
    n_lowest_on_day: int = pa.Field(
        nullable=True, ge=1, description="Lowest ratings on that day; null without bombing."
    )
    n_lowest_expected: float = pa.Field(
        nullable=True, ge=0, description="Lowest ratings expected per day, from the days before; null without bombing."
    )
