"""How often, how recently and how regularly each customer buys from each category. Sums per customer do not belong here."""

import polars as pl

from pipeline.core.behaviour.evidence import Evidence
from pipeline.core.behaviour.settings import PreferenceSettings


def prefer_categories(evidence: Evidence, *, settings: PreferenceSettings) -> pl.DataFrame:
    """One row per customer and category bought or viewed, in this order, with what the rows per customer need.

    The columns of CustomerCategories, customer and category by number, and `n_known` orders with a category, `recent_share`,
    and `n_views`.
    """
    n_categories = max(evidence.categories.len(), 1)
    bought = _bought(evidence.goods, evidence.placed, n_categories)
    orders = _orders(bought, n_categories, evidence.customers.len(), settings)
    seen = _seen(evidence.views, orders, n_categories)
    is_shown = pl.col("n_known") >= settings.min_orders
    due_day = pl.col("last_day") + (pl.col("cycle_days") + 0.5).floor()
    of_orders = orders.join(seen, on="pair", how="left", maintain_order="left")
    only_seen = seen.join(orders, on="pair", how="anti").sort("pair")
    pairs = (
        of_orders.merge_sorted(pl.concat([of_orders.clear(), only_seen], how="diagonal"), key="pair")
        .with_columns(customer=pl.col("pair") // n_categories, category=pl.col("pair") % n_categories)
        .with_columns(pl.col("n_orders", "n_gaps", "n_views", "n_views_since").fill_null(0))
    )
    # Customers go by their places, so what is known of each is looked up without a join.
    of_customers = _totals(orders, n_categories, evidence.customers.len())
    known = _known(bought, evidence.placed, evidence.customers.len())
    return (
        pairs.with_columns(found.gather(pairs["customer"]) for found in (*of_customers, known))
        .with_columns(recent_share=(pl.col("weight") / pl.col("weight_of_all")).round(10))
        .select(
            "customer",
            "category",
            "n_orders",
            pl.when(is_shown & (pl.col("n_orders") > 0))
            .then(100 * (pl.col("n_orders") / pl.col("n_of_all")))
            .alias("pct_orders"),
            pl.when(is_shown).then(100 * pl.col("recent_share")).alias("pct_recent"),
            pl.col("last_day").cast(pl.Date).alias("last_order_date"),
            "n_gaps",
            "cycle_days",
            due_day.cast(pl.Int32).cast(pl.Date).alias("next_due_date"),
            "n_views_since",
            "n_known",
            "recent_share",
            "n_views",
        )
    )


def _bought(goods: pl.DataFrame, placed: pl.DataFrame, n_categories: int) -> pl.DataFrame:
    """One row per customer, category and order, in this order: `pair` of the first two, `order`, `day`, and `gap_days`.

    `gap_days`: since the day on which the customer last bought from the category; null on the first.
    """
    pair = pl.col("customer").cast(pl.Int64) * n_categories + pl.col("category")
    is_same_pair, day = pl.col("pair") == pl.col("pair").shift(), pl.col("day")
    is_again = is_same_pair & (pl.col("order") == pl.col("order").shift())
    return (
        goods.filter(pl.col("category").is_not_null())
        .select("order", pair=pair.set_sorted())
        .filter(~is_again.fill_null(False))
        .with_columns(day=pl.lit(placed["day"]).gather(pl.col("order")))
        .with_columns(
            pl.col("pair").set_sorted(), gap_days=pl.when(is_same_pair & (day > day.shift())).then(day - day.shift())
        )
    )


def _orders(bought: pl.DataFrame, n_categories: int, n_customers: int, settings: PreferenceSettings) -> pl.DataFrame:
    """One row per pair: its orders, their weight by age, the last day, and the rhythm.

    Age counts from the customer's newest order, which weighs 1: shares are the same from any day on, and from as_of on all
    weights of somebody long silent would be 0.
    """
    customer = (pl.col("pair") // n_categories).set_sorted()
    newest = bought.group_by(customer.alias("customer"), maintain_order=True).agg(pl.col("day").max())
    age = pl.lit(_by_place(newest, "day", n_customers)).gather(customer) - pl.col("day")
    ages = pl.int_range(0, 1 + int(bought.select(age.max()).item() or 0), dtype=pl.Int64, eager=True)
    weight = pl.lit(0.5 ** (ages / settings.half_life_days)).gather(age)
    orders = (
        bought.with_columns(weight=weight)
        .group_by("pair", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("n_orders"),
            pl.col("weight").sum(),
            pl.col("day").last().alias("last_day"),
            pl.col("gap_days").count().cast(pl.Int64).alias("n_gaps"),
        )
    )
    rhythmic = orders.filter(pl.col("n_gaps") >= settings.min_gaps).select("pair")
    cycles = (
        bought.filter(pl.col("gap_days").is_not_null())
        .join(rhythmic, on="pair", how="semi")
        .group_by("pair")
        .agg(pl.col("gap_days").median().alias("cycle_days"))
    )
    return orders.join(cycles, on="pair", how="left", maintain_order="left")


def _seen(views: pl.DataFrame, orders: pl.DataFrame, n_categories: int) -> pl.DataFrame:
    """One row per pair that was viewed: its views, and those since the last order."""
    last = pl.col("last_day")
    pair = pl.col("customer").cast(pl.Int64) * n_categories + pl.col("category")
    return (
        views.select("day", pair=pair)
        .join(orders.select("pair", "last_day"), on="pair", how="left")
        .group_by("pair")
        .agg(
            pl.len().cast(pl.Int64).alias("n_views"),
            (last.is_null() | (pl.col("day") > last)).sum().cast(pl.Int64).alias("n_views_since"),
        )
    )


def _known(bought: pl.DataFrame, placed: pl.DataFrame, n_customers: int) -> pl.Series:
    """How many orders of each customer have a known category."""
    is_known = pl.repeat(False, placed.height, dtype=pl.Boolean, eager=True).scatter(bought["order"], True)
    counts = placed.lazy().select("customer", n=is_known).group_by("customer").agg(pl.col("n").sum().cast(pl.Int64))
    return _by_place(counts.collect(), "n", n_customers).alias("n_known")


def _totals(orders: pl.DataFrame, n_categories: int, n_customers: int) -> list[pl.Series]:
    """Per customer the orders of all categories, `n_of_all`, and their weight, `weight_of_all`."""
    customer = (pl.col("pair") // n_categories).set_sorted().alias("customer")
    sums = orders.group_by(customer, maintain_order=True).agg(
        n_of_all=pl.col("n_orders").sum(), weight_of_all=pl.col("weight").sum()
    )
    return [_by_place(sums, name, n_customers) for name in ("n_of_all", "weight_of_all")]


def _by_place(rows: pl.DataFrame, column: str, n_customers: int) -> pl.Series:
    """One number per customer, 0 for those without a row."""
    values = pl.repeat(0, n_customers, dtype=rows.schema[column], eager=True)
    return values.scatter(rows["customer"], rows[column]).alias(column)
