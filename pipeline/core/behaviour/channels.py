"""How alike a shop's channels are: on-time delivery, rating and NPS by channel, and the spread between them."""

from datetime import date
from typing import TYPE_CHECKING

import narwhals as nw

from pipeline.core.behaviour.orders import latest_channels, window_start
from pipeline.core.frames import Frame, computed_once, day_end, day_start, local_date
from pipeline.core.statistics import Z_95, difference_interval, nps_interval, wilson_interval
from schemas.types import SURVEY_TYPES

if TYPE_CHECKING:
    from pipeline.settings import JourneySettings

PROMOTER_FROM, DETRACTOR_TO = 9, 6
"""Definitions, section 3."""
DECIMALS = 10
"""Sums of fractions depend in their last digits on how the rows happen to be batched; a rerun must give the same table."""


def compare_channels(
    orders: Frame,
    responses: Frame,
    answers: Frame,
    reviews: Frame,
    *,
    as_of: date,
    time_zone: str,
    settings: "JourneySettings",
) -> Frame:
    """One row per metric and channel and one per metric for the spread (contract ChannelConsistency).

    Counted is what was ordered, reviewed or answered in the `channel_days` up to as_of; the channel is that of the
    order, and what has none is left out. on_time: kept promises of those kept, late or overdue, in percent with the
    Wilson interval; rating: mean percent of the scale (POMP) of reviews of an order, mean -/+ z times its standard
    error; nps_relational and nps_transactional: each customer's latest answer, with the adjusted Wald interval, in the
    channel of the order asked about, else of the customer's latest order by then. Values of fewer than `min_n` are null
    and suppressed. The spread is the highest less the lowest shown channel, with the interval of a difference of two
    independent estimates (`difference_interval`), as if the two had been chosen beforehand: of many equal channels it
    is above 0 by chance. Definitions, sections 3, 4 and 6.
    """
    start, end = day_start(window_start(as_of, settings.channel_days), time_zone), day_end(as_of, time_zone)
    placed = computed_once(
        orders.filter(nw.col("ordered_at") < end, ~nw.col("channel").is_null()).select(
            *("order_id", "customer_id", "ordered_at", "channel", "status", "promised_at", "delivered_at"),
        )
    )
    sent = responses.filter(nw.col("submitted_at") >= start, nw.col("submitted_at") < end)
    written = reviews.filter(nw.col("created_at") >= start, nw.col("created_at") < end)
    values = computed_once(
        nw.concat(
            [
                _on_time(placed.filter(nw.col("ordered_at") >= start), as_of, time_zone),
                _ratings(written, placed),
                _net_promoters(sent, answers, placed),
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
    """Kept promises of those kept, late or overdue by date, as the warehouse tells them apart. Definitions, section 6."""
    promised, delivered = nw.col("promised_date"), nw.col("delivered_date")
    end = day_end(as_of, time_zone)
    is_delivered = (nw.col("delivered_at") < end).fill_null(False)
    is_undated = (nw.col("status") == "delivered") & nw.col("delivered_at").is_null()
    is_kept = is_delivered & (delivered <= promised)
    is_broken = nw.when(is_delivered).then(delivered > promised).otherwise(~is_undated & (promised < nw.lit(as_of)))
    counts = (
        orders.filter(~nw.col("promised_at").is_null(), ~nw.col("status").is_in(["cancelled", "returned"]))
        .with_columns(
            promised_date=local_date("promised_at", time_zone), delivered_date=local_date("delivered_at", time_zone)
        )
        .with_columns(is_kept=is_kept.fill_null(False), is_broken=is_broken.fill_null(False))
        .filter(nw.col("is_kept") | nw.col("is_broken"))
        .group_by("channel")
        .agg(nw.len().cast(nw.Int64).alias("n"), nw.col("is_kept").cast(nw.Int64).sum().cast(nw.Int64).alias("n_kept"))
    )
    low, high = wilson_interval(nw.col("n_kept"), nw.col("n"))
    share = nw.col("n_kept").cast(nw.Float64) / nw.col("n")
    return _named(counts, "on_time", 100.0 * share, 100.0 * low, 100.0 * high)


def _ratings(reviews: Frame, orders: Frame) -> Frame:
    """Mean rating of the reviews that name an order, as percent of the scale (POMP, definitions, section 4)."""
    lowest, highest = nw.col("rating_min").cast(nw.Float64), nw.col("rating_max").cast(nw.Float64)
    sums = (
        reviews.filter(highest > lowest)
        .select("order_id", pomp=100.0 * (nw.col("rating") - lowest) / (highest - lowest))
        .join(orders.select("order_id", "channel"), on="order_id", how="inner")
        .with_columns(square=nw.col("pomp") * nw.col("pomp"))
        .group_by("channel")
        .agg(nw.len().cast(nw.Int64).alias("n"), nw.col("pomp").sum(), nw.col("square").sum())
    )
    n = nw.col("n").cast(nw.Float64)
    mean = nw.col("pomp") / n
    # Equal ratings can leave the difference a hair below zero.
    variance = ((nw.col("square") - nw.col("pomp") * mean) / nw.when(n > 1).then(n - 1)).clip(0.0, None)
    error = Z_95 * (variance / n).sqrt()
    return _named(sums, "rating", mean, (mean - error).clip(0.0, 100.0), (mean + error).clip(0.0, 100.0))


def _net_promoters(responses: Frame, answers: Frame, orders: Frame) -> Frame:
    """The NPS by survey type, which are never mixed: one answer per customer, the latest."""
    asked = answers.filter(nw.col("is_nps")).unique(subset="response_id", keep="last", order_by=["item_id"])
    scored = computed_once(
        responses.filter(~nw.col("customer_id").is_null())
        .join(asked.select("response_id", "value"), on="response_id", how="inner")
        .unique(subset=["customer_id", "survey_type"], keep="last", order_by=["submitted_at", "response_id"])
        .select("response_id", "customer_id", "survey_type", "submitted_at", "order_id", "value")
    )
    moments = scored.select("response_id", "customer_id", responded_at=nw.col("submitted_at"))
    latest = latest_channels(moments, orders).select("response_id", latest_channel=nw.col("channel"))
    counts = computed_once(
        scored.join(orders.select("order_id", "channel"), on="order_id", how="left")
        .join(latest, on="response_id", how="left")
        .with_columns(channel=nw.coalesce("channel", "latest_channel"))
        .filter(~nw.col("channel").is_null())
        .with_columns(
            is_promoter=(nw.col("value") >= PROMOTER_FROM).cast(nw.Int64),
            is_detractor=(nw.col("value") <= DETRACTOR_TO).cast(nw.Int64),
        )
        .group_by("survey_type", "channel")
        .agg(
            nw.len().cast(nw.Int64).alias("n"),
            nw.col("is_promoter").sum().cast(nw.Int64),
            nw.col("is_detractor").sum().cast(nw.Int64),
        )
    )
    promoters, detractors = nw.col("is_promoter"), nw.col("is_detractor")
    low, high = nps_interval(promoters, detractors, nw.col("n"))
    score = 100.0 * (promoters - detractors).cast(nw.Float64) / nw.col("n")
    return nw.concat(
        [
            _named(counts.filter(nw.col("survey_type") == survey_type), f"nps_{survey_type}", score, low, high)
            for survey_type in SURVEY_TYPES
        ]
    )


def _named(rows: Frame, metric: str, value: nw.Expr, low: nw.Expr, high: nw.Expr) -> Frame:
    return rows.select(
        nw.lit(metric).alias("metric"),
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
