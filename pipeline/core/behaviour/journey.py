"""What customers do on their way to an order: abandoned carts, the furthest AIDAS stage of a month, conversion by stage.

AIDAS: attention, interest, desire, action, satisfaction. How alike channels are belongs to `channels`.
"""

from datetime import date, timedelta

import polars as pl

from pipeline.core.attitude.nps import latest_per_period, net_promoter_score
from pipeline.core.behaviour.settings import JourneySettings
from pipeline.core.facts.orders import is_cancellation_invoice
from pipeline.core.frames import Frame, day_end, day_start, first_of, last_of, local_date, nth, ratio
from pipeline.core.statistics import percent_of_scale, wilson_interval
from schemas.types import AIDAS_STAGES, SURVEY_TYPES

STAGE_OF_KIND = {"visit": 1, "product_view": 2, "cart": 3, "checkout": 3, "order": 4}
"""Kind of touchpoint -> number of its stage; a service contact and a review are on none."""
ACTION, SATISFACTION = 4, 5
NO_CHANNEL = "unknown"
ALL_CHANNELS = "all"


def touchpoints_as_of(touchpoints: Frame, customers: Frame, *, as_of: date, time_zone: str, months: int) -> Frame:
    """One row per touchpoint of the last local months up to as_of, with `local_date` and `month` (its first day).

    `customer_id` is null unless the customer is known. A session in which one known customer is named, and no other, is
    that customer's from its first touchpoint on: most visitors log in late.
    """
    known = customers.select("customer_id", pl.col("customer_id").alias("known_id"))
    rows = (
        touchpoints.filter(
            pl.col("occurred_at") >= day_start(first_month(as_of, months), time_zone),
            pl.col("occurred_at") < day_end(as_of, time_zone),
        ).join(known, on="customer_id", how="left")
    ).cache()
    sessions = (
        rows.filter(~pl.col("session_id").is_null(), ~pl.col("customer_id").is_null())
        .group_by("session_id")
        .agg(
            pl.col("known_id").min().alias("visitor_id"),
            pl.col("customer_id").min().alias("first_id"),
            pl.col("customer_id").max().alias("last_id"),
        )
        .filter(~pl.col("visitor_id").is_null(), pl.col("first_id") == pl.col("last_id"))
        .select("session_id", "visitor_id")
    )
    return (
        rows.join(sessions, on="session_id", how="left")
        .with_columns(
            customer_id=pl.coalesce("known_id", "visitor_id"), local_date=local_date("occurred_at", time_zone)
        )
        .with_columns(month=_month("occurred_at", time_zone))
        .select(
            *("touchpoint_id", "customer_id", "session_id", "occurred_at", "local_date", "month"),
            *("channel", "kind", "cart_amount"),
        )
    )


