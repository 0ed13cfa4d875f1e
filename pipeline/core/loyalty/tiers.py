"""Loyalty tiers: which one a customer holds, since and until when, and the way to the next. Points and flags do not belong here.

A tier is held on every date on which its threshold was met, and for the grace period after. So the tier on any date
follows only from what was gained and when: no stored state of yesterday is needed, and dates can be computed in any
order. Definitions, section 6.
"""

from datetime import date, timedelta

import polars as pl

from pipeline.core.frames import minor_units
from pipeline.core.loyalty.settings import LoyaltySettings
from pipeline.core.numbers import sort_rows

PACE_HORIZON_DAYS = 365
"""How far a pace is followed when the window has no end."""

GAIN = ("customer_id", "day", "gain", "until")
"""The columns of what changes the metric: from `day` on, until the day before `until` (null: for good)."""


def gains_of_orders(orders: pl.DataFrame, *, settings: LoyaltySettings) -> pl.DataFrame:
    """What orders of `orders_as_of` add to net spend (minor units) or to the number of valid orders: rows of GAIN.

    An order counts from its local date on, until it leaves the window; from its own date on a refund takes away what it
    gave back of what was paid, and the order leaves with what was left. A full refund takes the order away.
    """
    by_spend = settings.metric == "net_spend"
    paid = pl.col("gross_amount") - pl.col("discount_amount")
    is_invoice = pl.col("is_invoice")
    known = orders.filter(
        pl.col("customer_id").is_not_null() & (pl.col("is_sale") | (is_invoice & by_spend))
    ).with_columns(until=_leaves_on("ordered_date", settings))
    gain = pl.when(is_invoice).then("net_amount").otherwise(paid) if by_spend else pl.lit(1, pl.Int64)
    placed = known.select("customer_id", pl.col("ordered_date").alias("day"), gain.alias("gain"), "until")
    loss = pl.min_horizontal("refund_amount", paid) if by_spend else (~pl.col("is_valid")).cast(pl.Int64)
    taken = known.filter(~is_invoice & (pl.col("refund_amount") > 0)).select(
        "customer_id",
        pl.max_horizontal("ordered_date", "refunded_date").alias("day"),
        (-loss).alias("gain"),
        "until",
    )
    return pl.concat([placed, taken]).filter((pl.col("gain") != 0) & (pl.col("day") < pl.col("until")).fill_null(True))


def gains_of_points(events: pl.DataFrame, *, time_zone: str, settings: LoyaltySettings) -> pl.DataFrame:
    """Points earned, less those taken back from them, of events with the columns EVENT: rows of GAIN.

    Points leave the window with what was taken back from them, by a reversal that names their event or, by rule, their
    order; any other counts from its own day. It takes back what was earned even if the points are gone already; redeeming
    and expiry cost nobody a tier.
    """
    is_earned = pl.col("kind") == "earn"
    counted = events.filter(is_earned | ((pl.col("kind") == "reverse") & (pl.col("points") < 0))).with_columns(
        day=pl.col("occurred_at").dt.convert_time_zone(time_zone).dt.date()
    )
    earned = counted.filter(is_earned)
    of_event = earned.select("customer_id", reverses_event_id="event_id", event_day="day")
    of_order = earned.filter(origin="rule").select("customer_id", "order_id", order_day="day")
    return (
        counted.join(of_event, on=["customer_id", "reverses_event_id"], how="left")
        .join(of_order, on=["customer_id", "order_id"], how="left")
        .with_columns(earned_on=pl.coalesce("event_day", "order_day", "day"))
        .select("customer_id", "day", gain="points", until=_leaves_on("earned_on", settings))
        .filter((pl.col("day") < pl.col("until")).fill_null(True))
    )


def _leaves_on(column: str, settings: LoyaltySettings) -> pl.Expr:
    if settings.window_days is None:
        return pl.lit(None, pl.Date)
    return pl.col(column) + pl.duration(days=settings.window_days)


