"""How alike a shop's channels are: on-time delivery, rating and NPS by channel, and the spread between them."""

from datetime import date

import polars as pl

from pipeline.core.attitude.nps import has_answered, latest_per_period, net_promoter_score
from pipeline.core.behaviour.settings import JourneySettings
from pipeline.core.facts.orders import window_start
from pipeline.core.facts.promises import JUDGED
from pipeline.core.frames import Frame, first_of, last_of
from pipeline.core.statistics import difference_interval, mean_interval, wilson_interval

DECIMALS = 10
"""Sums of fractions depend in their last digits on how the rows happen to be batched; a rerun must give the same table."""


COUNTED = ("n", "n_kept", "n_promoters", "n_detractors")
OF_CHANNELS = ("metric", "channel", "pomp")
"""The columns by which channels are counted."""


def count_channels(
    orders: Frame,
    nps_responses: Frame,
    responses: Frame,
    reviews: Frame,
    *,
    as_of: date,
    settings: JourneySettings,
) -> Frame:
    """One row per metric and channel, and for ratings per rating too, OF_CHANNELS: how many there are, in the columns COUNTED.

    `orders` are those of `orders_as_of`, `nps_responses` comes from `count_nps_responses` of the same as_of, `responses` and
    `reviews` are facts. Counts what was ordered, reviewed or answered in the `channel_days` up to as_of, by the channel of the order;
    without one it is left out. on_time: promises kept, late or overdue; rating: reviews of an order, by their percent of the
    scale (POMP); nps_relational and nps_transactional: each customer's latest answer, in the channel of the order asked about,
    else of the customer's latest order by then. Of several sets of customers the counts are added, if each has the reviews of
    its orders and the responses of its answers.
    """
    first = window_start(as_of, settings.channel_days)
    placed = orders.filter(pl.col("channel").is_not_null())
    answered = nps_responses.filter(has_answered(), pl.col("local_date") >= first)
    written = reviews.filter(pl.col("created_date").is_between(first, as_of))
    parts = [
        _on_time(placed.filter(pl.col("ordered_date") >= first)),
        _ratings(written, placed),
        _net_promoters(answered, responses),
    ]
    rows = pl.concat(parts, how="diagonal").with_columns(pl.col(COUNTED).fill_null(0))
    return rows.select(*OF_CHANNELS, *COUNTED)


def compare_channels(counts: Frame, *, as_of: date, settings: JourneySettings) -> Frame:
    """One row per metric and channel and one per metric for the spread (contract ChannelConsistency), from `count_channels` of everybody.

    on_time: percent kept of the promises, with the Wilson interval; rating: mean percent of the scale (POMP), with Student's
    interval; nps_relational and nps_transactional with the adjusted Wald interval. Values of fewer than `min_n` are null and
    suppressed. The spread is the highest less the lowest shown channel, with the interval of a difference of two independent
    estimates (`difference_interval`), as if the two had been chosen beforehand: among many equal channels it is above 0 by
    chance. Definitions, sections 3, 4 and 6.
    """
    counted = pl.col("metric")
    parts = [
        _shares_kept(counts.filter(counted == "on_time")),
        _mean_ratings(counts.filter(counted == "rating")),
        _scores(counts.filter(counted.str.starts_with("nps_"))),
    ]
    values = pl.concat(parts).with_columns(is_suppressed=pl.col("n") < settings.min_n)
    values = values.collect(engine="streaming").lazy()
    shown = values.filter(~pl.col("is_suppressed"))
    none = pl.lit(None, pl.String)
    of_channels = values.select(
        "metric",
        pl.lit("value").alias("measure"),
        "channel",
        "n",
        *(
            pl.when(~pl.col("is_suppressed")).then(pl.col(name)).alias(name)
            for name in ("value", "value_low", "value_high")
        ),
        none.alias("highest_channel"),
        none.alias("lowest_channel"),
        "is_suppressed",
    )
    return pl.concat([of_channels, _spreads(values.select("metric").unique(), shown)]).select(
        pl.lit(as_of).alias("as_of_date"),
        *("metric", "measure", "channel", "n", "value", "value_low", "value_high"),
        *("highest_channel", "lowest_channel", "is_suppressed"),
    )


def _on_time(orders: Frame) -> Frame:
    """Kept promises among those kept, late or overdue."""
    status = pl.col("promise_status")
    return (
        orders.filter(status.is_in(JUDGED))
        .group_by("channel")
        .agg(_n(), (status == "kept").sum().cast(pl.Int64).alias("n_kept"))
        .select(pl.lit("on_time").alias("metric"), "channel", pl.lit(None, pl.Float64).alias("pomp"), "n", "n_kept")
    )


