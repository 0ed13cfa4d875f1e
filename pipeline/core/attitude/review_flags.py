"""Reviews to doubt: the same text again, and days with far more lowest ratings than usual. Nothing is dropped here or because of it."""

from datetime import date

import narwhals as nw

from pipeline.core.attitude.settings import ExperienceSettings
from pipeline.core.frames import Frame, computed_once, day_number, ratio
from pipeline.core.statistics import poisson_tail

SUBJECTS = ("product", "shop")
"""What can be bombed; a review is held against its product first."""

PRIOR_EVENTS = 0.5
"""Lowest ratings added to those of the window, so that the rate after a spotless window is not 0: the mean of Jeffreys' posterior."""


def review_flags(reviews: Frame, *, as_of: date, settings: ExperienceSettings) -> Frame:
    """One row per flagged review and as_of date (contract ReviewFlags); `reviews` are those of `reviews_as_of`.

    Duplicate: title and body together, lower-case, letters and digits only, of at least `duplicate_min_words` words, are
    the same in several reviews, of different customers or on different orders; the first by time, then by number, is
    flagged too and is the one that the others duplicate. Bombing: a lowest rating on a day with at least
    `bombing_min_reviews` of them about one product, or in the whole shop, where so many have a Poisson probability of at
    most `bombing_max_probability` and are at least `bombing_min_ratio` times the expected number: the subject's rate in
    the `bombing_window_days` before the day, or since its first review, (lowest ratings + 0.5) / days. No day before: no
    usual number, and no bombing. A later review never changes whether an earlier day was bombing.
    """
    flagged = computed_once(reviews)
    duplicates = _duplicates(flagged, settings.duplicate_min_words)
    bombing = _bombing(flagged, settings)
    return (
        flagged.select("review_id", "customer_id", "order_id")
        .join(duplicates, on="review_id", how="left")
        .join(bombing, on="review_id", how="left")
        .filter(~nw.col("n_copies").is_null() | ~nw.col("subject").is_null())
        .select(
            nw.lit(as_of).alias("as_of_date"),
            "review_id",
            "customer_id",
            "order_id",
            (~nw.col("n_copies").is_null()).alias("is_duplicate_text"),
            "n_copies",
            nw.when(nw.col("first_id") != nw.col("review_id")).then(nw.col("first_id")).alias("duplicate_of"),
            (~nw.col("subject").is_null()).alias("is_bombing"),
            nw.col("subject").alias("bombing_subject"),
            nw.col("n_lowest").alias("n_lowest_on_day"),
            nw.col("n_expected").alias("n_lowest_expected"),
        )
    )


def _duplicates(reviews: Frame, min_words: int) -> Frame:
    """One row per review with a text that others have: `review_id`, `n_copies` of the text, `first_id`."""
    whole = nw.concat_str("title", "body", separator=" ", ignore_nulls=True).str.to_lowercase()
    text = whole.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars()
    n_words = text.str.len_chars().cast(nw.Int64) - text.str.replace_all(" ", "").str.len_chars().cast(nw.Int64) + 1
    texts = computed_once(
        reviews.filter(~nw.col("title").is_null() | ~nw.col("body").is_null())
        .select("review_id", "customer_id", "order_id", "created_at", text=text, n_words=n_words)
        .filter((nw.col("n_words") >= min_words) & (nw.col("text") != ""))
    )
    differs = {
        name: (nw.col(f"first_{name}") < nw.col(f"last_{name}")).fill_null(False) for name in ("customer", "order")
    }
    copied = (
        texts.group_by("text")
        .agg(
            nw.len().cast(nw.Int64).alias("n_copies"),
            nw.col("customer_id").min().alias("first_customer"),
            nw.col("customer_id").max().alias("last_customer"),
            nw.col("order_id").min().alias("first_order"),
            nw.col("order_id").max().alias("last_order"),
        )
        .filter(differs["customer"] | differs["order"])
        .select("text", "n_copies")
    )
    copies = texts.join(copied, on="text", how="inner")
    first = copies.unique(subset="text", keep="first", order_by=["created_at", "review_id"])
    return copies.join(first.select("text", nw.col("review_id").alias("first_id")), on="text", how="inner").select(
        "review_id", "n_copies", "first_id"
    )


def _bombing(reviews: Frame, settings: ExperienceSettings) -> Frame:
    """One row per lowest rating on a day of bombing: `review_id`, `subject`, `n_lowest` that day, `n_expected`."""
    rated = reviews.select(
        "review_id",
        day=day_number("local_date"),
        is_lowest=(nw.col("pomp") <= 0).fill_null(False),
        product=nw.col("product_id"),
        shop=nw.lit("all"),
    )
    lowest = rated.filter(nw.col("is_lowest"))
    found = []
    for rank, subject in enumerate(SUBJECTS):
        days = _days_of_bombing(rated.with_columns(name=nw.col(subject)), settings)
        hits = lowest.with_columns(name=nw.col(subject)).join(days, on=["name", "day"], how="inner")
        found.append(hits.select("review_id", "n_lowest", "n_expected", subject=nw.lit(subject), rank=nw.lit(rank)))
    return nw.concat(found).unique(subset="review_id", keep="first", order_by=["rank"])


def _days_of_bombing(rated: Frame, settings: ExperienceSettings) -> Frame:
    """One row per subject (`name`) and day of bombing, with `n_lowest` and `n_expected`."""
    named = rated.filter(~nw.col("name").is_null())
    begun = named.group_by("name").agg(nw.col("day").min().alias("first_day"))
    counts = computed_once(
        named.filter(nw.col("is_lowest")).group_by("name", "day").agg(nw.len().cast(nw.Int64).alias("n_lowest"))
    )
    candidates = counts.filter(nw.col("n_lowest") >= settings.bombing_min_reviews)
    before = nw.col("other_day") >= nw.col("day") - settings.bombing_window_days
    usual = (
        candidates.select("name", "day")
        .join(counts.select("name", other_day=nw.col("day"), other=nw.col("n_lowest")), on="name", how="inner")
        .filter(before & (nw.col("other_day") < nw.col("day")))
        .group_by("name", "day")
        .agg(nw.col("other").sum().cast(nw.Int64).alias("n_before"))
    )
    history = nw.col("day") - nw.col("first_day")
    days = nw.when(history < settings.bombing_window_days).then(history).otherwise(settings.bombing_window_days)
    return (
        candidates.join(usual, on=["name", "day"], how="left")
        .join(begun, on="name", how="inner")
        .filter(history > 0)
        .with_columns(n_expected=ratio(nw.col("n_before").fill_null(0) + PRIOR_EVENTS, days))
        .filter(
            (nw.col("n_lowest") >= settings.bombing_min_ratio * nw.col("n_expected"))
            & (poisson_tail(nw.col("n_lowest"), nw.col("n_expected")) <= settings.bombing_max_probability)
        )
        .select("name", "day", "n_lowest", "n_expected")
    )
