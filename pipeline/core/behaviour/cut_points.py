"""Stored cut points: which score a value gets under those of an earlier date. How cut points are made belongs to `rfm`."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import polars as pl


class CutPoint(NamedTuple):
    """One bin of a dimension: the values from `lower` up to but not including `upper`.

    Without `upper` it holds all values from `lower` on; without `lower`, or where both are equal, it holds none.
    """

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
    """The score of a value under stored cut points, Int64: that of the bin that it is in.

    Bins lie side by side, so a value is in the last one whose lower end it has reached.
    """
    cuts = cut_points[dimension]
    lowest, *higher = (cut for cut in (reversed(cuts) if dimension == "recency" else cuts) if cut.lower is not None)
    score: pl.Expr = pl.lit(lowest.bin, pl.Int64)
    for cut in higher:
        score = pl.when(value >= cut.lower).then(pl.lit(cut.bin, pl.Int64)).otherwise(score)
    return score