def first_month(as_of: date, months: int) -> date:
    """The first day of the first of the last `months` local months, the month of as_of included."""
    number = 12 * as_of.year + as_of.month - months
    return date(number // 12, number % 12 + 1, 1)


def find_abandoned_carts(
    touchpoints: Frame, orders: Frame, *, as_of: date, time_zone: str, settings: JourneySettings
) -> Frame:
    """One row per cart that was abandoned by as_of (contract AbandonedCarts). `touchpoints` come from `touchpoints_as_of`.

    A cart is the last touchpoint of kind cart in a session; without sessions, of a customer on a local date. It is
    abandoned when `cart_hours` have passed without an order of its customer, and its session has no order after it. The
    customer's next order recovers it when placed at most `recovery_days` after it. Amounts in minor units. Definitions,
    section 6.
    """
    end = day_end(as_of, time_zone)
    as_session = pl.concat_str(pl.lit("session "), pl.col("session_id"))
    as_day = pl.concat_str(pl.col("customer_id"), pl.col("local_date").cast(pl.String), separator=" ")
    carts = (
        touchpoints.filter(pl.col("kind") == "cart")
        .with_columns(cart=pl.coalesce(as_session, as_day, pl.col("touchpoint_id")))
        .pipe(last_of, "cart", order=["occurred_at", "touchpoint_id"])
        .filter(pl.col("occurred_at") <= end - timedelta(hours=settings.cart_hours))
    ).cache()
    ordered = (
        touchpoints.filter(pl.col("kind") == "order", ~pl.col("session_id").is_null())
        .group_by("session_id")
        .agg(pl.col("occurred_at").max().alias("session_ordered_at"))
    )
    next_orders = (
        carts.filter(~pl.col("customer_id").is_null())
        .select("touchpoint_id", "customer_id", "occurred_at")
        .join(
            _placed(orders, as_of, time_zone).select("customer_id", "order_id", "ordered_at"),
            on="customer_id",
            how="inner",
        )
        .filter(pl.col("ordered_at") >= pl.col("occurred_at"))
        .pipe(first_of, "touchpoint_id", order=["ordered_at", "order_id"])
        .select("touchpoint_id", "order_id", wait_s=(pl.col("ordered_at") - pl.col("occurred_at")).dt.total_seconds())
    )
    wait_s = pl.col("wait_s")
    is_in_time = (pl.col("session_ordered_at") >= pl.col("occurred_at")).fill_null(False) | (
        wait_s <= settings.cart_hours * 3600
    ).fill_null(False)
    is_over = pl.col("occurred_at") <= end - timedelta(days=settings.recovery_days)
    is_recovered = (wait_s <= settings.recovery_days * 86_400).fill_null(False)
    return (
        carts.join(ordered, on="session_id", how="left")
        .join(next_orders, on="touchpoint_id", how="left")
        .filter(~is_in_time)
        .with_columns(is_recovered=is_recovered)
        .select(
            pl.lit(as_of).alias("as_of_date"),
            pl.col("touchpoint_id").alias("cart_id"),
            "customer_id",
            "session_id",
            "channel",
            pl.col("occurred_at").alias("abandoned_at"),
            "cart_amount",
            pl.when(~pl.col("customer_id").is_null(), pl.col("is_recovered") | is_over)
            .then(pl.col("is_recovered"))
            .alias("is_recovered"),
            pl.when(pl.col("is_recovered")).then(pl.col("order_id")).alias("recovered_order_id"),
            pl.when(pl.col("is_recovered")).then(ratio(wait_s, pl.lit(3600.0))).alias("hours_to_recovery"),
        )
    )


def follow_customers(
    touchpoints: Frame,
    orders: Frame,
    nps_responses: Frame,
    reviews: Frame,
    *,
    as_of: date,
    time_zone: str,
    settings: JourneySettings,
) -> Frame:
    """One row per customer and local month with a touchpoint on a stage, or an order (contract CustomerJourney).

    `touchpoints` come from `touchpoints_as_of`, `nps_responses` from `count_nps_responses` of the same as_of; a month in
    which nobody left a touchpoint says nothing of a journey and has no rows. Stages: attention = visit, interest = product view, desire = cart or checkout, action = order, from
    whichever table; satisfaction = an order of the month that was followed, by as_of and within `satisfied_days`, by a
    promoter's answer (9-10 to a Net Promoter question) or a review of at least `satisfied_min_rating_pomp` percent of
    its scale. An answer or review that names an order speaks of that order only. Definitions, section 6.
    """
    known = touchpoints.filter(~pl.col("customer_id").is_null())
    stage: pl.Expr = pl.lit(None, pl.Int64)
    for kind, number in STAGE_OF_KIND.items():
        stage = pl.when(pl.col("kind") == kind).then(pl.lit(number, pl.Int64)).otherwise(stage)
    bought = (
        _placed(orders, as_of, time_zone)
        .filter(~pl.col("customer_id").is_null())
        .with_columns(month=_month("ordered_at", time_zone))
        .join(touchpoints.select("month").unique(), on="month", how="semi")
    ).cache()
    events = (
        pl.concat(
            [
                known.filter(pl.col("kind").is_in(list(STAGE_OF_KIND))).select(
                    "customer_id",
                    "month",
                    "occurred_at",
                    "channel",
                    pl.col("touchpoint_id").alias("event_id"),
                    stage=stage,
                ),
                bought.select(
                    "customer_id",
                    "month",
                    pl.col("ordered_at").alias("occurred_at"),
                    "channel",
                    pl.col("order_id").alias("event_id"),
                    stage=pl.lit(ACTION, pl.Int64),
                ),
            ]
        )
    ).cache()
    # A touchpoint and an order can have one number; the stage tells them apart.
    first = events.pipe(first_of, ["customer_id", "month"], order=["occurred_at", "event_id", "stage"])
    pleased = _pleased(bought, nps_responses, reviews, as_of=as_of, time_zone=time_zone, settings=settings)
    return (
        events.group_by("customer_id", "month")
        .agg(pl.col("stage").max())
        .join(pleased, on=["customer_id", "month"], how="left")
        .join(first.select("customer_id", "month", "channel"), on=["customer_id", "month"], how="left")
        .join(
            known.group_by("customer_id", "month").agg(pl.len().cast(pl.Int64).alias("n_touchpoints")),
            on=["customer_id", "month"],
            how="left",
        )
        .with_columns(stage_number=pl.coalesce("pleased", "stage"))
        .select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            "month",
            nth(pl.col("stage_number") - 1, AIDAS_STAGES).alias("stage"),
            "stage_number",
            pl.col("channel").fill_null(NO_CHANNEL),
            pl.col("n_touchpoints").fill_null(0).cast(pl.Int64),
        )
    )


