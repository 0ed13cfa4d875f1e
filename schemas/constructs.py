"""The contracts of the tables on constructs and their drivers, computed per as_of date. No formula belongs here."""

import pandera.polars as pa
import polars as pl

from schemas.segments import AS_OF
from schemas.types import Contract

QUADRANTS = ("keep_up", "concentrate_here", "possible_overkill", "low_priority")
DRIVER_REASONS = ("withheld", "constant", "constant_outcome", "collinear")


class ConstructScores(
    Contract, key=("as_of_date", "response_id", "construct"), is_dated=True, published_as="marts.construct_scores"
):
    """One row per as_of date, counted response and construct, where the response answers at least one item of it.

    Counted: each customer's latest response to each survey, and every anonymous one. Not additive: score, pct_top2.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    response_id: str = pa.Field(description="The response.")
    construct: str = pa.Field(
        description="A construct of the configuration, or the outcome of the survey's drivers, such as sci_items."
    )
    customer_id: str = pa.Field(nullable=True, description="Who answered; null when anonymous.")
    n_items: int = pa.Field(ge=1, description="Items of the construct in the survey.")
    n_answered: int = pa.Field(ge=1, description="Of these, items answered in the response.")
    score: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="Mean of the answered items as percent of their scale (POMP); "
        "null with too few answers or when withheld.",
    )
    pct_top2: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="Percent of the answered items in the top two answers of their scale; null when score is null.",
    )
    is_withheld: bool = pa.Field(
        description="Whether the construct's alpha over all waves is negative, so that its scores would mislead."
    )


class ConstructReliability(
    Contract,
    key=("as_of_date", "survey_id", "construct", "wave"),
    is_dated=True,
    published_as="marts.construct_reliability",
    shows_history=True,
):
    """One row per as_of date, survey, construct of two or more items, and wave.

    Not additive: alpha; counts over dates, waves or constructs, as a response answers items of several.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    construct: str = pa.Field(
        description="A construct of the configuration, or the outcome of the survey's drivers, such as sci_items."
    )
    wave: str = pa.Field(
        str_matches=r"^(all|\d{4}-Q[1-4])$",
        description="Calendar quarter of the response in the shop's time zone, such as 2026-Q2, or all.",
    )
    n_items: int = pa.Field(ge=2, description="Items of the construct in the survey.")
    n_complete: int = pa.Field(
        ge=1, description="Counted responses that answer all of them; per quarter each customer's latest."
    )
    n_anonymous: int = pa.Field(ge=0, description="Of these, responses without a customer.")
    alpha: float = pa.Field(
        nullable=True,
        le=1.0000001,
        description="Cronbach's alpha of the complete cases; null when suppressed or when all totals are equal.",
    )
    is_low: bool = pa.Field(
        nullable=True, description="Whether alpha is below the configured bound; null when alpha is null."
    )
    is_suppressed: bool = pa.Field(description="Whether n_complete is below the configured minimum.")


class DriverImportance(
    Contract,
    key=("as_of_date", "survey_id", "construct"),
    is_dated=True,
    published_as="marts.driver_importance",
    shows_history=True,
):
    """One row per as_of date, survey with an outcome, and construct that may drive it.

    Not additive: everything except importance and shapley, which add up to r_squared within one date and survey.
    Everything except counts and names is null when suppressed.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    outcome: str = pa.Field(description="What is driven: a construct, a role of items, or sci_items (all three roles).")
    construct: str = pa.Field(description="The construct that may drive the outcome.")
    n_responses: int = pa.Field(
        ge=0, description="Counted responses with a score for the outcome and for every construct used."
    )
    r_squared: float = pa.Field(
        nullable=True, ge=0, le=1.0000001, description="Share of the outcome's variance that the constructs explain."
    )
    importance: float = pa.Field(
        nullable=True, ge=0, description="Johnson's relative weight: the construct's part of r_squared."
    )
    importance_pct: float = pa.Field(nullable=True, ge=0, description="100 * importance / r_squared.")
    importance_low: float = pa.Field(
        nullable=True, ge=0, description="Lower bound of the bootstrap 95% percentile interval; never above importance."
    )
    importance_high: float = pa.Field(
        nullable=True, ge=0, description="Upper bound of the bootstrap 95% percentile interval; never below importance."
    )
    shapley: float = pa.Field(
        nullable=True, description="Cross-check: the construct's Shapley part of r_squared over all subsets."
    )
    performance: float = pa.Field(
        nullable=True, ge=0, le=100, description="Mean score of the construct (POMP) over n_responses."
    )
    quadrant: str = pa.Field(
        nullable=True,
        isin=QUADRANTS,
        description="Importance against performance, split at their means: "
        "keep_up, concentrate_here, possible_overkill or low_priority.",
    )
    reason: str = pa.Field(
        nullable=True,
        isin=DRIVER_REASONS,
        description="Why the construct has no importance of its own: withheld, constant, constant_outcome, "
        "or collinear (it shares one).",
    )
    is_suppressed: bool = pa.Field(description="Whether n_responses is below the configured minimum.")
