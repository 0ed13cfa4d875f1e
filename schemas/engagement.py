"""The contracts of engagement: what customers do with the shop beside buying, and which touchpoints come before orders."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import TOUCHPOINT_KINDS, Contract

ENGAGEMENTS = ("engaged", "active", "silent")


class CustomerEngagement(
    Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_engagement"
):
    """One row per as_of date and customer with an interaction in the window: how often, of which kind, and whether answered.

    An interaction is a visit, a product view, a service contact, a review, a vote, a share, a social contact or a visit to a
    store. Mails are not: a machine may open one, and a click shows as a visit. Touchpoints are a customer's as in
    customer_journey: more of them than name the customer in fct_touchpoints. Not additive: pct_answered.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    n_interactions: int = pa.Field(ge=0, description="Interactions of all kinds in the window, except mails.")
    n_visits: int = pa.Field(ge=0, description="Visits to the site or the app.")
    n_product_views: int = pa.Field(ge=0, description="Products looked at.")
    n_service_contacts: int = pa.Field(ge=0, description="Contacts with the shop's staff.")
    n_reviews: int = pa.Field(
        ge=0, description="Reviews written; from touchpoints only in a shop that delivers no reviews."
    )
    n_votes: int = pa.Field(ge=0, description="Votes and answers to polls.")
    n_shares: int = pa.Field(ge=0, description="Products or posts of the shop that the customer shared with others.")
    n_social: int = pa.Field(ge=0, description="Contacts on social media.")
    n_store_visits: int = pa.Field(ge=0, description="Visits to a store.")
    n_email_opens: int = pa.Field(ge=0, description="Mails opened; not part of n_interactions.")
    n_email_clicks: int = pa.Field(ge=0, description="Links followed in mails; not part of n_interactions.")
    n_answerable: int = pa.Field(ge=0, description="Service contacts and reviews, which a shop can answer.")
    n_answered: int = pa.Field(ge=0, description="Of these, those that the shop had answered by as_of.")
    pct_answered: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="100 * n_answered / n_answerable; null where there was nothing to answer.",
    )
    is_engaged: bool = pa.Field(
        description="Whether the customer is in the configured top share of customers with an interaction; customers "
        "with equal counts are all in or all out, so the share is never exceeded."
    )


class EngagementRepurchase(
    Contract, key=("as_of_date", "engagement"), is_dated=True, published_as="marts.engagement_repurchase"
):
    """One row per as_of date and level of engagement at the start of the last window: who bought again in the window.

    Only customers who had bought by the start. An association, not a cause: those who mean to buy come to look. Not additive:
    shares and differences.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    engagement: str = pa.Field(
        isin=ENGAGEMENTS,
        description="engaged: in the top share; active: any other with an interaction; silent: without one.",
    )
    n_customers: int = pa.Field(ge=0, description="Customers who had bought by the start of the window.")
    n_repurchased: int = pa.Field(ge=0, description="Of these, customers with a valid order in the window.")
    pct_repurchased: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_repurchased / n_customers; null when suppressed."
    )
    pct_repurchased_low: float = pa.Field(nullable=True, ge=0, le=100, description="Lower bound, Wilson 95%.")
    pct_repurchased_high: float = pa.Field(nullable=True, ge=0, le=100, description="Upper bound, Wilson 95%.")
    difference: float = pa.Field(
        nullable=True,
        description="pct_repurchased less that of silent customers, in percentage points; null for them and when suppressed.",
    )
    difference_low: float = pa.Field(nullable=True, description="Lower bound of the difference, Newcombe 95%.")
    difference_high: float = pa.Field(nullable=True, description="Upper bound of the difference, Newcombe 95%.")
    is_suppressed: bool = pa.Field(description="Whether n_customers is below the configured minimum.")


class TouchpointInfluence(
    Contract, key=("as_of_date", "channel", "kind"), is_dated=True, published_as="marts.touchpoint_influence"
):
    """One row per as_of date, channel and kind of touchpoint: how often it came before orders, and how its customers converted.

    An association, not a cause. Touchpoints are a customer's as in customer_journey. Not additive: shares and differences;
    every count but n_first and n_last over channel and kind, as an order has several touchpoints before it, n_orders is the
    same in every row, and a customer is without many of them.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    channel: str = pa.Field(description="Where the touchpoint was; unknown when the source does not say.")
    kind: str = pa.Field(isin=[kind for kind in TOUCHPOINT_KINDS if kind != "order"], description="Kind of touchpoint.")
    n_orders: int = pa.Field(
        ge=0, description="Valid orders of customers in the last engagement.days, the same in every row."
    )
    n_orders_with: int = pa.Field(
        ge=0, description="Of these, orders with such a touchpoint of the customer in the days before."
    )
    pct_orders_with: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_orders_with / n_orders; null when is_orders_suppressed."
    )
    is_orders_suppressed: bool = pa.Field(description="Whether n_orders is below the configured minimum.")
    n_first: int = pa.Field(ge=0, description="Orders for which it was the first touchpoint in these days.")
    n_last: int = pa.Field(ge=0, description="Orders for which it was the last touchpoint before the order.")
    n_customers_with: int = pa.Field(
        ge=0,
        description="Customers with such a touchpoint from two to one times the influence days before as_of, such as 60 to 30 days.",
    )
    n_customers_without: int = pa.Field(ge=0, description="Customers with only other touchpoints in these days.")
    pct_converted_with: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="Share of customers with it who have placed a valid order since; null when suppressed.",
    )
    pct_converted_without: float = pa.Field(
        nullable=True, ge=0, le=100, description="The same for customers without it; null when suppressed."
    )
    difference: float = pa.Field(
        nullable=True,
        description="pct_converted_with less pct_converted_without, in percentage points; null when suppressed.",
    )
    difference_low: float = pa.Field(nullable=True, description="Lower bound of the difference, Newcombe 95%.")
    difference_high: float = pa.Field(nullable=True, description="Upper bound of the difference, Newcombe 95%.")
    is_suppressed: bool = pa.Field(
        description="Whether n_customers_with or n_customers_without is below the minimum: it is of the conversion and the difference."
    )