def _ratings(reviews: Frame, orders: Frame) -> Frame:
    """Reviews that name an order, by their rating: its sums would depend on the order in which they are added."""
    return (
        reviews.filter(pl.col("pomp").is_not_null())
        .select("order_id", "pomp")
        .join(orders.select("order_id", "channel"), on="order_id", how="inner")
        .group_by("channel", "pomp")
        .agg(_n())
        .select(pl.lit("rating").alias("metric"), "channel", "pomp", "n")
    )


def _net_promoters(answered: Frame, responses: Frame) -> Frame:
    """Answers by survey type, which are never mixed: one per customer, the latest."""
    latest = latest_per_period(answered.with_columns(period=pl.lit(0, pl.Int64)))
    told = responses.filter(pl.col("channel").is_not_null()).select("response_id", "channel")
    return (
        latest.join(told, on="response_id")
        .select(
            "channel",
            metric=pl.concat_str(pl.lit("nps"), pl.col("survey_type"), separator="_"),
            n_promoters=(pl.col("nps_class") == "promoter").cast(pl.Int64),
            n_detractors=(pl.col("nps_class") == "detractor").cast(pl.Int64),
        )
        .group_by("metric", "channel")
        .agg(_n(), *(pl.col(f"n_{name}s").sum() for name in ("promoter", "detractor")))
    )


def _n() -> pl.Expr:
    return pl.len().cast(pl.Int64).alias("n")


def _shares_kept(counts: Frame) -> Frame:
    low, high = wilson_interval(pl.col("n_kept"), pl.col("n"))
    share = pl.col("n_kept").cast(pl.Float64) / pl.col("n")
    return _named(counts, 100.0 * share, 100.0 * low, 100.0 * high)


def _mean_ratings(counts: Frame) -> Frame:
    n, pomp = pl.col("n"), pl.col("pomp")
    sums = (
        counts.sort("pomp")
        .group_by("metric", "channel")
        .agg(n.sum(), pomp=(n * pomp).sum(), square=(n * pomp * pomp).sum())
    )
    low, high = mean_interval(pomp, pl.col("square"), n)
    return _named(sums, pomp / n.cast(pl.Float64), low.clip(0.0, 100.0), high.clip(0.0, 100.0))


def _scores(counts: Frame) -> Frame:
    score = net_promoter_score(1)
    return _named(counts, score["nps"], score["nps_low"], score["nps_high"])


def _named(rows: Frame, value: pl.Expr, low: pl.Expr, high: pl.Expr) -> Frame:
    return rows.select(
        "metric",
        "channel",
        "n",
        value.round(DECIMALS).alias("value"),
        low.round(DECIMALS).alias("value_low"),
        high.round(DECIMALS).alias("value_high"),
    )


def _spreads(metrics: Frame, shown: Frame) -> Frame:
    """One row per metric: its highest less its lowest shown channel."""
    order = ["value", "channel"]
    numbers = ("n", "value", "value_low", "value_high")
    highest = shown.pipe(last_of, "metric", order=order).select("metric", "channel", *numbers)
    lowest = shown.pipe(first_of, "metric", order=order).select(
        "metric", *(pl.col(name).alias(f"{name}_least") for name in ("channel", *numbers))
    )
    pairs = highest.join(lowest, on="metric", how="inner").filter(pl.col("channel") != pl.col("channel_least"))
    high_end = (pl.col("value"), pl.col("value_low"), pl.col("value_high"))
    low_end = (pl.col("value_least"), pl.col("value_low_least"), pl.col("value_high_least"))
    low, high = difference_interval(high_end, low_end)
    spreads = pairs.select(
        "metric",
        pl.col("channel").alias("highest_channel"),
        pl.col("channel_least").alias("lowest_channel"),
        (pl.col("n") + pl.col("n_least")).alias("n"),
        (pl.col("value") - pl.col("value_least")).round(DECIMALS).alias("value"),
        low.round(DECIMALS).alias("value_low"),
        high.round(DECIMALS).alias("value_high"),
    )
    return metrics.join(spreads, on="metric", how="left").select(
        "metric",
        pl.lit("spread").alias("measure"),
        pl.lit("all").alias("channel"),
        pl.col("n").fill_null(0).cast(pl.Int64),
        "value",
        "value_low",
        "value_high",
        "highest_channel",
        "lowest_channel",
        pl.col("value").is_null().alias("is_suppressed"),
    )
