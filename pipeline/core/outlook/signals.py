"""What customers went through, said and looked at by a cut, beside what they bought. Each function gives one row per customer
of whom there is something to say; how that becomes a feature does not belong here."""

from datetime import date

import polars as pl

from pipeline.core.attitude.nps import PASSIVE_FROM, PROMOTER_FROM
from pipeline.core.attitude.sci import LOYAL_BOX
from pipeline.core.facts.promises import BROKEN
from pipeline.core.frames import Frame, days_before, last_of
from pipeline.core.numbers import count_rows, places

LOOKS = ("visit", "product_view", "cart", "checkout", "store_visit")
"""Kinds of touchpoints that are visits, of the site, the app or a store."""
CONTACT = "service_contact"
"""The kind of touchpoint that reaches the shop's staff."""


def broken_promises(orders: Frame) -> Frame:
    """`n_broken` promises, and `last_broken_day`, from 1970-01-01, of the last order that had one; `orders` of `orders_as_of`."""
    broken = pl.col("promise_status").is_in(BROKEN)
    day = pl.col("ordered_date").to_physical().cast(pl.Int64)
    return (
        orders.filter(broken)
        .group_by("customer_id")
        .agg(pl.len().alias("n_broken"), day.max().alias("last_broken_day"))
    )


def money_back(orders: Frame, *, cut: date) -> Frame:
    """Who got money back for any order, also one that no longer counts: `is_refunded`, and `returned_amount`, what was given back
    for orders that are neither valid nor cancellation invoices; `orders` of `orders_as_of` the cut.

    A refund in a currency without a rate is money back too, of no known value.
    """
    refund, foreign = pl.col("refund_amount"), pl.col("original_refund_amount")
    is_known = (foreign > 0) & ~(pl.col("refunded_date") > cut).fill_null(False)
    is_apart = ~pl.col("is_valid") & ~pl.col("is_invoice")
    return (
        orders.filter(((refund > 0) | is_known.fill_null(False)) & pl.col("customer_id").is_not_null())
        .group_by("customer_id")
        .agg(pl.when(is_apart).then(refund).otherwise(0).sum().alias("returned_amount"))
        .with_columns(is_refunded=pl.lit(True))
    )


def breadth(lines: Frame, orders: Frame, *, cut: date) -> Frame:
    """`n_categories` of the lines of valid orders; `orders` of `orders_as_of` the cut."""
    owned = pl.col("is_valid") & pl.col("customer_id").is_not_null()
    owners = orders.filter(owned).select("order_id", "customer_id").collect(engine="streaming")
    named = (
        lines.filter(pl.col("category").is_not_null() & (pl.col("ordered_date") <= cut))
        .select("order_id", category=pl.col("category").cast(pl.Categorical).to_physical())
        .collect(engine="streaming")
    )
    owner = pl.lit(owners["customer_id"]).gather(pl.col("place"))
    bought = (
        named.select("category", place=places(named["order_id"], owners["order_id"]))
        .drop_nulls("place")
        .select("category", customer_id=owner)
    )
    per_category = count_rows(bought, "customer_id", "category")
    return per_category.group_by("customer_id").agg(pl.len().alias("n_categories")).lazy()


def stars(reviews: Frame, *, cut: date) -> Frame:
    """`stars_level` of the last review with a rating, as a share of its scale, and `stars_days`, its age; `reviews` of customers."""
    width = pl.col("rating_max") - pl.col("rating_min")
    rated = reviews.filter((pl.col("created_date") <= cut) & (width > 0))
    return rated.select(
        *("customer_id", "review_id", "created_at"),
        stars_level=(pl.col("rating") - pl.col("rating_min")) / width,
        stars_days=days_before(cut, "created_date"),
    ).pipe(_latest, "created_at", "review_id")


def secure_answers(responses: Frame, *, cut: date) -> Frame:
    """Of the last response with all items of the Secure Customer Index: `sci_level`, its lowest box, 0 to 3; `sci_days`."""
    return _last_answer(responses, pl.col("sci_box"), cut, "sci")


def promoter_answers(responses: Frame, *, cut: date) -> Frame:
    """Of the last response to a Net Promoter item: `nps_level`, 1 for a promoter, -1 for a detractor; `nps_days`."""
    return _last_answer(responses, _nps_level(), cut, "nps")


def _nps_level() -> pl.Expr:
    score = pl.col("nps_score")
    return (score >= PROMOTER_FROM).cast(pl.Int64) - (score < PASSIVE_FROM).cast(pl.Int64)


def last_mood(responses: Frame, *, cut: date) -> Frame:
    """`mood_level` of the last response to a Net Promoter item or to all items of the Secure Customer Index; `mood_days`.

    1 for happy, -1 for unhappy: a promoter, or favorable or secure, and nothing that says otherwise, or the other way about; 0
    for a passive, and for who is both.
    """
    sci, nps = pl.col("sci_box"), _nps_level()
    signs = (nps, pl.when(sci >= LOYAL_BOX).then(1).when(sci.is_not_null()).then(-1))
    return _last_answer(responses, (pl.max_horizontal(signs) + pl.min_horizontal(signs)).sign(), cut, "mood")


def contacts(touchpoints: Frame, *, cut: date, first: date) -> Frame:
    """`n_contacts` with the shop's staff from a date to the cut; `touchpoints` of customers."""
    is_contact = (pl.col("kind") == CONTACT) & pl.col("occurred_date").is_between(first, cut)
    return touchpoints.filter(is_contact).group_by("customer_id").agg(pl.len().alias("n_contacts"))


def looks(touchpoints: Frame, *, cut: date) -> Frame:
    """`seen_at`, the last visit of each customer known from one, and `seen_days`, its age; `touchpoints` of customers."""
    is_look = pl.col("kind").is_in(LOOKS) & (pl.col("occurred_date") <= cut)
    return (
        touchpoints.filter(is_look)
        .group_by("customer_id")
        .agg(pl.col("occurred_at").max().alias("seen_at"), days_before(cut, "occurred_date").min().alias("seen_days"))
    )


def _last_answer(responses: Frame, level: pl.Expr, cut: date, name: str) -> Frame:
    """Every customer's last response that has a level, from the facts of responses."""
    told = level.is_not_null() & (pl.col("submitted_date") <= cut) & pl.col("customer_id").is_not_null()
    return (
        responses.filter(told)
        .select(
            *("customer_id", "response_id", "submitted_at"),
            level.alias(f"{name}_level"),
            days_before(cut, "submitted_date").alias(f"{name}_days"),
        )
        .pipe(_latest, "submitted_at", "response_id")
    )


def _latest(rows: Frame, moment: str, key: str) -> Frame:
    """Every customer's last row by time, then by key, without these two."""
    return rows.pipe(last_of, "customer_id", order=[moment, key]).drop(moment, key)
