"""Whose touchpoints are: what they name themselves, else who the session names, as most visitors log in late.

What customers do on their way to an order belongs to `journey`.
"""

from datetime import date

import polars as pl

from pipeline.core.facts.orders import with_buyers
from pipeline.core.frames import Frame


def touchpoints_as_of(touchpoints: Frame, customers: Frame, orders: Frame, *, as_of: date, months: int) -> Frame:
    """One row per touchpoint of the last local months up to as_of, from the facts of touchpoints, with `month` (its first day).

    `customer_id` is null unless the customer is known; a touchpoint that names nobody is the buyer's of the order that it
    names, of `orders_as_of`. A session that names one customer, in either way, and no other, is that customer's from
    its first touchpoint on: most visitors log in late.
    """
    recent = recent_touchpoints(touchpoints, orders, as_of=as_of, months=months).collect(engine="streaming").lazy()
    visited = visitors(naming_sessions(recent))
    told = recent.join(visited, on="session_id", how="left").with_columns(pl.coalesce("customer_id", "visitor_id"))
    return of_known(told.drop("visitor_id"), customers)


def recent_touchpoints(touchpoints: Frame, orders: Frame, *, as_of: date, months: int) -> Frame:
    """One row per touchpoint of the last local months up to as_of, with `month`; `customer_id` is who it names, or the buyer of its order.

    `touchpoints` are facts, `orders` those of `orders_as_of`.
    """
    recent = touchpoints.filter(pl.col("occurred_date").is_between(first_month(as_of, months), as_of))
    return with_buyers(recent, orders).select(
        *("touchpoint_id", "customer_id", "session_id", "occurred_at", "occurred_date"),
        pl.col("occurred_date").dt.truncate("1mo").alias("month"),
        *("channel", "kind", "product_id", "cart_amount", "replied_date"),
    )


def of_known(touchpoints: Frame, customers: Frame) -> Frame:
    """The touchpoints with `customer_id` null unless the customer is known."""
    known = customers.select("customer_id", known_id="customer_id")
    return touchpoints.join(known, on="customer_id", how="left").with_columns(customer_id="known_id").drop("known_id")


def naming_sessions(recent: Frame) -> Frame:
    """One row per session that names a customer: `session_id`, and the `first_id` and `last_id` of the customers by number.

    `recent` comes from `recent_touchpoints`; of parts of it, sessions are put together by `whole_sessions`.
    """
    named = recent.filter(pl.col("session_id").is_not_null(), pl.col("customer_id").is_not_null())
    return named.group_by("session_id").agg(first_id=pl.col("customer_id").min(), last_id=pl.col("customer_id").max())


def whole_sessions(parts: Frame) -> Frame:
    """One row per session, of the rows of `naming_sessions` of several parts."""
    return parts.group_by("session_id").agg(pl.col("first_id").min(), pl.col("last_id").max())


def visitors(sessions: Frame) -> Frame:
    """One row per session that names one customer and no other: `session_id`, `visitor_id`."""
    one = sessions.filter(pl.col("first_id") == pl.col("last_id"))
    return one.select("session_id", visitor_id="first_id")


def shared_sessions(sessions: Frame) -> Frame:
    """The `session_id` of those that name several customers."""
    return sessions.filter(pl.col("first_id") != pl.col("last_id")).select("session_id")


def strays(recent: Frame, sessions: Frame, *, has_nobodys: bool) -> Frame:
    """The touchpoints that name nobody and belong elsewhere than where they were read, with the visitor of their session as `customer_id`.

    `recent` comes from `recent_touchpoints` of some customers, `sessions` from `whole_sessions` of all. Null in a session of
    several customers or of none: these are with what is nobody's, which is read here if `has_nobodys`.
    """
    nobodys = recent.filter(pl.col("customer_id").is_null(), pl.col("session_id").is_not_null())
    found = nobodys.join(sessions, on="session_id", how="inner" if has_nobodys else "left")
    is_one = pl.col("first_id") == pl.col("last_id")
    return found.with_columns(customer_id=pl.when(is_one).then("first_id")).drop("first_id", "last_id")


def first_month(as_of: date, months: int) -> date:
    """The first day of the first of the last `months` local months, the month of as_of included."""
    number = 12 * as_of.year + as_of.month - months
    return date(number // 12, number % 12 + 1, 1)
