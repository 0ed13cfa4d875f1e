"""What customers do on their way to an order: abandoned carts, the furthest AIDAS stage of a month, conversion by stage.

AIDAS: attention, interest, desire, action, satisfaction. How alike channels are belongs to `channels`.
"""

from datetime import date, timedelta

import narwhals as nw

from pipeline.core.attitude.nps import latest_per_period, net_promoter_score
from pipeline.core.behaviour.settings import JourneySettings
from pipeline.core.facts.orders import is_cancellation_invoice
from pipeline.core.frames import Frame, computed_once, day_end, day_start, local_date, nth, ratio
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
    known = customers.select("customer_id", nw.col("customer_id").alias("known_id"))
    rows = computed_once(
        touchpoints.filter(
            nw.col("occurred_at") >= day_start(first_month(as_of, months), time_zone),
            nw.col("occurred_at") < day_end(as_of, time_zone),
        ).join(known, on="customer_id", how="left")
    )
    sessions = (
        rows.filter(~nw.col("session_id").is_null(), ~nw.col("customer_id").is_null())
        .group_by("session_id")
        .agg(
            nw.col("known_id").min().alias("visitor_id"),
            nw.col("customer_id").min().alias("first_id"),
            nw.col("customer_id").max().alias("last_id"),
        )
        .filter(~nw.col("visitor_id").is_null(), nw.col("first_id") == nw.col("last_id"))
        .select("session_id", "visitor_id")
    )
    return (
        rows.join(sessions, on="session_id", how="left")
        .with_columns(
            customer_id=nw.coalesce("known_id", "visitor_id"), local_date=local_date("occurred_at", time_zone)
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
    as_session = nw.concat_str(nw.lit("session "), nw.col("session_id"))
    as_day = nw.concat_str(nw.col("customer_id"), nw.col("local_date").cast(nw.String), separator=" ")
    carts = computed_once(
        touchpoints.filter(nw.col("kind") == "cart")
        .with_columns(cart=nw.coalesce(as_session, as_day, nw.col("touchpoint_id")))
        .unique(subset="cart", keep="last", order_by=["occurred_at", "touchpoint_id"])
        .filter(nw.col("occurred_at") <= end - timedelta(hours=settings.cart_hours))
    )
    ordered = (
        touchpoints.filter(nw.col("kind") == "order", ~nw.col("session_id").is_null())
        .group_by("session_id")
        .agg(nw.col("occurred_at").max().alias("session_ordered_at"))
    )
    next_orders = (
        carts.filter(~nw.col("customer_id").is_null())
        .select("touchpoint_id", "customer_id", "occurred_at")
        .join(
            _placed(orders, as_of, time_zone).select("customer_id", "order_id", "ordered_at"),
            on="customer_id",
            how="inner",
        )
        .filter(nw.col("ordered_at") >= nw.col("occurred_at"))
        .unique(subset="touchpoint_id", keep="first", order_by=["ordered_at", "order_id"])
        .select("touchpoint_id", "order_id", wait_s=(nw.col("ordered_at") - nw.col("occurred_at")).dt.total_seconds())
    )
    wait_s = nw.col("wait_s")
    is_in_time = (nw.col("session_ordered_at") >= nw.col("occurred_at")).fill_null(False) | (
        wait_s <= settings.cart_hours * 3600
    ).fill_null(False)
    is_over = nw.col("occurred_at") <= end - timedelta(days=settings.recovery_days)
    is_recovered = (wait_s <= settings.recovery_days * 86_400).fill_null(False)
    return (
        carts.join(ordered, on="session_id", how="left")
        .join(next_orders, on="touchpoint_id", how="left")
        .filter(~is_in_time)
        .with_columns(is_recovered=is_recovered)
        .select(
            nw.lit(as_of).alias("as_of_date"),
            nw.col("touchpoint_id").alias("cart_id"),
            "customer_id",
            "session_id",
            "channel",
            nw.col("occurred_at").alias("abandoned_at"),
            "cart_amount",
            nw.when(~nw.col("customer_id").is_null(), nw.col("is_recovered") | is_over)
            .then(nw.col("is_recovered"))
            .alias("is_recovered"),
            nw.when(nw.col("is_recovered")).then(nw.col("order_id")).alias("recovered_order_id"),
            nw.when(nw.col("is_recovered")).then(ratio(wait_s, nw.lit(3600.0))).alias("hours_to_recovery"),
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
    known = touchpoints.filter(~nw.col("customer_id").is_null())
    stage: nw.Expr = nw.lit(None, nw.Int64)
    for kind, number in STAGE_OF_KIND.items():
        stage = nw.when(nw.col("kind") == kind).then(nw.lit(number, nw.Int64)).otherwise(stage)
    bought = computed_once(
        _placed(orders, as_of, time_zone)
        .filter(~nw.col("customer_id").is_null())
        .with_columns(month=_month("ordered_at", time_zone))
        .join(touchpoints.select("month").unique(), on="month", how="semi")
    )
    events = computed_once(
        nw.concat(
            [
                known.filter(nw.col("kind").is_in(list(STAGE_OF_KIND))).select(
                    "customer_id",
                    "month",
                    "occurred_at",
                    "channel",
                    nw.col("touchpoint_id").alias("event_id"),
                    stage=stage,
                ),
                bought.select(
                    "customer_id",
                    "month",
                    nw.col("ordered_at").alias("occurred_at"),
                    "channel",
                    nw.col("order_id").alias("event_id"),
                    stage=nw.lit(ACTION, nw.Int64),
                ),
            ]
        )
    )
    # A touchpoint and an order can have one number; the stage tells them apart.
    first = events.unique(subset=["customer_id", "month"], keep="first", order_by=["occurred_at", "event_id", "stage"])
    pleased = _pleased(bought, nps_responses, reviews, as_of=as_of, time_zone=time_zone, settings=settings)
    return (
        events.group_by("customer_id", "month")
        .agg(nw.col("stage").max())
        .join(pleased, on=["customer_id", "month"], how="left")
        .join(first.select("customer_id", "month", "channel"), on=["customer_id", "month"], how="left")
        .join(
            known.group_by("customer_id", "month").agg(nw.len().cast(nw.Int64).alias("n_touchpoints")),
            on=["customer_id", "month"],
            how="left",
        )
        .with_columns(stage_number=nw.coalesce("pleased", "stage"))
        .select(
            "customer_id",
            nw.lit(as_of).alias("as_of_date"),
            "month",
            nth(nw.col("stage_number") - 1, AIDAS_STAGES).alias("stage"),
            "stage_number",
            nw.col("channel").fill_null(NO_CHANNEL),
            nw.col("n_touchpoints").fill_null(0).cast(nw.Int64),
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
    said = latest_per_period(nps_responses.with_columns(period=nw.col("local_date").dt.truncate("1mo").cast(nw.Date)))
    known = journey
    for survey_type in SURVEY_TYPES:
        classes = said.filter(nw.col("survey_type") == survey_type).select(
            "customer_id", nw.col("period").alias("month"), nw.col("nps_class").alias(survey_type)
        )
        known = known.join(classes, on=["customer_id", "month"], how="left")
    names = ["as_of_date", "month", "channel", "stage_number", *SURVEY_TYPES]
    sums = {f"n_{number}": nw.col("stage_number") >= number for number in numbers}
    for survey_type in SURVEY_TYPES:
        given = nw.col(survey_type)
        is_counted = {"n": ~given.is_null(), "n_promoters": given == "promoter", "n_detractors": given == "detractor"}
        sums |= {
            f"{count}_{survey_type}_{number}": (nw.col("stage_number") >= number) & condition.fill_null(False)
            for number in numbers
            for count, condition in is_counted.items()
        }
    counts = computed_once(
        nw.concat([known.select(names), known.with_columns(channel=nw.lit(ALL_CHANNELS)).select(names)])
        .with_columns(**{name: is_so.cast(nw.Int64) for name, is_so in sums.items()})
        .group_by("as_of_date", "month", "channel")
        .agg(*(nw.col(name).sum().cast(nw.Int64) for name in sums))
        .with_columns(**{f"n_{SATISFACTION + 1}": nw.lit(0, nw.Int64)})
    )
    return nw.concat([_conversion_of(counts, number, settings.min_n) for number in numbers])


def _conversion_of(counts: Frame, number: int, min_n: int) -> Frame:
    """One row per as_of date, month and channel for one stage."""
    reached, following = nw.col(f"n_{number}"), nw.col(f"n_{number + 1}")
    n_next = nw.lit(None, nw.Int64) if number == SATISFACTION else following
    low, high = wilson_interval(n_next, reached)
    is_shown = reached >= min_n
    return counts.select(
        "as_of_date",
        "month",
        "channel",
        nw.lit(AIDAS_STAGES[number - 1]).alias("stage"),
        nw.lit(number, nw.Int64).alias("stage_number"),
        (reached - following).alias("n_furthest"),
        reached.alias("n_reached"),
        n_next.alias("n_next"),
        nw.when(is_shown).then(100.0 * ratio(n_next.cast(nw.Float64), reached)).alias("pct_next"),
        nw.when(is_shown).then(100.0 * low).alias("pct_next_low"),
        nw.when(is_shown).then(100.0 * high).alias("pct_next_high"),
        (~is_shown).alias("is_suppressed"),
        *(column for survey_type in SURVEY_TYPES for column in _score(survey_type, number, min_n)),
    )


def _score(survey_type: str, number: int, min_n: int) -> list[nw.Expr]:
    """The Net Promoter Score of who got to a stage; null for the last one."""
    name, counts = f"nps_{survey_type}", f"_{survey_type}_{number}"
    n = nw.col(f"n{counts}")
    scores = net_promoter_score(min_n, counts)
    if number == SATISFACTION:
        n = nw.lit(None, nw.Int64)
        scores = {part: nw.lit(None, nw.Float64) for part in scores}
    return [
        n.alias(f"n_{name}"),
        *(score.alias(part.replace("nps", name)) for part, score in scores.items()),
        (n < min_n).alias(f"is_{name}_suppressed"),
    ]


def _placed(orders: Frame, as_of: date, time_zone: str) -> Frame:
    """Orders placed by as_of, whatever became of them; a cancellation invoice is none."""
    return orders.filter(nw.col("ordered_at") < day_end(as_of, time_zone), ~is_cancellation_invoice())


def _month(column: str, time_zone: str) -> nw.Expr:
    """The first day of the local month of a UTC moment."""
    return nw.col(column).dt.convert_time_zone(time_zone).dt.truncate("1mo").dt.date()


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
    promoters = nps_responses.filter(nw.col("nps_class") == "promoter")
    pomp = percent_of_scale(nw.col("rating"), nw.col("rating_min"), nw.col("rating_max"))
    said = computed_once(
        nw.concat(
            [
                promoters.select("customer_id", "order_id", nw.col("responded_at").alias("said_at")),
                reviews.filter(pomp.round(10) >= settings.satisfied_min_rating_pomp).select(
                    "customer_id", "order_id", nw.col("created_at").alias("said_at")
                ),
            ]
        ).filter(nw.col("said_at") < end)
    )
    placed = bought.select("customer_id", "order_id", "month", "ordered_at")
    names = ["customer_id", "month", "ordered_at", "said_at"]
    of_order = said.select("order_id", "said_at").join(placed, on="order_id", how="inner").select(names)
    of_any = (
        said.filter(nw.col("order_id").is_null())
        .select("customer_id", "said_at")
        .join(placed, on="customer_id", how="inner")
        .select(names)
    )
    return (
        nw.concat([of_order, of_any])
        .filter(
            nw.col("said_at") >= nw.col("ordered_at"),
            nw.col("said_at") - nw.col("ordered_at") <= timedelta(days=settings.satisfied_days),
        )
        .select("customer_id", "month")
        .unique()
        .with_columns(pleased=nw.lit(SATISFACTION, nw.Int64))
    )