def convert_stages(journey: Frame, nps_responses: Frame, *, settings: JourneySettings) -> Frame:
    """One row per as_of date, month, channel (and all) and stage (contract StageConversion), from `follow_customers`.

    Who got to a stage counts for all stages before it. Shares in percent with the Wilson 95% interval; null and
    suppressed below `settings.min_n` customers at the stage. The Net Promoter Score of a stage is that of who got to it and
    answered in that month, each customer by the latest answer of a survey type, which are never mixed; with the adjusted
    Wald interval, null below `settings.min_n`. The last stage has none: a promoter's answer is what leads to it.
    `nps_responses` comes from `count_nps_responses` of the same as_of. Definitions, sections 3 and 6.
    """
    numbers = range(1, SATISFACTION + 1)
    said = latest_per_period(nps_responses.with_columns(period=pl.col("local_date").dt.truncate("1mo").cast(pl.Date)))
    known = journey
    for survey_type in SURVEY_TYPES:
        classes = said.filter(pl.col("survey_type") == survey_type).select(
            "customer_id", pl.col("period").alias("month"), pl.col("nps_class").alias(survey_type)
        )
        known = known.join(classes, on=["customer_id", "month"], how="left")
    names = ["as_of_date", "month", "channel", "stage_number", *SURVEY_TYPES]
    sums = {f"n_{number}": pl.col("stage_number") >= number for number in numbers}
    for survey_type in SURVEY_TYPES:
        given = pl.col(survey_type)
        is_counted = {"n": ~given.is_null(), "n_promoters": given == "promoter", "n_detractors": given == "detractor"}
        sums |= {
            f"{count}_{survey_type}_{number}": (pl.col("stage_number") >= number) & condition.fill_null(False)
            for number in numbers
            for count, condition in is_counted.items()
        }
    counts = (
        pl.concat([known.select(names), known.with_columns(channel=pl.lit(ALL_CHANNELS)).select(names)])
        .with_columns(**{name: is_so.cast(pl.Int64) for name, is_so in sums.items()})
        .group_by("as_of_date", "month", "channel")
        .agg(*(pl.col(name).sum().cast(pl.Int64) for name in sums))
        .with_columns(**{f"n_{SATISFACTION + 1}": pl.lit(0, pl.Int64)})
    ).cache()
    return pl.concat([_conversion_of(counts, number, settings.min_n) for number in numbers])


