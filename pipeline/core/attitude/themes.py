"""What customers write about: the comments of a window with their themes, how many have one, and what each theme does to the
Net Promoter Score.

Which themes a text mentions belongs to `comments`. Sentiment is not read: who mentions a theme is told apart by the answer
given, not by the words. Stars of a review never make a promoter; they have a mean of their own.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import polars as pl

from pipeline.core.attitude.dimensions import ALL
from pipeline.core.attitude.lexicon import MATCHED, UNMATCHED
from pipeline.core.attitude.nps import CLASSES, COUNTS, net_promoter_score, plain_score, with_difference
from pipeline.core.attitude.settings import ThemesSettings
from pipeline.core.facts.orders import window_start
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.core.frames import Frame, add_up, last_of

SUBJECT = ("subject_kind", "subject_id")

KEY_OF_COVERAGE = ("source", "language")
KEY_OF_THEMES = ("series", "theme")


class ThemeCounts(NamedTuple):
    """What comments add up to."""

    coverage: pl.DataFrame
    """One row per source and language: `n_comments`, and of these `n_matched`, which mention a theme."""
    comments: pl.DataFrame
    """One row per series and theme: `n_comments` that mention it, of these `n_anonymous` of nobody and `n_rated` reviews with a
    rating, `n_weighted`, their votes, and `total_pomp`, their ratings."""
    responses: pl.DataFrame
    """One row per series and theme: COUNTS of the responses that mention it, without those of `shared`."""
    shared: pl.DataFrame
    """One row per series, theme and response that other customers' reviews can mention it for, too, with its `nps_class`."""


def find_themes(
    responses: Frame,
    reviews: Frame,
    nps_responses: Frame,
    customers: Frame,
    orders: Frame,
    *,
    as_of: date,
    settings: ThemesSettings,
) -> Frame:
    """One row per comment and theme it mentions, `unmatched` when none (contract CommentThemes).

    Comments: open answers of survey responses, and titles and texts of reviews, of local dates in
    (as_of - window_days, as_of]. `responses` and `reviews` are facts, with what `with_themes` tells of their texts.
    `nps_responses` is the table of the same as_of: a comment of a counted response has its class; a review has that of the
    counted response about the same order, transactional before relational, then the latest. As in the tables of responses
    and reviews, who is none of the known `customers` is nobody, an order that is none of `orders`, of `orders_as_of`, is
    none, and a review that names an order alone is the buyer's.

    Of some customers alone `orders` and `nps_responses` also need those of `orders_of_others`, whoever they belong to.
    """
    written = reviews_as_of(reviews, orders, as_of=as_of)
    comments = _comments(responses, written, orders, nps_responses, as_of=as_of, window_days=settings.window_days)
    is_matched = pl.col("themes").list.len() > 0
    known = customers.select("customer_id", known_id="customer_id")
    return (
        comments.join(known, on="customer_id", how="left")
        .with_columns(customer_id=pl.col("known_id"))
        .with_columns(theme=pl.when(is_matched).then(pl.col("themes")).otherwise([UNMATCHED]))
        .explode("theme")
        .select(
            pl.lit(as_of).alias("as_of_date"),
            *SUBJECT,
            "theme",
            "customer_id",
            "order_id",
            "local_date",
            "response_id",
            "survey_type",
            "nps_class",
            "rating_pomp",
            "weight",
            "language",
            "source",
        )
    )


def orders_of_others(responses: Frame, reviews: Frame, orders: Frame, *, as_of: date) -> Frame:
    """The orders that somebody writes about, or answers about, who has not placed them: `order_id`, each once.

    `responses`, `reviews` and `orders` are facts of the same customers. An order that is nowhere is among them, as it may be
    another customer's. Of all other orders every comment and answer is the buyer's, or of nobody.
    """
    speaks = pl.col("themes").is_not_null()
    answering = responses.filter(pl.col("submitted_date") <= as_of, speaks | pl.col("nps_score").is_not_null())
    writing = reviews.filter(pl.col("created_date") <= as_of, speaks)
    pair = ["order_id", "customer_id"]
    named = pl.concat([answering.select(pair), writing.select(pair)]).drop_nulls().unique()
    # A join holds its right side in memory.
    placed = orders.select(pair).join(named, on="order_id", how="semi")
    return named.join(placed, on=pair, how="anti").select("order_id").unique()


def count_themes(comment_themes: Frame, shared: Frame | None = None) -> ThemeCounts:
    """What the comments of `find_themes` add up to. Counts of different customers can be added, by `add_themes`.

    `shared` has the `response_id` of responses that can score reviews of customers counted elsewhere, too; null where none can.
    """
    mentions = _in_series(_with_totals(comment_themes))
    scored = (
        mentions.filter(~pl.col("nps_class").is_null() & (pl.col("series") != "review"))
        .select("series", "theme", "response_id", "nps_class")
        .unique()
    )
    own, others = scored, scored.clear()
    if shared is not None:
        own = scored.join(shared, on="response_id", how="anti")
        others = scored.join(shared, on="response_id", how="semi")
    counted = [_count_matched(comment_themes), _count_comments(mentions), _count_scored(own), others]
    found = pl.collect_all(counted, engine="streaming")
    return ThemeCounts(*found)


