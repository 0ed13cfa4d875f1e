"""Survey responses as they are mapped, one wide row each: their comment, and one row per answer. Scores do not belong here."""

import polars as pl

from pipeline.core.attitude.survey_settings import SurveySettings, same_text

KEPT = ("response_id", "updated_at", "_file", "_row")


COMMENT = "comment"


def with_comment(responses: pl.DataFrame, survey: SurveySettings) -> pl.DataFrame:
    """The responses with the texts of the open questions in `comment`, a line each, and without their columns."""
    if not survey.comments:
        return responses
    texts = [name for name in (COMMENT, *survey.comments) if name in responses.columns]
    given = pl.concat_list(pl.col(texts).cast(pl.String).str.strip_chars().replace("", None)).list.drop_nulls()
    comment = pl.when(given.list.len() > 0).then(given.list.join("\n"))
    return responses.with_columns(comment.alias(COMMENT)).drop(survey.comments)


def shared_numbers(rows: pl.LazyFrame, known: pl.LazyFrame, number: str) -> str | None:
    """What is wrong where rows of one survey have the number of a known row of another; null where none has.

    Both have `number`, their key, and `survey_id`.
    """
    others = known.select(number, other="survey_id")
    shared = (
        rows.select(number, "survey_id").unique().join(others, on=number).filter(pl.col("survey_id") != pl.col("other"))
    )
    surveys = shared.group_by("survey_id", "other").len().sort("survey_id", "other").head(1)
    for survey, other, n_rows in surveys.collect(engine="streaming").iter_rows():
        return (
            f"{n_rows:,} {number}s of survey {survey} are in survey {other} too; numbers must be unique over all surveys: "
            f"map '{survey}-' || {number}"
        )
    return None


def answers_from_responses(responses: pl.DataFrame, survey_id: str, survey: SurveySettings) -> pl.DataFrame:
    """One row per item that a response answers, as text: an empty cell or a missing code is no answer.

    `responses` has one column per item of the survey. Each answer carries what the configuration says of its item. A
    label stands for its number; any other text is kept, and rejected later unless it is a number.
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
    labels = pl.DataFrame(
        [
            (item_id, same_text(label), str(answer))
            for item_id, item in survey.items.items()
            for label, answer in item.labels.items()
        ],
        schema={"item_id": pl.String, "label": pl.String, "answer": pl.String},
        orient="row",
    )
    return (
        cells.join(items, on="item_id")
        .with_columns(pl.col("value").str.to_lowercase().alias("label"), pl.lit(survey_id).alias("survey_id"))
        .join(labels, on=["item_id", "label"], how="left", maintain_order="left")
        .with_columns(pl.coalesce("answer", "value").alias("value"))
        .drop("label", "answer")
    )
