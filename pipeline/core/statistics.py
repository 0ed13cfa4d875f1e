"""Statistics that several segments use. What a number means for the shop belongs to the segment's own module."""

import narwhals as nw

from pipeline.core.frames import Frame

Z_95 = 1.959963984540054
"""The 97.5% point of the standard normal distribution: two-sided 95%."""


def wilson_interval(successes: nw.Expr, n: nw.Expr, *, z: float = Z_95) -> tuple[nw.Expr, nw.Expr]:
    """Lower and upper bound of a proportion, in [0, 1]; null where n is 0.

    The score interval without continuity correction: Wilson, E. B. (1927), Probable inference, the law of succession,
    and statistical inference, JASA 22, 209-212; in the notation of Newcombe (1998), Statistics in Medicine 17, 857-872.
    """
    # A null denominator instead of 0: a division by zero is NaN on one backend and null on another.
    count = nw.when(n > 0).then(n.cast(nw.Float64))
    share = successes.cast(nw.Float64) / count
    centre = share + z * z / (2 * count)
    spread = z * (share * (1 - share) / count + z * z / (4 * count * count)).sqrt()
    scale = 1 + z * z / count
    # Rounding can leave the bounds of 0 of n and n of n a hair outside the unit interval.
    return ((centre - spread) / scale).clip(0.0, 1.0), ((centre + spread) / scale).clip(0.0, 1.0)


def value_counts(frame: Frame, column: str) -> Frame:
    """One row per distinct value of an integer column, nulls left out: the base of ranks that treat ties equally.

    Columns, all Int64: `value`; `n` rows with it; `n_below` rows with a lower value; `n_total` rows;
    `n_values` distinct values. Sorting is over distinct values, not over rows.
    """
    return (
        frame.filter(~nw.col(column).is_null())
        .group_by(nw.col(column).alias("value"))
        .agg(nw.len().cast(nw.Int64).alias("n"))
        .with_columns(
            n_below=nw.col("n").cum_sum().over(order_by="value").cast(nw.Int64) - nw.col("n"),
            n_total=nw.col("n").sum().cast(nw.Int64),
            n_values=nw.col("value").count().cast(nw.Int64),
        )
    )
