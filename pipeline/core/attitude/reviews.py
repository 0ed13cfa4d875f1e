"""Reviews as they were known on a date, and how the shop cares for them. What to doubt in them belongs to `review_flags`."""

from datetime import date

import narwhals as nw

from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.facts.promises import UNKNOWN
from pipeline.core.frames import Frame, clock_hours, computed_once, day_end, local_date, ratio
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
    pomp = percent_of_scale(nw.col("rating"), nw.col("rating_min"), nw.col("rating_max"))
    known = orders.select(
        "order_id", "channel", nw.col("order_id").alias("known_order_id"), nw.col("customer_id").alias("buyer_id")
    )
    return (
        reviews.filter(nw.col("created_at") < end)
        .join(known, on="order_id", how="left")
        .with_columns(
            order_id=nw.col("known_order_id"),
            customer_id=nw.coalesce("customer_id", "buyer_id"),
            replied_at=nw.when(nw.col("replied_at") < end).then(nw.col("replied_at")),
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
    bought = lines.filter(nw.col("ordered_at") < day_end(as_of, time_zone))
    facts = computed_once(_facts(reviews, bought, time_zone))
    dimensions = {
        "all": nw.lit(ALL),
        "category": nw.col("category"),
        "channel": nw.col("channel"),
        "month": nw.col("local_date").dt.to_string("%Y-%m"),
    }
    per_value = nw.concat(
        [
            _totals(facts.with_columns(dimension=nw.lit(name), value=value.fill_null(UNKNOWN)))
            for name, value in dimensions.items()
        ]
    )
    return _published(per_value, as_of, settings.min_n)


def _facts(reviews: Frame, lines: Frame, time_zone: str) -> Frame:
    """One row per review with all that is counted: flags as 0 and 1, null where not known."""
    replying = reviews.filter(~nw.col("replied_at").is_null()).select("source", answers=nw.lit(1)).unique()
    hours = clock_hours("created", "replied", time_zone)
    is_in_order = nw.col("replied_at") >= nw.col("created_at")
    after = nw.col("pomp_after")
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
            category=nw.coalesce("product_category", "order_category"),
            verified=nw.col("is_verified").cast(nw.Int64),
            replied=nw.when(nw.col("answers") == 1).then((~nw.col("replied_at").is_null()).cast(nw.Int64)),
            reply_hours=nw.when(is_in_order).then(hours),
            pomp_before=nw.when(~after.is_null()).then(nw.col("pomp")),
            pomp_after=after,
            change=after - nw.col("pomp"),
        )
    )


def _category_of_products(reviews: Frame, lines: Frame) -> Frame:
    """One row per product reviewed: the category of most of its lines, of equals the last by name."""
    return (
        lines.filter(~nw.col("category").is_null())
        .join(reviews.select("product_id").unique(), on="product_id", how="semi")
        .group_by("product_id", "category")
        .agg(nw.len().cast(nw.Int64).alias("n_lines"))
        .unique(subset="product_id", keep="last", order_by=["n_lines", "category"])
        .select("product_id", nw.col("category").alias("product_category"))
    )


def _category_of_orders(reviews: Frame, lines: Frame) -> Frame:
    """One row per order reviewed: the category of its largest line, of equals the first line."""
    return (
        lines.join(reviews.select("order_id").unique(), on="order_id", how="semi")
        .with_columns(smallness=-nw.col("line_amount"))
        .unique(subset="order_id", keep="first", order_by=["smallness", "line_number"])
        .select("order_id", nw.col("category").alias("order_category"))
    )


def _ratings_after_reply(reviews: Frame) -> Frame:
    """One row per replied review that a later review followed: `review_id` and the later one's `pomp_after`."""
    rated = reviews.filter(~nw.col("customer_id").is_null() & ~nw.col("pomp").is_null())
    replied = rated.filter(nw.col("replied_at") >= nw.col("created_at")).select(
        "customer_id", "review_id", "replied_at"
    )
    later = rated.select(
        "customer_id",
        nw.col("review_id").alias("later_id"),
        nw.col("created_at").alias("later_at"),
        nw.col("pomp").alias("pomp_after"),
    )
    return (
        replied.join(later, on="customer_id", how="inner")
        .filter(nw.col("later_at") > nw.col("replied_at"))
        .unique(subset="later_id", keep="last", order_by=["replied_at", "review_id"])
        .unique(subset="review_id", keep="first", order_by=["later_at", "later_id"])
        .select("review_id", "pomp_after")
    )