def add_themes(parts: Iterable[ThemeCounts]) -> ThemeCounts:
    """The counts of all parts, with every response counted once."""
    coverage, comments, responses, shared = zip(*parts, strict=True)
    once = pl.concat(shared).unique()
    return ThemeCounts(
        coverage=add_up(coverage, by=KEY_OF_COVERAGE),
        comments=add_up(comments, by=KEY_OF_THEMES),
        responses=add_up([*responses, _count_scored(once.lazy()).collect()], by=KEY_OF_THEMES),
        shared=once.clear(),
    )


def theme_coverage(counts: ThemeCounts, *, as_of: date, settings: ThemesSettings) -> Frame:
    """One row per source and language with a comment (contract ThemeCoverage): how many of its comments mention a theme.

    `counts` are those of all customers, of `add_themes`. The share is null below `settings.min_n` comments.
    """
    n = pl.col("n_comments")
    is_shown = n >= settings.min_n
    return counts.coverage.lazy().select(
        pl.lit(as_of).alias("as_of_date"),
        "source",
        "language",
        "n_comments",
        "n_matched",
        pl.when(is_shown).then((100.0 * pl.col("n_matched") / n).round(10)).alias("pct_matched"),
        (~is_shown).alias("is_suppressed"),
    )


def nps_by_theme(counts: ThemeCounts, *, as_of: date, settings: ThemesSettings) -> Frame:
    """One row per series and theme mentioned in it (contract NpsThemes), and rows over all, matched and unmatched comments.

    `counts` are those of all customers, of `add_themes`. Series: relational and transactional, each with the comments of its
    responses and the reviews of the same orders, and review with every review. A response mentions a theme when one of its
    comments does, and counts once. `pull` = NPS of all responses with a comment - NPS of those that do not mention the theme:
    by how many points the score would fall, or rise, without those who mention it. Reviews have no NPS of their own. Figures
    of fewer than `settings.min_n` are null.
    """
    rows = (
        counts.comments.lazy()
        .join(counts.responses.lazy(), on=KEY_OF_THEMES, how="left")
        .with_columns(pl.col(*COUNTS).fill_null(0))
        .cache()
    )
    total = rows.filter(pl.col("theme") == ALL).select(
        "series", **{f"{count}_total": pl.col(count) for count in ("n_comments", *COUNTS)}
    )
    themes = settings.known_themes
    counted = (
        rows.join(total, on="series", how="left")
        .with_columns(**{f"{count}_without": pl.col(f"{count}_total") - pl.col(count) for count in COUNTS})
        .with_columns(**net_promoter_score(settings.min_n))
    )
    return with_difference(counted, "without", settings.min_n).select(
        pl.lit(as_of).alias("as_of_date"),
        "series",
        "theme",
        _label({name: theme.construct for name, theme in themes.items()}).alias("construct"),
        _label({name: theme.pillar for name, theme in themes.items()}).alias("pillar"),
        "n_comments",
        "n_anonymous",
        "n_weighted",
        _percent("n_comments", settings.min_n).alias("pct_of_comments"),
        pl.col("n").alias("n_scored"),
        *(f"n_{name}s" for name in CLASSES[::-1]),
        *(_percent(f"n_{name}s", settings.min_n).alias(f"pct_of_{name}s") for name in CLASSES[::-1]),
        "nps",
        "nps_low",
        "nps_high",
        "n_without",
        "nps_without",
        "z_without",
        "p_without",
        _pull(settings.min_n).alias("pull"),
        "n_rated",
        _shown("n_rated", settings.min_n, (pl.col("total_pomp") / pl.col("n_rated")).round(6)).alias(
            "mean_rating_pomp"
        ),
        pl.when(pl.col("series") == "review")
        .then(pl.col("n_rated") < settings.min_n)
        .otherwise(pl.col("n") < settings.min_n)
        .alias("is_suppressed"),
    )


def _in_series(mentions: Frame) -> Frame:
    """The mentions of each series: `series`, and what is counted of them."""
    relevant = ["theme", "customer_id", "response_id", "nps_class", "rating_pomp", "weight"]
    return pl.concat(
        [
            mentions.filter(~pl.col("survey_type").is_null()).select(pl.col("survey_type").alias("series"), *relevant),
            mentions.filter(pl.col("subject_kind") == "review").select(pl.lit("review").alias("series"), *relevant),
        ]
    )


def _count_matched(comment_themes: Frame) -> Frame:
    return (
        comment_themes.select(*SUBJECT, "source", "language", is_matched=pl.col("theme") != UNMATCHED)
        .unique(subset=list(SUBJECT))
        .group_by(KEY_OF_COVERAGE)
        .agg(
            pl.len().cast(pl.Int64).alias("n_comments"),
            pl.col("is_matched").sum().cast(pl.Int64).alias("n_matched"),
        )
    )


