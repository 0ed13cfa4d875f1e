"""How the shop cares for reviews. What to doubt in them belongs to `review_flags`, what is known of them to `facts.reviews`."""

from datetime import date

import polars as pl

from pipeline.core.attitude.dimensions import ALL, UNKNOWN
from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.frames import Frame, clock_hours, first_of, last_of, ratio, with_nearest
from pipeline.core.statistics import mean_interval, percentage


def review_care(reviews: Frame, lines: Frame, *, as_of: date, time_zone: str, settings: ExperienceSettings) -> Frame:
    """One row per as_of date, dimension and value (contract ReviewCare); `reviews` are those of `reviews_as_of`, `lines` the
    facts of order lines.

    Dimensions: `all`; `category` of most lines of the review's product, or without a product of the largest line of its
    order; `channel` of its order; `month` in which it was written. A review without one is under `unknown`. Replies are
    known for sources that have shown any by as_of. Hours to the reply are hours on the shop's clock. The rating before
    and after a reply: a replied review compared with the first that the same customer wrote after the reply, each
    review being the later one of at most one pair, with its latest replied review; counted under the replied one. It
    says what followed, not what the reply caused: replies go to reviews that could hardly get worse. Means and shares
    are null below `settings.min_n`, with their 95% intervals (Student, Wilson). Definitions, sections 4, 6.
    """
    bought = lines.filter(pl.col("ordered_date") <= as_of)
    facts = _facts(_with_category(reviews, bought), time_zone).collect(engine="streaming").lazy()
    dimensions = {
        "all": pl.lit(ALL),
        "category": pl.col("category"),
        "channel": pl.col("channel"),
        "month": pl.col("created_date").dt.to_string("%Y-%m"),
    }
    per_value = pl.concat(
        [
            _totals(facts.with_columns(dimension=pl.lit(name), value=value.fill_null(UNKNOWN)))
            for name, value in dimensions.items()
        ]
    )
    return _published(per_value, as_of, settings.min_n)


def _with_category(reviews: Frame, lines: Frame) -> Frame:
    """The reviews with their `category`, of the product or else of the order."""
    of_products = reviews.join(_category_of_products(reviews, lines), on="product_id", how="left")
    known = of_products.collect(engine="streaming").lazy()
    others = known.filter(pl.col("product_category").is_null())
    return known.join(_category_of_orders(others, lines), on="order_id", how="left").with_columns(
        category=pl.coalesce("product_category", "order_category")
    )


def _category_of_products(reviews: Frame, lines: Frame) -> Frame:
    """One row per product reviewed: the category of most of its lines, the last by name of equals."""
    return (
        lines.filter(pl.col("category").is_not_null())
        .group_by("product_id", "category")
        .agg(n_lines=pl.len())
        .join(reviews.select("product_id").unique(), on="product_id", how="semi")
        .pipe(last_of, "product_id", order=["n_lines", "category"])
        .select("product_id", product_category="category")
    )


def _category_of_orders(reviews: Frame, lines: Frame) -> Frame:
    """One row per order reviewed: the category of its largest line, the first line of equals."""
    return (
        lines.select("order_id", "line_number", "category", smallness=-pl.col("line_amount"))
        .join(reviews.select("order_id").unique(), on="order_id", how="semi")
        .pipe(first_of, "order_id", order=["smallness", "line_number"])
        .select("order_id", order_category="category")
    )


def _facts(reviews: Frame, time_zone: str) -> Frame:
    """One row per review with all that is counted: flags as 0 and 1, null where unknown."""
    is_replied, after = pl.col("replied_at").is_not_null(), pl.col("pomp_after")
    is_in_order = pl.col("replied_at") >= pl.col("created_at")
    replying = reviews.filter(is_replied).select("source", answers=pl.lit(True)).unique()
    return (
        reviews.join(replying, on="source", how="left")
        .join(_ratings_after_reply(reviews), on="review_id", how="left")
        .select(
            "channel",
            "created_date",
            "pomp",
            "category",
            verified=pl.col("is_verified").cast(pl.Int64),
            replied=pl.when("answers").then(is_replied.cast(pl.Int64)),
            reply_hours=pl.when(is_in_order).then(clock_hours("created", "replied", time_zone)),
            pomp_before=pl.when(after.is_not_null()).then(pl.col("pomp")),
            pomp_after=after,
            change=after - pl.col("pomp"),
        )
    )


