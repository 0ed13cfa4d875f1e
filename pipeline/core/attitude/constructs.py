"""What the items of a survey measure together: scores and reliability of constructs. What they drive: `drivers`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

from pipeline.core.attitude.survey_settings import ConstructSettings
from pipeline.core.facts.responses import without_strangers
from pipeline.core.frames import Frame, add_up
from pipeline.core.statistics import percent_of_scale

ALL_WAVES, ALL_WAVES_NUMBER = "all", 0
DIGITS = 10
"""Decimals of results: last digits of sums over rows differ from run to run, and a rerun must give the same table."""

VARIANCE_DIGITS = 6
"""Decimals beyond which a variance of percentages is what rounding has left of 0."""

CELLS_PER_RESPONSE = 2**20
"""More than there are constructs: response and construct make one integer, which groups and joins faster than two names."""


KEYS_OF_COUNTS = (
    ["construct_number", "wave", "is_counted", "value"],
    ["item_number", "wave", "is_counted", "value"],
)
"""Of both frames of ConstructCounts, in their order."""


class Answered(NamedTuple):
    """What some customers answered. `cells`: one row per answer and construct that its item belongs to, as `_cells` has it.
    `totals`: one row per response and construct, its answers added up."""

    cells: pl.DataFrame
    totals: pl.DataFrame


class ConstructCounts(NamedTuple):
    """What complete responses add up to, per wave, and again for those that count in all waves.

    `totals`: `n` responses per construct and `value`, their total, `n_anonymous` of them of nobody. `items`: `n` answers per
    item and `value`.
    """

    totals: pl.DataFrame
    items: pl.DataFrame


def construct_items(measures: Mapping[str, Mapping[str, Sequence[str]]]) -> pl.DataFrame:
    """One row per survey, construct and item of it, from survey -> construct -> items, with `n_items` of the construct.

    Construct and row have a number each, by which they are joined.
    """
    constructs = [(survey_id, *pair) for survey_id, of_survey in measures.items() for pair in of_survey.items()]
    return pl.DataFrame(
        [
            (survey_id, construct, number, item_id, len(items))
            for number, (survey_id, construct, items) in enumerate(constructs)
            for item_id in items
        ],
        schema={
            "survey_id": pl.String,
            "construct": pl.String,
            "construct_number": pl.Int64,
            "item_id": pl.String,
            "n_items": pl.Int64,
        },
        orient="row",
    ).with_columns(item_number=pl.int_range(pl.len()))


def add_answers(responses: Frame, answers: Frame, customers: Frame, items: pl.DataFrame, *, as_of: date) -> Answered:
    """The answers of some customers, added up per response and construct.

    `items` come from `construct_items`: which items count, whoever answered. Counted: sent by as_of (local date),
    the latest by time, then by response number, of each of the `customers` and survey; a response without a customer
    always, one that names a stranger never. An item counts as percent of its scale (POMP, Cohen et al. 1999, Multivariate Behavioral Research 34, 315-346) after
    reverse coding. Definitions, section 4.
    """
    # Collected once: otherwise what several tables share is computed for each of them.
    sent = _latest_per_wave(responses, customers, as_of).collect(engine="streaming").lazy()
    answered = answers.join(sent.select("response_id", "response_number"), on="response_id")
    cells = _cells(answered, items.lazy()).collect(engine="streaming")
    totals = (
        cells.lazy()
        .group_by("cell")
        .agg(
            pl.len().cast(pl.Int64).alias("n_answered"),
            pl.col("pomp").sum().alias("total"),
            pl.col("is_top2").sum().cast(pl.Int64).alias("n_top2"),
        )
        .with_columns(
            response_number=pl.col("cell") // CELLS_PER_RESPONSE, construct_number=pl.col("cell") % CELLS_PER_RESPONSE
        )
        .join(_constructs(items).lazy(), on="construct_number")
        .join(sent.drop("survey_id"), on="response_number")
        .collect(engine="streaming")
    )
    return Answered(cells, totals)


def count_constructs(answered: Answered) -> ConstructCounts:
    """What the complete responses of some customers add up to. Counts of different customers can be added."""
    complete = answered.totals.lazy().filter((pl.col("n_items") > 1) & (pl.col("n_answered") == pl.col("n_items")))
    n = pl.len().cast(pl.Int64).alias("n")
    is_anonymous = pl.col("customer_id").is_null()
    totals = (
        complete.rename({"total": "value"})
        .group_by(KEYS_OF_COUNTS[0])
        .agg(n, is_anonymous.sum().cast(pl.Int64).alias("n_anonymous"))
    )
    cells = answered.cells.lazy().rename({"pomp": "value"})
    of_items = cells.join(complete.select("cell", "wave", "is_counted"), on="cell").group_by(KEYS_OF_COUNTS[1]).agg(n)
    return ConstructCounts(*pl.collect_all([totals, of_items], engine="streaming"))


def _constructs(items: pl.DataFrame) -> pl.DataFrame:
    return items.select("survey_id", "construct", "construct_number", "n_items").unique()


def _latest_per_wave(responses: Frame, customers: Frame, as_of: date) -> Frame:
    """The latest response of each respondent, survey and quarter; `is_counted` marks the one that none follows."""
    who = ("survey_id", "customer_id")
    sent = (
        responses.filter(pl.col("submitted_date") <= as_of)
        .select("response_id", *who, "submitted_at", day="submitted_date")
        .pipe(without_strangers, customers)
        .with_columns(
            wave=4 * pl.col("day").dt.year().cast(pl.Int64) + (pl.col("day").dt.month().cast(pl.Int64) - 1) // 3
        )
        .sort(*who, "submitted_at", "response_id")
    )
    # Without a customer there is no next response: null equals nothing.
    has_next = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in who).fill_null(False)
    is_last = pl.col("next_wave").is_null()
    return (
        sent.with_columns(next_wave=pl.when(has_next).then(pl.col("wave").shift(-1)))
        .filter(is_last | (pl.col("next_wave") != pl.col("wave")))
        .select("response_id", "survey_id", "wave", "customer_id", is_counted=is_last)
        .with_row_index("response_number")
        .with_columns(pl.col("response_number").cast(pl.Int64))
    )


def _cells(answers: Frame, items: Frame) -> Frame:
    """One row per answer and construct that its item belongs to: percent of the scale, and whether in the top two.

    `cell` is one number for response and construct.
    """
    lowest, highest = pl.col("scale_min"), pl.col("scale_max")
    given = pl.when(pl.col("is_reversed")).then(lowest + highest - pl.col("value")).otherwise(pl.col("value"))
    return (
        answers.join(items, on=["survey_id", "item_id"])
        .with_columns(given=given)
        .select(
            "item_number",
            cell=pl.col("response_number") * CELLS_PER_RESPONSE + pl.col("construct_number"),
            pomp=percent_of_scale(pl.col("given"), lowest, highest),
            is_top2=(pl.col("given") >= highest - 1).cast(pl.Int64),
        )
    )


def withheld_constructs(reliability: pl.DataFrame) -> pl.DataFrame:
    """The `survey_id` and `construct` of those whose items speak against each other, from `reliability`."""
    is_negative = (pl.col("wave") == ALL_WAVES) & (pl.col("alpha") < 0)
    return reliability.filter(is_negative).select("survey_id", "construct")


def construct_scores(totals: Frame, withheld: pl.DataFrame, *, as_of: date, settings: ConstructSettings) -> Frame:
    """One row per counted response of some customers and construct (contract ConstructScores).

    `totals` are those of `add_answers`. A score is the mean of the answered items and needs `min_answered` of the construct's
    items. `withheld` comes from `withheld_constructs` of the whole shop. Definitions, section 4.
    """
    n = pl.col("n_answered")
    # As quotients: 0.55 * 20 is a little above 11 in floating point, and 11 / 20 is 0.55.
    is_shown = (n / pl.col("n_items") >= settings.min_answered) & ~pl.col("is_withheld")
    return (
        totals.filter(pl.col("is_counted"))
        .join(withheld.lazy().with_columns(is_withheld=True), on=["survey_id", "construct"], how="left")
        .with_columns(is_withheld=pl.col("is_withheld").fill_null(False))
        .select(
            pl.lit(as_of).alias("as_of_date"),
            "survey_id",
            "response_id",
            "construct",
            "customer_id",
            "n_items",
            "n_answered",
            pl.when(is_shown).then((pl.col("total") / n).round(DIGITS)).alias("score"),
            pl.when(is_shown).then((100.0 * pl.col("n_top2") / n).round(DIGITS)).alias("pct_top2"),
            "is_withheld",
        )
    )


def reliability(
    counts: Iterable[ConstructCounts], items: pl.DataFrame, *, as_of: date, settings: ConstructSettings
) -> pl.DataFrame:
    """One row per construct of several items and wave, and for all waves together (contract ConstructReliability).

    Cronbach's alpha = k / (k - 1) * (1 - sum of the items' variances / variance of the total), complete cases.
    Cronbach, L. J. (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16, 297-334. `counts` are
    those of all customers, in any number of parts; `items` come from `construct_items`.
    """
    totals, answers = (
        # In one order, so that the sums have the same last digit in every run.
        _with_all_waves(add_up(parts, by=key).sort(key))
        for parts, key in zip(zip(*counts, strict=True), KEYS_OF_COUNTS, strict=True)
    )
    of_total = _variances(totals, "construct_number")
    anonymous = add_up([totals.select("construct_number", "wave", "n_anonymous")], by=["construct_number", "wave"])
    of_items = (
        _variances(answers, "item_number")
        .join(items.select("item_number", "construct_number"), on="item_number")
        .group_by("construct_number", "wave")
        .agg(pl.col("variance").sum().alias("of_items"))
    )
    k = pl.col("n_items")
    is_shown = (pl.col("n_complete") >= settings.min_n) & (pl.col("variance").round(VARIANCE_DIGITS) > 0)
    quarter = (pl.col("wave") % 4 + 1).cast(pl.String)
    return (
        of_total.join(of_items, on=["construct_number", "wave"])
        .join(anonymous, on=["construct_number", "wave"])
        .join(_constructs(items), on="construct_number")
        .with_columns(
            wave=pl.when(pl.col("wave") == ALL_WAVES_NUMBER)
            .then(pl.lit(ALL_WAVES))
            .otherwise(pl.concat_str((pl.col("wave") // 4).cast(pl.String), quarter, separator="-Q")),
            n_complete=pl.col("n"),
        )
        .with_columns(
            alpha=pl.when(is_shown).then((k / (k - 1) * (1 - pl.col("of_items") / pl.col("variance"))).round(DIGITS))
        )
        .select(
            pl.lit(as_of).alias("as_of_date"),
            "survey_id",
            "construct",
            "wave",
            "n_items",
            "n_complete",
            "n_anonymous",
            "alpha",
            (pl.col("alpha") < settings.low_alpha).alias("is_low"),
            (pl.col("n_complete") < settings.min_n).alias("is_suppressed"),
        )
    )


def _with_all_waves(counts: pl.DataFrame) -> pl.DataFrame:
    """The counts of each wave, and those counted in all waves under ALL_WAVES_NUMBER."""
    counted = counts.filter("is_counted").with_columns(wave=pl.lit(ALL_WAVES_NUMBER, pl.Int64))
    return pl.concat([counts, counted])


def _variances(counts: pl.DataFrame, of: str) -> pl.DataFrame:
    """Number and sample variance of the values per `of` and wave."""
    n, value = pl.col("n"), pl.col("value")
    sums = add_up([counts.select(of, "wave", n, total=n * value, squares=n * value * value)], by=[of, "wave"])
    total, squares = pl.col("total"), pl.col("squares")
    return sums.sort(of, "wave").select(
        of, "wave", n, variance=(squares - total * total / n) / pl.when(n > 1).then(n - 1)
    )