def _count_comments(mentions: Frame) -> Frame:
    return mentions.group_by(KEY_OF_THEMES).agg(
        pl.len().cast(pl.Int64).alias("n_comments"),
        pl.col("customer_id").null_count().cast(pl.Int64).alias("n_anonymous"),
        pl.col("weight").sum().cast(pl.Int64).alias("n_weighted"),
        pl.col("rating_pomp").count().cast(pl.Int64).alias("n_rated"),
        pl.col("rating_pomp").sum().alias("total_pomp"),
    )


def _count_scored(responses: Frame) -> Frame:
    return (
        responses.with_columns(**{f"n_{name}s": (pl.col("nps_class") == name).cast(pl.Int64) for name in CLASSES})
        .group_by(KEY_OF_THEMES)
        .agg(pl.len().cast(pl.Int64).alias("n"), *(pl.col(f"n_{name}s").sum().cast(pl.Int64) for name in CLASSES))
    )


def _comments(
    responses: Frame, reviews: Frame, orders: Frame, nps_responses: Frame, *, as_of: date, window_days: int
) -> Frame:
    """One row per comment in the window, with its language and themes, and the response that scores it."""
    start = window_start(as_of, window_days)
    counted = nps_responses.filter(pl.col("is_counted"))
    said = responses.filter(pl.col("submitted_date").is_between(start, as_of), pl.col("themes").is_not_null())
    # A join holds its right side in memory: only the orders that are asked about.
    asked = orders.join(said.select("order_id"), on="order_id", how="semi").select("order_id", known_id="order_id")
    answers = (
        said.join(asked, on="order_id", how="left")
        .with_columns(order_id=pl.col("known_id"))
        .join(counted.select("response_id", "nps_class"), on="response_id", how="left")
    )
    of_orders = (
        counted.filter(~pl.col("order_id").is_null())
        .with_columns(precedence=(pl.col("survey_type") == "transactional").cast(pl.Int64))
        .pipe(last_of, "order_id", order=["precedence", "responded_at", "response_id"])
        .select("order_id", "response_id", "survey_type", "nps_class")
    )
    written = reviews.filter(pl.col("created_date").is_between(start, as_of), pl.col("themes").is_not_null()).join(
        of_orders, on="order_id", how="left"
    )
    columns = ("customer_id", "order_id", "local_date", "response_id", "survey_type", "nps_class", "source")
    read = ("language", "themes")
    return pl.concat(
        [
            answers.with_columns(local_date="submitted_date").select(
                *columns,
                pl.lit("survey_response").alias("subject_kind"),
                pl.col("response_id").alias("subject_id"),
                pl.lit(None, pl.Float64).alias("rating_pomp"),
                pl.lit(1, pl.Int64).alias("weight"),
                *read,
            ),
            written.with_columns(local_date="created_date").select(
                *columns,
                pl.lit("review").alias("subject_kind"),
                pl.col("review_id").alias("subject_id"),
                pl.col("pomp").alias("rating_pomp"),
                (1 + pl.col("helpful_votes").fill_null(0)).cast(pl.Int64).alias("weight"),
                *read,
            ),
        ]
    )


def _with_totals(mentions: Frame) -> Frame:
    """The mentions, and every comment once as `all`, and once as `matched` when it has a theme."""
    columns = [*SUBJECT, "customer_id", "response_id", "survey_type", "nps_class", "rating_pomp", "weight"]
    rows = mentions.select(*columns, "theme")
    # A theme is there once in a comment: which of a comment's rows stands for it does not matter, as all are equal.
    once = rows.select(*columns, is_matched=pl.col("theme") != UNMATCHED).unique(subset=list(SUBJECT))
    whole = once.select(*columns, pl.lit(ALL).alias("theme"))
    matched = once.filter(pl.col("is_matched")).select(*columns, pl.lit(MATCHED).alias("theme"))
    return pl.concat([rows, whole, matched])


def _pull(min_n: int) -> pl.Expr:
    """NPS of all less NPS of those without the theme; null where either side of it has too few."""
    return _shown("n", min_n, (plain_score("_total", min_n) - plain_score("_without", min_n)).round(10))


def _percent(column: str, min_n: int) -> pl.Expr:
    """100 * column / its total of the series; null where the total is too small."""
    total = pl.col(f"{column}_total")
    return _shown(f"{column}_total", min_n, (100 * pl.col(column).cast(pl.Float64) / total).round(10))


def _shown(n: str, min_n: int, value: pl.Expr) -> pl.Expr:
    return pl.when(pl.col(n) >= min_n).then(value)


def _label(labels: Mapping[str, str | None]) -> pl.Expr:
    """What a theme is labelled with; null where nothing."""
    label = pl.lit(None, pl.String)
    for theme, value in labels.items():
        label = pl.when(pl.col("theme") == theme).then(pl.lit(value, pl.String)).otherwise(label)
    return label
