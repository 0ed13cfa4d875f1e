"""The contracts of loyalty: delivered points and referrals, the points ledger, and where each customer stands."""

import pandera.polars as pa
import polars as pl
from pandera.polars import PolarsData

from schemas.segments import AS_OF
from schemas.types import (
    AMBASSADOR_REASONS,
    LOYALTY_EVENT_KINDS,
    MINOR,
    MINOR_OF_NET_SPEND,
    PSEUDONYM_PATTERN,
    TIER_METRICS,
    VIP_REASONS,
    Contract,
    UtcTime,
)


class LoyaltyEvents(Contract, key=("event_id",), is_delivered=True):
    """One row per change of a customer's points, as the shop's own points programme recorded it; never changed afterwards.

    Points are signed: their effect on the balance.
    """

    event_id: str = pa.Field(str_length={"min_value": 1}, description="The source's number of the event.")
    customer_id: str = pa.Field(nullable=True, description="Whose points they are.")
    email_hash: str = pa.Field(
        nullable=True,
        str_matches=PSEUDONYM_PATTERN,
        description="Pseudonym of the e-mail address, where the source has one.",
    )
    occurred_at: UtcTime = pa.Field(description="When it happened.")
    kind: str = pa.Field(isin=LOYALTY_EVENT_KINDS, description="earn, redeem, expire, adjust or reverse.")
    points: int = pa.Field(
        description="Change of the balance: above 0 for earn, below 0 for redeem and expire, either for adjust and "
        "reverse.",
    )
    order_id: str = pa.Field(nullable=True, description="The order it concerns, where the source says so.")
    reverses_event_id: str = pa.Field(
        nullable=True,
        description="The event that a reversal cancels; what is left of its points goes first.",
    )
    expires_at: UtcTime = pa.Field(
        nullable=True, description="When incoming points expire; null: the source does not say."
    )
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")

    @pa.dataframe_check(
        name="points", error="is not above 0 for earn, below 0 for redeem and expire, other than 0 for any"
    )
    def the_sign_is_that_of_the_kind(cls, data: PolarsData) -> pl.LazyFrame:
        """What is earned comes in, what is redeemed or expires goes out."""
        kind, points = pl.col("kind"), pl.col("points")
        return data.lazyframe.select(
            pl.when(kind == "earn")
            .then(points > 0)
            .when(kind.is_in(["redeem", "expire"]))
            .then(points < 0)
            .otherwise(points != 0)
        )

    @pa.dataframe_check(name="expires_at", error="is not after occurred_at")
    def points_expire_after_they_come(cls, data: PolarsData) -> pl.LazyFrame:
        """Nothing expires before it is earned."""
        return data.lazyframe.select((pl.col("expires_at") > pl.col("occurred_at")).fill_null(True))


class Referrals(Contract, key=("referral_id",), is_delivered=True):
    """One row per referral: a customer recommending the shop. Customers and order are as the source names them."""

    referral_id: str = pa.Field(str_length={"min_value": 1}, description="The source's number of the referral.")
    customer_id: str = pa.Field(nullable=True, description="Who recommended the shop.")
    email_hash: str = pa.Field(
        nullable=True,
        str_matches=PSEUDONYM_PATTERN,
        description="Pseudonym of the recommending customer's e-mail address, where the source has one.",
    )
    referred_customer_id: str = pa.Field(nullable=True, description="Who was referred, where the source says so.")
    referred_at: UtcTime = pa.Field(description="When the customer was referred.")
    order_id: str = pa.Field(nullable=True, description="The order it led to, where the source says so.")
    updated_at: UtcTime = pa.Field(
        nullable=True, description="When the source last changed the row; the newest version wins."
    )
    source: str = pa.Field(description="Name of the configured source.")
    batch_id: str = pa.Field(description="Batch that last changed the row.")


