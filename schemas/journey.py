"""The contracts of the customer journey, per as_of date: carts, stages, channels."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import AIDAS_STAGES, CHANNEL_METRICS, MINOR, Contract, UtcTime

STAGE = "attention (visit), interest (product view), desire (cart, checkout), action (order) or satisfaction (pleased after it)."


class AbandonedCarts(Contract, key=("as_of_date", "cart_id"), is_dated=True, published_as="marts.abandoned_carts"):
    """One row per as_of date and abandoned cart of the last months.

    Not additive: hours_to_recovery; one order can recover several carts.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    cart_id: str = pa.Field(
        description="Number of the last cart touchpoint of the session; the cart is as it was then."
    )
    customer_id: str = pa.Field(nullable=True, description="Whose cart it is; null for an unknown visitor.")
    session_id: str = pa.Field(nullable=True, description="The session it was left in, where the source has one.")
    channel: str = pa.Field(nullable=True, description="Where it was left: web, app, …")
    abandoned_at: UtcTime = pa.Field(description="When the cart was last changed.")
    cart_amount: int = pa.Field(
        metadata=MINOR, nullable=True, ge=0, description="Value of the cart, where the source says so."
    )
    is_recovered: bool = pa.Field(
        nullable=True,
        description="Whether the customer ordered after all within the configured days; null while undecided and for unknown visitors.",
    )
    recovered_order_id: str = pa.Field(
        nullable=True, description="The order that recovered it: the customer's next one."
    )
    hours_to_recovery: float = pa.Field(
        nullable=True, ge=0, description="Hours from abandoned_at to that order; null when not recovered."
    )


class AbandonedCartProducts(
    Contract,
    key=("as_of_date", "cart_id", "product_id"),
    is_dated=True,
    published_as="marts.abandoned_cart_products",
):
    """One row per as_of date, abandoned cart of the last months and product that was in it.

    Not additive: amounts, which are prices of one piece.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    cart_id: str = pa.Field(description="The cart, as in abandoned_carts.")
    product_id: str = pa.Field(description="A product that one of the cart's touchpoints names.")
    customer_id: str = pa.Field(nullable=True, description="Whose cart it is; null for an unknown visitor.")
    session_id: str = pa.Field(nullable=True, description="The session it was left in, where the source has one.")
    product_name: str = pa.Field(nullable=True, description="What the shop calls it; null for an unknown product.")
    category: str = pa.Field(
        nullable=True,
        description="Product category as the shop names it; null for a product that no source lists, even where dim_products knows it.",
    )
    price_amount: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="Usual price of a piece; null when unknown, or in another currency than the shop's.",
    )
    discounted_amount: int = pa.Field(
        metadata=MINOR, nullable=True, gt=0, description="Lower price of a piece at as_of; null: it is not discounted."
    )
    discount_ends_on: pl.Date = pa.Field(
        nullable=True, description="Last local date of the discount; null without one or without a known end."
    )


class CustomerJourney(
    Contract, key=("as_of_date", "customer_id", "month"), is_dated=True, published_as="marts.customer_journey"
):
    """One row per as_of date, customer and local month with a touchpoint or order of the customer; the last months only.

    Not additive: stage_number.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    month: pl.Date = pa.Field(description="First day of the month, in the shop's time zone.")
    stage: str = pa.Field(isin=AIDAS_STAGES, description=f"Furthest stage reached: {STAGE}")
    stage_number: int = pa.Field(ge=1, le=5, description="The stage as a number, 1 = attention to 5 = satisfaction.")
    channel: str = pa.Field(description="Channel of the first touchpoint or order of the month; unknown without one.")
    n_touchpoints: int = pa.Field(
        ge=0,
        description="Touchpoints of the month, of every kind: those naming the customer or, without a customer, an order of "
        "theirs, and the others of a session that names nobody else.",
    )


