"""What customers write about: the themes of each comment by a lexicon, and what each theme does to the Net Promoter Score.

The lexicon is data (`themes.yaml` and the configuration). Sentiment and negation are not read: who mentions a theme is told
apart by the answer given, not by the words. Stars of a review never make a promoter; they have a mean of their own.
"""

from collections.abc import Mapping
from datetime import date

import narwhals as nw

from pipeline.core.attitude.lexicon import COMBINING_MARKS, MATCHED, UNMATCHED
from pipeline.core.attitude.nps import CLASSES, COUNTS, net_promoter_score, plain_score, with_difference
from pipeline.core.attitude.reviews import ALL
from pipeline.core.attitude.settings import ThemesSettings
from pipeline.core.facts.orders import window_start
from pipeline.core.frames import Frame, computed_once, day_end, day_start, local_date
from pipeline.core.statistics import percent_of_scale

SUBJECT = ("subject_kind", "subject_id")


def find_themes(
    responses: Frame,
    reviews: Frame,
    nps_responses: Frame,
    *,
    as_of: date,
    time_zone: str,
    settings: ThemesSettings,
) -> Frame:
    """One row per comment and theme it mentions, `unmatched` when none (contract CommentThemes).

    Comments: open answers of survey responses, and titles and texts of reviews, of local dates in
    (as_of - window_days, as_of]. `nps_responses` is the table of the same as_of: a comment of a counted response has its
    class; a review has that of the counted response about the same order, transactional before relational, then the
    latest. Time is linear in the length of all comments: every theme is one regular expression.
    """
    comments = computed_once(
        _comments(
            responses, reviews, nps_responses, as_of=as_of, time_zone=time_zone, window_days=settings.window_days
        ).with_columns(text=nw.col("text").str.replace_all(COMBINING_MARKS, ""))
    )
    kept = [name for name in comments.collect_schema().names() if name != "text"]
    mentions = computed_once(
        nw.concat(
            [
                comments.filter(nw.col("text").str.contains(theme.pattern)).select(*kept, theme=nw.lit(name))
                for name, theme in settings.known_themes.items()
            ]
        )
    )
    silent = comments.join(mentions.select(*SUBJECT), on=list(SUBJECT), how="anti")
    return nw.concat([mentions, silent.select(*kept, theme=nw.lit(UNMATCHED))]).select(
        nw.lit(as_of).alias("as_of_date"),
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
    )


def nps_by_theme(comment_themes: Frame, *, as_of: date, settings: ThemesSettings) -> Frame:
    """One row per series and theme mentioned in it (contract NpsThemes), and rows over all, matched and unmatched comments.

    Series: relational and transactional, each with the comments of its responses and the reviews of the same orders, and
    review with every review. A response mentions a theme when one of its comments does, and counts once. `pull` = NPS of
    all responses with a comment - NPS of those that do not mention the theme: by how many points the score would fall, or
    rise, without those who mention it. Reviews have no NPS of their own. Figures of fewer than `settings.min_n` are null.
    """
    mentions = computed_once(_with_totals(comment_themes))
    relevant = ["theme", "response_id", "nps_class", "rating_pomp", "weight"]
    in_series = nw.concat(
        [
            mentions.filter(~nw.col("survey_type").is_null()).select(nw.col("survey_type").alias("series"), *relevant),
            mentions.filter(nw.col("subject_kind") == "review").select(nw.lit("review").alias("series"), *relevant),
        ]
    )
    comments = in_series.group_by("series", "theme").agg(
        nw.len().cast(nw.Int64).alias("n_comments"),
        nw.col("weight").sum().cast(nw.Int64).alias("n_weighted"),
        nw.col("rating_pomp").count().cast(nw.Int64).alias("n_rated"),
        nw.col("rating_pomp").sum().alias("total_pomp"),
    )
    scored = (
        in_series.filter(~nw.col("nps_class").is_null() & (nw.col("series") != "review"))
        .select("series", "theme", "response_id", "nps_class")
        .unique()
        .with_columns(**{f"n_{name}s": (nw.col("nps_class") == name).cast(nw.Int64) for name in CLASSES})
        .group_by("series", "theme")
        .agg(nw.len().cast(nw.Int64).alias("n"), *(nw.col(f"n_{name}s").sum().cast(nw.Int64) for name in CLASSES))
    )
    rows = computed_once(
        comments.join(scored, on=["series", "theme"], how="left").with_columns(nw.col(*COUNTS).fill_null(0))
    )
    total = rows.filter(nw.col("theme") == ALL).select(
        "series", **{f"{count}_total": nw.col(count) for count in ("n_comments", *COUNTS)}
    )
    themes = settings.known_themes
    counted = (
        rows.join(total, on="series", how="left")
        .with_columns(**{f"{count}_without": nw.col(f"{count}_total") - nw.col(count) for count in COUNTS})
        .with_columns(**net_promoter_score(settings.min_n))
    )
    return with_difference(counted, "without", settings.min_n).select(
        nw.lit(as_of).alias("as_of_date"),
        "series",
        "theme",
        _label({name: theme.construct for name, theme in themes.items()}).alias("construct"),
        _label({name: theme.pillar for name, theme in themes.items()}).alias("pillar"),
        "n_comments",
        "n_weighted",
        _percent("n_comments", settings.min_n).alias("pct_of_comments"),
        nw.col("n").alias("n_scored"),
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
        _shown("n_rated", settings.min_n, (nw.col("total_pomp") / nw.col("n_rated")).round(6)).alias(
            "mean_rating_pomp"
        ),
        nw.when(nw.col("series") == "review")
        .then(nw.col("n_rated") < settings.min_n)
        .otherwise(nw.col("n") < settings.min_n)
        .alias("is_suppressed"),
    )


