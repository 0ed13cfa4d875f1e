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
    """One row per counted response and construct of which it answers an item, and as_of date.

    Counted: the latest response of each customer to each survey, and every anonymous one. Not additive: score,
    pct_top2.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    response_id: str = pa.Field(description="The response.")
    construct: str = pa.Field(
        description="Construct of the configuration, or the outcome of its drivers, such as sci_items."
    )
    customer_id: str = pa.Field(nullable=True, description="Who answered; null when anonymous or unknown.")
    n_items: int = pa.Field(ge=1, description="Items of the construct in the survey.")
    n_answered: int = pa.Field(ge=1, description="Of these, items that the response answers.")
    score: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="Mean of the answered items as percent of their scale (POMP); "
        "null with too few answers or withheld.",
    )
    pct_top2: float = pa.Field(
        nullable=True,
        ge=0,
        le=100,
        description="Percent of the answered items in the top two answers of their scale; null where score is.",
    )
    is_withheld: bool = pa.Field(
        description="Whether the construct's alpha over all waves is negative: its scores would mislead."
    )


class ConstructReliability(
    Contract,
    key=("as_of_date", "survey_id", "construct", "wave"),
    is_dated=True,
    published_as="marts.construct_reliability",
    shows_history=True,
):
    """One row per survey, construct of two or more items, and wave, and as_of date.

    Not additive: alpha; n_complete over dates or waves.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    construct: str = pa.Field(
        description="Construct of the configuration, or the outcome of its drivers, such as sci_items."
    )
    wave: str = pa.Field(
        str_matches=r"^(all|\d{4}-Q[1-4])$",
        description="Calendar quarter of the response in the shop's time zone, such as 2026-Q2, or all.",
    )
    n_items: int = pa.Field(ge=2, description="Items of the construct in the survey.")
    n_complete: int = pa.Field(
        ge=1, description="Counted responses that answer all of them; in a quarter the latest of each customer in it."
    )
    alpha: float = pa.Field(
        nullable=True,
        le=1.0000001,
        description="Cronbach's alpha of the complete cases; null when suppressed or when all totals are equal.",
    )
    is_low: bool = pa.Field(
        nullable=True, description="Whether alpha is below the configured bound; null where alpha is."
    )
    is_suppressed: bool = pa.Field(description="Whether n_complete is below the configured minimum.")


class DriverImportance(
    Contract,
    key=("as_of_date", "survey_id", "construct"),
    is_dated=True,
    published_as="marts.driver_importance",
    shows_history=True,
):
    """One row per survey with an outcome, and construct that may drive it, and as_of date.

    Not additive: all but importance and shapley, which add up to r_squared within one date and survey. Everything
    but counts and names is null when suppressed.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    survey_id: str = pa.Field(description="Name of the survey in the configuration.")
    outcome: str = pa.Field(description="What is driven: a construct, a role of items, or sci_items, all three roles.")
    construct: str = pa.Field(description="The construct that may drive the outcome.")
    n_responses: int = pa.Field(ge=0, description="Counted responses with a score for outcome and all constructs used.")
    r_squared: float = pa.Field(
        nullable=True, ge=0, le=1.0000001, description="Share of the outcome's variance that the constructs explain."
    )
    importance: float = pa.Field(
        nullable=True, ge=0, description="Johnson's relative weight: the construct's part of r_squared."
    )
    importance_pct: float = pa.Field(nullable=True, ge=0, description="100 * importance / r_squared.")
    importance_low: float = pa.Field(
        nullable=True, ge=0, description="Lower bound of importance: bootstrap 95%, percentile, never above importance."
    )
    importance_high: float = pa.Field(
        nullable=True, ge=0, description="Upper bound of importance: bootstrap 95%, percentile, never below importance."
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
        description="Why it has no importance of its own: withheld, constant, constant_outcome; "
        "or collinear, shared with others.",
    )
    is_suppressed: bool = pa.Field(description="Whether n_responses is below the configured minimum.")
