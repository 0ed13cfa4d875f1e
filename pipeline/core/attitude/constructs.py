"""What the items of a survey measure together: scores and reliability of constructs. What they drive: `drivers`."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw
import polars as pl

from pipeline.core.frames import Frame, computed_once, day_end, local_date

if TYPE_CHECKING:
    from pipeline.settings import ConstructSettings

ALL_WAVES = "all"
DIGITS = 10
"""Decimals of results: last digits of sums over rows differ from run to run, and a rerun must give the same table."""


class Constructs(NamedTuple):
    """What `score_constructs` finds: one frame per contract."""

    scores: Frame
    reliability: Frame


def construct_items(measures: Mapping[str, Mapping[str, Sequence[str]]]) -> pl.DataFrame:
    """One row per survey, construct and item of it, from survey -> construct -> items, with its `n_items`."""
    return pl.DataFrame(
        [
            (survey_id, construct, item_id, len(items))
            for survey_id, constructs in measures.items()
            for construct, items in constructs.items()
            for item_id in items
        ],
        schema={"survey_id": pl.String, "construct": pl.String, "item_id": pl.String, "n_items": pl.Int64},
        orient="row",
    )


def score_constructs(
    responses: Frame,
    answers: Frame,
    customers: Frame,
    items: Frame,
    *,
    as_of: date,
    time_zone: str,
    settings: "ConstructSettings",
) -> Constructs:
    """Scores per counted response and construct (ConstructScores), and their reliability (ConstructReliability).

    `items` as `construct_items` makes it: which items count, whoever answered. Counted: sent by as_of (local date),
    the latest by time, then by response number, of each customer and survey; a response without a customer always. An
    item counts as percent of its scale (POMP, Cohen et al. 1999, Multivariate Behavioral Research 34, 315-346) after
    reverse coding. A score is the mean of the answered items and needs `min_answered` of the construct's items.
    Definitions, section 4.
    """
    sent = responses.filter(nw.col("submitted_at") < day_end(as_of, time_zone)).with_columns(
        day=local_date("submitted_at", time_zone),
        respondent=nw.when(nw.col("customer_id").is_null())
        .then(nw.concat_str(nw.lit("response "), nw.col("response_id")))
        .otherwise(nw.concat_str(nw.lit("customer "), nw.col("customer_id"))),
    )
    quarter = (nw.col("day").dt.month().cast(nw.Int64) + 2) // 3
    year = nw.col("day").dt.year().cast(nw.Int64).cast(nw.String)
    sent = sent.with_columns(wave=nw.concat_str(year, quarter.cast(nw.String), separator="-Q"))
    in_quarter = _latest(sent, "survey_id", "respondent", "wave")
    # The latest of all is the latest of its quarter.
    counted = (
        _latest(in_quarter, "survey_id", "respondent")
        .join(customers.select("customer_id", is_known=nw.lit(True)), on="customer_id", how="left")
        .select("response_id", customer_id=nw.when(nw.col("is_known")).then(nw.col("customer_id")))
    )
    cells = computed_once(_cells(answers.join(in_quarter.select("response_id", "wave"), on="response_id"), items))
    reliability = _reliability(cells, counted, as_of, settings)
    return Constructs(_scores(cells, counted, reliability, as_of, settings), reliability)


def _latest(sent: Frame, *of: str) -> Frame:
    return sent.unique(subset=list(of), keep="last", order_by=["submitted_at", "response_id"])


def _cells(answers: Frame, items: Frame) -> Frame:
    """One row per answer and construct that its item belongs to: percent of the scale, and whether in the top two."""
    lowest, highest = nw.col("scale_min"), nw.col("scale_max")
    given = nw.when(nw.col("is_reversed")).then(lowest + highest - nw.col("value")).otherwise(nw.col("value"))
    return (
        answers.select("response_id", "survey_id", "item_id", "wave", "value", "scale_min", "scale_max", "is_reversed")
        .join(items, on=["survey_id", "item_id"])
        .with_columns(given=given)
        .with_columns(
            pomp=100.0 * (nw.col("given") - lowest) / (highest - lowest),
            is_top2=(nw.col("given") >= highest - 1).cast(nw.Int64),
        )
    )


def _scores(cells: Frame, counted: Frame, reliability: Frame, as_of: date, settings: "ConstructSettings") -> Frame:
    withheld = reliability.filter((nw.col("wave") == ALL_WAVES) & (nw.col("alpha") < 0)).select(
        "survey_id", "construct", is_withheld=nw.lit(True)
    )
    is_shown = (nw.col("n_answered") >= settings.min_answered * nw.col("n_items")) & ~nw.col("is_withheld")
    return (
        cells.join(counted, on="response_id")
        .group_by("survey_id", "response_id", "construct")
        .agg(
            nw.col("customer_id").max(),
            nw.col("n_items").max(),
            nw.len().cast(nw.Int64).alias("n_answered"),
            nw.col("pomp").mean(),
            nw.col("is_top2").sum().cast(nw.Int64),
        )
        .join(withheld, on=["survey_id", "construct"], how="left")
        .with_columns(is_withheld=nw.col("is_withheld").fill_null(False))
        .select(
            nw.lit(as_of).alias("as_of_date"),
            "survey_id",
            "response_id",
            "construct",
            "customer_id",
            "n_items",
            "n_answered",
            nw.when(is_shown).then(nw.col("pomp").round(DIGITS)).alias("score"),
            nw.when(is_shown).then((100.0 * nw.col("is_top2") / nw.col("n_answered")).round(DIGITS)).alias("pct_top2"),
            "is_withheld",
        )
    )


def _reliability(cells: Frame, counted: Frame, as_of: date, settings: "ConstructSettings") -> Frame:
    """Cronbach's alpha = k / (k - 1) * (1 - sum of the items' variances / variance of the total), complete cases.

    Cronbach, L. J. (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16, 297-334.
    """
    several = cells.filter(nw.col("n_items") > 1)
    complete = (
        several.group_by("survey_id", "construct", "response_id", "wave", "n_items")
        .agg(nw.len().cast(nw.Int64).alias("n_answered"), nw.col("pomp").sum().alias("total"))
        .filter(nw.col("n_answered") == nw.col("n_items"))
    )
    overall = complete.join(counted.select("response_id"), on="response_id", how="semi")
    complete = nw.concat([complete, overall.with_columns(wave=nw.lit(ALL_WAVES))])
    by = ["survey_id", "construct", "wave"]
    totals = complete.group_by(*by, "n_items").agg(
        nw.len().cast(nw.Int64).alias("n_complete"), nw.col("total").var().alias("of_total")
    )
    of_items = (
        complete.select(*by, "response_id")
        .join(several.select("survey_id", "construct", "response_id", "item_id", "pomp"), on=[*by[:2], "response_id"])
        .group_by(*by, "item_id")
        .agg(nw.col("pomp").var().alias("of_item"))
        .group_by(*by)
        .agg(nw.col("of_item").sum().alias("of_items"))
    )
    k = nw.col("n_items")
    is_shown = (nw.col("n_complete") >= settings.min_n) & (nw.col("of_total").round(DIGITS) > 0)
    return (
        totals.join(of_items, on=by)
        .with_columns(
            alpha=nw.when(is_shown).then((k / (k - 1) * (1 - nw.col("of_items") / nw.col("of_total"))).round(DIGITS))
        )
        .select(
            nw.lit(as_of).alias("as_of_date"),
            *by,
            "n_items",
            "n_complete",
            "alpha",
            (nw.col("alpha") < settings.low_alpha).alias("is_low"),
            (nw.col("n_complete") < settings.min_n).alias("is_suppressed"),
        )
    )
