"""The points ledger: every change of a customer's points, expiry included, and the way to the next reward. Tiers do not belong here.

Two purses: points that expire and points that never do. What goes out takes points that expire first, the oldest of
them first (FIFO), so no credit outlives an older one: it expires with the older one where its own date is before.
Let C be all that came into a purse, E what of it is due to have expired, and R what has gone out so far. Then an expiry
raises R to E if it is below, and a debit of d raises R by d, at most to C: no lot has to be followed one by one.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from pipeline.core.frames import MINOR_UNITS, day_end
from pipeline.core.loyalty.settings import PointsSettings

EXPIRING_DAYS = 30

EVENT = ("customer_id", "occurred_at", "kind", "origin", "event_id", "order_id", "points", "expires_at")
"""The columns of what may change a balance: `points` signed, as asked for."""


def delivered_events(events: pl.DataFrame, *, as_of: date, settings: PointsSettings) -> pl.DataFrame:
    """The events of the shop's own programme up to as_of, with the columns EVENT; those of no customer are left out.

    `events` are the facts of loyalty_events. Points that come in without a date of expiry get the configured days.
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
    )


def earned_by_rule(orders: pl.DataFrame, *, settings: PointsSettings) -> pl.DataFrame:
    """What orders earn, and lose again when money is given back, with the columns EVENT.

    `orders` are those of `orders_as_of`. An order of a valid status earns whole points of what was paid for it when it is
    placed. A refund takes back the difference to the points of what is left, on the date of the refund, without a date at
    once; a cancellation invoice takes back the points of its amount, rounded down.
    """
    rate = settings.per_currency_unit
    if not rate:
        orders = orders.clear()
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
    return pl.concat([earned, refunded, invoiced]).filter(pl.col("points") != 0)


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


def keep_ledger(events: pl.DataFrame, *, as_of: date, time_zone: str) -> Points:
    """Book events, with the columns EVENT and none after as_of, by customer and time.

    Of entries at the same moment expiry comes first, then what comes in, then what goes out; then by event and order.
    What would take the balance below 0 takes what is there, and the rest is the entry's shortfall. Expiry is computed,
    unless the source delivers expiries of its own: then these count, and computed are only those still to come.
    """
    end, horizon = (day_end(as_of + timedelta(days=days), time_zone) for days in (0, EXPIRING_DAYS))
    has_own_expiry = events.filter((pl.col("kind") == "expire") & (pl.col("origin") == "source")).height > 0
    entries = _with_expiries(_in_order_of_expiry(events), after=end if has_own_expiry else None, before=horizon)
    booked = entries.with_columns(applied=pl.Series(_apply(entries), dtype=pl.Int64)).filter(
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


def _in_order_of_expiry(events: pl.DataFrame) -> pl.DataFrame:
    """The events in their order, no credit expiring before an older one of the same customer."""
    is_debit = pl.col("points") < 0
    # Nulls last by columns of their own: polars takes nine times as long to sort with `nulls_last`.
    names = [key for name in ("event_id", "order_id") for key in (pl.col(name).is_null(), pl.col(name))]
    return (
        events.sort("customer_id", "occurred_at", is_debit, *names, "kind", "points")
        .with_columns(latest=pl.col("expires_at").cum_max().over("customer_id"))
        .with_columns(expires_at=pl.when(pl.col("expires_at").is_not_null()).then("latest"))
        .drop("latest")
    )


def _with_expiries(events: pl.DataFrame, *, after: datetime | None, before: datetime) -> pl.DataFrame:
    """The events and one expiry per customer and moment of it from `after` to before `before`, in their order.

    Adds `is_expiry` and `due`: at an expiry, all that ever came in of what is due by then.
    """
    expiring = events.filter(pl.col("expires_at").is_not_null() & (pl.col("points") > 0))
    moment = pl.col("expires_at")
    due = (
        expiring.group_by("customer_id", "expires_at")
        .agg(pl.col("points").sum())
        .sort("customer_id", "expires_at")
        .with_columns(due=pl.col("points").cum_sum().over("customer_id"))
        .filter((moment < before) & (pl.lit(True) if after is None else moment >= after))
        .select(
            "customer_id",
            pl.col("expires_at").alias("occurred_at"),
            pl.lit("expire").alias("kind"),
            pl.lit("rule").alias("origin"),
            pl.lit(0, pl.Int64).alias("points"),
            pl.lit(True).alias("is_expiry"),
            "due",
            pl.lit(0, pl.get_index_type()).alias("place"),
        )
    )
    placed = events.with_columns(is_expiry=pl.lit(False), due=pl.lit(0, pl.Int64)).with_row_index("place")
    both = pl.concat([placed, due], how="diagonal")
    return both.sort("customer_id", "occurred_at", ~pl.col("is_expiry"), "place").drop("place")


def _apply(entries: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """What each entry did to the balance. The first entries of all customers are booked together, then the second, …"""
    n = entries.height
    applied = np.zeros(n, dtype=np.int64)
    if not n:
        return applied
    changes = entries.with_row_index("row").with_columns(
        customer=pl.col("customer_id").rle_id(),
        place=pl.int_range(pl.len()).over("customer_id"),
        never_expires=pl.col("expires_at").is_null(),
    )
    rounds = changes.sort("place", "customer")
    row, customer = rounds["row"].to_numpy(), rounds["customer"].to_numpy()
    points, due = rounds["points"].to_numpy(), rounds["due"].to_numpy()
    is_expiry, is_lasting = rounds["is_expiry"].to_numpy(), rounds["never_expires"].to_numpy()
    credit = np.maximum(points, 0)
    debit = np.maximum(-points, 0)
    n_customers = int(customer.max()) + 1
    passing, lasting, gone = (np.zeros(n_customers, dtype=np.int64) for _ in range(3))
    edges = np.flatnonzero(np.diff(rounds["place"].to_numpy(), prepend=-1, append=-1))
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        now = slice(start, stop)
        who, came, went = customer[now], credit[now], debit[now]
        # `passing` is what is left of points that expire, `lasting` of those that never do, `gone` what left the first.
        expired = np.where(is_expiry[now], np.maximum(due[now] - gone[who], 0), 0)
        from_passing = np.minimum(went, passing[who])
        from_lasting = np.minimum(went - from_passing, lasting[who])
        passing[who] += np.where(is_lasting[now], 0, came) - expired - from_passing
        lasting[who] += np.where(is_lasting[now], came, 0) - from_lasting
        gone[who] += expired + from_passing
        applied[row[now]] = came - expired - from_passing - from_lasting
    return applied
