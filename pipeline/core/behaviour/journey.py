"""What customers do on their way to an order: abandoned carts, the furthest AIDAS stage of a month, conversion by stage.

AIDAS: attention, interest, desire, action, satisfaction. Whose touchpoints are belongs to `sessions`, how alike channels are to
`channels`.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from pipeline.core.attitude.dimensions import ALL, UNKNOWN
from pipeline.core.attitude.nps import latest_per_period, net_promoter_score
from pipeline.core.behaviour.settings import JourneySettings
from pipeline.core.frames import Frame, day_end, first_of, last_of, nth, ratio, with_nearest
from pipeline.core.statistics import wilson_interval
from schemas.types import AIDAS_STAGES, SURVEY_TYPES

STAGE_OF_KIND = {"visit": 1, "product_view": 2, "cart": 3, "checkout": 3, "order": 4}
"""Kind of touchpoint -> number of its stage; a service contact and a review are on none."""
ACTION, SATISFACTION = 4, 5
CART = ("session_id", "cart_customer", "cart_date", "cart_itself")
"""What makes touchpoints one cart."""


OF_CARTS = ("cart", "order")
"""Kinds of touchpoints that carts are found by."""


def find_abandoned_carts(
    touchpoints: Frame, orders: Frame, *, as_of: date, time_zone: str, settings: JourneySettings
) -> Frame:
    """One row per cart that was abandoned by as_of (contract AbandonedCarts).

    `touchpoints` come from `touchpoints_as_of`, `orders` from `orders_as_of`. A cart is the last touchpoint of kind cart in a
    session; without sessions, of a customer on a local date. It is abandoned when `cart_hours` have passed without an order
    of its customer, and its session has no order after it. The customer's next order recovers it when placed at most
    `recovery_days` after it. Amounts in minor units. Definitions, section 6.
    """
    end = day_end(as_of, time_zone)
    carts = _carts(touchpoints).filter(pl.col("occurred_at") <= end - timedelta(hours=settings.cart_hours))
    carts = carts.collect(engine="streaming").lazy()
    ordered = (
        touchpoints.filter(pl.col("kind") == "order", pl.col("session_id").is_not_null())
        .group_by("session_id")
        .agg(pl.col("occurred_at").max().alias("session_ordered_at"))
    )
    wait_s = pl.col("wait_s")
    is_in_time = (pl.col("session_ordered_at") >= pl.col("occurred_at")).fill_null(False) | (
        wait_s <= settings.cart_hours * 3600
    ).fill_null(False)
    is_over = pl.col("occurred_at") <= end - timedelta(days=settings.recovery_days)
    is_recovered = (wait_s <= settings.recovery_days * 86_400).fill_null(False)
    return (
        carts.join(ordered, on="session_id", how="left")
        .join(_next_orders(carts, orders), on="touchpoint_id", how="left")
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
            pl.when(pl.col("customer_id").is_not_null(), pl.col("is_recovered") | is_over)
            .then(pl.col("is_recovered"))
            .alias("is_recovered"),
            pl.when("is_recovered").then("order_id").alias("recovered_order_id"),
            pl.when("is_recovered").then(ratio(wait_s, pl.lit(3600.0))).alias("hours_to_recovery"),
        )
    )


def cart_touchpoints(touchpoints: Frame) -> Frame:
    """Touchpoints of kind cart with the columns CART: the session; without one, a customer and a local date."""
    has_session, has_customer = pl.col("session_id").is_not_null(), pl.col("customer_id").is_not_null()
    is_of_day = ~has_session & has_customer
    cart = {
        "cart_customer": pl.when(is_of_day).then("customer_id"),
        "cart_date": pl.when(is_of_day).then("occurred_date"),
        "cart_itself": pl.when(~has_session & ~has_customer).then("touchpoint_id"),
    }
    return touchpoints.filter(pl.col("kind") == "cart").with_columns(**cart)


def _carts(touchpoints: Frame) -> Frame:
    """The last touchpoint of each cart."""
    last = cart_touchpoints(touchpoints).pipe(last_of, CART, order=["occurred_at", "touchpoint_id"])
    return last.drop(name for name in CART if name != "session_id")


def _next_orders(carts: Frame, orders: Frame) -> Frame:
    """One row per cart that an order of its customer followed: `touchpoint_id`, `order_id` of the first, seconds to it."""
    left = carts.filter(pl.col("customer_id").is_not_null()).select("touchpoint_id", "customer_id", "occurred_at")
    placed = _placed(orders).select("customer_id", "order_id", "ordered_at")
    wait = pl.col("ordered_at") - pl.col("occurred_at")
    return (
        with_nearest(
            left,
            placed,
            by=["customer_id"],
            at="occurred_at",
            other_at="ordered_at",
            order=["order_id"],
            strategy="forward",
        )
        .filter(pl.col("order_id").is_not_null())
        .select("touchpoint_id", "order_id", wait_s=wait.dt.total_seconds())
    )


def praise(nps_responses: Frame, reviews: Frame, *, as_of: date, settings: JourneySettings) -> Frame:
    """One row per word of satisfaction by as_of: who said it, about which order if any, and when (`said_at`).

    A promoter's answer (9-10 to a Net Promoter question) of `count_nps_responses` of the same as_of, or a review of the facts
    of at least `settings.satisfied_min_rating_pomp` percent of its scale.
    """
    promoters = nps_responses.filter(pl.col("nps_class") == "promoter")
    good = reviews.filter(pl.col("created_date") <= as_of, pl.col("pomp") >= settings.satisfied_min_rating_pomp)
    return pl.concat(
        [
            promoters.select("customer_id", "order_id", said_at="responded_at"),
            good.select("customer_id", "order_id", said_at="created_at"),
        ]
    )


def months_of(touchpoints: Frame) -> list[date]:
    """The months with touchpoints of anybody."""
    return touchpoints.select("month").unique().collect(engine="streaming")["month"].sort().to_list()


def follow_customers(
    touchpoints: Frame,
    orders: Frame,
    praised: Frame,
    *,
    months: Sequence[date],
    as_of: date,
    settings: JourneySettings,
) -> Frame:
    """One row per customer and local month with a touchpoint on a stage, or an order (contract CustomerJourney).

    `touchpoints` come from `touchpoints_as_of`, `orders` from `orders_as_of`, `praised` from `praise`. `months` are
    those of `months_of` all touchpoints: a month in which nobody left one says nothing of a journey and has no rows.
    Stages: attention = visit, interest = product view, desire = cart or checkout, action = order, from whichever table;
    satisfaction = an order of the month that was followed, by as_of and within `satisfied_days`, by a word of
    satisfaction. One that names an order speaks of that order only. The channel is that of the first touchpoint or
    order of the month, of the touchpoint when both are at one moment. Definitions, section 6.
    """
    known = touchpoints.filter(pl.col("customer_id").is_not_null())
    bought = _bought(orders, months).collect(engine="streaming").lazy()
    events = _events(known, bought).collect(engine="streaming").lazy()
    by = ["customer_id", "month"]
    first = events.pipe(first_of, by, order=["occurred_at", "is_order", "touchpoint_id", "order_id"])
    return (
        events.group_by(by)
        .agg(pl.col("stage").max())
        .join(_pleased(bought, praised, settings.satisfied_days), on=by, how="left")
        .join(first.select(*by, "channel"), on=by, how="left")
        .join(known.group_by(by).agg(pl.len().cast(pl.Int64).alias("n_touchpoints")), on=by, how="left")
        .with_columns(stage_number=pl.coalesce("pleased", "stage"))
        .select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            "month",
            nth(pl.col("stage_number") - 1, AIDAS_STAGES).alias("stage"),
            "stage_number",
            pl.col("channel").fill_null(UNKNOWN),
            pl.col("n_touchpoints").fill_null(0),
        )
    )


def _bought(orders: Frame, months: Sequence[date]) -> Frame:
    """The orders of customers in these months, with `month`."""
    if not months:
        return orders.with_columns(month="ordered_date").clear()
    recent = _placed(orders).filter(pl.col("ordered_date") >= min(months), pl.col("customer_id").is_not_null())
    columns = ("customer_id", "order_id", "ordered_at", "channel")
    return recent.select(*columns, month=_month("ordered_date")).filter(pl.col("month").is_in(months))


def _events(known: Frame, bought: Frame) -> Frame:
    """One row per touchpoint on a stage, and per order."""
    stage = pl.col("kind").replace_strict(STAGE_OF_KIND, default=None, return_dtype=pl.Int64)
    touched = known.with_columns(stage=stage, is_order=pl.lit(False)).filter(pl.col("stage").is_not_null())
    placed = bought.with_columns(occurred_at="ordered_at", stage=pl.lit(ACTION, pl.Int64), is_order=pl.lit(True))
    columns = ("customer_id", "month", "occurred_at", "channel", "stage", "is_order")
    parts = [touched.select(*columns, "touchpoint_id"), placed.select(*columns, "order_id")]
    return pl.concat(parts, how="diagonal")


OF_STAGES = ("as_of_date", "month", "channel")
"""The columns by which stages are counted."""


def count_stages(journey: Frame, nps_responses: Frame) -> Frame:
    """One row per as_of date, month and channel (and all), OF_STAGES, from `follow_customers`: how many customers reached each stage.

    `n_{number}` of the stage. Beside them, per survey type, those who reached it and answered in that month, each by the
    latest answer: `n_{survey_type}_{number}`, and of these `n_promoters_…` and `n_detractors_…`. `nps_responses` comes from
    `count_nps_responses` of the same as_of. Of several sets of customers the counts are added.
    """
    numbers = range(1, SATISFACTION + 1)
    said = latest_per_period(nps_responses.with_columns(period=_month("local_date")))
    known = journey
    for survey_type in SURVEY_TYPES:
        classes = said.filter(pl.col("survey_type") == survey_type).select(
            "customer_id", pl.col("period").alias("month"), pl.col("nps_class").alias(survey_type)
        )
        known = known.join(classes, on=["customer_id", "month"], how="left")
    names = [*OF_STAGES, "stage_number", *SURVEY_TYPES]
    sums = {f"n_{number}": pl.col("stage_number") >= number for number in numbers}
    for survey_type in SURVEY_TYPES:
        given = pl.col(survey_type)
        is_counted = {"n": ~given.is_null(), "n_promoters": given == "promoter", "n_detractors": given == "detractor"}
        sums |= {
            f"{count}_{survey_type}_{number}": (pl.col("stage_number") >= number) & condition.fill_null(False)
            for number in numbers
            for count, condition in is_counted.items()
        }
    return (
        pl.concat([known.select(names), known.with_columns(channel=pl.lit(ALL)).select(names)])
        .group_by(OF_STAGES)
        .agg(is_so.sum().cast(pl.Int64).alias(name) for name, is_so in sums.items())
    )


def convert_stages(counts: Frame, *, settings: JourneySettings) -> Frame:
    """One row per as_of date, month, channel (and all) and stage (contract StageConversion), from `count_stages` of everybody.

    A customer who reached a stage counts for all stages before it. Shares in percent with the Wilson 95% interval; null
    and suppressed below `settings.min_n` customers at the stage. The Net Promoter Score of a stage is that of customers
    who reached it and answered in that month (survey types are never mixed); with the adjusted Wald interval, null below
    `settings.min_n`. The last stage has none: a promoter's answer is what leads to it. Definitions, sections 3 and 6.
    """
    known = counts.with_columns(**{f"n_{SATISFACTION + 1}": pl.lit(0, pl.Int64)}).collect(engine="streaming").lazy()
    return pl.concat([_conversion_of(known, number, settings.min_n) for number in range(1, SATISFACTION + 1)])


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
    """The Net Promoter Score of customers who reached a stage; null for the last one."""
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


def _placed(orders: Frame) -> Frame:
    """Orders, whatever became of them; not cancellation invoices, nor free orders, which are no step of a journey."""
    return orders.filter(~pl.col("is_invoice"), ~pl.col("is_free"))


def _month(day: str) -> pl.Expr:
    """The first day of the month of a date."""
    return pl.col(day).dt.truncate("1mo")


def _pleased(bought: Frame, praised: Frame, within_days: int) -> Frame:
    """One row per customer and month with an order that a word of satisfaction followed within so many days."""
    columns = ("customer_id", "month", "ordered_at", "said_at")
    of_order = praised.select("order_id", "said_at").join(bought, on="order_id", how="inner")
    naming_none = praised.filter(pl.col("order_id").is_null()).select("customer_id", "said_at")
    # If the first word after an order comes too late for it, so do all.
    of_any = with_nearest(
        bought.select("customer_id", "month", "ordered_at"),
        naming_none,
        by=["customer_id"],
        at="ordered_at",
        other_at="said_at",
        strategy="forward",
    )
    wait = pl.col("said_at") - pl.col("ordered_at")
    return (
        pl.concat([of_order.select(columns), of_any.select(columns)])
        .filter(wait.is_between(timedelta(), timedelta(days=within_days)))
        .select("customer_id", "month")
        .unique()
        .with_columns(pleased=pl.lit(SATISFACTION, pl.Int64))
    )
