"""Engagement: what customers do with the shop beside buying, and whether they buy again. What comes before an order: `influence`."""

from datetime import date, timedelta

import polars as pl

from pipeline.core.behaviour.settings import EngagementSettings
from pipeline.core.frames import Frame
from pipeline.core.statistics import difference_interval, percentage
from schemas.engagement import ENGAGEMENTS

COUNTED = {
    "visit": "n_visits",
    "product_view": "n_product_views",
    "service_contact": "n_service_contacts",
    "review": "n_reviews",
    "vote": "n_votes",
    "share": "n_shares",
    "social": "n_social",
    "store_visit": "n_store_visits",
}
"""Kinds of interactions -> their column."""
MAILS = {"email_open": "n_email_opens", "email_click": "n_email_clicks"}
"""Kinds that are shown beside interactions -> their column."""
ANSWERABLE = ("service_contact", "review")


def has_reviews(reviews: Frame) -> Frame:
    """One value: whether any review of a customer is delivered; `reviews` come from `reviews_as_of`."""
    return reviews.filter(pl.col("customer_id").is_not_null()).select(has_reviews=pl.len() > 0)


def interactions(touchpoints: Frame, reviews: Frame, *, are_delivered: bool) -> Frame:
    """One row per interaction or mail of a known customer: `customer_id`, `kind`, `day`, `replied_date`.

    `touchpoints` come from `touchpoints_as_of`, `reviews` from `reviews_as_of`; touchpoints of kind review count only where
    no review of anybody is delivered (`has_reviews`).
    """
    kinds = [kind for kind in (*COUNTED, *MAILS) if not (are_delivered and kind == "review")]
    seen = touchpoints.filter(pl.col("customer_id").is_not_null(), pl.col("kind").is_in(kinds)).select(
        "customer_id", "replied_date", "kind", day="occurred_date"
    )
    written = reviews.filter(pl.col("customer_id").is_not_null()).select(
        "customer_id", "replied_date", kind=pl.lit("review"), day="created_date"
    )
    return pl.concat([seen, written], how="diagonal_relaxed")


def count_interactions(found: Frame, *, as_of: date, settings: EngagementSettings) -> Frame:
    """One row per customer with an interaction in the window up to as_of: how many there are of each kind, and how many were answered.

    `found` comes from `interactions`.
    """
    recent = found.filter(pl.col("day").is_between(as_of - timedelta(days=settings.days - 1), as_of))
    kind = pl.col("kind")
    return (
        recent.group_by("customer_id")
        .agg(
            kind.is_in([*COUNTED]).sum().cast(pl.Int64).alias("n_interactions"),
            *((kind == name).sum().cast(pl.Int64).alias(column) for name, column in (COUNTED | MAILS).items()),
            kind.is_in(ANSWERABLE).sum().cast(pl.Int64).alias("n_answerable"),
            (kind.is_in(ANSWERABLE) & (pl.col("replied_date") <= as_of).fill_null(False))
            .sum()
            .cast(pl.Int64)
            .alias("n_answered"),
        )
        .filter(pl.col("n_interactions") > 0)
    )


def count_levels(counted: Frame) -> Frame:
    """How many customers have each `n_interactions`, of `count_interactions`: `n`. Of several sets of customers the counts are added."""
    return counted.group_by("n_interactions").agg(pl.len().cast(pl.Int64).alias("n"))


def engaged_from(levels: Frame, *, settings: EngagementSettings) -> int | None:
    """The lowest number of interactions that at most the top share reach; null when more reach the highest.

    `levels` are those of `count_levels` of everybody.
    """
    n = pl.col("n")
    reached: int | None = (
        levels.sort("n_interactions", descending=True)
        # As quotients: 0.29 * 100 is a little below 29 in floating point, and 29 / 100 is 0.29.
        .filter(n.cum_sum() / n.sum() <= settings.top_share)
        .select(pl.col("n_interactions").min())
        .collect()
        .item()
    )
    return reached


