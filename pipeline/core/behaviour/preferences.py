"""What customers prefer: categories, channel, hour, price and discount. What to offer them does not belong here."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from pipeline.core.behaviour.category_preferences import prefer_categories
from pipeline.core.behaviour.evidence import Evidence, HabitCounts
from pipeline.core.behaviour.settings import PreferenceSettings
from pipeline.core.frames import add_up
from pipeline.core.numbers import sort_rows
from pipeline.core.statistics import median_of_counts

TOP = 3
"""Favourite categories of a customer that have columns of their own."""
CELLS_AT_ONCE = 2**24
"""Customers times channels, or hours, that are counted together: a table of 128 MB."""
SHARE_STEPS = 10**10
"""Shares are compared to ten decimals: sums of fractions depend in the last digits on the order of the rows."""


class ShopHabits(NamedTuple):
    """What customers are compared with: the median `price` of a piece by `category`, and the share of orders with a discount."""

    usual_prices: pl.DataFrame
    discount_share: float


class Preferences(NamedTuple):
    """The two tables of `find_preferences`."""

    customers: pl.DataFrame
    categories: pl.DataFrame


def shop_habits(counts: Iterable[HabitCounts]) -> ShopHabits:
    """What the customers of a shop do, by their counts in any number of parts."""
    prices, n_orders, n_discounted = zip(*counts, strict=True)
    total = add_up(prices, by=["category", "price"])
    usual = median_of_counts(total, "price", "category")
    return ShopHabits(usual, sum(n_discounted) / max(sum(n_orders), 1))


def find_preferences(
    evidence: Evidence, habits: ShopHabits, *, as_of: date, settings: PreferenceSettings
) -> Preferences:
    """What each customer of the evidence prefers at as_of (contracts CustomerPreferences, CustomerCategories).

    A line without a category counts as unknown, never as a category. What customers say they prefer stands beside what they
    do. Breadth: the exponential of the entropy, Hill (1973), Diversity and evenness, Ecology 54, 427-432.
    """
    per_category = prefer_categories(evidence, settings=settings)
    per_customer = _customers(evidence, per_category, habits, settings)
    keys = _name("customer", evidence.customers).alias("customer_id"), pl.lit(as_of).alias("as_of_date")
    categories = ("interest_category", *(f"category_{place}" for place in range(1, TOP + 1)))
    return Preferences(
        per_customer.with_columns(
            _name("favourite_channel", evidence.channels),
            *(_name(column, evidence.categories) for column in categories),
        ).select(*keys, pl.exclude("customer")),
        per_category.select(
            *keys,
            _name("category", evidence.categories),
            *("n_orders", "pct_orders", "pct_recent", "last_order_date"),
            *("n_gaps", "cycle_days", "next_due_date", "n_views_since"),
        ),
    )


def _name(column: str, names: pl.Series) -> pl.Expr:
    return pl.lit(names).gather(pl.col(column)).alias(column)


def _customers(
    evidence: Evidence, categories: pl.DataFrame, habits: ShopHabits, settings: PreferenceSettings
) -> pl.DataFrame:
    """One row per customer."""
    per_order = evidence.placed.group_by("customer", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n_orders"),
        pl.col("is_discounted").sum().cast(pl.Int64).alias("n_discounted"),
        pl.col("channel").count().cast(pl.Int64).alias("n_orders_channel"),
    )
    parts = (
        per_order,
        _per_line(evidence.goods, evidence.categories, habits.usual_prices),
        _favourite(evidence.placed, "channel"),
        _favourite(evidence.placed, "hour"),
        _favourite_categories(categories),
        _interest(categories),
        evidence.stated,
    )
    rows = pl.DataFrame({"customer": pl.int_range(evidence.customers.len(), dtype=pl.Int64, eager=True)})
    for part in parts:
        rows = rows.join(part.cast({"customer": pl.Int64}), on="customer", how="left", maintain_order="left")
    return _shown(rows, habits.discount_share, settings)


def _shown(rows: pl.DataFrame, shop_share: float, settings: PreferenceSettings) -> pl.DataFrame:
    """The columns of CustomerPreferences: a preference with too little evidence is null, the evidence is shown."""
    is_known, is_shown = (pl.col(name) >= settings.min_orders for name in ("n_orders_known", "n_orders"))
    pct_discounted = 100 * pl.col("n_discounted") / pl.col("n_orders")
    affinity = pct_discounted / (100 * shop_share) if shop_share else pl.lit(None, pl.Float64)
    counts = (
        *("n_orders", "n_lines", "n_lines_unknown", "n_orders_known", "n_categories", "n_discounted"),
        *("n_orders_channel", "n_lines_priced", "n_interest_views"),
    )
    return rows.with_columns(pl.col(counts).fill_null(0)).select(
        "customer",
        "n_orders",
        "n_lines",
        "n_lines_unknown",
        "n_orders_known",
        *(
            pl.when(is_known).then(pl.col(column).list.get(number, null_on_oob=True)).alias(f"{name}_{number + 1}")
            for number in range(TOP)
            for name, column in (("category", "top"), ("pct_recent", "top_pct"))
        ),
        "n_categories",
        pl.when(is_known).then(pl.col("breadth").round(10).clip(1.0)).alias("effective_categories"),
        pl.when(pl.col("n_orders_channel") >= settings.min_orders).then("favourite_channel").alias("favourite_channel"),
        "n_orders_channel",
        pl.when(is_shown).then("favourite_hour").alias("favourite_hour"),
        pl.when(pl.col("n_lines_priced") >= settings.min_orders).then("price_level").alias("price_level"),
        "n_lines_priced",
        pl.when(is_shown).then(pct_discounted).alias("pct_discounted"),
        pl.when(is_shown).then(affinity).alias("discount_affinity"),
        pl.when(pl.col("n_interest_views") >= settings.min_views).then("interest").alias("interest_category"),
        "n_interest_views",
        "stated_category",
        "stated_channel",
    )


def _favourite(placed: pl.DataFrame, column: str) -> pl.DataFrame:
    """One row per customer: the value of most orders, the lowest of equals; any where no order has one."""
    n_values, n_customers = (1 + int(placed[name].max() or 0) for name in (column, "customer"))  # type: ignore[arg-type]
    told = placed.select("customer", value=column).drop_nulls()
    customers, values = (told[name].cast(pl.Int64).to_numpy() for name in told.columns)
    favourites, n_at_once = [], max(1, CELLS_AT_ONCE // n_values)
    # A table of counts for some customers at a time; rows come in the order of customers.
    for first in range(0, n_customers, n_at_once):
        n_here = min(n_at_once, n_customers - first)
        here = slice(*np.searchsorted(customers, [first, first + n_here]))
        cells = (customers[here] - first) * n_values + values[here]
        counts = np.bincount(cells, minlength=n_here * n_values).reshape(n_here, n_values)
        favourites.append(pl.Series(counts.argmax(axis=1)))
    return pl.DataFrame({f"favourite_{column}": pl.concat(favourites)}).with_row_index("customer")


def _per_line(goods: pl.DataFrame, categories: pl.Series, usual_prices: pl.DataFrame) -> pl.DataFrame:
    """One row per customer: lines, those without a category, and the price level."""
    is_priced = pl.col("category").is_not_null() & (pl.col("price") > 0)
    named = pl.DataFrame({"category": categories}).join(usual_prices, on="category", how="left", maintain_order="left")
    usual_price = pl.lit(named["price"]).gather(pl.col("category"))
    return (
        goods.with_columns(
            pl.col("customer").set_sorted(), level=pl.when(is_priced).then(pl.col("price") / usual_price)
        )
        .group_by("customer", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("n_lines"),
            pl.col("category").is_null().sum().cast(pl.Int64).alias("n_lines_unknown"),
            # The sum depends on the order of the rows in its last digits only.
            pl.col("level").mean().round(10).alias("price_level"),
            pl.col("level").count().cast(pl.Int64).alias("n_lines_priced"),
        )
    )


def _favourite_categories(categories: pl.DataFrame) -> pl.DataFrame:
    """One row per customer who bought from a known category: the first by weight, then name, and the breadth."""
    share = pl.col("pct_orders") / 100
    last_first = SHARE_STEPS - (pl.col("recent_share") * SHARE_STEPS).round().cast(pl.Int64)
    columns = ("customer", "category", "pct_orders", "pct_recent", "n_known")
    liked = categories.filter(pl.col("n_orders") > 0).select(*columns, last_first=last_first)
    return (
        sort_rows(liked, "customer", "last_first", "category")
        .with_columns(pl.col("customer").set_sorted())
        .group_by("customer", maintain_order=True)
        .agg(
            pl.col("category").head(TOP).alias("top"),
            pl.col("pct_recent").head(TOP).alias("top_pct"),
            pl.len().cast(pl.Int64).alias("n_categories"),
            pl.col("n_known").first().alias("n_orders_known"),
            (-(share * share.log()).sum()).exp().alias("breadth"),
        )
    )


def _interest(categories: pl.DataFrame) -> pl.DataFrame:
    """One row per customer who viewed a category without buying from it: the most viewed, then the first by name."""
    return (
        categories.filter(pl.col("n_orders") == 0)
        .sort("customer", "n_views", "category", descending=[False, True, False])
        .group_by("customer", maintain_order=True)
        .agg(pl.col("category").first().alias("interest"), pl.col("n_views").first().alias("n_interest_views"))
    )
