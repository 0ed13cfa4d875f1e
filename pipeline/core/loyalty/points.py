"""The points ledger: every change of a customer's points, expiry included, and the way to the next reward. Tiers do not belong here.

Every credit is a lot of points with an expiry of its own. A debit takes the points that expire soonest, then the
oldest, and points that never expire last; a reversal first takes those of the event that it cancels.
"""

import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from itertools import chain
from typing import NamedTuple

import polars as pl

from pipeline.core.frames import MINOR_UNITS, Frame, day_end
from pipeline.core.loyalty.settings import PointsSettings

EXPIRING_DAYS = 30

EVENT = (
    *("customer_id", "occurred_at", "kind", "origin", "event_id", "order_id", "points", "expires_at"),
    "reverses_event_id",
)
"""The columns of what may change a balance: `points` signed, as asked for."""
NEVER = sys.maxsize
ROWS = 500_000
"""Rows booked at a time: as Python numbers they take many times their memory."""


class Programme(NamedTuple):
    """What the events of a shop's own programme tell of the shop.

    `has_events`: there are any, so that they alone make the ledger. `has_expiries`: the source delivers expiries too.
    """

    has_events: bool
    has_expiries: bool


def programme_of(events: Frame, customers: Frame, *, as_of: date) -> Programme:
    """What the facts of loyalty_events tell; of expiries those that `customers` had by as_of count.

    Of several sets of customers, what any of them tell.
    """
    expiries = events.filter((pl.col("kind") == "expire") & (pl.col("occurred_date") <= as_of))
    known = expiries.join(customers.select("customer_id"), on="customer_id", how="semi")
    counts = pl.collect_all([rows.select(pl.len()) for rows in (events, known)], engine="streaming")
    return Programme(*(count.item() > 0 for count in counts))


def delivered_events(events: pl.DataFrame, *, as_of: date, settings: PointsSettings) -> pl.DataFrame:
    """The events of the shop's own programme up to as_of, with the columns EVENT; those of no customer are left out.

    `events` are the facts of loyalty_events. Points without a date of expiry expire after the configured days.
    """
    default = _days_after("occurred_at", settings.expiry_days)
    return events.filter(pl.col("customer_id").is_not_null() & (pl.col("occurred_date") <= as_of)).select(
        "customer_id",
        "occurred_at",
        "kind",
        pl.lit("source").alias("origin"),
        "event_id",
        "order_id",
        "points",
        pl.when(pl.col("points") > 0).then(pl.coalesce("expires_at", default)).alias("expires_at"),
        "reverses_event_id",
    )


def earned_by_rule(orders: pl.DataFrame, *, settings: PointsSettings) -> pl.DataFrame:
    """What orders earn, and lose again when money is given back, with the columns EVENT.

    `orders` are those of `orders_as_of`. An order of a valid status earns whole points of what was paid for it when it is
    placed. A refund takes back the difference to the points of what is left, on its date, or at once without one;
    a cancellation invoice takes back the points of its amount, rounded down.
    """
    rate = settings.per_currency_unit
    paid = pl.col("gross_amount") - pl.col("discount_amount")
    refund = pl.min_horizontal(pl.col("refund_amount"), paid)

    def points_of(amount: pl.Expr) -> pl.Expr:
        # To six decimals first: 0.1 * 30 is a little above 3, and 0.29 * 100 a little below 29, in floating point.
        return (amount * rate / MINOR_UNITS).round(6).floor().cast(pl.Int64)

    is_invoice = pl.col("is_invoice")
    # A fully refunded order is not valid any more, but it was when it earned its points.
    was_valid = pl.col("is_sale")
    wanted = orders.filter(
        pl.col("customer_id").is_not_null() & ~pl.col("channel").is_in(settings.excluded_channels).fill_null(False)
    )
    earned = wanted.filter(was_valid & (paid > 0)).select(
        *_rule("earn", "ordered_at", points_of(paid)),
        _days_after("ordered_at", settings.expiry_days).alias("expires_at"),
    )
    no_expiry = pl.lit(None, pl.Datetime("us", "UTC")).alias("expires_at")
    # A refund is never booked before what it takes back.
    refunded_at = pl.max_horizontal(pl.coalesce("refunded_at", "ordered_at"), "ordered_at")
    refunded = (
        wanted.filter(was_valid & (refund > 0))
        .with_columns(refunded_at=refunded_at)
        .select(*_rule("reverse", "refunded_at", points_of(paid - refund) - points_of(paid)), no_expiry)
    )
    invoiced = wanted.filter(is_invoice & (pl.col("net_amount") < 0)).select(
        *_rule("reverse", "ordered_at", -points_of(-pl.col("net_amount"))), no_expiry
    )
    by_rule = pl.concat([earned, refunded, invoiced]).filter(pl.col("points") != 0)
    return by_rule.with_columns(reverses_event_id=pl.lit(None, pl.String))


