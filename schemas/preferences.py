"""The contracts of preferences: what customers like to buy, where and when. How a number is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import Contract


class CustomerPreferences(
    Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_preferences"
):
    """One row per customer with a valid order or a product view in the window, or a stated preference, and as_of date.

    Not additive: all but counts.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    n_orders: int = pa.Field(
        ge=0, description="Valid orders in the window: the evidence for channel, hour and discount."
    )
    n_lines: int = pa.Field(ge=0, description="Lines of goods bought in these orders.")
    n_lines_unknown: int = pa.Field(ge=0, description="Of these, lines without a category; they count for none.")
    n_orders_known: int = pa.Field(
        ge=0, description="Of the orders, those with a line of a known category: the evidence for categories."
    )
    category_1: str = pa.Field(
        nullable=True, description="Favourite category, newer orders counting more; null below the minimum of orders."
    )
    pct_recent_1: float = pa.Field(nullable=True, ge=0, le=100, description="Its share by weighted orders.")
    category_2: str = pa.Field(nullable=True, description="Second category.")
    pct_recent_2: float = pa.Field(nullable=True, ge=0, le=100, description="Its share by weighted orders.")
    category_3: str = pa.Field(nullable=True, description="Third category.")
    pct_recent_3: float = pa.Field(nullable=True, ge=0, le=100, description="Its share by weighted orders.")
    n_categories: int = pa.Field(ge=0, description="Different categories bought.")
    effective_categories: float = pa.Field(
        nullable=True,
        ge=1,
        description="Breadth: exp of the Shannon entropy of the shares by orders; as many as equally liked categories "
        "would be. Null below the minimum of orders.",
    )
    favourite_channel: str = pa.Field(
        nullable=True, description="Channel of most orders, of equals the first by name; null below the minimum."
    )
    n_orders_channel: int = pa.Field(ge=0, description="Orders with a channel: the evidence for it.")
    favourite_hour: int = pa.Field(
        nullable=True,
        ge=0,
        le=23,
        description="Local hour of most orders, of equals the earliest; null below the minimum.",
    )
    price_level: float = pa.Field(
        nullable=True,
        ge=0,
        description="Mean over lines of the unit price against the median of its category; 1 = usual. Null below the minimum.",
    )
    n_lines_priced: int = pa.Field(ge=0, description="Lines with a category and a price: the evidence for price_level.")
    pct_discounted: float = pa.Field(
        nullable=True, ge=0, le=100, description="Share of orders with a discount; null below the minimum."
    )
    discount_affinity: float = pa.Field(
        nullable=True,
        ge=0,
        description="pct_discounted / that of all orders with a customer in the window; 1 = usual. Null below the minimum.",
    )
    interest_category: str = pa.Field(
        nullable=True,
        description="Category most viewed of those not bought in the window, of equals the first by name; null below the "
        "minimum of views.",
    )
    n_interest_views: int = pa.Field(
        ge=0, description="Views of that category, and of the one that would be it below the minimum; 0 without any."
    )
    stated_category: str = pa.Field(
        nullable=True, description="Category that the customer says to prefer, by the newest word of any account."
    )
    stated_channel: str = pa.Field(
        nullable=True, description="Channel that the customer says to prefer, by the newest word of any account."
    )


class CustomerCategories(
    Contract, key=("as_of_date", "customer_id", "category"), is_dated=True, published_as="marts.customer_categories"
):
    """One row per customer and category bought or viewed in the window, and as_of date. Not additive: shares and days."""

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    category: str = pa.Field(description="Product category as the shop names it.")
    n_orders: int = pa.Field(ge=0, description="Valid orders in the window with a line of the category.")
    pct_orders: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="n_orders over the same of all categories of the customer; null below the minimum of orders.",
    )
    pct_recent: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="The same with each order weighted by half per half-life of its age; null below the minimum.",
    )
    last_order_date: pl.Date = pa.Field(nullable=True, description="Local date of the last of these orders.")
    n_gaps: int = pa.Field(
        ge=0, description="Gaps between the local dates of these orders: the evidence for the cycle."
    )
    cycle_days: float = pa.Field(
        nullable=True, gt=0, description="Repeat cycle: median gap in days; null below the minimum of gaps."
    )
    next_due_date: pl.Date = pa.Field(
        nullable=True, description="last_order_date and one cycle, halves of a day rounded up; null without a cycle."
    )
    n_views_since: int = pa.Field(
        ge=0,
        description="Product views of the category in the window after the last of these orders, or without one all.",
    )
