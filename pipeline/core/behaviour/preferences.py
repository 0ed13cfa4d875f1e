"""What customers prefer: categories, channel, hour, price and discount. What to offer them does not belong here.

polars itself and not narwhals: a long chain of small steps, each over the result of the one before.
"""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from pipeline.core.behaviour.orders import window_start
from pipeline.core.frames import day_end, day_start

if TYPE_CHECKING:
    from pipeline.settings import PreferenceSettings

TOP = 3
"""Favourite categories of a customer that have columns of their own."""

OF_CATEGORY = ["customer_id", "category"]


class Preferences(NamedTuple):
    """The two tables of `find_preferences`."""

    customers: pl.DataFrame
    categories: pl.DataFrame


def find_preferences(
    orders: pl.LazyFrame,
    lines: pl.LazyFrame,
    touchpoints: pl.LazyFrame,
    *,
    as_of: date,
    time_zone: str,
    settings: "PreferenceSettings",
) -> Preferences:
    """What each customer prefers at as_of (contracts CustomerPreferences, CustomerCategories).

    `orders` are those of `orders_as_of`. Valid orders of known customers, lines with goods (not sent back) and product
    views count, whose local date is in the window. A line without category counts as unknown, never as a category.
    Breadth: the exponential of the entropy, Hill (1973), Diversity and evenness, Ecology 54, 427-432.
    """
    first = window_start(as_of, settings.window_days)
    # Collected as they come: the streaming engine would compute what several results rest on once for each of them.
    placed = (
        orders.filter(pl.col("is_valid"), pl.col("customer_id").is_not_null(), pl.col("local_date") >= first)
        .select(
            "order_id",
            "customer_id",
            "local_date",
            "channel",
            hour=pl.col("ordered_at").dt.convert_time_zone(time_zone).dt.hour().cast(pl.Int64),
            is_discounted=pl.col("discount_amount") > 0,
        )
        .collect(engine="streaming")
    )
    goods = (
        lines.filter(pl.col("quantity") > 0)
        .select("order_id", "category", price=pl.col("line_amount") / pl.col("quantity"))
        .join(placed.lazy().select("order_id", "customer_id", "local_date"), on="order_id")
        .collect(engine="streaming")
    )
    is_in_window = pl.col("occurred_at") < day_end(as_of, time_zone)
    if settings.window_days is not None:
        is_in_window &= pl.col("occurred_at") >= day_start(first, time_zone)
    is_view = pl.col("kind") == "product_view"
    views = (
        touchpoints.filter(is_view, is_in_window)
        .drop_nulls(OF_CATEGORY)
        .select(*OF_CATEGORY, view_date=pl.col("occurred_at").dt.convert_time_zone(time_zone).dt.date())
        .collect(engine="streaming")
    )
    bought = goods.drop_nulls("category").select(*OF_CATEGORY, "order_id", "local_date").unique()
    categories = _categories(bought, views, as_of, settings)
    return Preferences(
        _customers(placed, _per_line(goods), categories, as_of, settings),
        categories.drop("n_known", "recent_share", "n_views"),
    )


def _favourite(placed: pl.DataFrame, column: str) -> pl.DataFrame:
    """One row per customer: the value of most orders, of equals the first in order."""
    counts = placed.drop_nulls(column).group_by("customer_id", column).agg(pl.len().alias("n"))
    ranked = counts.sort("n", column, descending=[True, False])
    return ranked.group_by("customer_id").agg(pl.col(column).first().alias(f"favourite_{column}"))


def _per_line(goods: pl.DataFrame) -> pl.DataFrame:
    """One row per customer: lines, those without a category, and the price level."""
    is_priced = pl.col("category").is_not_null() & (pl.col("price") > 0)
    usual = goods.filter(is_priced).group_by("category").agg(pl.col("price").median().alias("usual_price"))
    return (
        goods.join(usual, on="category", how="left")
        .with_columns(level=pl.when(is_priced).then(pl.col("price") / pl.col("usual_price")))
        .group_by("customer_id")
        .agg(
            pl.len().cast(pl.Int64).alias("n_lines"),
            pl.col("category").is_null().sum().cast(pl.Int64).alias("n_lines_unknown"),
            # The sum depends on the order of the rows in its last digits only.
            pl.col("level").mean().round(10).alias("price_level"),
            pl.col("level").count().cast(pl.Int64).alias("n_lines_priced"),
        )
    )


