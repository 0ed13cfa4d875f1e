"""Reviews to doubt: the same text again, and days with far more lowest ratings than usual. Nothing is dropped here or because of it."""

from datetime import date

import polars as pl

from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.frames import Frame, day_number, first_of, ratio
from pipeline.core.statistics import poisson_tail

SUBJECTS = ("product", "shop")
"""What can be bombed; the product comes before the shop."""

PRIOR_EVENTS = 0.5
"""Lowest ratings added to those of the window, so that the rate after a spotless window is not 0: the mean of Jeffreys' posterior."""


def review_flags(reviews: Frame, *, as_of: date, settings: ExperienceSettings) -> Frame:
    """One row per flagged review and as_of date (contract ReviewFlags).

    `reviews` are those of `reviews_as_of`, with the `letters` that `with_themes` tells of title and body together.

    Duplicate: the same letters, of at least `duplicate_min_words` words, stand in several reviews, of different customers,
    on different orders, or one of nobody on no order; the first by time, then by number, is flagged too and is the one
    that the others duplicate. Bombing: a lowest rating on a day with at least `bombing_min_reviews` of them about one
    product, or in the whole shop, where so many have a Poisson probability of at most `bombing_max_probability` and are
    at least `bombing_min_ratio` times the expected number: the subject's rate in the `bombing_window_days` before the
    day, or since its first review, (lowest ratings + 0.5) / days. Without a day before there is no usual number, and no
    bombing. A later review never changes whether an earlier day was bombing.
    """
    flagged = reviews.cache()
    duplicates = _duplicates(flagged, settings.duplicate_min_words)
    bombing = _bombing(flagged, settings)
    return (
        flagged.select("review_id", "customer_id", "order_id")
        .join(duplicates, on="review_id", how="left")
        .join(bombing, on="review_id", how="left")
        .filter(~pl.col("n_copies").is_null() | ~pl.col("subject").is_null())
        .select(
            pl.lit(as_of).alias("as_of_date"),
            "review_id",
            "customer_id",
            "order_id",
            (~pl.col("n_copies").is_null()).alias("is_duplicate_text"),
            "n_copies",
            pl.when(pl.col("first_id") != pl.col("review_id")).then(pl.col("first_id")).alias("duplicate_of"),
            (~pl.col("subject").is_null()).alias("is_bombing"),
            pl.col("subject").alias("bombing_subject"),
            pl.col("n_lowest").alias("n_lowest_on_day"),
            pl.col("n_expected").alias("n_lowest_expected"),
        )
    )


def _duplicates(reviews: Frame, min_words: int) -> Frame:
    """One row per review with a text that others have: `review_id`, `n_copies` of the text, `first_id`."""
    n_words = pl.col("text").str.count_matches(" ", literal=True) + 1
    texts = (
        reviews.select("review_id", "customer_id", "order_id", "created_at", text="letters")
        .filter(pl.col("text") != "", n_words >= min_words)
        .cache()
    )
    differs = {
        name: (pl.col(f"first_{name}") < pl.col(f"last_{name}")).fill_null(False) for name in ("customer", "order")
    }
    copied = (
        texts.group_by("text")
        .agg(
            pl.len().cast(pl.Int64).alias("n_copies"),
            pl.col("customer_id").min().alias("first_customer"),
            pl.col("customer_id").max().alias("last_customer"),
            pl.col("order_id").min().alias("first_order"),
            pl.col("order_id").max().alias("last_order"),
            (pl.col("customer_id").is_null() & pl.col("order_id").is_null()).any().alias("is_of_nobody"),
        )
        .filter(differs["customer"] | differs["order"] | (pl.col("is_of_nobody") & (pl.col("n_copies") > 1)))
        .select("text", "n_copies")
    )
    copies = texts.join(copied, on="text", how="inner")
    first = copies.pipe(first_of, "text", order=["created_at", "review_id"])
    return copies.join(first.select("text", pl.col("review_id").alias("first_id")), on="text", how="inner").select(
        "review_id", "n_copies", "first_id"
    )


def _bombing(reviews: Frame, settings: ExperienceSettings) -> Frame:
    """One row per lowest rating on a day of bombing: `review_id`, `subject`, `n_lowest` that day, `n_expected`."""
    rated = reviews.select(
        "review_id",
        day=day_number("created_date"),
        is_lowest=(pl.col("pomp") <= 0).fill_null(False),
        product=pl.col("product_id"),
        shop=pl.lit("all"),
    )
    lowest = rated.filter(pl.col("is_lowest"))
    found = []
    for rank, subject in enumerate(SUBJECTS):
        days = _days_of_bombing(rated.with_columns(name=pl.col(subject)), settings)
        hits = lowest.with_columns(name=pl.col(subject)).join(days, on=["name", "day"], how="inner")
        found.append(hits.select("review_id", "n_lowest", "n_expected", subject=pl.lit(subject), rank=pl.lit(rank)))
    return pl.concat(found).pipe(first_of, "review_id", order=["rank"])


def _days_of_bombing(rated: Frame, settings: ExperienceSettings) -> Frame:
    """One row per subject (`name`) and day of bombing, with `n_lowest` and `n_expected`."""
    named = rated.filter(~pl.col("name").is_null())
    begun = named.group_by("name").agg(pl.col("day").min().alias("first_day"))
    counts = (
        named.filter(pl.col("is_lowest")).group_by("name", "day").agg(pl.len().cast(pl.Int64).alias("n_lowest")).cache()
    )
    candidates = counts.filter(pl.col("n_lowest") >= settings.bombing_min_reviews)
    before = pl.col("other_day") >= pl.col("day") - settings.bombing_window_days
    usual = (
        candidates.select("name", "day")
        .join(counts.select("name", other_day=pl.col("day"), other=pl.col("n_lowest")), on="name", how="inner")
        .filter(before & (pl.col("other_day") < pl.col("day")))
        .group_by("name", "day")
        .agg(pl.col("other").sum().cast(pl.Int64).alias("n_before"))
    )
    history = pl.col("day") - pl.col("first_day")
    days = pl.when(history < settings.bombing_window_days).then(history).otherwise(settings.bombing_window_days)
    return (
        candidates.join(usual, on=["name", "day"], how="left")
        .join(begun, on="name", how="inner")
        .filter(history > 0)
        .with_columns(n_expected=ratio(pl.col("n_before").fill_null(0) + PRIOR_EVENTS, days))
        .filter(
            (pl.col("n_lowest") >= settings.bombing_min_ratio * pl.col("n_expected"))
            & (poisson_tail(pl.col("n_lowest"), pl.col("n_expected")) <= settings.bombing_max_probability)
        )
        .select("name", "day", "n_lowest", "n_expected")
    )
