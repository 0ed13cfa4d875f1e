"""Stored cut points: which score a value gets under those of an earlier date. How cut points are made belongs to `rfm`."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import polars as pl


class CutPoint(NamedTuple):
    """One bin of a dimension; without values when nobody was in it."""

    bin: int
    lower: float | None
    upper: float | None
    is_degenerate: bool


CutPoints: TypeAlias = Mapping[str, Sequence[CutPoint]]
"""Dimension -> its bins, lowest score first."""


def stored_cut_points(rows: pl.DataFrame) -> CutPoints | None:
    """The cut points in the rows of one date (contract RfmCutPoints); none when nobody was scored then."""
    found: dict[str, list[CutPoint]] = {}
    for dimension, *cut in rows.sort("dimension", "bin").select("dimension", *CutPoint._fields).iter_rows():
        found.setdefault(dimension, []).append(CutPoint(*cut))
    return found or None


def score_under(value: pl.Expr, dimension: str, cut_points: CutPoints) -> pl.Expr:
    """The score of a value under stored cut points, Int64.

    A score must be reached: frequency and monetary value reach a bin at its lowest value, recency at its highest number of
    days. So a value in the gap between two bins gets the worse of the two scores, one beyond the best bin gets the best,
    one below the worst gets the worst, and nobody gets the score of an empty bin.
    """
    worst, *better = (cut for cut in cut_points[dimension] if cut.lower is not None)
    score: pl.Expr = pl.lit(worst.bin, pl.Int64)
    for cut in better:
        is_reached = value <= cut.upper if dimension == "recency" else value >= cut.lower
        score = pl.when(is_reached).then(pl.lit(cut.bin, pl.Int64)).otherwise(score)
    return score
