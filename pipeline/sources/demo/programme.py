"""The demo shop's points programme and referrals. Both have random numbers of their own: the rest of the shop is the same without them."""

from collections import defaultdict
from datetime import datetime, timedelta

import polars as pl

from pipeline.sources.demo.draws import generator

POINTS_PER_EURO = 1
REDEEMED = 250
"""Points of the coupon that customers take."""
REDEEM_SHARE = 0.4
"""Share of orders with which a customer who has the points takes a coupon."""
VALID_DAYS = 365
REFERRED_SHARE = 0.08
"""Share of customers who came by a recommendation."""
UTC_TIME = pl.Datetime("us", "UTC")
SCHEMA: dict[str, type[pl.DataType] | pl.DataType] = {
    **dict.fromkeys(("event_id", "customer_id", "order_id", "kind"), pl.String),
    "points": pl.Int64,
    "reverses_event_id": pl.String,
    "expires_at": UTC_TIME,
    "occurred_at": UTC_TIME,
}


def record_points(orders: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """One row per event of the points programme, by time; `orders` are those of the shop, by number.

    A delivered order earns a point per whole euro paid, for a year. A refund takes back those of what it gives back. With
    an order a customer may take a coupon for points earned in the last year. What happened is never changed afterwards.
    """
    draws = generator(seed, "redeem").random(orders.height)
    moments: list[tuple[datetime, str, str, str, int]] = []
    for (order, customer, placed, delivered, refunded, gross, discount, refund), draw in zip(
        orders.select(
            *("order_id", "customer_id", "placed_at", "delivered_at", "refunded_at", "gross", "discount", "refunded")
        ).iter_rows(),
        draws.tolist(),
        strict=True,
    ):
        if draw < REDEEM_SHARE:
            moments.append((placed, f"I{order}", order, customer, 0))
        earned = (gross - discount) // 100 * POINTS_PER_EURO
        if delivered is None or not earned:
            continue
        moments.append((delivered, f"S{order}", order, customer, earned))
        left = max(gross - discount - refund, 0) // 100 * POINTS_PER_EURO
        if refunded is not None and left < earned:
            moments.append((max(refunded, delivered), f"T{order}", order, customer, left - earned))
    earned_by: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    spent: dict[str, int] = defaultdict(int)
    rows = []
    for moment, event, order, customer, points in sorted(moments):
        kind, reverses, expires = "earn", None, None
        change = points
        if points > 0:
            expires = moment + timedelta(days=VALID_DAYS)
            earned_by[customer].append((moment, points))
        elif points < 0:
            kind, reverses = "reverse", f"S{order}"
            spent[customer] -= points
        else:
            fresh = sum(n for at, n in earned_by[customer] if at > moment - timedelta(days=VALID_DAYS))
            if fresh - spent[customer] < REDEEMED:
                continue
            kind, change = "redeem", -REDEEMED
            spent[customer] += REDEEMED
        rows.append((event, customer, order, kind, change, reverses, expires, moment))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def recommend(customers: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """One row per registered customer who came by the recommendation of an earlier one, by time of registration."""
    n = customers.height
    draws = generator(seed, "referral").random((n, 2))
    people = customers["customer_id"].to_list()
    chosen = [place for place in range(1, n) if draws[place, 0] < REFERRED_SHARE]
    return customers[chosen].select(
        pl.format("A{}", "customer_id").alias("referral_id"),
        # Customers recommend mostly soon after they came.
        customer_id=pl.Series([people[int(place * draws[place, 1] ** 0.5)] for place in chosen], dtype=pl.String),
        referred_customer_id="customer_id",
        referred_at="registered_at",
    )