def _rule(kind: str, at: str, points: pl.Expr) -> list[pl.Expr]:
    return [
        pl.col("customer_id"),
        pl.col(at).alias("occurred_at"),
        pl.lit(kind).alias("kind"),
        pl.lit("rule").alias("origin"),
        pl.lit(None, pl.String).alias("event_id"),
        pl.col("order_id"),
        points.alias("points"),
    ]


def _days_after(column: str, days: int | None) -> pl.Expr:
    if days is None:
        return pl.lit(None, pl.Datetime("us", "UTC"))
    return pl.col(column) + pl.duration(days=days)


@dataclass(frozen=True)
class Points:
    """`ledger`: contract PointsLedger. `balances`: per customer with an entry `points_balance`, `points_expiring_30d`."""

    ledger: pl.DataFrame
    balances: pl.DataFrame


def keep_ledger(events: pl.DataFrame, *, as_of: date, time_zone: str, has_expiries: bool) -> Points:
    """Book events, with the columns EVENT and none after as_of, by customer and time.

    Of entries at the same moment expiry comes first, then credits, then debits; then by event and order. A
    reversal first takes back the points of the event that it names, one by rule those of its order, then any others. A
    debit above the balance takes what is there, and the rest is the entry's shortfall. Expiry is computed, unless the
    source delivers expiries (`has_expiries`): then those count, and only future ones are computed, of points that are not past their date:
    when the source will let those expire is not known.
    """
    end, horizon = (day_end(as_of + timedelta(days=days), time_zone) for days in (0, EXPIRING_DAYS))
    after = end if has_expiries else None
    entries = _with_expiries(_in_order(events), after=after, before=horizon)
    booked = entries.with_columns(applied=pl.Series(_apply(entries, after), dtype=pl.Int64)).filter(
        ~pl.col("is_expiry") | (pl.col("applied") != 0)
    )
    is_past = pl.col("occurred_at") < end
    return Points(
        ledger=booked.filter(is_past).select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("customer_id").alias("entry_number"),
            "occurred_at",
            "kind",
            "origin",
            "event_id",
            "order_id",
            pl.col("applied").alias("points"),
            pl.when("is_expiry").then(0).otherwise(pl.col("applied") - pl.col("points")).alias("shortfall_points"),
            pl.col("applied").cum_sum().over("customer_id").alias("balance"),
            "expires_at",
        ),
        balances=booked.group_by("customer_id", maintain_order=True).agg(
            pl.col("applied").filter(is_past).sum().alias("points_balance"),
            (-pl.col("applied").filter(~is_past).sum()).alias("points_expiring_30d"),
        ),
    )


def with_rewards(balance: pl.Expr, *, settings: PointsSettings) -> dict[str, pl.Expr]:
    """The way from a balance to the cheapest reward above it, as the contract Loyalty has it."""
    name, goal = pl.lit(None, pl.String), pl.lit(None, pl.Int64)
    for reward in reversed(settings.rewards):
        is_next = balance < reward.points
        name = pl.when(is_next).then(pl.lit(reward.name)).otherwise(name)
        goal = pl.when(is_next).then(pl.lit(reward.points, pl.Int64)).otherwise(goal)
    paid_for = pl.lit(100.0 if settings.rewards else None, pl.Float64)
    return {
        "next_reward": name,
        "points_to_next_reward": goal - balance,
        "pct_to_next_reward": pl.when(balance.is_null())
        .then(None)
        .when(goal.is_null())
        .then(paid_for)
        .otherwise(100 * balance / goal),
    }


