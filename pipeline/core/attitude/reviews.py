"""Reviews as they were known on a date, and how the shop cares for them. What to doubt in them belongs to `review_flags`."""

from datetime import date

import polars as pl

from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.facts.promises import UNKNOWN
from pipeline.core.frames import Frame, clock_hours, day_end, first_of, last_of, local_date, ratio
from pipeline.core.statistics import mean_interval, percent_of_scale, wilson_interval

ALL = "all"
"""The value that stands for all values of a dimension together."""


def reviews_as_of(reviews: Frame, orders: Frame, *, as_of: date, time_zone: str) -> Frame:
    """One row per review written by as_of (local date); `orders` are those of `orders_as_of`.

    The lake's columns, with `order_id` null when it is unknown, `customer_id` of the order when the review names none,
    `channel` of the order, `replied_at` null when the shop had not replied by as_of, `local_date`, and `pomp`: the rating
    as percent of its scale, 100 * (rating - min) / (max - min); null on a scale of one value. Definitions, section 4.
    """
    end = day_end(as_of, time_zone)
    pomp = percent_of_scale(pl.col("rating"), pl.col("rating_min"), pl.col("rating_max"))
    known = orders.select(
        "order_id", "channel", pl.col("order_id").alias("known_order_id"), pl.col("customer_id").alias("buyer_id")
    )
    return (
        reviews.filter(pl.col("created_at") < end)
        .join(known, on="order_id", how="left")
        .with_columns(
            order_id=pl.col("known_order_id"),
            customer_id=pl.coalesce("customer_id", "buyer_id"),
            replied_at=pl.when(pl.col("replied_at") < end).then(pl.col("replied_at")),
            local_date=local_date("created_at", time_zone),
            pomp=pomp.round(10),
        )
        .drop("known_order_id", "buyer_id")
    )


def review_care(reviews: Frame, lines: Frame, *, as_of: date, time_zone: str, settings: ExperienceSettings) -> Frame:
    """One row per as_of date, dimension and value (contract ReviewCare); `reviews` are those of `reviews_as_of`.

    Dimensions: `all`; `category`, that most lines of the review's product have, or without a product that of the largest
    line of its order; `channel` of its order; `month` in which it was written. A review without one is under `unknown`.
    Replies are known of sources that have shown any by as_of. Hours to the reply are hours on the shop's clock. The
    rating before and after a reply: a replied review against the first that the same customer wrote after the reply,
    each review being the later one of at most one pair, with its latest replied review; counted under the replied one.
    It says what followed, not what the reply caused: replies go to reviews that could hardly get worse.
    Means and shares are null below `settings.min_n`, with their 95% intervals (Student, Wilson). Definitions, sections 4, 6.
    """
    bought = lines.filter(pl.col("ordered_at") < day_end(as_of, time_zone))
    facts = _facts(reviews, bought, time_zone).cache()
    dimensions = {
        "all": pl.lit(ALL),
        "category": pl.col("category"),
        "channel": pl.col("channel"),
        "month": pl.col("local_date").dt.to_string("%Y-%m"),
    }
    per_value = pl.concat(
        [
            _totals(facts.with_columns(dimension=pl.lit(name), value=value.fill_null(UNKNOWN)))
            for name, value in dimensions.items()
        ]
    )
    return _published(per_value, as_of, settings.min_n)


def _facts(reviews: Frame, lines: Frame, time_zone: str) -> Frame:
    """One row per review with all that is counted: flags as 0 and 1, null where not known."""
    replying = reviews.filter(~pl.col("replied_at").is_null()).select("source", answers=pl.lit(1)).unique()
    hours = clock_hours("created", "replied", time_zone)
    is_in_order = pl.col("replied_at") >= pl.col("created_at")
    after = pl.col("pomp_after")
    return (
        reviews.with_columns(
            replied_date=local_date("replied_at", time_zone), created_date=local_date("created_at", time_zone)
        )
        .join(replying, on="source", how="left")
        .join(_category_of_products(reviews, lines), on="product_id", how="left")
        .join(_category_of_orders(reviews, lines), on="order_id", how="left")
        .join(_ratings_after_reply(reviews), on="review_id", how="left")
        .select(
            "channel",
            "local_date",
            "pomp",
            category=pl.coalesce("product_category", "order_category"),
            verified=pl.col("is_verified").cast(pl.Int64),
            replied=pl.when(pl.col("answers") == 1).then((~pl.col("replied_at").is_null()).cast(pl.Int64)),
            reply_hours=pl.when(is_in_order).then(hours),
            pomp_before=pl.when(~after.is_null()).then(pl.col("pomp")),
            pomp_after=after,
            change=after - pl.col("pomp"),
        )
    )


def _category_of_products(reviews: Frame, lines: Frame) -> Frame:
    """One row per product reviewed: the category of most of its lines, of equals the last by name."""
    return (
        lines.filter(~pl.col("category").is_null())
        .join(reviews.select("product_id").unique(), on="product_id", how="semi")
        .group_by("product_id", "category")
        .agg(pl.len().cast(pl.Int64).alias("n_lines"))
        .pipe(last_of, "product_id", order=["n_lines", "category"])
        .select("product_id", pl.col("category").alias("product_category"))
    )


def _category_of_orders(reviews: Frame, lines: Frame) -> Frame:
    """One row per order reviewed: the category of its largest line, of equals the first line."""
    return (
        lines.join(reviews.select("order_id").unique(), on="order_id", how="semi")
        .with_columns(smallness=-pl.col("line_amount"))
        .pipe(first_of, "order_id", order=["smallness", "line_number"])
        .select("order_id", pl.col("category").alias("order_category"))
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
        replied.join(later, on="customer_id", how="inner")
        .filter(pl.col("later_at") > pl.col("replied_at"))
        .pipe(last_of, "later_id", order=["replied_at", "review_id"])
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
    low, high = wilson_interval(pl.col(f"n_{name}"), pl.col(known))
    is_shown = pl.col(known) >= min_n
    return [
        known,
        f"n_{name}",
        pl.when(is_shown).then(100.0 * pl.col(f"n_{name}") / pl.col(known)).alias(f"pct_{name}"),
        pl.when(is_shown).then(100.0 * low).alias(f"pct_{name}_low"),
        pl.when(is_shown).then(100.0 * high).alias(f"pct_{name}_high"),
        (~is_shown).alias(f"is_{name}_suppressed"),
    ]
