"""The contracts of what customers write about, computed per as_of date. How a theme is found belongs to `pipeline.core`."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import LANGUAGES, NPS_CLASSES, SURVEY_TYPES, Contract

SUBJECT_KINDS = ("survey_response", "review")
THEME_SERIES = (*SURVEY_TYPES, "review")


class CommentThemes(
    Contract,
    key=("as_of_date", "subject_kind", "subject_id", "theme"),
    is_dated=True,
    published_as="marts.comment_themes",
):
    """One row per as_of date, comment of the window and theme it mentions; theme unmatched when none.

    A comment is an open answer of a survey or the text of a review. Not additive: counts and weight over themes, as
    a comment can mention many; rating_pomp.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    subject_kind: str = pa.Field(
        isin=SUBJECT_KINDS, description="What the comment is part of: survey_response or review."
    )
    subject_id: str = pa.Field(description="Number of the response or review.")
    theme: str = pa.Field(description="Theme of the lexicon; unmatched where the comment mentions none.")
    customer_id: str = pa.Field(
        nullable=True,
        description="Who wrote it, else who placed the order of a review; null when the source names nobody or someone who is not in the lake.",
    )
    order_id: str = pa.Field(
        nullable=True,
        description="The order it concerns; null when the source names none or one that is not in the lake.",
    )
    local_date: pl.Date = pa.Field(description="The date of the comment in the shop's time zone.")
    response_id: str = pa.Field(
        nullable=True,
        description="The response it belongs to; for a review, the counted response about the same order.",
    )
    survey_type: str = pa.Field(nullable=True, isin=SURVEY_TYPES, description="Survey type of that response.")
    nps_class: str = pa.Field(
        nullable=True, isin=NPS_CLASSES, description="Net Promoter class of that response; null when it does not count."
    )
    rating_pomp: float = pa.Field(
        nullable=True, ge=0, le=100, description="Rating of the review as percent of scale; null for a response."
    )
    weight: int = pa.Field(ge=1, description="1 + the helpful votes of a review; 1 for a response.")
    language: str = pa.Field(
        isin=LANGUAGES, description="Language of the comment; that of the shop where it is too short to tell."
    )
    source: str = pa.Field(description="Name of the configured source.")


class ThemeCoverage(
    Contract,
    key=("as_of_date", "source", "language"),
    is_dated=True,
    published_as="quality.theme_coverage",
    shows_history=True,
):
    """One row per as_of date, source and language with a comment in the window: how many comments mention a theme."""

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    source: str = pa.Field(description="Name of the configured source.")
    language: str = pa.Field(
        isin=LANGUAGES, description="Language of the comments; that of the shop where one is too short to tell."
    )
    n_comments: int = pa.Field(ge=1, description="Comments in the window.")
    n_matched: int = pa.Field(ge=0, description="Of these, comments that mention a theme.")
    pct_matched: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_matched / n_comments; null when suppressed."
    )
    is_suppressed: bool = pa.Field(description="Whether n_comments is below the configured minimum.")


class NpsThemes(Contract, key=("as_of_date", "series", "theme"), is_dated=True, published_as="marts.nps_themes"):
    """One row per as_of date, series and theme mentioned in the trailing window: who mentions it, and what it does to the NPS.

    Three rows are over many themes: all (every comment), matched (with a theme), unmatched (without one). Not
    additive: every figure over themes or series, as a comment can have many themes.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    series: str = pa.Field(
        isin=THEME_SERIES,
        description="relational or transactional: comments of those responses, and reviews of the same orders; review: every review.",
    )
    theme: str = pa.Field(
        description="Theme of the lexicon; all, matched or unmatched: all comments, those with a theme, those without."
    )
    construct: str = pa.Field(nullable=True, description="Which of the eight Cs the theme belongs to.")
    pillar: str = pa.Field(nullable=True, description="The pillar of convenience the theme belongs to.")
    n_comments: int = pa.Field(ge=0, description="Comments that mention the theme.")
    n_anonymous: int = pa.Field(ge=0, description="Of these, comments without a known customer.")
    n_weighted: int = pa.Field(ge=0, description="Comments that mention the theme, each review counted 1 + its votes.")
    pct_of_comments: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="100 * n_comments / all comments of the series; for matched, the lexicon's coverage.",
    )
    n_scored: int = pa.Field(
        ge=0, description="Counted Net Promoter responses with a comment that mentions the theme; 0 in series review."
    )
    n_promoters: int = pa.Field(ge=0, description="Of these, promoters.")
    n_passives: int = pa.Field(ge=0, description="Of these, passives.")
    n_detractors: int = pa.Field(ge=0, description="Of these, detractors.")
    pct_of_promoters: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_promoters / all promoters of the series with a comment."
    )
    pct_of_passives: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_passives / all passives of the series with a comment."
    )
    pct_of_detractors: float = pa.Field(
        nullable=True, ge=0, le=100, description="100 * n_detractors / all detractors of the series with a comment."
    )
    nps: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Net Promoter Score of those who mention the theme."
    )
    nps_low: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Lower bound of the adjusted Wald 95% interval."
    )
    nps_high: float = pa.Field(
        nullable=True, ge=-100, le=100, description="Upper bound of the adjusted Wald 95% interval."
    )
    n_without: int = pa.Field(
        ge=0, description="Counted Net Promoter responses with a comment that does not mention the theme."
    )
    nps_without: float = pa.Field(nullable=True, ge=-100, le=100, description="Net Promoter Score of these others.")
    z_without: float = pa.Field(nullable=True, description="z of the difference between nps and nps_without.")
    p_without: float = pa.Field(
        nullable=True, ge=0, le=1, description="Two-sided p-value of z_without, to six decimals."
    )
    pull: float = pa.Field(
        nullable=True,
        ge=-200,
        le=200,
        description="Points of the overall NPS due to those who mention the theme: NPS of all minus nps_without.",
    )
    n_rated: int = pa.Field(ge=0, description="Reviews that mention the theme and have a rating.")
    mean_rating_pomp: float = pa.Field(
        nullable=True, ge=0, le=100, description="Mean rating of these reviews as percent of scale."
    )
    is_suppressed: bool = pa.Field(
        description="Whether n_scored (n_rated in series review) is below the configured minimum."
    )
