"""What customers prefer: categories, channel, hour, price and discount. What to offer them does not belong here.

polars itself and not narwhals: a long chain of small steps, each over the result of the one before.
"""

from datetime import date
from typing import NamedTuple

import polars as pl

from pipeline.core.behaviour.settings import PreferenceSettings
from pipeline.core.facts.orders import window_start
from pipeline.core.frames import day_end, day_start

TOP = 3
"""Favourite categories of a customer that have columns of their own."""

HOURS = 24


class Preferences(NamedTuple):
    """The two tables of `find_preferences`."""

    customers: pl.DataFrame
    categories: pl.DataFrame


def find_preferences(
    orders: pl.LazyFrame,
    lines: pl.LazyFrame,
    touchpoints: pl.LazyFrame,
    accounts: pl.LazyFrame,
    *,
    as_of: date,
    time_zone: str,
    settings: PreferenceSettings,
) -> Preferences:
    """What each customer prefers at as_of (contracts CustomerPreferences, CustomerCategories).

    `orders` are those of `orders_as_of`, `accounts` all rows of the customers, of which one can have several. Valid orders
    with a customer, lines with goods (not sent back), and product views of known customers count, whose local date is in
    the window. A line without category counts as unknown, never as a category. What customers say that they prefer stands
    beside what they do; it counts when it was not said after as_of.
    Breadth: the exponential of the entropy, Hill (1973), Diversity and evenness, Ecology 54, 427-432.

    Within, everything has a number in the order of its name: numbers take a third of the time and memory of names.
    """
    first = window_start(as_of, settings.window_days)
    # Collected as they come: the streaming engine would compute what several results rest on once for each of them.
    placed = (
        orders.filter(pl.col("is_valid"), pl.col("customer_id").is_not_null(), pl.col("local_date") >= first)
        .select(
            "order_id",
            "customer_id",
            "channel",
            day="local_date",
            hour=pl.col("ordered_at").dt.convert_time_zone(time_zone).dt.hour(),
            is_discounted=pl.col("discount_amount") > 0,
        )
        .collect(engine="streaming")
    )
    is_in_window = pl.col("occurred_at") < day_end(as_of, time_zone)
    if settings.window_days is not None:
        is_in_window &= pl.col("occurred_at") >= day_start(first, time_zone)
    views = (
        touchpoints.filter(pl.col("kind") == "product_view", is_in_window)
        .drop_nulls("category")
        .join(accounts, on="customer_id", how="semi")
        .select("customer_id", "category", day=pl.col("occurred_at").dt.convert_time_zone(time_zone).dt.date())
        .collect(engine="streaming")
    )
    stated = _stated(accounts, as_of, time_zone)
    names = _names(placed["customer_id"], views["customer_id"], stated["customer_id"])
    channels = _names(placed["channel"])
    placed = placed.with_row_index("order").with_columns(
        customer=_number("customer_id", names), channel=_number("channel", channels)
    )
    goods = (
        lines.filter(pl.col("quantity") > 0)
        .select("order_id", "category", price=pl.col("line_amount") / pl.col("quantity"))
        .join(placed.lazy().select("order_id", "order", "customer", "day"), on="order_id")
        .drop("order_id")
        .collect(engine="streaming")
    )
    categories = _names(goods["category"], views["category"])
    goods = goods.with_columns(category=_number("category", categories))
    views = views.select("day", customer=_number("customer_id", names), category=_number("category", categories))
    per_category = _categories(goods, views, categories.len(), as_of, settings)
    stated = stated.select("stated_category", "stated_channel", customer=_number("customer_id", names))
    per_customer = _customers(
        placed.drop("order_id", "customer_id"), goods, per_category, stated, channels.len(), settings
    )
    name = _name("customer", names).alias("customer_id"), pl.lit(as_of).alias("as_of_date")
    best = {f"category_{place}": _name(f"category_{place}", categories) for place in range(1, TOP + 1)}
    return Preferences(
        per_customer.with_columns(
            favourite_channel=_name("favourite_channel", channels),
            interest_category=_name("interest_category", categories),
            **best,
        ).select(*name, pl.exclude("customer")),
        per_category.select(
            *name,
            _name("category", categories),
            *("n_orders", "pct_orders", "pct_recent", "last_order_date"),
            *("n_gaps", "cycle_days", "next_due_date", "n_views_since"),
        ),
    )


