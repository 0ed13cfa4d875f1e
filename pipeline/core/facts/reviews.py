"""Reviews: what is true of each whatever the date, and what was known of it on a date. How the shop cares for them, and what
to doubt in them, belongs to `pipeline.core.attitude`.
"""

from datetime import date

import polars as pl

from pipeline.core.frames import Frame
from pipeline.core.local_dates import with_local_dates
from pipeline.core.statistics import percent_of_scale

GOOD_RATING_POMP = 75
"""Percent of its scale from which a rating is good: 4 of 5 stars."""


def review_text() -> pl.Expr:
    """What a review says: its title and its text, empty where it has neither."""
    return pl.concat_str("title", "body", separator=" ", ignore_nulls=True)


def review_facts(reviews: Frame, *, time_zone: str) -> Frame:
    """One row per review of the lake, with what is true of it whatever the date. Key: `review_id`.

    The columns of the contract Reviews. Definitions, section 4. Adds:

    - `created_date`, `replied_date`, `updated_date`: the local dates of its moments.
    - `pomp`: the rating as percent of its scale, 100 * (rating - min) / (max - min), to ten decimals; null on a scale of one value.
    """
    pomp = percent_of_scale(pl.col("rating"), pl.col("rating_min"), pl.col("rating_max"))
    return with_local_dates(reviews, time_zone).with_columns(pomp=pomp.round(10))


def reviews_as_of(facts: Frame, orders: Frame, *, as_of: date) -> Frame:
    """One row per review written by as_of (local date). Key: `review_id`.

    The columns of `review_facts`, with `order_id` null when it is unknown, `customer_id` of the order when the review names
    none, and the reply null when the shop had not replied by as_of. `orders` are those of `orders_as_of`. Adds:

    - `channel`: of the order; null without one.
    """
    has_reply = pl.col("replied_date") <= as_of
    written = facts.filter(pl.col("created_date") <= as_of)
    # A join holds its right side in memory, so it should be the smaller: only the orders that are reviewed.
    named = orders.select("order_id", "channel", known_id="order_id", buyer_id="customer_id").join(
        written.select("order_id"), on="order_id", how="semi"
    )
    return (
        written.join(named, on="order_id", how="left")
        .with_columns(
            order_id=pl.col("known_id"),
            customer_id=pl.coalesce("customer_id", "buyer_id"),
            replied_at=pl.when(has_reply).then(pl.col("replied_at")),
            replied_date=pl.when(has_reply).then(pl.col("replied_date")),
        )
        .drop("known_id", "buyer_id")
    )
