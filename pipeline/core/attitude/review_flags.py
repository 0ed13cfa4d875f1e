"""Reviews to doubt: the same text again, and days with far more lowest ratings than usual. Nothing is dropped here or because of it."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import polars as pl

from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.frames import Frame, add_up, day_number, first_of, ratio
from pipeline.core.statistics import poisson_tail

SUBJECTS = ("product", "shop")
"""What can be bombed; the product comes before the shop."""

PRIOR_EVENTS = 0.5
"""Lowest ratings added to those of the window, so that the rate after a spotless window is not 0: the mean of Jeffreys' posterior."""


class ReviewCounts(NamedTuple):
    """What reviews add up to. `texts`: `n` reviews per `text`, which goes by its hash. `rated`: per `product`, null without one,
    and `day` the `n_lowest` of them that give the lowest rating, which can be none."""

    texts: pl.DataFrame
    rated: pl.DataFrame


KEYS_OF_COUNTS = (["text"], ["product", "day"])
"""Of both frames of ReviewCounts, in their order."""


class Suspicion(NamedTuple):
    """What makes a review suspect, whoever wrote it. `texts`: the hash of each `text` that several reviews may have. `days`: one
    row per `subject`, its `name` and `day` of bombing, with `n_lowest` and `n_expected`."""

    texts: pl.DataFrame
    days: pl.DataFrame


def count_reviews(reviews: Frame, *, settings: ExperienceSettings) -> ReviewCounts:
    """What some reviews written by as_of add up to. Counts of different reviews can be added.

    `reviews` are facts, with the `letters` that `with_themes` tells of title and body together.
    """
    texts = reviews.filter(_is_text(settings)).group_by(text=_hash()).agg(pl.len().cast(pl.Int64).alias("n"))
    rated = reviews.group_by(product="product_id", day=day_number("created_date")).agg(
        _is_lowest().sum().cast(pl.Int64).alias("n_lowest")
    )
    return ReviewCounts(*pl.collect_all([texts, rated], engine="streaming"))


def find_suspicion(counts: Iterable[ReviewCounts], *, settings: ExperienceSettings) -> Suspicion:
    """What is suspect in the reviews of all customers, whose `counts` come in any number of parts."""
    texts, rated = (
        add_up(parts, by=keys) for parts, keys in zip(zip(*counts, strict=True), KEYS_OF_COUNTS, strict=True)
    )
    names = {"product": pl.col("product"), "shop": pl.lit("all")}
    days = [
        _days_of_bombing(rated.lazy().select("day", "n_lowest", name=names[subject]), settings).select(
            pl.lit(subject).alias("subject"), "name", "day", "n_lowest", "n_expected"
        )
        for subject in SUBJECTS
    ]
    return Suspicion(texts.filter(pl.col("n") > 1).select("text"), pl.concat(days).collect())


def find_suspects(reviews: Frame, suspicion: Suspicion, *, settings: ExperienceSettings) -> Frame:
    """One row per suspect review, of those of `reviews_as_of` as `count_reviews` takes them.

    Columns: `review_id`, `customer_id`, `order_id`, `created_at`, `text`, null unless others may have it, and of a lowest
    rating on a day of bombing its `subject`, `n_lowest` that day and `n_expected`.
    """
    is_repeated = _is_text(settings) & _hash().is_in(suspicion.texts["text"].implode())
    return (
        reviews.join(_bombing(reviews, suspicion.days.lazy()), on="review_id", how="left")
        .select(
            *("review_id", "customer_id", "order_id", "created_at", "subject", "n_lowest", "n_expected"),
            text=pl.when(is_repeated).then(pl.col("letters")),
        )
        .filter(pl.any_horizontal(pl.col("text", "subject").is_not_null()))
    )


def review_flags(suspects: Frame, *, as_of: date) -> Frame:
    """One row per flagged review and as_of date (contract ReviewFlags), from `find_suspects` of all reviews.

    All at once: a review is a duplicate of whichever was first, whoever wrote it.

    Duplicate: the same letters, of at least `duplicate_min_words` words, stand in several reviews, of different customers,
    on different orders, or one of nobody on no order; the first by time, then by number, is flagged too and is the one
    that the others duplicate. Bombing: a lowest rating on a day with at least `bombing_min_reviews` of them about one
    product, or in the whole shop, where so many have a Poisson probability of at most `bombing_max_probability` and are
    at least `bombing_min_ratio` times the expected number: the subject's rate in the `bombing_window_days` before the
    day, or since its first review, (lowest ratings + 0.5) / days. Without a day before there is no usual number, and no
    bombing. A later review never changes whether an earlier day was bombing.
    """
    return (
        suspects.join(_duplicates(suspects), on="review_id", how="left")
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


def _is_text(settings: ExperienceSettings) -> pl.Expr:
    """Whether a review has enough words for a text that stands in others to be a copy."""
    letters = pl.col("letters")
    return (letters != "") & (letters.str.count_matches(" ", literal=True) + 1 >= settings.duplicate_min_words)


def _hash() -> pl.Expr:
    """A number for the letters, the same in every process of one program: texts of the same number may still differ."""
    return pl.col("letters").hash()


def _is_lowest() -> pl.Expr:
    return (pl.col("pomp") <= 0).fill_null(False)


def _duplicates(suspects: Frame) -> Frame:
    """One row per review with a text that others have: `review_id`, `n_copies` of the text, `first_id`."""
    texts = suspects.select("review_id", "customer_id", "order_id", "created_at", "text").drop_nulls("text").cache()
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


def _bombing(reviews: Frame, days: Frame) -> Frame:
    """One row per lowest rating on one of the days of bombing: `review_id`, `subject`, `n_lowest` that day, `n_expected`."""
    lowest = reviews.filter(_is_lowest()).select(
        "review_id", day=day_number("created_date"), product=pl.col("product_id"), shop=pl.lit("all")
    )
    found = [
        lowest.join(days.filter(subject=subject), left_on=[subject, "day"], right_on=["name", "day"]).select(
            "review_id", "n_lowest", "n_expected", "subject", rank=pl.lit(rank)
        )
        for rank, subject in enumerate(SUBJECTS)
    ]
    return pl.concat(found).pipe(first_of, "review_id", order=["rank"]).drop("rank")


def _days_of_bombing(rated: Frame, settings: ExperienceSettings) -> Frame:
    """One row per `name` and day of bombing, with `n_lowest` and `n_expected`, from the `n_lowest` of every name and day."""
    named = rated.filter(~pl.col("name").is_null()).group_by("name", "day").agg(pl.col("n_lowest").sum()).cache()
    begun = named.group_by("name").agg(pl.col("day").min().alias("first_day"))
    counts = named.filter(pl.col("n_lowest") > 0)
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