def stand_in_tiers(
    customers: pl.DataFrame, gains: pl.DataFrame, *, as_of: date, settings: LoyaltySettings
) -> pl.DataFrame:
    """One row per customer of `customers`: the columns of tiers of the contract Loyalty, from `tier` to `next_tier_on`.

    `gains` have the columns GAIN, none after as_of. Future dates assume that the customer gains nothing more,
    `next_tier_on` that gains go on at the pace of the last `pace_days`.
    """
    names = [tier.name for tier in settings.tiers]
    thresholds = thresholds_of(settings)
    steps = _steps(gains)
    now = steps.filter((pl.col("day") <= as_of) & (pl.col("next_day") > as_of).fill_null(True)).select(
        "customer_id", "value"
    )
    held = _held(steps, thresholds, as_of, settings.grace_days)
    first = gains.filter(pl.col("gain") > 0).group_by("customer_id").agg(first_day=pl.col("day").min())
    level, value = pl.col("level"), pl.col("value")
    start = level.replace_strict(dict(enumerate(thresholds)), return_dtype=pl.Int64)
    goal = level.replace_strict(dict(enumerate([*thresholds[1:], None])), return_dtype=pl.Int64)
    stands = customers.select("customer_id")
    for rows in (now, held, first):
        stands = stands.join(rows, on="customer_id", how="left", maintain_order="left")
    stands = stands.with_columns(
        level.fill_null(0), value.fill_null(0), tier_since=pl.max_horizontal("since", "first_day")
    ).with_columns(start=start, goal=goal)
    paced = _next_dates(stands, steps, gains, as_of, settings)
    share = ((value - pl.col("start")) / (pl.col("goal") - pl.col("start"))).clip(0.0, 1.0)
    return stands.join(paced, on="customer_id", how="left", maintain_order="left").select(
        "customer_id",
        level.replace_strict(dict(enumerate(names)), return_dtype=pl.String).alias("tier"),
        pl.lit(settings.metric).alias("tier_metric"),
        pl.col("value").alias("tier_value"),
        "tier_since",
        pl.col("ends").alias("tier_until"),
        (value < pl.col("start")).alias("is_in_grace"),
        (pl.col("start") - value).clip(0).alias("amount_to_keep_tier"),
        level.replace_strict(dict(enumerate([*names[1:], None])), return_dtype=pl.String).alias("next_tier"),
        (pl.col("goal") - value).alias("amount_to_next_tier"),
        pl.when(pl.col("goal").is_null()).then(100.0).otherwise(100 * share).alias("pct_to_next_tier"),
        pl.col("pace_days_with_gain").fill_null(0),
        "next_tier_on",
    )


def thresholds_of(settings: LoyaltySettings) -> list[int]:
    """Where the tiers begin, in the unit of the metric: minor units for net spend, else rounded points or orders."""
    amounts = [tier.from_amount for tier in settings.tiers]
    return [minor_units(amount) if settings.metric == "net_spend" else round(amount) for amount in amounts]


def _steps(gains: pl.DataFrame) -> pl.DataFrame:
    """One row per customer and date on which the metric changes, in this order: its value from `day` to before `next_day`, null for good."""
    leaving = gains.filter(pl.col("until").is_not_null()).select(
        "customer_id", pl.col("until").alias("day"), -pl.col("gain")
    )
    customer, day, total = pl.col("customer_id"), pl.col("day"), pl.col("total")
    is_same = (customer == customer.shift(-1)).fill_null(False)
    # The last change of a date has its sum: grouping as many rows as there are orders takes far longer.
    is_last_of_day = ~is_same | (day != day.shift(-1))
    # What all customers before had gained together is taken off, for the same reason.
    before = pl.when(customer != customer.shift(1)).then(total.shift(1)).forward_fill().fill_null(0)
    changes = pl.concat([gains.select("customer_id", "day", "gain"), leaving])
    return (
        sort_rows(changes, "customer_id", "day")
        .with_columns(total=pl.col("gain").cum_sum())
        .with_columns(value=total - before)
        .filter(is_last_of_day)
        .select(customer.set_sorted(), "day", pl.col("value").clip(0), next_day=pl.when(is_same).then(day.shift(-1)))
    )