class PointsLedger(
    Contract, key=("as_of_date", "customer_id", "entry_number"), is_dated=True, published_as="marts.points_ledger"
):
    """One row per as_of date, customer and entry of the points ledger: the answer to "why is this my balance".

    Not additive: balance.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    entry_number: int = pa.Field(ge=1, description="Place in the customer's ledger, from 1, by time.")
    occurred_at: UtcTime = pa.Field(description="When it happened.")
    kind: str = pa.Field(
        isin=LOYALTY_EVENT_KINDS,
        description="earn, redeem, expire, adjust or reverse; a debit takes the points that expire soonest, a reversal "
        "first those of the cancelled event or order.",
    )
    origin: str = pa.Field(
        isin=["source", "rule"],
        description="source: delivered by the shop's points programme; rule: computed from orders or expiry.",
    )
    event_id: str = pa.Field(nullable=True, description="The source's number of the event; null when origin is rule.")
    order_id: str = pa.Field(
        nullable=True,
        description="The order it concerns, in the source's words: it need not be in the lake; null where none is named.",
    )
    points: int = pa.Field(description="Change of the balance by the entry, signed.")
    shortfall_points: int = pa.Field(
        ge=0, description="Points the entry should have taken but could not, as a balance is never below 0."
    )
    balance: int = pa.Field(ge=0, description="Points after the entry: the sum of all entries so far.")
    expires_at: UtcTime = pa.Field(nullable=True, description="When incoming points expire; null: never.")


class Loyalty(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_loyalty"):
    """One row per as_of date and customer. Tier values are in the unit of tier_metric.

    Not additive: pct_to_next_tier, pct_to_next_reward.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    tier: str = pa.Field(
        description="Highest configured tier whose threshold was met at as_of or within the grace period before."
    )
    tier_metric: str = pa.Field(
        isin=TIER_METRICS, description="What tiers are based on: net_spend (amounts), points or orders in the window."
    )
    tier_value: int = pa.Field(metadata=MINOR_OF_NET_SPEND, ge=0, description="Value of the metric in the window.")
    tier_since: pl.Date = pa.Field(
        nullable=True,
        description="Local date since which the tier has been held without a break; the first tier, which everyone has, counts from "
        "the first gain, or from the fall to it; null before any gain.",
    )
    tier_until: pl.Date = pa.Field(
        nullable=True,
        description="Last local date of the tier if nothing more is gained, grace included; null: no end.",
    )
    is_in_grace: bool = pa.Field(
        description="Whether the metric is below the tier's threshold and only grace keeps the tier."
    )
    amount_to_keep_tier: int = pa.Field(
        metadata=MINOR_OF_NET_SPEND,
        ge=0,
        description="Value of the metric still needed to reach the threshold of the held tier; 0 when not in grace.",
    )
    next_tier: str = pa.Field(nullable=True, description="The next tier; null in the highest tier.")
    amount_to_next_tier: int = pa.Field(
        metadata=MINOR_OF_NET_SPEND,
        nullable=True,
        ge=0,
        description="Value of the metric still needed for the next tier; null in the highest tier.",
    )
    pct_to_next_tier: float = pa.Field(
        ge=0,
        le=100,
        description="Progress from this tier's threshold to the next; 100 in the highest tier, in grace too; else 0 in grace.",
    )
    pace_days_with_gain: int = pa.Field(
        ge=0, description="Days with a gain among the days that set the pace: the evidence for it."
    )
    next_tier_on: pl.Date = pa.Field(
        nullable=True,
        description="Local date on which the customer reaches the next tier at the current pace; null without a pace, or "
        "when that takes longer than the window.",
    )
    net_spend: int = pa.Field(
        metadata=MINOR, ge=0, description="Net spend in the window: paid less refunds, at least 0."
    )
    points_balance: int = pa.Field(nullable=True, ge=0, description="Points balance; null in a shop without points.")
    points_expiring_30d: int = pa.Field(
        nullable=True,
        ge=0,
        description="Of these, points whose date of expiry is within the next 30 days; null like the balance.",
    )
    next_reward: str = pa.Field(
        nullable=True, description="Cheapest reward above the balance; null without one, or in a shop without points."
    )
    points_to_next_reward: int = pa.Field(nullable=True, ge=0, description="Points still needed for it.")
    pct_to_next_reward: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="100 * points_balance / points of next_reward; 100 when the balance pays for every reward; null in a "
        "shop without rewards or points.",
    )
    is_vip: bool = pa.Field(
        description="Whether the customer is in the configured top share by net spend in the window."
    )
    vip_reason: str = pa.Field(nullable=True, isin=list(VIP_REASONS), description="top_net_spend; null when not a VIP.")
    is_ambassador: bool = pa.Field(
        description="Whether the customer is secure or a promoter, has a good review or a referred order, and is not at churn risk."
    )
    ambassador_reason: str = pa.Field(
        nullable=True,
        isin=AMBASSADOR_REASONS,
        description="promoter or secure, with_review or with_referral: the first pair that holds; null for others.",
    )
    n_referred_orders: int = pa.Field(ge=0, description="Valid orders, ever, that the customer's referrals led to.")
    referred_net_value: int = pa.Field(metadata=MINOR, ge=0, description="Net value of these orders.")