def _stated(accounts: pl.LazyFrame, as_of: date, time_zone: str) -> pl.DataFrame:
    """One row per customer with a stated preference: the newest word, of which one without a date is the oldest."""
    said_at = pl.col("updated_at")
    words = {f"stated_{what}": pl.col(f"preferred_{what}") for what in ("category", "channel")}
    return (
        accounts.filter(said_at.is_null() | (said_at < day_end(as_of, time_zone)))
        .filter(pl.any_horizontal(word.is_not_null() for word in words.values()))
        .group_by("customer_id")
        .agg(
            word.sort_by(said_at, word, nulls_last=False).drop_nulls().last().alias(name)
            for name, word in words.items()
        )
        .collect(engine="streaming")
    )


def _names(*columns: pl.Series) -> pl.Series:
    """All names in the columns, each once and in order."""
    return pl.concat([column.unique() for column in columns]).unique().drop_nulls().sort()


def _number(column: str, names: pl.Series) -> pl.Expr:
    """The place of a name among the names, which has the order of the names."""
    return pl.col(column).cast(pl.Enum(names)).to_physical().cast(pl.Int64)


def _name(column: str, names: pl.Series) -> pl.Expr:
    return pl.lit(names).gather(pl.col(column)).alias(column)


def _favourite(placed: pl.DataFrame, column: str, n_values: int) -> pl.DataFrame:
    """One row per customer: the value of most orders, of equals the lowest. Values are numbers from 0 to below `n_values`."""
    value = pl.col(column).cast(pl.Int64)
    counts = (
        placed.drop_nulls(column)
        .group_by(pair=pl.col("customer") * n_values + value)
        .agg(pl.len().cast(pl.Int64).alias("n"))
        .with_columns(customer=pl.col("pair") // n_values, value=pl.col("pair") % n_values)
    )
    # More orders first, then the lower value: one number says both.
    best = counts.group_by("customer").agg(
        (pl.col("n") * n_values + (n_values - 1 - pl.col("value"))).max().alias("best")
    )
    return best.select("customer", (n_values - 1 - pl.col("best") % n_values).alias(f"favourite_{column}"))


def _per_line(goods: pl.DataFrame) -> pl.DataFrame:
    """One row per customer: lines, those without a category, and the price level."""
    is_priced = pl.col("category").is_not_null() & (pl.col("price") > 0)
    usual = goods.filter(is_priced).group_by("category").agg(pl.col("price").median().alias("usual_price"))
    return (
        goods.join(usual, on="category", how="left")
        .with_columns(level=pl.when(is_priced).then(pl.col("price") / pl.col("usual_price")))
        .group_by("customer")
        .agg(
            pl.len().cast(pl.Int64).alias("n_lines"),
            pl.col("category").is_null().sum().cast(pl.Int64).alias("n_lines_unknown"),
            # The sum depends on the order of the rows in its last digits only.
            pl.col("level").mean().round(10).alias("price_level"),
            pl.col("level").count().cast(pl.Int64).alias("n_lines_priced"),
        )
    )


def _categories(
    goods: pl.DataFrame, views: pl.DataFrame, n_categories: int, as_of: date, settings: PreferenceSettings
) -> pl.DataFrame:
    """One row per customer and category, in this order, with what the rows per customer need."""
    pair = pl.col("customer") * n_categories + pl.col("category")
    bought = goods.drop_nulls("category").select("order", "customer", "day", pair=pair).unique(["pair", "order"])
    age = (pl.lit(as_of) - pl.col("day")).dt.total_days()
    orders = bought.group_by("pair").agg(
        pl.len().cast(pl.Int64).alias("n_orders"),
        (0.5 ** (age / settings.half_life_days)).sum().alias("weight"),
        pl.col("day").max().alias("last_order_date"),
    )
    known = (
        bought.select("customer", "order")
        .unique("order")
        .group_by("customer")
        .agg(pl.len().cast(pl.Int64).alias("n_known"))
    )
    days = bought.select("pair", "day").unique()
    gaps = days.group_by("pair").agg((pl.len().cast(pl.Int64) - 1).alias("n_gaps"))
    seen = (
        views.select("day", pair=pair)
        .join(orders.select("pair", "last_order_date"), on="pair", how="left")
        .group_by("pair")
        .agg(
            pl.len().cast(pl.Int64).alias("n_views"),
            (pl.col("last_order_date").is_null() | (pl.col("day") > pl.col("last_order_date")))
            .sum()
            .cast(pl.Int64)
            .alias("n_views_since"),
        )
    )
    is_shown = pl.col("n_known") >= settings.min_orders
    order_share = pl.col("n_orders") / pl.col("n_orders").sum().over("customer")
    return (
        orders.join(gaps, on="pair")
        .join(_cycles(days, gaps.filter(pl.col("n_gaps") >= settings.min_gaps)), on="pair", how="left")
        .join(seen, on="pair", how="full", coalesce=True)
        .sort("pair")
        .with_columns(customer=pl.col("pair") // n_categories, category=pl.col("pair") % n_categories)
        .join(known, on="customer", how="left", maintain_order="left")
        .with_columns(pl.col("n_orders", "n_gaps", "n_known", "n_views", "n_views_since").fill_null(0))
        .with_columns(recent_share=(pl.col("weight") / pl.col("weight").sum().over("customer")).round(10))
        .select(
            "customer",
            "category",
            "n_orders",
            pl.when(is_shown & (pl.col("n_orders") > 0)).then(100 * order_share).alias("pct_orders"),
            pl.when(is_shown).then(100 * pl.col("recent_share")).alias("pct_recent"),
            "last_order_date",
            "n_gaps",
            "cycle_days",
            (pl.col("last_order_date") + pl.duration(days=(pl.col("cycle_days") + 0.5).floor().cast(pl.Int64))).alias(
                "next_due_date"
            ),
            "n_views_since",
            "n_known",
            "recent_share",
            "n_views",
        )
    )


def _cycles(days: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """The median gap in days between the days of each wanted pair of customer and category."""
    in_order = days.join(wanted.select("pair"), on="pair", how="semi").sort("pair", "day")
    is_next = pl.col("pair") == pl.col("pair").shift()
    gap = pl.when(is_next).then((pl.col("day") - pl.col("day").shift()).dt.total_days())
    gaps = in_order.select("pair", gap=gap).drop_nulls()
    return gaps.group_by("pair").agg(pl.col("gap").median().alias("cycle_days"))


def _customers(
    placed: pl.DataFrame,
    goods: pl.DataFrame,
    categories: pl.DataFrame,
    stated: pl.DataFrame,
    n_channels: int,
    settings: PreferenceSettings,
) -> pl.DataFrame:
    """One row per customer."""
    per_order = placed.group_by("customer").agg(
        pl.len().cast(pl.Int64).alias("n_orders"),
        pl.col("is_discounted").sum().cast(pl.Int64).alias("n_discounted"),
        pl.col("channel").count().cast(pl.Int64).alias("n_orders_channel"),
    )
    share = pl.col("pct_orders") / 100
    liked = categories.filter(pl.col("n_orders") > 0)
    ranked = liked.sort("customer", "recent_share", "category", descending=[False, True, False])
    top = ranked.group_by("customer", maintain_order=True).agg(
        pl.col("category").head(TOP).alias("top"),
        pl.col("pct_recent").head(TOP).alias("top_pct"),
        pl.len().cast(pl.Int64).alias("n_categories"),
        pl.col("n_known").first().alias("n_orders_known"),
        (-(share * share.log()).sum()).exp().alias("breadth"),
    )
    interest = (
        categories.filter(pl.col("n_orders") == 0)
        .sort("customer", "n_views", "category", descending=[False, True, False])
        .group_by("customer", maintain_order=True)
        .agg(pl.col("category").first().alias("interest"), pl.col("n_views").first().alias("n_interest_views"))
    )
    favourites = [_favourite(placed, "channel", n_channels), _favourite(placed, "hour", HOURS)]
    shop_share = int(per_order["n_discounted"].sum()) / max(int(per_order["n_orders"].sum()), 1)
    n_orders, is_known = pl.col("n_orders"), pl.col("n_orders_known") >= settings.min_orders
    is_shown, pct_discounted = n_orders >= settings.min_orders, 100 * pl.col("n_discounted") / pl.col("n_orders")
    affinity = pct_discounted / (100 * shop_share) if shop_share else pl.lit(None, pl.Float64)
    counts = (
        *("n_orders", "n_lines", "n_lines_unknown", "n_orders_known", "n_categories", "n_discounted"),
        *("n_orders_channel", "n_lines_priced", "n_interest_views"),
    )
    rows = pl.concat([part.select("customer") for part in (per_order, categories, stated)]).unique().sort("customer")
    for part in (per_order, _per_line(goods), *favourites, top, interest, stated):
        rows = rows.join(part, on="customer", how="left", maintain_order="left")
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