def engage_customers(counted: Frame, *, as_of: date, reached: int | None) -> Frame:
    """One row per customer with an interaction in the window up to as_of (contract CustomerEngagement).

    `counted` comes from `count_interactions`, `reached` from `engaged_from` of everybody. Definitions, section 6.
    """
    n_answerable, n_answered = pl.col("n_answerable"), pl.col("n_answered")
    return counted.select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
        "n_interactions",
        *COUNTED.values(),
        *MAILS.values(),
        *("n_answerable", "n_answered"),
        pl.when(n_answerable > 0).then(100.0 * n_answered / n_answerable).alias("pct_answered"),
        _is_engaged(reached).alias("is_engaged"),
    )


def _is_engaged(reached: int | None) -> pl.Expr:
    return (pl.col("n_interactions") >= pl.lit(reached, pl.Int64)).fill_null(False)


def window_before(as_of: date, settings: EngagementSettings) -> date:
    """The last date of the window before the last: engagement until then is compared with repurchase since."""
    return as_of - timedelta(days=settings.days)


def count_repurchases(counted: Frame, orders: Frame, *, as_of: date, settings: EngagementSettings) -> Frame:
    """Customers by the `n_interactions` that they had in the window before the last; null without any.

    `n_customers`: who had placed a valid order by then; `n_repurchased`: of these who placed one since. `counted` comes from
    `count_interactions` up to `window_before`, `orders` are those of `orders_as_of`. Of several sets of customers the counts are added.
    """
    start, ordered = window_before(as_of, settings), pl.col("ordered_date")
    bought = (
        orders.filter(pl.col("is_valid"), pl.col("customer_id").is_not_null())
        .group_by("customer_id")
        .agg(is_customer=(ordered <= start).any(), has_repurchased=(ordered > start).any())
        .filter("is_customer")
    )
    return (
        bought.join(counted.select("customer_id", "n_interactions"), on="customer_id", how="left")
        .group_by("n_interactions")
        .agg(
            pl.len().cast(pl.Int64).alias("n_customers"),
            pl.col("has_repurchased").sum().cast(pl.Int64).alias("n_repurchased"),
        )
    )


def repurchase_by_engagement(counts: Frame, *, as_of: date, reached: int | None, settings: EngagementSettings) -> Frame:
    """One row per level of engagement (contract EngagementRepurchase).

    Engagement is counted in the window before the last, repurchase in the last: `counts` are those of `count_repurchases` of
    everybody, and `reached` comes from `engaged_from` at `window_before`. Newcombe's interval: see `difference_interval`.
    Definitions, section 6.
    """
    level = (
        pl.when(pl.col("n_interactions").is_null())
        .then(pl.lit("silent"))
        .when(_is_engaged(reached))
        .then(pl.lit("engaged"))
        .otherwise(pl.lit("active"))
    )
    counts = counts.group_by(engagement=level).agg(pl.col("n_customers", "n_repurchased").sum())
    levels = pl.LazyFrame({"engagement": ENGAGEMENTS}).join(counts, on="engagement", how="left")
    levels = levels.with_columns(pl.col("n_customers", "n_repurchased").fill_null(0))
    n, n_repurchased = pl.col("n_customers"), pl.col("n_repurchased")
    silent = levels.filter(engagement="silent").select(n_silent=n, n_silent_repurchased=n_repurchased)
    share = percentage(n_repurchased, n)
    of_silent = percentage(pl.col("n_silent_repurchased"), pl.col("n_silent"))
    low, high = difference_interval(share, of_silent)
    is_shown = n >= settings.min_n
    is_compared = is_shown & (pl.col("n_silent") >= settings.min_n) & (pl.col("engagement") != "silent")
    return levels.join(silent, how="cross").select(
        pl.lit(as_of).alias("as_of_date"),
        "engagement",
        "n_customers",
        "n_repurchased",
        *(
            pl.when(is_shown).then(value).alias(name)
            for name, value in zip(
                ("pct_repurchased", "pct_repurchased_low", "pct_repurchased_high"), share, strict=True
            )
        ),
        pl.when(is_compared).then(share[0] - of_silent[0]).alias("difference"),
        pl.when(is_compared).then(low).alias("difference_low"),
        pl.when(is_compared).then(high).alias("difference_high"),
        (~is_shown).alias("is_suppressed"),
    )
