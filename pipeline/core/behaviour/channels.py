"""How alike a shop's channels are: on-time delivery, rating and NPS by channel, and the spread between them."""

from datetime import date

import narwhals as nw

from pipeline.core.attitude.nps import has_answered, latest_per_period, net_promoter_score
from pipeline.core.behaviour.settings import JourneySettings
from pipeline.core.facts.orders import latest_channels, window_start
from pipeline.core.facts.promises import BROKEN, judge_promises
from pipeline.core.frames import Frame, computed_once, day_end, day_start
from pipeline.core.statistics import difference_interval, mean_interval, percent_of_scale, wilson_interval

DECIMALS = 10
"""Sums of fractions depend in their last digits on how the rows happen to be batched; a rerun must give the same table."""


def compare_channels(
    orders: Frame,
    nps_responses: Frame,
    reviews: Frame,
    *,
    as_of: date,
    time_zone: str,
    settings: JourneySettings,
) -> Frame:
    """One row per metric and channel and one per metric for the spread (contract ChannelConsistency).

    `orders` are those of `orders_as_of`, `nps_responses` comes from `count_nps_responses` of the same as_of.

    Counted is what was ordered, reviewed or answered in the `channel_days` up to as_of; the channel is that of the
    order, and what has none is left out. on_time: kept promises of those kept, late or overdue, in percent with the
    Wilson interval; rating: mean percent of the scale (POMP) of reviews of an order, with Student's interval;
    nps_relational and nps_transactional: each customer's latest answer, with the adjusted Wald interval, in the
    channel of the order asked about, else of the customer's latest order by then. Values of fewer than `min_n` are null
    and suppressed. The spread is the highest less the lowest shown channel, with the interval of a difference of two
    independent estimates (`difference_interval`), as if the two had been chosen beforehand: of many equal channels it
    is above 0 by chance. Definitions, sections 3, 4 and 6.
    """
    first = window_start(as_of, settings.channel_days)
    start, end = day_start(first, time_zone), day_end(as_of, time_zone)
    placed = computed_once(
        orders.filter(~nw.col("channel").is_null()).select(
            *("order_id", "customer_id", "ordered_at", "local_date", "channel"),
            *("status", "is_valid", "promised_at", "delivered_at"),
        )
    )
    answered = nps_responses.filter(has_answered(), nw.col("local_date") >= first)
    written = reviews.filter(nw.col("created_at") >= start, nw.col("created_at") < end)
    values = computed_once(
        nw.concat(
            [
                _on_time(placed.filter(nw.col("local_date") >= first), as_of, time_zone),
                _ratings(written, placed),
                _net_promoters(answered, placed),
            ]
        ).with_columns(is_suppressed=nw.col("n") < settings.min_n)
    )
    shown = computed_once(values.filter(~nw.col("is_suppressed")))
    none = nw.lit(None, nw.String)
    of_channels = values.select(
        "metric",
        nw.lit("value").alias("measure"),
        "channel",
        "n",
        *(
            nw.when(~nw.col("is_suppressed")).then(nw.col(name)).alias(name)
            for name in ("value", "value_low", "value_high")
        ),
        none.alias("highest_channel"),
        none.alias("lowest_channel"),
        "is_suppressed",
    )
    return nw.concat([of_channels, _spreads(values.select("metric").unique(), shown)]).select(
        nw.lit(as_of).alias("as_of_date"),
        *("metric", "measure", "channel", "n", "value", "value_low", "value_high"),
        *("highest_channel", "lowest_channel", "is_suppressed"),
    )


def _on_time(orders: Frame, as_of: date, time_zone: str) -> Frame:
    """Kept promises of those kept, late or overdue."""
    status = nw.col("promise_status")
    counts = (
        judge_promises(orders, as_of=as_of, time_zone=time_zone)
        .filter(status.is_in(["kept", *BROKEN]))
        .select("channel", is_kept=(status == "kept").cast(nw.Int64))
        .group_by("channel")
        .agg(nw.len().cast(nw.Int64).alias("n"), nw.col("is_kept").sum().cast(nw.Int64).alias("n_kept"))
    )
    low, high = wilson_interval(nw.col("n_kept"), nw.col("n"))
    share = nw.col("n_kept").cast(nw.Float64) / nw.col("n")
    return _named(counts, "on_time", 100.0 * share, 100.0 * low, 100.0 * high)


