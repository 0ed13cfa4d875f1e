"""The contracts of preferences: what customers like to buy, where and when. How a number is computed belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import Contract


class CustomerPreferences(
    Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_preferences"
):
    """One row per as_of date and customer with a valid order or product view in the window, or a stated preference.

    Not additive: everything except counts.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    n_orders: int = pa.Field(
        ge=0, description="Valid orders in the window: the evidence for channel, hour and discount."
    )
    n_lines: int = pa.Field(ge=0, description="Lines of goods bought in these orders.")
    n_lines_unknown: int = pa.Field(ge=0, description="Of these, lines without a category; they count for no category.")
    n_orders_known: int = pa.Field(
        ge=0, description="Of n_orders, those with a line of a known category: the evidence for categories."
    )
    category_1: str = pa.Field(
        nullable=True,
        description="Favourite category; newer orders count more. Null below the minimum of orders with a category, as in a "
        "shop that names none.",
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
        description="Breadth: exp of the Shannon entropy of the shares by orders, or how many equally liked categories "
        "would give it. Null below the minimum of orders.",
    )
    favourite_channel: str = pa.Field(
        nullable=True, description="Channel of most orders, in a tie the first by name; null below the minimum."
    )
    n_orders_channel: int = pa.Field(ge=0, description="Orders with a channel: the evidence for favourite_channel.")
    favourite_hour: int = pa.Field(
        nullable=True,
        ge=0,
        le=23,
        description="Local hour of most orders, in a tie the earliest; null below the minimum.",
    )
    price_level: float = pa.Field(
        nullable=True,
        ge=0,
        description="Mean over lines of unit price / median unit price of the category; 1 = usual. Null below the minimum.",
    )
    n_lines_priced: int = pa.Field(ge=0, description="Lines with a category and a price: the evidence for price_level.")
    pct_discounted: float = pa.Field(
        nullable=True, ge=0, le=100, description="Share of orders with a discount; null below the minimum."
    )
    discount_affinity: float = pa.Field(
        nullable=True,
        ge=0,
        description="pct_discounted / the same share over all customers' orders in the window; 1 = usual. Null below the minimum, and "
        "where no order of the shop in the window had a discount.",
    )
    interest_category: str = pa.Field(
        nullable=True,
        description="Most viewed category not bought in the window, in a tie the first by name; null below the minimum of "
        "views.",
    )
    n_interest_views: int = pa.Field(
        ge=0,
        description="Views, by customer_id of fct_touchpoints, of the most viewed category not bought, even below the minimum; 0 without any.",
    )
    stated_category: str = pa.Field(
        nullable=True, description="Category the customer claims to prefer: the newest statement of any account."
    )
    stated_channel: str = pa.Field(
        nullable=True, description="Channel the customer claims to prefer: the newest statement of any account."
    )


class CustomerCategories(
    Contract, key=("as_of_date", "customer_id", "category"), is_dated=True, published_as="marts.customer_categories"
):
    """One row per as_of date, customer and category bought or viewed in the window.

    Not additive: shares and days; n_orders and n_gaps over categories, as an order can have several.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    category: str = pa.Field(description="Product category as the shop names it.")
    n_orders: int = pa.Field(ge=0, description="Valid orders in the window with a line of the category.")
    pct_orders: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="100 * n_orders / the sum of n_orders over the customer's categories; null below the minimum of orders.",
    )
    pct_recent: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="The same, an order's weight halving with every half-life of its age; null below the minimum.",
    )
    last_order_date: pl.Date = pa.Field(nullable=True, description="Local date of the last of these orders.")
    n_gaps: int = pa.Field(
        ge=0, description="Gaps between the local dates of these orders: the evidence for cycle_days."
    )
    cycle_days: float = pa.Field(
        nullable=True, gt=0, description="Repeat cycle: median gap in days; null below the minimum of gaps."
    )
    next_due_date: pl.Date = pa.Field(
        nullable=True, description="last_order_date + cycle_days, half days rounded up; null without a cycle."
    )
    n_views_since: int = pa.Field(
        ge=0,
        description="Product views of the category, by customer_id of fct_touchpoints, in the window after the last of these orders; all views without one.",
    )
