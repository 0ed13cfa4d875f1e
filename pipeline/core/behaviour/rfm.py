"""RFM: recency, frequency and monetary scores, their segments and their cut points. Which orders count is a matter of `orders`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipeline.core.behaviour.cut_points import CutPoints, score_under
from pipeline.core.behaviour.segment_maps import CellMap, RuleMap, SegmentMap
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.facts.orders import totals_per_customer, window_start
from pipeline.core.frames import (
    MINOR_UNITS,
    Frame,
    days_before,
    edges_reached,
    minor_units,
)
from pipeline.core.statistics import count_values, with_places

DIMENSIONS = {"recency": "recency_days", "frequency": "frequency", "monetary": "monetary"}
"""Dimension -> the column it scores."""

AXES = ("r", "f", "m", "fm")
"""The scores that a map can go by."""


KEY_OF_VALUES = ("dimension", "value")
"""Of the rows of `count_scored`."""


@dataclass(frozen=True)
class Scoring:
    """How the values of customers are scored at a date."""

    cut_points: pl.DataFrame
    """One row per dimension and bin (contract RfmCutPoints)."""
    steps: Mapping[str, Sequence[tuple[int, int]]]
    """Dimension -> the values from which another score holds, ascending, each with that score. No other value is scored."""
    is_f_degenerate: bool


def customer_values(orders: Frame, customers: Frame, *, as_of: date, settings: RfmSettings) -> Frame:
    """One row per customer at as_of, with the values that scores rest on: everyone in either has a row. Key: `customer_id`.

    `orders` are those of `orders_as_of`, `customers` those of `customers_as_of`. Only customers with a valid order in the
    window are scored; `lapsed` (only before it, or only orders without a value in the shop's currency) and `prospect`
    (never one) have no scores, and their state as segment. Amounts in minor units. Definitions, section 1.
    """
    totals = totals_per_customer(orders, customers, first_date=window_start(as_of, settings.window_days))
    never_bought = pl.col("last_order_date").is_null() & ~pl.col("has_unpriced")
    outside = pl.when(never_bought).then(pl.lit("prospect")).otherwise(pl.lit("lapsed"))
    return totals.select(
        "customer_id",
        pl.when(pl.col("n_valid") > 0).then(pl.lit("scored")).otherwise(outside).alias("state"),
        "first_order_date",
        "last_order_date",
        days_before(as_of, "last_order_date").alias("recency_days"),
        pl.col("n_valid").alias("frequency"),
        pl.max_horizontal("net_total", 0).alias("monetary"),
        (pl.col("net_total") < 0).alias("refund_exceeds_paid"),
    )


def count_scored(values: Frame) -> Frame:
    """One row per dimension and distinct value of the scored among `customer_values`: `dimension`, `value`, and `n` customers.

    Counts of different customers can be added.
    """
    scored = values.filter(pl.col("state") == "scored")
    counts = [
        count_values(scored, column).select(pl.lit(dimension).alias("dimension"), "value", "n")
        for dimension, column in DIMENSIONS.items()
    ]
    return pl.concat(counts)


def find_scoring(
    counts: pl.DataFrame, *, as_of: date, settings: RfmSettings, frozen: CutPoints | None = None
) -> Scoring:
    """How values are scored, from those of all customers, as `count_scored` counts them. Definitions, section 1.

    A dimension is degenerate when it has fewer distinct values than bins, or, by rank, so many customers on its lowest
    value that nobody would score 1: where 97% have bought once, their shared rank is the middle one, and a score of 3
    for them would mislead. Frequency is then scored by `frequency_counts`, unless the configuration fixes the edges.
    Recency and monetary keep the method: equal values get equal scores, some bins stay empty, and the cut points say
    `is_degenerate`.

    `frozen` cut points of an earlier date are used instead and passed on unchanged, `is_degenerate` included, unless
    the number of bins has changed since.
    """
    if frozen is not None and any(len(cuts) != settings.bins for cuts in frozen.values()):
        frozen = None
    scored = {}
    for dimension in DIMENSIONS:
        values = with_places(counts.lazy().filter(dimension=dimension).select("value", "n"))
        scored[dimension] = _score_values(values, dimension, settings, frozen).collect()
    cut_points = [
        _cut_points(values.lazy(), dimension, as_of, settings, frozen) for dimension, values in scored.items()
    ]
    is_f_degenerate = settings.method != "edges" and bool(scored["frequency"]["is_degenerate"].any())
    steps = {dimension: _steps(values) for dimension, values in scored.items()}
    return Scoring(pl.concat(cut_points).collect(), steps, is_f_degenerate)


def _steps(values: pl.DataFrame) -> list[tuple[int, int]]:
    """Those of Scoring, of one dimension."""
    is_other = pl.col("score").ne_missing(pl.col("score").shift())
    return values.sort("value").filter(is_other).select("value", "score").rows()


def rescore_segments(scores: Frame, cut_points: CutPoints, cells: pl.DataFrame) -> Frame:
    """One row per customer: `customer_id`, and the `segment` that its values give under other cut points and another map.

    `scores` follows contract Rfm; `cells` are those of the map, as `map_rows` gives them. Null where the map has no such
    cell. Lapsed customers and prospects have no scores under any cut points: nothing changes.
    """
    under_them = {
        f"{dimension[0]}_score": score_under(pl.col(column), dimension, cut_points)
        for dimension, column in DIMENSIONS.items()
    }
    axes = [f"{axis}_score" for axis in AXES if cells[f"{axis}_score"].null_count() == 0]
    named = cells.lazy().select(*axes, named="segment")
    is_scored = pl.col("state") == "scored"
    return (
        scores.with_columns(**under_them)
        .with_columns(fm_score=_fm_score())
        .join(named, on=axes, how="left")
        .select("customer_id", pl.when(is_scored).then("named").otherwise("state").alias("segment"))
    )


def map_rows(name: str, segment_map: SegmentMap, *, as_of: date) -> pl.DataFrame:
    """One row per cell of the map in use (contract SegmentMap)."""
    axes = {f"{axis}_score": pl.Int64 for axis in AXES}
    schema = {"as_of_date": pl.Date, "code": pl.String, "segment_map": pl.String, **axes, "segment": pl.String}
    rows = [{"as_of_date": as_of, "segment_map": name, **cell} for cell in segment_map.cells()]
    return pl.DataFrame(rows, schema=schema)


def _score_values(values: Frame, dimension: str, settings: RfmSettings, frozen: CutPoints | None) -> Frame:
    """Add `score`, `method` and `is_degenerate` to the distinct values of a dimension."""
    if frozen is not None:
        return values.select(
            "value",
            "n",
            pl.lit(frozen[dimension][0].is_degenerate).alias("is_degenerate"),
            score_under(pl.col("value"), dimension, frozen).alias("score"),
            pl.lit("frozen").alias("method"),
        )
    bins, value = settings.bins, pl.col("value")
    method: pl.Expr = pl.lit(settings.method)
    if settings.method == "rank":
        score = _rank_score(dimension, bins)
    else:
        if settings.method == "edges":
            edges = settings.edges[dimension]  # type: ignore[index]
            reached = edges_reached(value, [minor_units(edge) for edge in edges] if dimension == "monetary" else edges)
        else:
            values = values.with_columns(**_quantile_cuts(dimension, settings))
            reached = edges_reached(value * bins, [pl.col(f"cut_{k}") for k in range(1, bins)])
        score = bins - reached if dimension == "recency" else 1 + reached
    leaves_lowest_bin_empty = pl.col("score").min() > 1 if settings.method == "rank" else pl.lit(False)
    values = values.with_columns(score=score.cast(pl.Int64)).with_columns(
        is_degenerate=(pl.col("n_values") < bins) | leaves_lowest_bin_empty
    )
    is_degenerate, score = pl.col("is_degenerate"), pl.col("score")
    if dimension == "frequency" and settings.method != "edges":
        by_count = 1 + edges_reached(value, settings.frequency_counts)
        score = pl.when(is_degenerate).then(by_count).otherwise(score)
        method = pl.when(is_degenerate).then(pl.lit("count")).otherwise(method)
    cuts = [f"cut_{k}" for k in range(1, bins)] if settings.method == "quantile" else []
    return values.select("value", "n", "is_degenerate", *cuts, score=score.cast(pl.Int64), method=method)


def _rank_score(dimension: str, bins: int) -> pl.Expr:
    """ceil(bins * average_rank / n): the customers with the same value share the mean of their ranks."""
    n, n_below, n_total = pl.col("n"), pl.col("n_below"), pl.col("n_total")
    n_worse = n_total - n_below - n if dimension == "recency" else n_below
    doubled_rank = 2 * n_worse + n + 1
    # In integers: a floating-point quotient can come out a hair above its true integer and be rounded up past it.
    return (bins * doubled_rank + 2 * n_total - 1) // (2 * n_total)


def _quantile_cuts(dimension: str, settings: RfmSettings) -> dict[str, pl.Expr]:
    """The inner cut points, times the number of bins: they stay integers, so a value on a cut is exactly on it.

    Quantile k/bins by linear interpolation between the order statistics around position (n - 1) * k / bins from 0
    (Hyndman & Fan 1996, type 7).
    """
    bins = settings.bins
    # R's 1 is a unit of the data: a day, an order, a whole unit of currency.
    step = (MINOR_UNITS if dimension == "monetary" else 1) if settings.r_compatible else 0
    last = pl.col("n_total") - 1

    def at(position: pl.Expr) -> pl.Expr:
        holds = (pl.col("n_below") <= position) & (position < pl.col("n_below") + pl.col("n"))
        return pl.when(holds).then(pl.col("value")).max()

    cuts = {}
    for k in range(1, bins):
        lower, upper = at(last * k // bins), at((last * k + bins - 1) // bins)
        cuts[f"cut_{k}"] = bins * (lower + step) + (last * k % bins) * (upper - lower)
    return cuts


def score_rfm(values: Frame, scoring: Scoring, *, as_of: date, settings: RfmSettings) -> Frame:
    """One row per customer of `customer_values` with scores and segment (contract Rfm).

    `scoring` comes from `find_scoring` of all customers of the same as_of.
    """
    is_scored = pl.col("state") == "scored"
    scores = {
        f"{dimension[0]}_score": pl.when(is_scored).then(_score(pl.col(column), scoring.steps[dimension]))
        for dimension, column in DIMENSIONS.items()
    }
    return (
        values.with_columns(**scores)
        .with_columns(fm_score=_fm_score())
        .select(
            "customer_id",
            pl.lit(as_of).alias("as_of_date"),
            "state",
            "first_order_date",
            "last_order_date",
            "recency_days",
            "frequency",
            "monetary",
            "refund_exceeds_paid",
            "r_score",
            "f_score",
            "m_score",
            "fm_score",
            pl.when(is_scored).then(_segment(settings.segment_map)).otherwise(pl.col("state")).alias("segment"),
            pl.lit(settings.map).alias("segment_map"),
            pl.lit(scoring.is_f_degenerate).alias("is_f_degenerate"),
        )
    )


def _score(value: pl.Expr, steps: Sequence[tuple[int, int]]) -> pl.Expr:
    """The score of a value by the steps of Scoring, Int64."""
    score: pl.Expr = pl.lit(None, pl.Int64)
    for first, number in steps:
        score = pl.when(value >= first).then(pl.lit(number, pl.Int64)).otherwise(score)
    return score


def _fm_score() -> pl.Expr:
    """(F + M) / 2, halves rounded up."""
    return (pl.col("f_score") + pl.col("m_score") + 1) // 2


def _segment(segment_map: SegmentMap) -> pl.Expr:
    """The segment of a customer's scores."""
    if isinstance(segment_map, RuleMap):
        return _segment_by_rules(segment_map)
    return _segment_by_cell(segment_map)


def _segment_by_rules(segment_map: RuleMap) -> pl.Expr:
    """The segment of the first rule that holds; the remainder where none does."""
    named: pl.Expr = pl.lit(segment_map.remainder)
    for rule in reversed(segment_map.rules):
        holds = pl.all_horizontal(
            *(pl.col(f"{axis}_score").is_between(*getattr(rule, axis)) for axis in ("r", "f", "m"))
        )
        named = pl.when(holds).then(pl.lit(rule.segment)).otherwise(named)
    return named


def _segment_by_cell(segment_map: CellMap) -> pl.Expr:
    """The segment of a customer's two scores. The map is a proved partition, so exactly one branch holds."""
    other = pl.col("fm_score" if segment_map.axes == "r_fm" else "f_score")
    cell = pl.col("r_score") * 100 + other
    cells_of: dict[str, list[int]] = {}
    for (recency, second), segment in segment_map.segment_by_cell().items():
        cells_of.setdefault(segment, []).append(recency * 100 + second)
    *others, last = cells_of
    named: pl.Expr = pl.lit(last)
    for segment in others:
        named = pl.when(cell.is_in(cells_of[segment])).then(pl.lit(segment)).otherwise(named)
    return named


def _cut_points(values: Frame, dimension: str, as_of: date, settings: RfmSettings, frozen: CutPoints | None) -> Frame:
    """One row per bin, empty bins included; no row at all when nobody was scored.

    Frozen cut points stay as they are, whatever values are in their bins today; else they would wander.
    """
    bins = settings.bins
    edges = {} if frozen is not None else {f"edge_{k}": edge for k, edge in enumerate(_edges(dimension, settings), 1)}
    run = values.select(pl.col("method", "is_degenerate").max(), **edges).filter(~pl.col("method").is_null())
    bounds = [pl.lit(0.0), *(pl.col(name) for name in edges), pl.lit(None, pl.Float64)]
    of_bin = []
    for place in range(bins):
        number = bins - place if dimension == "recency" else place + 1
        if frozen is not None:
            cut = frozen[dimension][number - 1]
            lower, upper = pl.lit(cut.lower, pl.Float64), pl.lit(cut.upper, pl.Float64)
        else:
            lower, upper = bounds[place], bounds[place + 1]
        of_bin.append(run.select("method", "is_degenerate", bin=pl.lit(number, pl.Int64), lower=lower, upper=upper))
    counts = values.group_by(pl.col("score").alias("bin")).agg(pl.col("n").sum().cast(pl.Int64).alias("n_customers"))
    return (
        pl.concat(of_bin)
        .join(counts, on="bin", how="left")
        .select(
            pl.lit(as_of).alias("as_of_date"),
            pl.lit(dimension).alias("dimension"),
            "bin",
            "lower",
            "upper",
            pl.col("n_customers").fill_null(0),
            "method",
            "is_degenerate",
        )
    )


def _edges(dimension: str, settings: RfmSettings) -> list[pl.Expr]:
    """Where one bin ends and the next begins, in the order of the values, over the scored values of a dimension."""
    bins = settings.bins
    if settings.method == "edges":
        given = settings.edges[dimension]  # type: ignore[index]
        return [pl.lit(float(minor_units(edge) if dimension == "monetary" else edge)) for edge in given]
    if settings.method == "quantile":
        # Whole part first: a cut that is a whole number stays one.
        cuts = [pl.col(f"cut_{k}").max() for k in range(1, bins)]
        edges = [(cut // bins).cast(pl.Float64) + (cut % bins) / bins for cut in cuts]
    else:
        edges = [_rank_edge(dimension, place, bins) for place in range(1, bins)]
    if dimension != "frequency":
        return edges
    is_by_count = pl.col("method").max() == "count"
    counts = settings.frequency_counts
    return [pl.when(is_by_count).then(float(count)).otherwise(edge) for count, edge in zip(counts, edges, strict=True)]


def _rank_edge(dimension: str, place: int, bins: int) -> pl.Expr:
    """The end of the bin at a place, counted from 1 in the order of the values, where ranks gave the scores.

    A bin begins at the worst value that got its score: the lowest amount, or the most days. So a value between those of
    two bins belongs to the worse one; and an empty bin holds no value.
    """
    value, score = pl.col("value"), pl.col("score")
    if dimension == "recency":
        is_before = score > bins - place
        edge = (value.filter(is_before).max() + 1).fill_null(0)
        return pl.when((~is_before).any()).then(edge).cast(pl.Float64)
    is_before = score <= place
    edge = value.filter(~is_before).min()
    return pl.when(is_before.any()).then(edge).otherwise(0).cast(pl.Float64)