def _categories(bought: pl.DataFrame, views: pl.DataFrame, as_of: date, settings: "PreferenceSettings") -> pl.DataFrame:
    """One row per customer and category, with what the rows per customer need."""
    age = (pl.lit(as_of) - pl.col("local_date")).dt.total_days()
    orders = bought.group_by(OF_CATEGORY).agg(
        pl.len().cast(pl.Int64).alias("n_orders"),
        (0.5 ** (age / settings.half_life_days)).sum().alias("weight"),
        pl.col("local_date").max().alias("last_order_date"),
    )
    days = bought.select(*OF_CATEGORY, "local_date").unique().sort(*OF_CATEGORY, "local_date")
    is_next = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in OF_CATEGORY)
    gaps = (
        days.with_columns(
            gap=pl.when(is_next).then((pl.col("local_date") - pl.col("local_date").shift()).dt.total_days())
        )
        .group_by(OF_CATEGORY)
        .agg(pl.col("gap").count().cast(pl.Int64).alias("n_gaps"), pl.col("gap").median().alias("cycle_days"))
    )
    of_customer = "customer_id"
    known = (
        bought.select(of_customer, "order_id")
        .unique()
        .group_by(of_customer)
        .agg(pl.len().cast(pl.Int64).alias("n_known"))
    )
    seen = (
        views.join(orders.select(*OF_CATEGORY, "last_order_date"), on=OF_CATEGORY, how="left")
        .group_by(OF_CATEGORY)
        .agg(
            pl.len().cast(pl.Int64).alias("n_views"),
            (pl.col("last_order_date").is_null() | (pl.col("view_date") > pl.col("last_order_date")))
            .sum()
            .cast(pl.Int64)
            .alias("n_views_since"),
        )
    )
    is_shown = pl.col("n_known") >= settings.min_orders
    has_cycle = pl.col("n_gaps") >= settings.min_gaps
    return (
        orders.join(gaps, on=OF_CATEGORY)
        .join(known, on=of_customer)
        .join(seen, on=OF_CATEGORY, how="full", coalesce=True)
        .with_columns(pl.col("n_orders", "n_gaps", "n_known", "n_views", "n_views_since").fill_null(0))
        .sort(OF_CATEGORY)
        .with_columns(
            order_share=pl.col("n_orders") / pl.col("n_orders").sum().over(of_customer),
            recent_share=(pl.col("weight") / pl.col("weight").sum().over(of_customer)).round(10),
        )
        .select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            "category",
            "n_orders",
            pl.when(is_shown & (pl.col("n_orders") > 0)).then(100 * pl.col("order_share")).alias("pct_orders"),
            pl.when(is_shown).then(100 * pl.col("recent_share")).alias("pct_recent"),
            "last_order_date",
            "n_gaps",
            pl.when(has_cycle).then("cycle_days").alias("cycle_days"),
            pl.when(has_cycle)
            .then(pl.col("last_order_date") + pl.duration(days=(pl.col("cycle_days") + 0.5).floor().cast(pl.Int64)))
            .alias("next_due_date"),
            "n_views_since",
            "n_known",
            "recent_share",
            "n_views",
        )
    )


def _customers(
    placed: pl.DataFrame,
    per_line: pl.DataFrame,
    categories: pl.DataFrame,
    as_of: date,
    settings: "PreferenceSettings",
) -> pl.DataFrame:
    """One row per customer."""
    per_order = placed.group_by("customer_id").agg(
        pl.len().cast(pl.Int64).alias("n_orders"),
        pl.col("is_discounted").sum().cast(pl.Int64).alias("n_discounted"),
        pl.col("channel").count().cast(pl.Int64).alias("n_orders_channel"),
    )
    share = pl.col("pct_orders") / 100
    liked = categories.filter(pl.col("n_orders") > 0)
    ranked = liked.sort("customer_id", "recent_share", "category", descending=[False, True, False])
    top = ranked.group_by("customer_id", maintain_order=True).agg(
        pl.col("category").head(TOP).alias("top"),
        pl.col("pct_recent").head(TOP).alias("top_pct"),
        pl.len().cast(pl.Int64).alias("n_categories"),
        pl.col("n_known").first().alias("n_orders_known"),
        (-(share * share.log()).sum()).exp().alias("breadth"),
    )
    interest = (
        categories.filter(pl.col("n_orders") == 0)
        .sort("customer_id", "n_views", "category", descending=[False, True, False])
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col("category").first().alias("interest"), pl.col("n_views").first().alias("n_interest_views"))
    )
    favourites = [_favourite(placed, column) for column in ("channel", "hour")]
    shop_share = int(per_order["n_discounted"].sum()) / max(int(per_order["n_orders"].sum()), 1)
    n_orders, is_known = pl.col("n_orders"), pl.col("n_orders_known") >= settings.min_orders
    is_shown, pct_discounted = n_orders >= settings.min_orders, 100 * pl.col("n_discounted") / pl.col("n_orders")
    affinity = pct_discounted / (100 * shop_share) if shop_share else pl.lit(None, pl.Float64)
    counts = (
        *("n_orders", "n_lines", "n_lines_unknown", "n_orders_known", "n_categories", "n_discounted"),
        *("n_orders_channel", "n_lines_priced", "n_interest_views"),
    )
    rows = pl.concat([per_order.select("customer_id"), categories.select("customer_id")]).unique().sort("customer_id")
    for part in (per_order, per_line, *favourites, top, interest):
        rows = rows.join(part, on="customer_id", how="left")
    return rows.with_columns(pl.col(counts).fill_null(0)).select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
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
    )
