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


def nps_interval(promoters: nw.Expr, detractors: nw.Expr, n: nw.Expr, *, z: float = Z_95) -> tuple[nw.Expr, nw.Expr]:
    """Lower and upper bound of a Net Promoter Score, in points from -100 to 100; `n` counts passives too.

    Adjusted Wald: three answers are added, 3/4 of them promoters and 3/4 detractors (Rocks, B. (2016), Interval estimation
    for the Net Promoter Score, The American Statistician 70, 365-372). Definitions, section 3.
    """
    count = n.cast(nw.Float64) + 3.0
    p, d = (promoters.cast(nw.Float64) + 0.75) / count, (detractors.cast(nw.Float64) + 0.75) / count
    score = p - d
    spread = z * ((p + d - score * score) / count).sqrt()
    return (100.0 * (score - spread)).clip(-100.0, 100.0), (100.0 * (score + spread)).clip(-100.0, 100.0)


def difference_interval(
    first: tuple[nw.Expr, nw.Expr, nw.Expr], second: tuple[nw.Expr, nw.Expr, nw.Expr]
) -> tuple[nw.Expr, nw.Expr]:
    """Lower and upper bound of first - second, two independent estimates, each given as (estimate, lower, upper).

    d -/+ the root of the squared distances from each estimate to the bound that matters: method 10 of Newcombe (1998),
    Statistics in Medicine 17, 873-890, for proportions; for any estimates Zou & Donner (2008), Statistics in Medicine 27,
    1693-1702.
    """
    (a, a_low, a_high), (b, b_low, b_high) = first, second
    low = ((a - a_low) * (a - a_low) + (b_high - b) * (b_high - b)).sqrt()
    high = ((a_high - a) * (a_high - a) + (b - b_low) * (b - b_low)).sqrt()
    return a - b - low, a - b + high


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
