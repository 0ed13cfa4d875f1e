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


def interactions(touchpoints: Frame, reviews: Frame) -> Frame:
    """One row per interaction or mail of a known customer: `customer_id`, `kind`, `day`, `replied_date`.

    `touchpoints` come from `touchpoints_as_of`, `reviews` from `reviews_as_of`; touchpoints of kind review count only where
    no review is delivered.
    """
    written = reviews.filter(pl.col("customer_id").is_not_null()).select(
        "customer_id", "replied_date", kind=pl.lit("review"), day="created_date"
    )
    has_reviews = written.select(has_reviews=pl.len() > 0)
    seen = (
        touchpoints.filter(pl.col("customer_id").is_not_null(), pl.col("kind").is_in([*COUNTED, *MAILS]))
        .join(has_reviews, how="cross")
        .filter(~(pl.col("has_reviews") & (pl.col("kind") == "review")))
        .select("customer_id", "replied_date", "kind", day="occurred_date")
    )
    return pl.concat([seen, written], how="diagonal_relaxed")


def engage_customers(found: Frame, *, as_of: date, settings: EngagementSettings) -> Frame:
    """One row per customer with an interaction in the window up to as_of (contract CustomerEngagement).

    `found` comes from `interactions`. Definitions, section 6.
    """
    recent = found.filter(pl.col("day").is_between(as_of - timedelta(days=settings.days - 1), as_of))
    kind = pl.col("kind")
    n_answerable, n_answered = pl.col("n_answerable"), pl.col("n_answered")
    per_customer = (
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
    return per_customer.join(_engaged_from(per_customer, settings.top_share), how="cross").select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
        "n_interactions",
        *COUNTED.values(),
        *MAILS.values(),
        *("n_answerable", "n_answered"),
        pl.when(n_answerable > 0).then(100.0 * n_answered / n_answerable).alias("pct_answered"),
        (pl.col("n_interactions") >= pl.col("engaged_from")).fill_null(False).alias("is_engaged"),
    )


def _engaged_from(per_customer: Frame, top_share: float) -> Frame:
    """One row: the lowest number of interactions that at most the top share reach; null when more reach the highest."""
    n = pl.col("n")
    return (
        per_customer.group_by("n_interactions")
        .agg(pl.len().alias("n"))
        .sort("n_interactions", descending=True)
        # As quotients: 0.29 * 100 is a little below 29 in floating point, and 29 / 100 is 0.29.
        .filter(n.cum_sum() / n.sum() <= top_share)
        .select(engaged_from=pl.col("n_interactions").min())
    )


def repurchase_by_engagement(found: Frame, orders: Frame, *, as_of: date, settings: EngagementSettings) -> Frame:
    """One row per level of engagement (contract EngagementRepurchase); `orders` are those of `orders_as_of`.

    Engagement is counted in the window before the last, repurchase in the last. Newcombe's interval: see
    `difference_interval`. Definitions, section 6.
    """
    start = as_of - timedelta(days=settings.days)
    engaged = engage_customers(found, as_of=start, settings=settings).select("customer_id", "is_engaged")
    is_engaged, ordered = pl.col("is_engaged"), pl.col("ordered_date")
    bought = (
        orders.filter(pl.col("is_valid"), pl.col("customer_id").is_not_null())
        .group_by("customer_id")
        .agg(is_customer=(ordered <= start).any(), has_repurchased=(ordered > start).any())
        .filter("is_customer")
    )
    counts = (
        bought.join(engaged, on="customer_id", how="left")
        .group_by(
            engagement=pl.when(is_engaged)
            .then(pl.lit("engaged"))
            .when(is_engaged.is_not_null())
            .then(pl.lit("active"))
            .otherwise(pl.lit("silent"))
        )
        .agg(pl.len().cast(pl.Int64).alias("n_customers"), pl.col("has_repurchased").sum().cast(pl.Int64).alias("n"))
    )
    levels = pl.LazyFrame({"engagement": ENGAGEMENTS}).join(counts, on="engagement", how="left")
    levels = levels.with_columns(pl.col("n_customers", "n").fill_null(0))
    n, n_repurchased = pl.col("n_customers"), pl.col("n")
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
        n_repurchased.alias("n_repurchased"),
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
