"""Purchase days: what follows from when a customer bought and for how much. What customers said or saw does not belong here."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, TypeAlias, cast

import polars as pl

from pipeline.core.facts.money import in_minor_units
from pipeline.core.frames import Frame, add_up
from pipeline.core.numbers import sort_rows
from pipeline.core.outlook.settings import ChurnSettings
from pipeline.core.statistics import median_of_counts

EPOCH = date(1970, 1, 1)


class ShopRhythm(NamedTuple):
    """What customers are compared with: the channel of most purchase days, the first by name of equals; the median of the days
    from one purchase day to the next, and from the first to the second. Null where there is none."""

    main_channel: str | None
    gap_days: float | None
    second_order_days: float | None


RhythmCounts: TypeAlias = tuple[pl.DataFrame, ...]
"""How many (`n`) purchase days there are of each channel, gaps of each number of days, and first gaps: their `value`."""


def count_rhythm(orders: Frame) -> RhythmCounts:
    """What the rhythm of a shop is made of; `orders` are those of `orders_as_of`. Counts of different customers can be added."""
    return _count_rhythm(_in_order(orders, with_amounts=False))


def rhythm_of(counts: Iterable[RhythmCounts]) -> ShopRhythm:
    """The rhythm of the customers whose counts come in any number of parts."""
    channels, gaps, first_gaps = (add_up(parts, by=["value"]) for parts in zip(*counts, strict=True))
    most = channels.sort("n", "value", descending=[True, False])["value"]
    medians = (median_of_counts(each, "value")["value"].item() for each in (gaps, first_gaps))
    return ShopRhythm(most[0] if len(most) else None, *medians)


def purchase_totals(
    orders: Frame, *, cut: date, settings: ChurnSettings, rhythm: ShopRhythm | None = None
) -> pl.DataFrame:
    """One row per customer with a valid order, sorted by customer; `orders` are those of `orders_as_of` the cut.

    Orders of one local date are one purchase day, whose channel is the last by name. What was spent is net of cancellation
    invoices, at most all of it, and they count as refunds: each purchase bears its share of them. Days are counted from
    1970-01-01, amounts are in minor units. Customers are compared with `rhythm`, by default with that of these orders.
    """
    invoiced = (
        orders.filter(pl.col("is_invoice") & pl.col("customer_id").is_not_null())
        .group_by("customer_id")
        .agg(-pl.col("net_amount").sum().alias("invoiced"))
        .collect(engine="streaming")
    )
    rows = _in_order(orders, with_amounts=True)
    shop = rhythm or rhythm_of([_count_rhythm(rows)])
    totals = _net_of_invoices(_totals(rows, shop.main_channel, cut, settings.horizon_days), invoiced)
    return _with_rhythm(totals, shop, settings.rhythm_prior_gaps)


def _in_order(orders: Frame, *, with_amounts: bool) -> pl.DataFrame:
    """The valid orders of customers by customer, day and channel, with what their neighbours show.

    `customer` is the number of the customer, from 0, `channel` an Enum by name; `gap_days` the days since the purchase day before, null on the first
    and for the second order of a day; `ends_day`: the last order of its day. With amounts also when each was placed.
    """
    bought = (
        orders.filter(pl.col("is_valid") & pl.col("customer_id").is_not_null())
        .select(
            "customer_id",
            *(("ordered_at", "net_amount", "discount_amount", "refund_amount") if with_amounts else ()),
            day=pl.col("ordered_date").to_physical(),
            channel=pl.col("channel").cast(pl.Categorical),
        )
        .collect(engine="streaming")
    )
    names = bought["channel"].unique().drop_nulls().cast(pl.String).sort()
    channel = pl.col("channel").cast(pl.Enum(names)).to_physical()
    rows = sort_rows(bought.with_columns(channel=channel), "customer_id", "day", "channel")
    rows = rows.with_columns(pl.col("channel").cat.to(pl.Enum(names)))
    customer, day = pl.col("customer"), pl.col("day")
    is_next_day = (customer == customer.shift()) & (day > day.shift())
    return rows.with_columns(pl.col("customer_id").set_sorted(), customer=pl.col("customer_id").rle_id()).with_columns(
        gap_days=pl.when(is_next_day).then(day - day.shift()),
        ends_day=((customer != customer.shift(-1)) | (day != day.shift(-1))).fill_null(True),
    )


def _count_rhythm(rows: pl.DataFrame) -> RhythmCounts:
    is_first_gap = (pl.col("customer") != pl.col("customer").shift()).fill_null(True)
    gaps = rows.filter(pl.col("gap_days").is_not_null()).select("gap_days", is_first=is_first_gap)
    days = rows.filter("ends_day").select(pl.col("channel").drop_nulls().cast(pl.String))
    values = (days["channel"], gaps["gap_days"], gaps.filter("is_first")["gap_days"])
    return tuple(each.alias("value").value_counts(name="n").cast({"n": pl.Int64}) for each in values)


def _totals(rows: pl.DataFrame, main_channel: str | None, cut: date, horizon_days: int) -> pl.DataFrame:
    """One row per customer: sums and counts of the purchase days."""
    at = (cut - EPOCH).days
    day, net, ends_day = pl.col("day"), pl.col("net_amount"), pl.col("ends_day")
    spans = rows.group_by("customer_id", maintain_order=True).agg(day.first().alias("first"), day.last().alias("last"))
    first, last = (pl.lit(spans[name]).gather(pl.col("customer")) for name in ("first", "last"))
    has_channel = ends_day & pl.col("channel").is_not_null()
    # Some customers need not have ordered there, and comparing with a channel that is not among theirs is an error.
    channels = cast("pl.Enum", rows.schema["channel"]).categories
    is_main = pl.col("channel") == main_channel if main_channel in channels else pl.lit(False)
    age = at - day
    amounts = ("net_amount", "discount_amount", "refund_amount", "repeat_spend", "last_value")
    return (
        rows.with_columns(
            repeat_spend=pl.when(day > first).then(net).otherwise(0),
            last_value=pl.when(day == last).then(net).otherwise(0),
            is_recent=ends_day & (age < horizon_days),
            is_previous=ends_day & (age >= horizon_days) & (age < 2 * horizon_days),
            is_main=pl.when(has_channel).then(is_main),
        )
        .group_by("customer_id", maintain_order=True)
        .agg(
            day.first().cast(pl.Int64).alias("first_day"),
            day.last().cast(pl.Int64).alias("last_day"),
            ends_day.sum().cast(pl.Int64).alias("n_days"),
            pl.col("gap_days").count().cast(pl.Int64).alias("n_gaps"),
            pl.col("gap_days").median().alias("own_gap_days"),
            pl.col(amounts).sum(),
            pl.col("ordered_at").max().alias("last_ordered_at"),
            pl.col("is_recent").sum().cast(pl.Int64).alias("n_recent"),
            pl.col("is_previous").sum().cast(pl.Int64).alias("n_previous"),
            pl.col("is_main").mean().alias("main_channel_share"),
        )
        .with_columns(
            net_total=pl.col("net_amount"),
            paid_amount=pl.col("net_amount") + pl.col("refund_amount"),
            days_since=at - pl.col("last_day"),
            tenure_days=at - pl.col("first_day"),
            last_day_of_first=pl.col("last_day") - pl.col("first_day"),
        )
        .drop("net_amount")
    )


def _net_of_invoices(totals: pl.DataFrame, invoiced: pl.DataFrame) -> pl.DataFrame:
    """The totals, with invoices taken from what was spent, at most all of it, and counted as refunds."""
    spent, left = pl.col("net_total"), pl.max_horizontal(pl.col("net_total") - pl.col("invoiced"), 0)
    kept = pl.when(pl.col("invoiced") > 0).then(left / spent).otherwise(1.0)
    return (
        totals.join(invoiced, on="customer_id", how="left", maintain_order="left")
        .with_columns(pl.col("invoiced").fill_null(0))
        .with_columns(
            net_total=left,
            repeat_spend=pl.when(spent > 0).then(in_minor_units(pl.col("repeat_spend") * kept)).otherwise(0),
            refund_amount=pl.col("refund_amount") + pl.col("invoiced"),
        )
        .drop("invoiced")
    )


def _with_rhythm(totals: pl.DataFrame, rhythm: ShopRhythm, prior_gaps: float) -> pl.DataFrame:
    """The totals with the customer's typical gap, the median of the own gaps shrunk to the shop's, and the silence over it.

    Overdue: silent for the typical gap; after one purchase day, for as long as half of those who came back waited.
    """
    n_gaps, shop, own = pl.col("n_gaps"), pl.lit(rhythm.gap_days, pl.Float64), pl.col("own_gap_days").fill_null(0)
    # Without a prior the rhythm of a customer who never came back would be 0 / 0.
    weight = pl.max_horizontal(n_gaps + prior_gaps, pl.when(n_gaps == 0).then(1).otherwise(0))
    shrunk = (n_gaps * own + pl.when(n_gaps == 0).then(weight).otherwise(prior_gaps) * shop) / weight
    return totals.with_columns(typical_gap_days=shrunk).with_columns(
        overdue_ratio=pl.col("days_since") / pl.col("typical_gap_days"),
        overdue_after_days=pl.when(n_gaps > 0)
        .then("typical_gap_days")
        .otherwise(pl.lit(rhythm.second_order_days, pl.Float64)),
    )
