"""The circle of influence: which touchpoints come before orders, and how those who had one convert. Association, not cause."""

from datetime import date, timedelta
from functools import partial

import polars as pl

from pipeline.core.attitude.dimensions import UNKNOWN
from pipeline.core.behaviour.settings import EngagementSettings
from pipeline.core.frames import Frame, with_nearest
from pipeline.core.statistics import difference_interval, percentage

BEFORE = ("n_orders_with", "n_first", "n_last")
CONVERTED = ("n_customers_with", "n_converted_with")
OF_KIND = ("channel", "kind")
"""The columns by which touchpoints are counted."""


def count_influence(touchpoints: Frame, orders: Frame, *, as_of: date, settings: EngagementSettings) -> Frame:
    """One row per channel and kind, OF_KIND: the columns BEFORE and CONVERTED.

    Orders: the valid ones of customers in the last `days`; before one: at most `influence_days`. Converted: the customers with a
    touchpoint in the `influence_days` that ended as many days before as_of who have placed a valid order since. `touchpoints` come
    from `touchpoints_as_of`, `orders` from `orders_as_of`. Of several sets of customers the counts are added.
    """
    touched, bought = _touched(touchpoints), _bought(orders)
    before = _before_orders(touched, bought, as_of, settings)
    converted = _converted(_touched_before(touched, bought, as_of, settings))
    counts = before.join(converted, on=OF_KIND, how="full", coalesce=True)
    return counts.select(*OF_KIND, pl.col(*BEFORE, *CONVERTED).fill_null(0))


def count_touched(touchpoints: Frame, orders: Frame, *, as_of: date, settings: EngagementSettings) -> Frame:
    """One row: all `n_orders` that `count_influence` looks at, and the customers with any touchpoint, `n_touched`, of whom
    `n_touched_converted` have ordered since. Of several sets of customers the counts are added."""
    touched, bought = _touched(touchpoints), _bought(orders)
    people = _touched_before(touched, bought, as_of, settings)
    return _n_orders(bought, as_of, settings).join(_n_touched(people), how="cross")


def touchpoint_influence(counts: Frame, totals: Frame, *, as_of: date, settings: EngagementSettings) -> Frame:
    """One row per channel and kind (contract TouchpointInfluence), from `count_influence` and `count_touched` of everybody.

    Conversion is the share of customers with a touchpoint who have ordered since. The share of orders is null below
    `settings.min_n` of them, conversion below as many customers with or without. Definitions, section 6.
    """
    n_orders, n_with, n_without = pl.col("n_orders"), pl.col("n_customers_with"), pl.col("n_customers_without")
    with_it, without = (
        percentage(pl.col("n_converted_with"), n_with),
        percentage(pl.col("n_converted_without"), n_without),
    )
    low, high = difference_interval(with_it, without)
    is_shown = (n_with >= settings.min_n) & (n_without >= settings.min_n)
    # Customers of other days are behind the conversion: a channel of this month has orders, and nobody to convert yet.
    has_orders = n_orders >= settings.min_n
    return (
        counts.join(totals, how="cross")
        .with_columns(
            n_customers_without=pl.col("n_touched") - n_with,
            n_converted_without=pl.col("n_touched_converted") - pl.col("n_converted_with"),
        )
        .select(
            pl.lit(as_of).alias("as_of_date"),
            *("channel", "kind", "n_orders", "n_orders_with"),
            pl.when(has_orders).then(100.0 * pl.col("n_orders_with") / n_orders).alias("pct_orders_with"),
            (~has_orders).alias("is_orders_suppressed"),
            *("n_first", "n_last", "n_customers_with", "n_customers_without"),
            pl.when(is_shown).then(with_it[0]).alias("pct_converted_with"),
            pl.when(is_shown).then(without[0]).alias("pct_converted_without"),
            pl.when(is_shown).then(with_it[0] - without[0]).alias("difference"),
            pl.when(is_shown).then(low).alias("difference_low"),
            pl.when(is_shown).then(high).alias("difference_high"),
            (~is_shown).alias("is_suppressed"),
        )
    )


def _touched(touchpoints: Frame) -> Frame:
    return touchpoints.filter(pl.col("customer_id").is_not_null(), pl.col("kind") != "order").select(
        *("touchpoint_id", "customer_id", "occurred_at", "occurred_date", "kind"),
        channel=pl.col("channel").fill_null(UNKNOWN),
    )


def _bought(orders: Frame) -> Frame:
    return orders.filter(pl.col("is_valid"), pl.col("customer_id").is_not_null()).select(
        "order_id", "customer_id", "ordered_at", "ordered_date"
    )