def _conversion_of(counts: Frame, number: int, min_n: int) -> Frame:
    """One row per as_of date, month and channel for one stage."""
    reached, following = pl.col(f"n_{number}"), pl.col(f"n_{number + 1}")
    n_next = pl.lit(None, pl.Int64) if number == SATISFACTION else following
    low, high = wilson_interval(n_next, reached)
    is_shown = reached >= min_n
    return counts.select(
        "as_of_date",
        "month",
        "channel",
        pl.lit(AIDAS_STAGES[number - 1]).alias("stage"),
        pl.lit(number, pl.Int64).alias("stage_number"),
        (reached - following).alias("n_furthest"),
        reached.alias("n_reached"),
        n_next.alias("n_next"),
        pl.when(is_shown).then(100.0 * ratio(n_next.cast(pl.Float64), reached)).alias("pct_next"),
        pl.when(is_shown).then(100.0 * low).alias("pct_next_low"),
        pl.when(is_shown).then(100.0 * high).alias("pct_next_high"),
        (~is_shown).alias("is_suppressed"),
        *(column for survey_type in SURVEY_TYPES for column in _score(survey_type, number, min_n)),
    )


def _score(survey_type: str, number: int, min_n: int) -> list[pl.Expr]:
    """The Net Promoter Score of who got to a stage; null for the last one."""
    name, counts = f"nps_{survey_type}", f"_{survey_type}_{number}"
    n = pl.col(f"n{counts}")
    scores = net_promoter_score(min_n, counts)
    if number == SATISFACTION:
        n = pl.lit(None, pl.Int64)
        scores = {part: pl.lit(None, pl.Float64) for part in scores}
    return [
        n.alias(f"n_{name}"),
        *(score.alias(part.replace("nps", name)) for part, score in scores.items()),
        (n < min_n).alias(f"is_{name}_suppressed"),
    ]


def _placed(orders: Frame, as_of: date, time_zone: str) -> Frame:
    """Orders placed by as_of, whatever became of them; a cancellation invoice is none."""
    return orders.filter(pl.col("ordered_at") < day_end(as_of, time_zone), ~is_cancellation_invoice())


def _month(column: str, time_zone: str) -> pl.Expr:
    """The first day of the local month of a UTC moment."""
    return pl.col(column).dt.convert_time_zone(time_zone).dt.truncate("1mo").dt.date()


def _pleased(
    bought: Frame,
    nps_responses: Frame,
    reviews: Frame,
    *,
    as_of: date,
    time_zone: str,
    settings: JourneySettings,
) -> Frame:
    """One row per customer and month with an order that was followed by a promoter's answer or a good review."""
    end = day_end(as_of, time_zone)
    promoters = nps_responses.filter(pl.col("nps_class") == "promoter")
    pomp = percent_of_scale(pl.col("rating"), pl.col("rating_min"), pl.col("rating_max"))
    said = (
        pl.concat(
            [
                promoters.select("customer_id", "order_id", pl.col("responded_at").alias("said_at")),
                reviews.filter(pomp.round(10) >= settings.satisfied_min_rating_pomp).select(
                    "customer_id", "order_id", pl.col("created_at").alias("said_at")
                ),
            ]
        ).filter(pl.col("said_at") < end)
    ).cache()
    placed = bought.select("customer_id", "order_id", "month", "ordered_at")
    names = ["customer_id", "month", "ordered_at", "said_at"]
    of_order = said.select("order_id", "said_at").join(placed, on="order_id", how="inner").select(names)
    of_any = (
        said.filter(pl.col("order_id").is_null())
        .select("customer_id", "said_at")
        .join(placed, on="customer_id", how="inner")
        .select(names)
    )
    return (
        pl.concat([of_order, of_any])
        .filter(
            pl.col("said_at") >= pl.col("ordered_at"),
            pl.col("said_at") - pl.col("ordered_at") <= timedelta(days=settings.satisfied_days),
        )
        .select("customer_id", "month")
        .unique()
        .with_columns(pleased=pl.lit(SATISFACTION, pl.Int64))
    )
