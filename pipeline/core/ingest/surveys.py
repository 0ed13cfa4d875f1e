"""Survey answers, from one wide row per response to one row per answer. Scores made of answers do not belong here."""

import polars as pl

from pipeline.core.attitude.survey_settings import SurveySettings

KEPT = ("response_id", "updated_at", "_file", "_row")


def answers_from_responses(responses: pl.DataFrame, survey_id: str, survey: SurveySettings) -> pl.DataFrame:
    """One row per item that a response answers, as text: an empty cell or a missing code is no answer.

    `responses` has one column per item of the survey. What the configuration says of the item goes along with each answer.
    """
    items = pl.DataFrame(
        {
            "item_id": list(survey.items),
            "role": [item.role for item in survey.items.values()],
            "construct": [item.construct_name for item in survey.items.values()],
            "is_nps": [item.nps for item in survey.items.values()],
            "scale_min": [item.scale[0] for item in survey.items.values()],
            "scale_max": [item.scale[1] for item in survey.items.values()],
            "is_reversed": [item.reversed for item in survey.items.values()],
        },
        schema_overrides={"role": pl.String, "construct": pl.String},
    )
    codes = pl.Series(survey.missing_codes, dtype=pl.String)
    # A column of numbers comes as -99.0 from some files, whatever the configuration writes.
    numbers = codes.cast(pl.Float64, strict=False).drop_nulls()
    is_missing = pl.col("value").is_in(codes.implode()) | pl.col("value").cast(pl.Float64, strict=False).is_in(
        numbers.implode()
    )
    kept = [name for name in KEPT if name in responses.columns]
    cells = (
        responses.select(*kept, pl.col(list(survey.items)).cast(pl.String).str.strip_chars())
        .unpivot(on=list(survey.items), index=kept, variable_name="item_id", value_name="value")
        .filter((pl.col("value").fill_null("") != "") & ~is_missing.fill_null(False))
    )
    return cells.join(items, on="item_id").with_columns(pl.lit(survey_id).alias("survey_id"))
