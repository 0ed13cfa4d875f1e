"""What customers said, in ratings and in surveys, in one shape, whoever or whatever it is about. What it is held against
belongs to `promise`.
"""

from datetime import date

import polars as pl

from pipeline.core.attitude.nps import PASSIVE_FROM, PROMOTER_FROM
from pipeline.core.attitude.sci import SECURE_BOX, boxes_per_response
from pipeline.core.attitude.settings import SciSettings
from pipeline.core.frames import Frame
from schemas.types import ITEM_ROLES, SURVEY_TYPES

MEASURES = ("pomp", *(f"nps_{survey_type}" for survey_type in SURVEY_TYPES), "secure")
"""What a statement can tell: `pomp`, the rating as percent of its scale; `nps_…`, 1, 0 or -1 for promoter, passive and
detractor, relational and transactional answers never mixed (definitions, section 3); `secure`, 1 for class secure of the SCI
and 0 for another class."""


def statements_as_of(reviews: Frame, responses: Frame, answers: Frame, *, as_of: date, sci: SciSettings) -> Frame:
    """One row per review and survey response by as_of (local date) that tells any of MEASURES, null where it does not.

    `reviews` are those of `reviews_as_of`. Beside the measures `statement_id`, `customer_id`, `order_id` that it names,
    `said_at` and `said_date`.
    """
    return pl.concat([_ratings(reviews), _survey_statements(responses, answers, as_of, sci)])


def _ratings(reviews: Frame) -> Frame:
    told = {name: pl.lit(None, pl.Float64) for name in MEASURES} | {"pomp": pl.col("pomp")}
    return reviews.filter(pl.col("pomp").is_not_null()).select(
        "customer_id", "order_id", statement_id="review_id", said_at="created_at", said_date="created_date", **told
    )


def _survey_statements(responses: Frame, answers: Frame, as_of: date, sci: SciSettings) -> Frame:
    given, balance = pl.col("value"), pl.col("balance")
    # A survey that asks the question twice counts by the first item in the order of names.
    scores = answers.filter("is_nps").group_by("response_id").agg(given.min_by("item_id"))
    scores = scores.select(
        "response_id", balance=(given >= PROMOTER_FROM).cast(pl.Float64) - (given < PASSIVE_FROM).cast(pl.Float64)
    )
    boxes = boxes_per_response(answers.filter(pl.col("role").is_in(ITEM_ROLES)), sci)
    secure = (pl.col("sci_box") == SECURE_BOX).cast(pl.Float64)
    told = {"pomp": pl.lit(None, pl.Float64), "secure": pl.col("secure")} | {
        f"nps_{survey_type}": pl.when(pl.col("survey_type") == survey_type).then(balance)
        for survey_type in SURVEY_TYPES
    }
    return (
        responses.filter(pl.col("submitted_date") <= as_of)
        .join(scores, on="response_id", how="left")
        .join(boxes.select("response_id", secure=secure), on="response_id", how="left")
        .filter(balance.is_not_null() | pl.col("secure").is_not_null())
        .select(
            *("customer_id", "order_id"),
            statement_id="response_id",
            said_at="submitted_at",
            said_date="submitted_date",
            **{name: told[name] for name in MEASURES},
        )
    )
