"""What customers write about: the themes of each comment by a lexicon, and what each theme does to the Net Promoter Score.

The lexicon is data (`themes.yaml` and the configuration). Sentiment and negation are not read: who mentions a theme is told
apart by the answer given, not by the words. Stars of a review never make a promoter; they have a mean of their own.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import narwhals as nw
import polars as pl

from pipeline.core.attitude.nps import CLASSES, COUNTS, net_promoter_score, plain_score, with_difference
from pipeline.core.behaviour.orders import window_start
from pipeline.core.frames import Frame, computed_once, day_end, day_start, local_date
from pipeline.core.statistics import percent_of_scale

if TYPE_CHECKING:
    from pipeline.settings import ThemesSettings

Construct = Literal[
    "customisation",
    "contact_interactivity",
    "cultivation",
    "care",
    "community",
    "choice",
    "convenience",
    "character",
]
"""The eight Cs of e-loyalty: Srinivasan, Anderson & Ponnavolu (2002), Journal of Retailing 78, 41-50."""

Pillar = Literal["reliability", "availability", "personal_attention", "situation"]
"""The four pillars of convenience (definitions, section 6)."""

UNMATCHED = "unmatched"
MATCHED = "matched"
ALL = "all"
RESERVED = (ALL, MATCHED, UNMATCHED)
"""Names of the rows over all comments, those with a theme and those without one."""

ACCENTED = {"a": "àáâãäå", "c": "ç", "e": "èéêë", "i": "ìíîï", "n": "ñ", "o": "òóôõö", "u": "ùúûü", "y": "ýÿ"}
COMBINING_MARKS = r"[\x{0300}-\x{036f}]"
"""Accents that stand as characters of their own behind their letter."""

ANY = "*"
# Not \b: it knows the letters of all languages on one backend and those of ASCII on another.
START, END = r"(?:^|[^\p{L}\p{N}])", r"(?:$|[^\p{L}\p{N}])"

SUBJECT = ("subject_kind", "subject_id")


@dataclass(frozen=True)
class Theme:
    """Words of a theme by language, and the construct and the pillar of convenience that it speaks of.

    A word is found as a whole word whatever its case and accents; `*` at its start or end stands for any letters, a space
    for any white space, and `/…/` is a regular expression taken as it is, but for its case.
    """

    # Read by pydantic when the configuration holds a theme: unknown keys are refused.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    words: Mapping[str, list[str]]
    construct: Construct | None = None
    pillar: Pillar | None = None

    @property
    def pattern(self) -> str:
        """The regular expression that finds the theme, the same for the engines of polars and DuckDB."""
        given = [word for words in self.words.values() for word in words]
        # An open end needs no look at what stands there. Few of these large classes of characters keep it quick to compile.
        shapes = {
            (starts_open, ends_open): "|".join(
                _expression(word)
                for word in given
                if (word.startswith(ANY), word.endswith(ANY)) == (starts_open, ends_open)
            )
            for starts_open in (False, True)
            for ends_open in (False, True)
        }
        return "(?i)" + "|".join(
            f"{'' if starts_open else START}(?:{words}){'' if ends_open else END}"
            for (starts_open, ends_open), words in shapes.items()
            if words
        )

    def prove(self, name: str) -> None:
        """Check that the theme can be searched for.

        Raises:
            ValueError: its name is that of a row over several themes, or a word is empty, or not a regular expression.
        """
        if name in RESERVED:
            raise ValueError(f"theme '{name}' bears the name of a row over several themes; take another")
        given = [word for words in self.words.values() for word in words]
        if not given:
            raise ValueError(f"theme '{name}' has no words; give some, or leave it out")
        for word in given:
            if not word.strip("* /"):
                raise ValueError(f"theme '{name}': word '{word}' would be found everywhere; give letters")
            if not _is_regular_expression(word) and ANY in word.strip(ANY):
                raise ValueError(f"theme '{name}': word '{word}' has a * in the middle; give a regular expression")
            try:
                pl.Series([""]).str.contains(_expression(word))
            except pl.exceptions.ComputeError:
                raise ValueError(f"theme '{name}': '{word}' is not a regular expression") from None


def find_themes(
    responses: Frame,
    reviews: Frame,
    nps_responses: Frame,
    *,
    as_of: date,
    time_zone: str,
    settings: "ThemesSettings",
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


def nps_by_theme(comment_themes: Frame, *, as_of: date, settings: "ThemesSettings") -> Frame:
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


def _is_regular_expression(word: str) -> bool:
    return len(word) > 1 and word.startswith("/") and word.endswith("/")


def _expression(word: str) -> str:
    """The regular expression of one word of a theme, without what stands before and behind it."""
    if _is_regular_expression(word):
        return f"(?:{word[1:-1]})"
    plain = unicodedata.normalize("NFKD", word.strip(ANY).lower())
    letters = [char for char in plain if not unicodedata.combining(char)]
    return r"\s+".join("".join(_letter(char) for char in part) for part in "".join(letters).split())


def _letter(char: str) -> str:
    """A letter in all its accents; any other character as itself."""
    return f"[{char}{ACCENTED[char]}]" if char in ACCENTED else re.escape(char)