def _in_window(as_of: date, settings: EngagementSettings) -> pl.Expr:
    return pl.col("ordered_date") > as_of - timedelta(days=settings.days)


def _n_orders(bought: Frame, as_of: date, settings: EngagementSettings) -> Frame:
    return bought.filter(_in_window(as_of, settings)).select(n_orders=pl.len().cast(pl.Int64))


def _before_orders(touched: Frame, bought: Frame, as_of: date, settings: EngagementSettings) -> Frame:
    """Per channel and kind: the orders of the window that it preceded, and those where it came first or last."""
    reach = pl.duration(days=settings.influence_days)
    placed = bought.filter(_in_window(as_of, settings)).select("order_id", "customer_id", "ordered_at")
    with_it = _orders_after(touched, placed, reach).group_by(OF_KIND).agg(n_orders_with=pl.col("n").sum())
    for end, found in _ends(touched, placed, reach).items():
        counted = found.group_by(OF_KIND).agg(pl.len().cast(pl.Int64).alias(f"n_{end}"))
        with_it = with_it.join(counted, on=OF_KIND, how="left")
    return with_it


def _ends(touched: Frame, placed: Frame, reach: pl.Expr) -> dict[str, Frame]:
    """The first and the last touchpoint before each order that has one within reach."""
    asked = placed.select("customer_id", "ordered_at", reaches_to=pl.col("ordered_at") - reach)
    nearest = partial(
        with_nearest,
        asked,
        touched.drop("occurred_date"),
        by=["customer_id"],
        other_at="occurred_at",
        order=["touchpoint_id"],
    )
    first, last = nearest(at="reaches_to", strategy="forward"), nearest(at="ordered_at", counts_same_moment=False)
    return {
        "first": first.filter(pl.col("occurred_at") < pl.col("ordered_at")),
        "last": last.filter(pl.col("occurred_at") >= pl.col("reaches_to")),
    }


def _orders_after(touched: Frame, placed: Frame, reach: pl.Expr) -> Frame:
    """The `n` orders that follow each touchpoint within reach and before the customer's next one of its channel and kind.

    So an order counts once for each channel and kind, and no pairs of touchpoints and orders are made.
    """
    of_customer = ["customer_id", "channel", "kind"]
    moments = (
        touched.join(placed.select("customer_id").unique(), on="customer_id", how="semi")
        .select(*of_customer, "occurred_at")
        .unique()
    )
    following = pl.col("occurred_at").shift(-1).over(of_customer, order_by="occurred_at")
    spans = moments.with_columns(until=pl.min_horizontal(following, pl.col("occurred_at") + reach))
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("customer_id", order_by=["ordered_at", "order_id"])
    for end in ("occurred_at", "until"):
        orders = placed.select("customer_id", placed_at="ordered_at", **{f"by_{end}": rank})
        spans = with_nearest(spans, orders, by=["customer_id"], at=end, other_at="placed_at", order=[f"by_{end}"]).drop(
            "placed_at"
        )
    n = pl.col("by_until").fill_null(0) - pl.col("by_occurred_at").fill_null(0)
    return spans.select("channel", "kind", n=n).filter(pl.col("n") > 0)


def _touched_before(touched: Frame, bought: Frame, as_of: date, settings: EngagementSettings) -> Frame:
    """Customers by channel and kind of their touchpoints in the days before the last ones, and whether they ordered since."""
    cut = as_of - timedelta(days=settings.influence_days)
    start = cut - timedelta(days=settings.influence_days)
    since = bought.filter(pl.col("ordered_date") > cut).select("customer_id", has_converted=pl.lit(True)).unique()
    return (
        touched.filter(pl.col("occurred_date") > start, pl.col("occurred_date") <= cut)
        .select("customer_id", "channel", "kind")
        .unique()
        .join(since, on="customer_id", how="left")
        .with_columns(pl.col("has_converted").fill_null(False))
    )


def _converted(people: Frame) -> Frame:
    return people.group_by(OF_KIND).agg(
        n_customers_with=pl.len().cast(pl.Int64), n_converted_with=pl.col("has_converted").sum().cast(pl.Int64)
    )


def _n_touched(people: Frame) -> Frame:
    """One row: customers with any touchpoint in these days, and how many of them ordered since."""
    return (
        people.select("customer_id", "has_converted")
        .unique()
        .select(n_touched=pl.len().cast(pl.Int64), n_touched_converted=pl.col("has_converted").sum().cast(pl.Int64))
    )