def _totals(facts: Frame) -> Frame:
    """One row per dimension and value with counts and sums."""
    counted = {
        "n_verified_known": nw.col("verified").count(),
        "n_verified": nw.col("verified").sum(),
        "n_reply_known": nw.col("replied").count(),
        "n_replied": nw.col("replied").sum(),
        "n_reply_hours": nw.col("reply_hours").count(),
        "n_rated": nw.col("pomp").count(),
        "n_pairs": nw.col("change").count(),
    }
    return (
        facts.with_columns(pomp_squares=nw.col("pomp") ** 2, change_squares=nw.col("change") ** 2)
        .group_by("dimension", "value")
        .agg(
            nw.len().cast(nw.Int64).alias("n_reviews"),
            *(count.cast(nw.Int64).alias(name) for name, count in counted.items()),
            nw.col("reply_hours").median().alias("median_reply_hours"),
            *(nw.col(name).sum() for name in ("pomp", "pomp_squares", "pomp_before", "pomp_after")),
            *(nw.col(name).sum() for name in ("change", "change_squares")),
        )
    )


def _published(totals: Frame, as_of: date, min_n: int) -> Frame:
    """Means, shares and intervals in the columns of the contract, null below `min_n`."""
    n_rated, n_pairs = nw.col("n_rated"), nw.col("n_pairs")
    is_rated, is_paired = n_rated >= min_n, n_pairs >= min_n
    is_timed = nw.col("n_reply_hours") >= min_n
    low, high = mean_interval(nw.col("pomp"), nw.col("pomp_squares"), n_rated)
    change_low, change_high = mean_interval(nw.col("change"), nw.col("change_squares"), n_pairs)
    return totals.select(
        nw.lit(as_of).alias("as_of_date"),
        "dimension",
        "value",
        "n_reviews",
        nw.when(is_rated).then(ratio(nw.col("pomp"), n_rated)).alias("mean_pomp"),
        nw.when(is_rated).then(low.clip(0.0, 100.0)).alias("mean_pomp_low"),
        nw.when(is_rated).then(high.clip(0.0, 100.0)).alias("mean_pomp_high"),
        (~is_rated).alias("is_suppressed"),
        *_share("verified", "n_verified_known", min_n),
        *_share("replied", "n_reply_known", min_n),
        "n_reply_hours",
        nw.when(is_timed).then(nw.col("median_reply_hours")).alias("median_reply_hours"),
        (~is_timed).alias("is_reply_hours_suppressed"),
        "n_pairs",
        nw.when(is_paired).then(ratio(nw.col("pomp_before"), n_pairs)).alias("mean_pomp_before_reply"),
        nw.when(is_paired).then(ratio(nw.col("pomp_after"), n_pairs)).alias("mean_pomp_after_reply"),
        nw.when(is_paired).then(ratio(nw.col("change"), n_pairs)).alias("mean_pomp_change"),
        nw.when(is_paired).then(change_low).alias("mean_pomp_change_low"),
        nw.when(is_paired).then(change_high).alias("mean_pomp_change_high"),
        (~is_paired).alias("is_change_suppressed"),
    )


def _share(name: str, known: str, min_n: int) -> list[str | nw.Expr]:
    """Denominator, count, percentage with its Wilson interval, and whether they are suppressed."""
    low, high = wilson_interval(nw.col(f"n_{name}"), nw.col(known))
    is_shown = nw.col(known) >= min_n
    return [
        known,
        f"n_{name}",
        nw.when(is_shown).then(100.0 * nw.col(f"n_{name}") / nw.col(known)).alias(f"pct_{name}"),
        nw.when(is_shown).then(100.0 * low).alias(f"pct_{name}_low"),
        nw.when(is_shown).then(100.0 * high).alias(f"pct_{name}_high"),
        (~is_shown).alias(f"is_{name}_suppressed"),
    ]
