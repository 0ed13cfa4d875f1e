"""How the shop cares for reviews. What to doubt in them belongs to `review_flags`, what is known of them to `facts.reviews`."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import polars as pl

from pipeline.core.attitude.dimensions import ALL, UNKNOWN
from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.frames import Frame, add_up, clock_hours, first_of, last_of, ratio, with_nearest
from pipeline.core.statistics import mean_interval, median_of_counts, percentage

DIMENSION = ("dimension", "value")
CELL = ("category", "channel", "month")
"""The dimensions but for `all`; each null where it is not known."""
TOLD = ("verified", "replied", "pomp", "pomp_after")
"""What is told of a review, null where it is not known: 0 or 1, its rating, and the rating after the reply to it."""
KEYS_OF_CARE = ((*CELL, *TOLD), (*CELL, "reply_hours"))
"""Of both frames of CareCounts, in their order."""
KEY_OF_CATEGORIES = ("product_id", "category")


class CareCounts(NamedTuple):
    """What reviews add up to. `told`: `n` reviews per CELL of which the same is TOLD. `hours`: `n` per cell and `reply_hours`."""

    told: pl.DataFrame
    hours: pl.DataFrame


def count_categories(lines: Frame, products: pl.DataFrame, *, as_of: date) -> pl.DataFrame:
    """One row per product of `products` (`product_id`) and category of its `lines`, which are facts: `n` lines.

    Counts of different lines can be added.
    """
    bought = lines.filter(pl.col("ordered_date") <= as_of, pl.col("category").is_not_null())
    counted = bought.group_by(KEY_OF_CATEGORIES).agg(pl.len().cast(pl.Int64).alias("n"))
    return counted.join(products.lazy(), on="product_id", how="semi").collect(engine="streaming")


def category_of_products(counts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """One row per product with a category: that of most of its lines, the last by name of equals, as `product_category`.

    `counts` are those of `count_categories` of all lines, in any number of parts. Key: `product_id`.
    """
    lines = add_up(counts, by=KEY_OF_CATEGORIES).lazy().pipe(last_of, "product_id", order=["n", "category"])
    return lines.select("product_id", product_category="category").collect()


def answering_sources(reviews: Frame, *, as_of: date) -> pl.DataFrame:
    """The `source` of each of the reviews, which are facts, that has shown a reply by as_of, to a review written by then."""
    replied = reviews.filter(pl.col("created_date") <= as_of, pl.col("replied_date") <= as_of)
    return replied.select("source").unique().collect(engine="streaming")


def count_care(
    reviews: Frame,
    lines: Frame,
    products: pl.DataFrame,
    *,
    answering: pl.DataFrame,
    as_of: date,
    time_zone: str,
) -> CareCounts:
    """What the reviews of some customers add up to. Counts of different customers can be added.

    `reviews` are those of `reviews_as_of`, `lines` the facts of the lines of their orders, `products` come from
    `category_of_products` and `answering` from `answering_sources`, both of the whole shop.
    """
    bought = lines.filter(pl.col("ordered_date") <= as_of)
    facts = _facts(_with_category(reviews, bought, products), answering, time_zone).collect(engine="streaming").lazy()
    parts = (facts, facts.drop_nulls("reply_hours"))
    counted = [
        rows.group_by(key).agg(pl.len().cast(pl.Int64).alias("n"))
        for rows, key in zip(parts, KEYS_OF_CARE, strict=True)
    ]
    return CareCounts(*pl.collect_all(counted, engine="streaming"))


def review_care(counts: Iterable[CareCounts], *, as_of: date, settings: ExperienceSettings) -> pl.DataFrame:
    """One row per as_of date, dimension and value (contract ReviewCare); `counts` are those of all customers, in any number
    of parts.

    Dimensions: `all`; `category` of most lines of the review's product, or without a product of the largest line of its
    order; `channel` of its order; `month` in which it was written. A review without one is under `unknown`. Replies are
    known for sources that have shown any by as_of. Hours to the reply are hours on the shop's clock. The rating before
    and after a reply: a replied review compared with the first that the same customer wrote after the reply, each
    review being the later one of at most one pair, with its latest replied review; counted under the replied one. It
    says what followed, not what the reply caused: replies go to reviews that could hardly get worse. Means and shares
    are null below `settings.min_n`, with their 95% intervals (Student, Wilson). Definitions, sections 4, 6.
    """
    told, hours = (
        # In one order, so that the sums have the same last digit in every run.
        _by_dimension(add_up(parts, by=key).sort(key))
        for parts, key in zip(zip(*counts, strict=True), KEYS_OF_CARE, strict=True)
    )
    timed = add_up([hours.select(*DIMENSION, n_reply_hours="n")], by=DIMENSION)
    medians = median_of_counts(hours, "reply_hours", *DIMENSION).rename({"reply_hours": "median_reply_hours"})
    totals = _totals(told).join(timed, on=DIMENSION, how="left").join(medians, on=DIMENSION, how="left")
    return _published(totals.with_columns(pl.col("n_reply_hours").fill_null(0)), as_of, settings.min_n)


def _by_dimension(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts once per dimension, with its value in place of their cell."""
    values = {"all": pl.lit(ALL), **{name: pl.col(name).fill_null(UNKNOWN) for name in CELL}}
    named = counts.with_columns(pl.col("month").dt.to_string("%Y-%m"))
    return pl.concat(
        named.select(pl.lit(name).alias("dimension"), value.alias("value"), pl.exclude(CELL))
        for name, value in values.items()
    )