def _in_order(events: pl.DataFrame) -> pl.DataFrame:
    is_debit = pl.col("points") < 0
    # Nulls last by columns of their own: polars takes nine times as long to sort with `nulls_last`.
    names = [key for name in ("event_id", "order_id") for key in (pl.col(name).is_null(), pl.col(name))]
    return events.sort("customer_id", "occurred_at", is_debit, *names, "kind", "points")


def _with_expiries(events: pl.DataFrame, *, after: datetime | None, before: datetime) -> pl.DataFrame:
    """The events and one expiry per customer and moment of it from `after` to before `before`, in their order.

    Adds `is_expiry`: it takes all that is left of what expires by then.
    """
    moment = pl.col("expires_at")
    due = (
        events.filter(moment.is_not_null() & (pl.col("points") > 0))
        .filter((moment < before) & (pl.lit(True) if after is None else moment >= after))
        .select(
            "customer_id",
            moment.alias("occurred_at"),
            pl.lit("expire").alias("kind"),
            pl.lit("rule").alias("origin"),
            pl.lit(0, pl.Int64).alias("points"),
            pl.lit(True).alias("is_expiry"),
            pl.lit(0, pl.get_index_type()).alias("place"),
        )
        .unique(["customer_id", "occurred_at"])
    )
    placed = events.with_columns(is_expiry=pl.lit(False)).with_row_index("place")
    both = pl.concat([placed, due], how="diagonal")
    return both.sort("customer_id", "occurred_at", ~pl.col("is_expiry"), "place").drop("place")


def _cancelled(entries: pl.DataFrame) -> pl.Series:
    """Per entry the row of the credit whose points it takes back; null for all but reversals that name one."""
    rows = entries.with_row_index("row")
    reversals, came = (
        rows.filter((pl.col("kind") == "reverse") & (pl.col("points") < 0)),
        rows.filter(pl.col("points") > 0),
    )
    by_event = reversals.join(came, left_on=["customer_id", "reverses_event_id"], right_on=["customer_id", "event_id"])
    is_rule = pl.col("origin") == "rule"
    by_order = reversals.filter(is_rule).join(came.filter(is_rule), on=["customer_id", "order_id"])
    found = pl.concat([pairs.select("row", cancelled="row_right") for pairs in (by_event, by_order)]).unique("row")
    return rows.select("row").join(found, on="row", how="left", maintain_order="left")["cancelled"]


def _apply(entries: pl.DataFrame, after: datetime | None) -> list[int]:
    """What each entry did to the balance; no computed expiry takes points whose date is before `after`."""
    first = 0 if after is None else pl.select(pl.lit(after, pl.Datetime("us", "UTC")).to_physical()).item()
    microseconds = (pl.col(name).to_physical().fill_null(NEVER) for name in ("occurred_at", "expires_at"))
    changes = entries.select("customer_id", "is_expiry", "points", *microseconds, _cancelled(entries))
    applied: list[int] = []
    customer: object = None
    # The customer's lots by expiry and age, and what is left of each; a lot goes by the row that brought it.
    lots: list[tuple[int, int]] = []
    left: dict[int, int] = {}
    rows = chain.from_iterable(part.iter_rows() for part in changes.iter_slices(ROWS))
    for row, (whose, is_expiry, points, now, expires, cancelled) in enumerate(rows):
        if whose != customer:
            customer, lots, left = whose, [], {}
        if points > 0:
            heappush(lots, (expires, row))
            left[row] = points
            applied.append(points)
            continue
        # All that the source booked is done by the first computed expiry: nothing else asks for these lots.
        while is_expiry and lots and lots[0][0] < first:
            del left[heappop(lots)[1]]
        wanted, until = (NEVER, now) if is_expiry else (-points, NEVER)
        taken = min(wanted, left.get(cancelled, 0))
        if taken:
            left[cancelled] -= taken
        while taken < wanted and lots and lots[0][0] <= until:
            lot = lots[0][1]
            there = min(left[lot], wanted - taken)
            taken += there
            left[lot] -= there
            if not left[lot]:
                heappop(lots)
                del left[lot]
        applied.append(-taken)
    return applied