class StageConversion(
    Contract,
    key=("as_of_date", "month", "channel", "stage"),
    is_dated=True,
    published_as="marts.stage_conversion",
    shows_history=True,
):
    """One row per as_of date, month, channel and stage of the customer journey.

    Not additive: shares and scores; counts over dates and stages; counts over channel, as all contains the others.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    month: pl.Date = pa.Field(description="First day of the month, in the shop's time zone.")
    channel: str = pa.Field(description="Channel in which the customer's month began; all: every channel.")
    stage: str = pa.Field(isin=AIDAS_STAGES, description=STAGE)
    stage_number: int = pa.Field(ge=1, le=5, description="The stage as a number, 1 = attention to 5 = satisfaction.")
    n_furthest: int = pa.Field(ge=0, description="Customers who reached this stage and no further one.")
    n_reached: int = pa.Field(ge=0, description="Customers who reached at least this stage: the denominator.")
    n_next: int = pa.Field(
        nullable=True,
        ge=0,
        description="Of these, customers who reached at least the next stage; null for the last stage.",
    )
    pct_next: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="100 * n_next / n_reached; null when suppressed and for the last stage.",
    )
    pct_next_low: float = pa.Field(nullable=True, ge=0, le=100, description="Lower bound of the Wilson 95% interval.")
    pct_next_high: float = pa.Field(nullable=True, ge=0, le=100, description="Upper bound of the Wilson 95% interval.")
    is_suppressed: bool = pa.Field(description="Whether n_reached is below the configured minimum.")
    n_nps_relational: int = pa.Field(
        nullable=True,
        ge=0,
        description="Of n_reached, customers who answered a relational survey that month; null for the last stage.",
    )
    nps_relational: float = pa.Field(
        nullable=True,
        ge=-100,
        le=100,
        description="Net Promoter Score of their latest relational answers; null when suppressed and for the last stage.",
    )
    nps_relational_low: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Lower bound of the adjusted Wald 95% interval of nps_relational."
    )
    nps_relational_high: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Upper bound of the adjusted Wald 95% interval of nps_relational."
    )
    is_nps_relational_suppressed: bool = pa.Field(
        nullable=True, description="Whether n_nps_relational is below the configured minimum; null for the last stage."
    )
    n_nps_transactional: int = pa.Field(
        nullable=True,
        ge=0,
        description="Of n_reached, customers who answered a transactional survey that month; null for the last stage.",
    )
    nps_transactional: float = pa.Field(
        nullable=True,
        ge=-100,
        le=100,
        description="Net Promoter Score of their latest transactional answers; null when suppressed and for the last stage.",
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
        nullable=True,
        description="Whether n_nps_transactional is below the configured minimum; null for the last stage.",
    )


class ChannelConsistency(
    Contract,
    key=("as_of_date", "metric", "measure", "channel"),
    is_dated=True,
    published_as="marts.channel_consistency",
    shows_history=True,
):
    """One row per as_of date, metric and channel, and one per metric for the spread between its channels.

    Not additive: everything except n over channels.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    metric: str = pa.Field(
        isin=CHANNEL_METRICS,
        description="on_time (percent of promises), rating (percent of its scale), nps_relational or nps_transactional (-100 to 100).",
    )
    measure: str = pa.Field(
        isin=["value", "spread"],
        description="value: of one channel; spread: the highest shown channel minus the lowest.",
    )
    channel: str = pa.Field(description="Channel of the order; all for the spread.")
    n: int = pa.Field(
        ge=0,
        description="Promises, reviews or customers behind the value; for the spread, of its two channels together.",
    )
    value: float = pa.Field(
        nullable=True, description="The metric, or the spread in points of the metric; null when suppressed."
    )
    value_low: float = pa.Field(nullable=True, description="Lower bound of the 95% interval.")
    value_high: float = pa.Field(nullable=True, description="Upper bound of the 95% interval.")
    highest_channel: str = pa.Field(nullable=True, description="For a spread, the channel with the highest value.")
    lowest_channel: str = pa.Field(nullable=True, description="For a spread, the channel with the lowest value.")
    is_suppressed: bool = pa.Field(
        description="Whether n is below the configured minimum; for a spread, whether fewer than two channels are shown."
    )
