"""What preferences are found in: the orders, goods and views of the window, customers and words by number. What follows from
it does not belong here."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import polars as pl

from pipeline.core.facts.orders import window_start, with_buyers
from pipeline.core.frames import Frame
from pipeline.core.local_dates import local_hour
from pipeline.core.numbers import places, sort_rows


@dataclass(frozen=True)
class Evidence:
    """Customers, categories and channels go by their place among the names, which are in alphabetical order.

    `placed`: the orders by `customer` and `day`, with `channel`, `hour`, `is_discounted`. `goods`: the lines by `customer`,
    `category` and `order`, the place of the order among those placed, with the `price` of a piece. `views`: `customer`,
    `category`, `day`. `stated`: one row per `customer`, `stated_category`, `stated_channel`. Days are counted from
    1970-01-01.
    """

    placed: pl.DataFrame
    goods: pl.DataFrame
    views: pl.DataFrame
    stated: pl.DataFrame
    customers: pl.Series
    categories: pl.Series
    channels: pl.Series


class HabitCounts(NamedTuple):
    """What some customers bought: `n` pieces per `category` and `price`; how many orders, and how many with a discount."""

    prices: pl.DataFrame
    n_orders: int
    n_discounted: int


def count_habits(orders: Frame, lines: Frame, *, as_of: date, window_days: int | None) -> HabitCounts:
    """What is counted of the evidence, of the same orders and lines. Counts of different customers can be added."""
    counted = orders.filter(_counts(window_start(as_of, window_days)))
    placed = counted.select("order_id", is_discounted=_is_discounted()).collect(engine="streaming")
    goods = _goods(lines.filter(pl.col("category").is_not_null() & (pl.col("line_amount") > 0)))
    bought = goods.filter(places(goods["order_id"], placed["order_id"]).is_not_null())
    prices = bought.group_by("category", "price").agg(pl.len().cast(pl.Int64).alias("n"))
    return HabitCounts(prices.cast({"category": pl.String}), placed.height, int(placed["is_discounted"].sum()))


def find_evidence(
    orders: Frame,
    lines: Frame,
    touchpoints: Frame,
    accounts: Frame,
    *,
    as_of: date,
    time_zone: str,
    window_days: int | None,
) -> Evidence:
    """What tells at as_of what customers prefer.

    `orders` are those of `orders_as_of`, `accounts` all rows of the known customers, of which one can have several;
    lines and touchpoints are facts. Counted, when their local date is in the window: valid orders with a customer,
    lines with goods (not sent back), and product views of known customers, by the order that they name where they name
    nobody; and what customers say, unless it was said after as_of.
    """
    first = window_start(as_of, window_days)
    # Sorted first: names that come in order are found at once.
    placed, goods = sort_rows(_placed(orders, first, time_zone), "customer_id", "day"), _goods(lines)
    views, stated = _views(touchpoints, orders, accounts, first, as_of), _stated(accounts, as_of)
    customers = _names(placed["customer_id"], views["customer_id"], stated["customer_id"])
    categories = _names(goods["category"], views["category"])
    channels = _names(placed["channel"])
    placed = placed.with_columns(
        customer=customers.search_sorted(placed["customer_id"]).set_sorted(), channel=_number("channel", channels)
    ).drop("customer_id")
    goods = goods.select(
        "price", category=_number("category", categories), order=places(goods["order_id"], placed["order_id"])
    ).drop_nulls("order")
    goods = goods.with_columns(customer=pl.lit(placed["customer"]).gather(pl.col("order")))
    return Evidence(
        placed=placed.drop("order_id"),
        goods=sort_rows(goods, "customer", "category", "order").with_columns(pl.col("customer").set_sorted()),
        views=views.select(
            "day",
            customer=customers.search_sorted(views["customer_id"]),
            category=_number("category", categories),
        ),
        stated=stated.select(
            "stated_category", "stated_channel", customer=customers.search_sorted(stated["customer_id"])
        ),
        customers=customers,
        categories=categories,
        channels=channels,
    )


def _counts(first: date) -> pl.Expr:
    return pl.col("is_valid") & pl.col("customer_id").is_not_null() & (pl.col("ordered_date") >= first)


def _is_discounted() -> pl.Expr:
    return pl.col("discount_amount") > 0


def _placed(orders: Frame, first: date, time_zone: str) -> pl.DataFrame:
    """The valid orders of known customers in the window."""
    rows: pl.DataFrame = (
        orders.filter(_counts(first))
        .select(
            "order_id",
            "customer_id",
            pl.col("channel").cast(pl.Categorical),
            day=pl.col("ordered_date").to_physical(),
            hour=local_hour("ordered_at", time_zone),
            is_discounted=_is_discounted(),
        )
        .collect(engine="streaming")
    )
    return rows


def _goods(lines: Frame) -> pl.DataFrame:
    """The lines that were not sent back, of any order."""
    rows: pl.DataFrame = (
        lines.filter(pl.col("quantity") > 0)
        .select("order_id", pl.col("category").cast(pl.Categorical), price=pl.col("line_amount") / pl.col("quantity"))
        .collect(engine="streaming")
    )
    return rows


def _views(touchpoints: Frame, orders: Frame, accounts: Frame, first: date, as_of: date) -> pl.DataFrame:
    """The product views of known customers in the window; one that names nobody is the buyer's of the order that it names."""
    counts = (pl.col("kind") == "product_view") & pl.col("occurred_date").is_between(first, as_of)
    rows: pl.DataFrame = (
        with_buyers(touchpoints.filter(counts & pl.col("category").is_not_null()), orders)
        .join(accounts.select("customer_id"), on="customer_id", how="semi")
        .select("customer_id", pl.col("category").cast(pl.Categorical), day=pl.col("occurred_date").to_physical())
        .collect(engine="streaming")
    )
    return rows


def _stated(accounts: Frame, as_of: date) -> pl.DataFrame:
    """One row per customer with a stated preference: the newest statement; one without a date counts as the oldest."""
    words = {f"stated_{what}": pl.col(f"preferred_{what}") for what in ("category", "channel")}
    is_known = pl.col("updated_date").is_null() | (pl.col("updated_date") <= as_of)
    rows: pl.DataFrame = (
        accounts.filter(is_known & pl.any_horizontal(*(word.is_not_null() for word in words.values())))
        .group_by("customer_id")
        .agg(
            word.sort_by("updated_at", word, nulls_last=False).drop_nulls().last().alias(name)
            for name, word in words.items()
        )
        .collect(engine="streaming")
    )
    return rows


def _names(*columns: pl.Series) -> pl.Series:
    """All names in the columns, each once, in order."""
    found = [column.unique().drop_nulls() for column in columns]
    words = [names.cast(pl.String) if names.dtype == pl.Categorical else names for names in found]
    return pl.concat(words).unique().sort()


def _number(column: str, names: pl.Series) -> pl.Expr:
    """The place of a word among the names."""
    return pl.col(column).cast(pl.Enum(names)).to_physical()