def _ratings(reviews: Frame, orders: Frame) -> Frame:
    """Mean rating of the reviews that name an order."""
    pomp = percent_of_scale(nw.col("rating"), nw.col("rating_min"), nw.col("rating_max"))
    sums = (
        reviews.select("order_id", pomp=pomp)
        .filter(~nw.col("pomp").is_null())
        .join(orders.select("order_id", "channel"), on="order_id", how="inner")
        .with_columns(square=nw.col("pomp") * nw.col("pomp"))
        .group_by("channel")
        .agg(nw.len().cast(nw.Int64).alias("n"), nw.col("pomp").sum(), nw.col("square").sum())
    )
    low, high = mean_interval(nw.col("pomp"), nw.col("square"), nw.col("n"))
    mean = nw.col("pomp") / nw.col("n").cast(nw.Float64)
    return _named(sums, "rating", mean, low.clip(0.0, 100.0), high.clip(0.0, 100.0))


def _net_promoters(answered: Frame, orders: Frame) -> Frame:
    """The NPS by survey type, which are never mixed: one answer per customer, the latest."""
    scored = computed_once(latest_per_period(answered.with_columns(period=nw.lit(0, nw.Int64))))
    latest = latest_channels(scored, orders).select("response_id", latest_channel=nw.col("channel"))
    score = net_promoter_score(1)
    counts = (
        scored.join(orders.select("order_id", "channel"), on="order_id", how="left")
        .join(latest, on="response_id", how="left")
        .with_columns(channel=nw.coalesce("channel", "latest_channel"))
        .filter(~nw.col("channel").is_null())
        .select(
            "channel",
            metric=nw.concat_str(nw.lit("nps"), nw.col("survey_type"), separator="_"),
            n_promoters=(nw.col("nps_class") == "promoter").cast(nw.Int64),
            n_detractors=(nw.col("nps_class") == "detractor").cast(nw.Int64),
        )
        .group_by("metric", "channel")
        .agg(nw.len().cast(nw.Int64).alias("n"), *(nw.col(f"n_{name}s").sum() for name in ("promoter", "detractor")))
    )
    return _named(counts, nw.col("metric"), score["nps"], score["nps_low"], score["nps_high"])


def _named(rows: Frame, metric: str | nw.Expr, value: nw.Expr, low: nw.Expr, high: nw.Expr) -> Frame:
    return rows.select(
        (nw.lit(metric) if isinstance(metric, str) else metric).alias("metric"),
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
    highest = shown.unique(subset="metric", keep="last", order_by=order).select("metric", "channel", *numbers)
    lowest = shown.unique(subset="metric", keep="first", order_by=order).select(
        "metric", *(nw.col(name).alias(f"{name}_least") for name in ("channel", *numbers))
    )
    pairs = highest.join(lowest, on="metric", how="inner").filter(nw.col("channel") != nw.col("channel_least"))
    high_end = (nw.col("value"), nw.col("value_low"), nw.col("value_high"))
    low_end = (nw.col("value_least"), nw.col("value_low_least"), nw.col("value_high_least"))
    low, high = difference_interval(high_end, low_end)
    spreads = pairs.select(
        "metric",
        nw.col("channel").alias("highest_channel"),
        nw.col("channel_least").alias("lowest_channel"),
        (nw.col("n") + nw.col("n_least")).alias("n"),
        (nw.col("value") - nw.col("value_least")).round(DECIMALS).alias("value"),
        low.round(DECIMALS).alias("value_low"),
        high.round(DECIMALS).alias("value_high"),
    )
    return metrics.join(spreads, on="metric", how="left").select(
        "metric",
        nw.lit("spread").alias("measure"),
        nw.lit("all").alias("channel"),
        nw.col("n").fill_null(0).cast(nw.Int64),
        "value",
        "value_low",
        "value_high",
        "highest_channel",
        "lowest_channel",
        nw.col("value").is_null().alias("is_suppressed"),
    )