def _held(steps: pl.DataFrame, thresholds: list[int], as_of: date, grace_days: int) -> pl.DataFrame:
    """One row per customer who ever met a threshold above the first: `level`, `since` and `ends`, null for good.

    A run is a stretch of dates on which a tier is held, grace included; only the last one begun at as_of matters.
    """
    runs = steps.select("customer_id").unique()
    level, since, ends = pl.lit(0, pl.Int64), _day_after("ends_1"), pl.lit(None, pl.Date)
    if len(thresholds) == 1:
        since = ends
    for number, threshold in list(enumerate(thresholds))[1:]:
        last = _last_runs(steps.filter(pl.col("value") >= threshold), as_of, grace_days, number)
        runs = runs.join(last, on="customer_id", how="left")
        starts, until = pl.col(f"starts_{number}"), pl.col(f"ends_{number}")
        is_held = starts.is_not_null() & (until.is_null() | (until >= as_of))
        # After the tier above this one is held from the next day on, unless its own run began later.
        fell = [] if number + 1 == len(thresholds) else [_day_after(f"ends_{number + 1}")]
        level = pl.when(is_held).then(number).otherwise(level)
        since = pl.when(is_held).then(pl.max_horizontal(starts, *fell)).otherwise(since)
        ends = pl.when(is_held).then(until).otherwise(ends)
    return runs.select("customer_id", level.alias("level"), since.alias("since"), ends.alias("ends"))


def _day_after(column: str) -> pl.Expr:
    return pl.col(column) + pl.duration(days=1)


def _last_runs(met: pl.DataFrame, as_of: date, grace_days: int, number: int) -> pl.DataFrame:
    """Per customer the last run that had begun at as_of, of the steps on which a threshold is met, in their order."""
    grace = pl.duration(days=grace_days)
    met = met.with_columns(ends=pl.col("next_day") + grace - pl.duration(days=1))
    is_another = pl.col("customer_id") != pl.col("customer_id").shift(1)
    is_new = (is_another | (pl.col("day") > pl.col("ends").shift(1) + pl.duration(days=1))).fill_null(True)
    return (
        # Every customer's first row begins a run, so nothing is filled in from another customer.
        met.with_columns(starts=pl.when(is_new).then("day").forward_fill())
        .filter(pl.col("starts") <= as_of)
        .group_by("customer_id")
        .agg(pl.col("starts", "ends").last().name.suffix(f"_{number}"))
    )


def _next_dates(
    stands: pl.DataFrame, steps: pl.DataFrame, gains: pl.DataFrame, as_of: date, settings: LoyaltySettings
) -> pl.DataFrame:
    """Per customer with a gain in the pace period: `pace_days_with_gain`, and `next_tier_on` at that pace.

    The pace is what was gained in the period over its days, or over the days since the first gain where that is later.
    Gains leave the window as time goes by: from the step t days ahead with the value v, pace p meets the goal g where
    v + p * t >= g.
    """
    period_start = as_of - timedelta(days=settings.pace_days - 1)
    horizon = as_of + timedelta(days=settings.window_days or PACE_HORIZON_DAYS)
    gained = (
        gains.filter(pl.col("day").is_between(period_start, as_of))
        .group_by("customer_id")
        .agg(
            gained=pl.col("gain").sum(),
            pace_days_with_gain=pl.col("day").filter(pl.col("gain") > 0).n_unique().cast(pl.Int64),
        )
    )
    paced = stands.select("customer_id", "first_day", "goal").join(gained, on="customer_id")
    days = (as_of - pl.max_horizontal("first_day", pl.lit(period_start))).dt.total_days() + 1
    dates = (
        paced.filter(
            (pl.col("pace_days_with_gain") >= settings.pace_min_days)
            & (pl.col("gained") > 0)
            & pl.col("goal").is_not_null()
        )
        .with_columns(days=days)
        .join(steps.filter((pl.col("next_day") > as_of).fill_null(True)), on="customer_id")
        .with_columns(missing=(pl.col("goal") - pl.col("value")).clip(0))
        # Whole numbers: a floating-point quotient a little above a whole day would be a day late.
        .with_columns(ahead=-((-pl.col("missing") * pl.col("days")).floordiv(pl.col("gained"))))
        .filter(pl.col("ahead") <= (horizon - as_of).days)
        .with_columns(
            reached=pl.max_horizontal(
                pl.lit(as_of) + pl.duration(days=pl.col("ahead")), "day", pl.lit(as_of + timedelta(days=1))
            )
        )
        .filter((pl.col("reached") < pl.col("next_day")).fill_null(True) & (pl.col("reached") <= horizon))
        .group_by("customer_id")
        .agg(next_tier_on=pl.col("reached").min())
    )
    return paced.select("customer_id", "pace_days_with_gain").join(dates, on="customer_id", how="left")
