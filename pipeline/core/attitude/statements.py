"""What customers said in ratings and surveys, in one shape. What it is compared with belongs to `promise`."""

from datetime import date

import polars as pl

from pipeline.core.attitude.nps import PASSIVE_FROM, PROMOTER_FROM
from pipeline.core.attitude.sci import SECURE_BOX
from pipeline.core.facts.responses import without_strangers
from pipeline.core.frames import Frame
from schemas.types import SURVEY_TYPES

MEASURES = ("pomp", *(f"nps_{survey_type}" for survey_type in SURVEY_TYPES), "secure")
"""What a statement can tell: `pomp`, the rating as percent of its scale; `nps_…`, 1, 0 or -1 for promoter, passive and
detractor, relational and transactional answers never mixed (definitions, section 3); `secure`, 1 for class secure of the SCI
and 0 for another class."""


def statements_as_of(reviews: Frame, responses: Frame, customers: Frame, *, as_of: date) -> Frame:
    """One row per review and survey response by as_of (local date) that tells any of MEASURES, null where it does not.

    `reviews` are those of `reviews_as_of`, `responses` are facts, `customers` those known at as_of: a review counts whoever
    wrote it, a response that names a stranger does not. Other columns: `statement_id`, `customer_id`, the `order_id` that it
    names, `said_at` and `said_date`.
    """
    return pl.concat([_ratings(reviews), _survey_statements(responses, customers, as_of)])


def _ratings(reviews: Frame) -> Frame:
    told = {name: pl.lit(None, pl.Float64) for name in MEASURES} | {"pomp": pl.col("pomp")}
    return reviews.filter(pl.col("pomp").is_not_null()).select(
        "customer_id", "order_id", statement_id="review_id", said_at="created_at", said_date="created_date", **told
    )


def _survey_statements(responses: Frame, customers: Frame, as_of: date) -> Frame:
    score, box = pl.col("nps_score"), pl.col("sci_box")
    balance = (score >= PROMOTER_FROM).cast(pl.Float64) - (score < PASSIVE_FROM).cast(pl.Float64)
    told = {"pomp": pl.lit(None, pl.Float64), "secure": (box == SECURE_BOX).cast(pl.Float64)} | {
        f"nps_{survey_type}": pl.when(pl.col("survey_type") == survey_type).then(balance)
        for survey_type in SURVEY_TYPES
    }
    sent = responses.filter(pl.col("submitted_date") <= as_of, score.is_not_null() | box.is_not_null())
    return without_strangers(sent, customers).select(
        *("customer_id", "order_id"),
        statement_id="response_id",
        said_at="submitted_at",
        said_date="submitted_date",
        **{name: told[name] for name in MEASURES},
    )