def _with_category(reviews: Frame, lines: Frame, products: pl.DataFrame) -> Frame:
    """The reviews with their `category`, of the product or else of the order."""
    of_products = reviews.join(products.lazy(), on="product_id", how="left")
    known = of_products.collect(engine="streaming").lazy()
    others = known.filter(pl.col("product_category").is_null())
    return known.join(_category_of_orders(others, lines), on="order_id", how="left").with_columns(
        category=pl.coalesce("product_category", "order_category")
    )


def _category_of_orders(reviews: Frame, lines: Frame) -> Frame:
    """One row per order reviewed: the category of its largest line, the first line of equals."""
    return (
        lines.select("order_id", "line_number", "category", smallness=-pl.col("line_amount"))
        .join(reviews.select("order_id").unique(), on="order_id", how="semi")
        .pipe(first_of, "order_id", order=["smallness", "line_number"])
        .select("order_id", order_category="category")
    )


def _facts(reviews: Frame, answering: pl.DataFrame, time_zone: str) -> Frame:
    """One row per review with all that is counted: flags as 0 and 1, null where unknown."""
    is_replied = pl.col("replied_at").is_not_null()
    is_in_order = pl.col("replied_at") >= pl.col("created_at")
    return reviews.join(_ratings_after_reply(reviews), on="review_id", how="left").select(
        "channel",
        "category",
        "pomp",
        "pomp_after",
        month=pl.col("created_date").dt.month_start(),
        verified=pl.col("is_verified").cast(pl.Int64),
        replied=pl.when(pl.col("source").is_in(answering["source"].implode())).then(is_replied.cast(pl.Int64)),
        reply_hours=pl.when(is_in_order).then(clock_hours("created", "replied", time_zone)),
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


def _totals(told: pl.DataFrame) -> pl.DataFrame:
    """One row per dimension and value with counts and sums."""
    n, pomp, after = pl.col("n"), pl.col("pomp"), pl.col("pomp_after")
    change = after - pomp
    known = {"n_verified_known": "verified", "n_reply_known": "replied", "n_rated": "pomp", "n_pairs": "pomp_after"}
    weighed = {
        "n_verified": pl.col("verified"),
        "n_replied": pl.col("replied"),
        "pomp": pomp,
        "pomp_squares": pomp * pomp,
        "pomp_before": pl.when(after.is_not_null()).then(pomp),
        "pomp_after": after,
        "change": change,
        "change_squares": change * change,
    }
    counts = told.select(
        *DIMENSION,
        n.alias("n_reviews"),
        *(pl.when(pl.col(value).is_not_null()).then(n).alias(name) for name, value in known.items()),
        *((n * value).alias(name) for name, value in weighed.items()),
    )
    return add_up([counts], by=DIMENSION)


def _published(totals: pl.DataFrame, as_of: date, min_n: int) -> pl.DataFrame:
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