def _ratings_after_reply(reviews: Frame) -> Frame:
    """One row per replied review that a later review followed: `review_id` and the later one's `pomp_after`."""
    rated = reviews.filter(~pl.col("customer_id").is_null() & ~pl.col("pomp").is_null())
    replied = rated.filter(pl.col("replied_at") >= pl.col("created_at")).select(
        "customer_id", "review_id", "replied_at"
    )
    later = rated.select(
        "customer_id",
        pl.col("review_id").alias("later_id"),
        pl.col("created_at").alias("later_at"),
        pl.col("pomp").alias("pomp_after"),
    )
    return (
        with_nearest(
            later,
            replied,
            by=["customer_id"],
            at="later_at",
            other_at="replied_at",
            order=["review_id"],
            counts_same_moment=False,
        )
        .filter(pl.col("review_id").is_not_null())
        .pipe(first_of, "review_id", order=["later_at", "later_id"])
        .select("review_id", "pomp_after")
    )


def _totals(facts: Frame) -> Frame:
    """One row per dimension and value with counts and sums."""
    counted = {
        "n_verified_known": pl.col("verified").count(),
        "n_verified": pl.col("verified").sum(),
        "n_reply_known": pl.col("replied").count(),
        "n_replied": pl.col("replied").sum(),
        "n_reply_hours": pl.col("reply_hours").count(),
        "n_rated": pl.col("pomp").count(),
        "n_pairs": pl.col("change").count(),
    }
    return (
        facts.with_columns(pomp_squares=pl.col("pomp") ** 2, change_squares=pl.col("change") ** 2)
        .group_by("dimension", "value")
        .agg(
            pl.len().cast(pl.Int64).alias("n_reviews"),
            *(count.cast(pl.Int64).alias(name) for name, count in counted.items()),
            pl.col("reply_hours").median().alias("median_reply_hours"),
            *(pl.col(name).sum() for name in ("pomp", "pomp_squares", "pomp_before", "pomp_after")),
            *(pl.col(name).sum() for name in ("change", "change_squares")),
        )
    )


def _published(totals: Frame, as_of: date, min_n: int) -> Frame:
    """Means, shares and intervals in the columns of the contract, null below `min_n`."""
    n_rated, n_pairs = pl.col("n_rated"), pl.col("n_pairs")
    is_rated, is_paired = n_rated >= min_n, n_pairs >= min_n
    is_timed = pl.col("n_reply_hours") >= min_n
    low, high = mean_interval(pl.col("pomp"), pl.col("pomp_squares"), n_rated)
    change_low, change_high = mean_interval(pl.col("change"), pl.col("change_squares"), n_pairs)
    return totals.select(
        pl.lit(as_of).alias("as_of_date"),
        "dimension",
        "value",
        "n_reviews",
        pl.when(is_rated).then(ratio(pl.col("pomp"), n_rated)).alias("mean_pomp"),
        pl.when(is_rated).then(low.clip(0.0, 100.0)).alias("mean_pomp_low"),
        pl.when(is_rated).then(high.clip(0.0, 100.0)).alias("mean_pomp_high"),
        (~is_rated).alias("is_suppressed"),
        *_share("verified", "n_verified_known", min_n),
        *_share("replied", "n_reply_known", min_n),
        "n_reply_hours",
        pl.when(is_timed).then(pl.col("median_reply_hours")).alias("median_reply_hours"),
        (~is_timed).alias("is_reply_hours_suppressed"),
        "n_pairs",
        pl.when(is_paired).then(ratio(pl.col("pomp_before"), n_pairs)).alias("mean_pomp_before_reply"),
        pl.when(is_paired).then(ratio(pl.col("pomp_after"), n_pairs)).alias("mean_pomp_after_reply"),
        pl.when(is_paired).then(ratio(pl.col("change"), n_pairs)).alias("mean_pomp_change"),
        pl.when(is_paired).then(change_low).alias("mean_pomp_change_low"),
        pl.when(is_paired).then(change_high).alias("mean_pomp_change_high"),
        (~is_paired).alias("is_change_suppressed"),
    )


def _share(name: str, known: str, min_n: int) -> list[str | pl.Expr]:
    """Denominator, count, percentage with its Wilson interval, and whether they are suppressed."""
    share, low, high = percentage(pl.col(f"n_{name}"), pl.col(known))
    is_shown = pl.col(known) >= min_n
    return [
        known,
        f"n_{name}",
        pl.when(is_shown).then(share).alias(f"pct_{name}"),
        pl.when(is_shown).then(low).alias(f"pct_{name}_low"),
        pl.when(is_shown).then(high).alias(f"pct_{name}_high"),
        (~is_shown).alias(f"is_{name}_suppressed"),
    ]