def _comments(
    responses: Frame, reviews: Frame, nps_responses: Frame, *, as_of: date, time_zone: str, window_days: int
) -> Frame:
    """One row per comment in the window, with its text, and the response that scores it."""
    start, end = day_start(window_start(as_of, window_days), time_zone), day_end(as_of, time_zone)
    counted = nps_responses.filter(nw.col("is_counted"))
    answers = responses.filter(
        (nw.col("submitted_at") >= start) & (nw.col("submitted_at") < end) & ~nw.col("comment").is_null()
    ).join(counted.select("response_id", "nps_class"), on="response_id", how="left")
    of_orders = (
        counted.filter(~nw.col("order_id").is_null())
        .with_columns(precedence=(nw.col("survey_type") == "transactional").cast(nw.Int64))
        .unique(subset="order_id", keep="last", order_by=["precedence", "responded_at", "response_id"])
        .select("order_id", "response_id", "survey_type", "nps_class")
    )
    texts = nw.concat_str("title", "body", separator=" ", ignore_nulls=True)
    written = (
        reviews.filter((nw.col("created_at") >= start) & (nw.col("created_at") < end))
        .with_columns(text=texts)
        .filter(nw.col("text").str.len_chars() > 0)
        .join(of_orders, on="order_id", how="left")
    )
    pomp = percent_of_scale(nw.col("rating"), nw.col("rating_min"), nw.col("rating_max"))
    columns = ("customer_id", "order_id", "local_date", "response_id", "survey_type", "nps_class")
    return nw.concat(
        [
            answers.with_columns(local_date=local_date("submitted_at", time_zone)).select(
                *columns,
                nw.lit("survey_response").alias("subject_kind"),
                nw.col("response_id").alias("subject_id"),
                nw.lit(None, nw.Float64).alias("rating_pomp"),
                nw.lit(1, nw.Int64).alias("weight"),
                nw.col("comment").alias("text"),
            ),
            written.with_columns(local_date=local_date("created_at", time_zone)).select(
                *columns,
                nw.lit("review").alias("subject_kind"),
                nw.col("review_id").alias("subject_id"),
                pomp.round(10).alias("rating_pomp"),
                (1 + nw.col("helpful_votes").fill_null(0)).cast(nw.Int64).alias("weight"),
                "text",
            ),
        ]
    )


def _with_totals(mentions: Frame) -> Frame:
    """The mentions, and every comment once as `all`, and once as `matched` when it has a theme."""
    columns = [*SUBJECT, "response_id", "survey_type", "nps_class", "rating_pomp", "weight"]
    rows = mentions.select(*columns, "theme")
    # A theme is there once in a comment: which of a comment's rows stands for it does not matter, as all are equal.
    once = rows.select(*columns, is_matched=nw.col("theme") != UNMATCHED).unique(subset=list(SUBJECT))
    whole = once.select(*columns, nw.lit(ALL).alias("theme"))
    matched = once.filter(nw.col("is_matched")).select(*columns, nw.lit(MATCHED).alias("theme"))
    return nw.concat([rows, whole, matched])


def _pull(min_n: int) -> nw.Expr:
    """NPS of all less NPS of those without the theme; null where either side of it has too few."""
    return _shown("n", min_n, (plain_score("_total", min_n) - plain_score("_without", min_n)).round(10))


def _percent(column: str, min_n: int) -> nw.Expr:
    """100 * column / its total of the series; null where the total is too small."""
    total = nw.col(f"{column}_total")
    return _shown(f"{column}_total", min_n, (100 * nw.col(column).cast(nw.Float64) / total).round(10))


def _shown(n: str, min_n: int, value: nw.Expr) -> nw.Expr:
    return nw.when(nw.col(n) >= min_n).then(value)


def _label(labels: Mapping[str, str | None]) -> nw.Expr:
    """What a theme is labelled with; null where nothing."""
    label = nw.lit(None, nw.String)
    for theme, value in labels.items():
        label = nw.when(nw.col("theme") == theme).then(nw.lit(value, nw.String)).otherwise(label)
    return label
