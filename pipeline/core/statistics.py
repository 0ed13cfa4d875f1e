"""Statistics that several segments use. What a number means for the shop belongs to the segment's own module."""

from math import pi

import polars as pl

from pipeline.core.frames import Frame

Z_95 = 1.959963984540054
"""The 97.5% point of the standard normal distribution: two-sided 95%."""

NPS_PSEUDO_ANSWERS = 0.75
"""Promoters and detractors each that the adjusted Wald interval adds; the passives get the same twice."""


def wilson_interval(successes: pl.Expr, n: pl.Expr, *, z: float = Z_95) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper bound of a proportion, in [0, 1]; null where n is 0.

    The score interval without continuity correction: Wilson, E. B. (1927), Probable inference, the law of succession,
    and statistical inference, JASA 22, 209-212; in the notation of Newcombe (1998), Statistics in Medicine 17, 857-872.
    """
    # A null denominator instead of 0: a division by zero would be NaN, and no share is null.
    count = pl.when(n > 0).then(n.cast(pl.Float64))
    share = successes.cast(pl.Float64) / count
    centre = share + z * z / (2 * count)
    spread = z * (share * (1 - share) / count + z * z / (4 * count * count)).sqrt()
    scale = 1 + z * z / count
    # Otherwise the bounds for 0 of n and n of n are a hair off: outside the unit interval, or short of the share.
    low, high = ((bound / scale).round(12).clip(0.0, 1.0) for bound in (centre - spread, centre + spread))
    return low, high


def percentage(part: pl.Expr, whole: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """A share in percent with the bounds of its Wilson 95% interval; null where the whole is 0."""
    low, high = wilson_interval(part, whole)
    return 100.0 * part / pl.when(whole > 0).then(whole), 100.0 * low, 100.0 * high


def adjusted_nps(promoters: pl.Expr, detractors: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Centre and standard error of the adjusted Wald interval of a Net Promoter Score, from -1 to 1; null where n is 0.

    Three answers are added, 3/4 of them promoters and 3/4 detractors; `n` counts passives too. Rocks, B. (2016), Interval
    estimation for the Net Promoter Score, The American Statistician 70, 365-372. Definitions, section 3.
    """
    # A null denominator instead of 0: a division by zero would be NaN, and no share is null.
    count = pl.when(n > 0).then(n.cast(pl.Float64)) + 4 * NPS_PSEUDO_ANSWERS
    liked, disliked = (promoters + NPS_PSEUDO_ANSWERS) / count, (detractors + NPS_PSEUDO_ANSWERS) / count
    centre = liked - disliked
    return centre, ((liked + disliked - centre * centre) / count).sqrt()


def nps_interval(promoters: pl.Expr, detractors: pl.Expr, n: pl.Expr, *, z: float = Z_95) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper bound of a Net Promoter Score by `adjusted_nps`, in [-100, 100]; null where n is 0.

    For a single answer of 9 or 10 the upper bound is 98.5: only from two answers on does the interval hold every score.
    """
    centre, error = adjusted_nps(promoters, detractors, n)
    return (100 * (centre - z * error)).clip(-100.0, 100.0), (100 * (centre + z * error)).clip(-100.0, 100.0)


def difference_interval(
    first: tuple[pl.Expr, pl.Expr, pl.Expr], second: tuple[pl.Expr, pl.Expr, pl.Expr]
) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper bound of first - second, two independent estimates, each given as (estimate, lower, upper).

    d -/+ the root of the squared distances from each estimate to the bound that matters: method 10 of Newcombe (1998),
    Statistics in Medicine 17, 873-890, for proportions; for any estimates Zou & Donner (2008), Statistics in Medicine 27,
    1693-1702.
    """
    (a, a_low, a_high), (b, b_low, b_high) = first, second
    low = ((a - a_low) * (a - a_low) + (b_high - b) * (b_high - b)).sqrt()
    high = ((a_high - a) * (a_high - a) + (b - b_low) * (b - b_low)).sqrt()
    return a - b - low, a - b + high


def mean_interval(total: pl.Expr, squares: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper bound of a mean at 95%, from the sum of the values and of their squares; null below two values.

    Student's interval, mean -+ t * s / sqrt(n) with the sample variance, to ten decimals. The point of t with n - 1 degrees
    of freedom is that of the expansion in Abramowitz & Stegun (1964), 26.7.5, with what it lacks for few: right within 0.05%
    from 1 degree of freedom.
    """
    count = pl.when(n > 1).then(n.cast(pl.Float64))
    mean, freedom = total / count, count - 1
    # Equal values can leave a variance a hair below 0.
    spread = _student(freedom) * ((squares - total * mean).clip(0.0) / freedom / count).sqrt()
    return (mean - spread).round(10), (mean + spread).round(10)


def mean_difference_interval(
    first: tuple[pl.Expr, pl.Expr, pl.Expr], second: tuple[pl.Expr, pl.Expr, pl.Expr]
) -> tuple[pl.Expr, pl.Expr]:
    """Lower and upper bound of the difference of two means at 95%, each given as (sum, sum of squares, n); null below two values.

    Welch, B. L. (1947), The generalization of "Student's" problem when several different population variances are involved,
    Biometrika 34, 28-35: each sample keeps its own spread. The point of t as in `mean_interval`; to ten decimals.
    """
    means, errors, freedoms = [], [], []
    for total, squares, n in (first, second):
        count = pl.when(n > 1).then(n.cast(pl.Float64))
        means.append(total / count)
        errors.append((squares - total * total / count).clip(0.0) / (count - 1) / count)
        freedoms.append(count - 1)
    error = errors[0] + errors[1]
    parts = errors[0] ** 2 / freedoms[0] + errors[1] ** 2 / freedoms[1]
    # Without any spread there is no interval to widen.
    freedom = pl.when(parts > 0).then(error**2 / parts).otherwise(freedoms[0] + freedoms[1])
    difference, spread = means[0] - means[1], _student(freedom) * error.sqrt()
    return (difference - spread).round(10), (difference + spread).round(10)


def _student(freedom: pl.Expr) -> pl.Expr:
    """The 97.5% point of t."""
    z = Z_95
    expanded = (
        z
        + (z**3 + z) / 4 / freedom
        + (5 * z**5 + 16 * z**3 + 3 * z) / 96 / freedom**2
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384 / freedom**3
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160 / freedom**4
    )
    # The expansion is 11% too low at 1 degree of freedom, 0.7% at 2 and 0.03% at 4: a curve through these, of ours.
    log = freedom.log()
    return expanded * (1 + 0.12443 * (-3.775 * log - 0.395 * log * log).exp())


def poisson_tail(found: pl.Expr, expected: pl.Expr) -> pl.Expr:
    """Upper bound of the probability of `found` events or more where `expected` is the mean; 1 where found is not above it.

    P(X >= k) <= P(X = k) * (k + 1) / (k + 1 - mean) for k >= mean (Klar, B. (2000), Bounds on tail probabilities of
    discrete distributions, Probability in the Engineering and Informational Sciences 14, 161-171): the terms after the
    first fall faster than a geometric series. The factorial is Stirling's with its first correction, which is a bound too
    (Robbins, H. (1955), American Mathematical Monthly 62, 26-29). Close where the tail is thin: that is what it is for.
    """
    k = pl.when(found > expected).then(found.cast(pl.Float64))
    log_factorial = k * k.log() - k + 0.5 * (2 * pi * k).log() + 1 / (12 * k + 1)
    log_probability = k * expected.log() - expected - log_factorial
    return (log_probability.exp() * (k + 1) / (k + 1 - expected)).clip(0.0, 1.0).fill_null(1.0)


def percent_of_scale(value: pl.Expr, lowest: pl.Expr, highest: pl.Expr) -> pl.Expr:
    """Percent of the maximum possible (POMP): 0 is the lowest answer of the scale, 100 the highest; null on a scale of one value.

    Cohen, P. et al. (1999), The problem of units and the circumstance for POMP, Multivariate Behavioral Research 34,
    315-346.
    """
    return 100.0 * (value - lowest) / pl.when(highest > lowest).then(highest - lowest)


def median_of_counts(counts: pl.DataFrame, value: str, *by: str) -> pl.DataFrame:
    """The median of a column of numbers in which each row stands for `n` of them: one row per group, sorted, without groups one row.

    Columns: `by`, and the median under the name of the column; null where there are none.
    """
    n, total = pl.col("n"), pl.col("n").sum()
    n_below = n.cum_sum() - n
    # The two in the middle are the same one where the number is odd.
    low, high = (
        pl.col(value).filter((n_below <= place) & (place < n_below + n)).first()
        for place in ((total - 1) // 2, total // 2)
    )
    median = ((low + high) / 2).alias(value)
    ordered = counts.sort(*by, value)
    return ordered.group_by(by, maintain_order=True).agg(median) if by else ordered.select(median)


def count_values(frame: Frame, column: str) -> Frame:
    """One row per distinct value of an integer column, nulls left out: `value`, and `n` rows with it, both Int64."""
    return (
        frame.filter(~pl.col(column).is_null())
        .group_by(pl.col(column).alias("value"))
        .agg(pl.len().cast(pl.Int64).alias("n"))
    )


def with_places(counts: Frame) -> Frame:
    """The rows of `count_values` with what lies below each: the base of ranks that treat ties equally.

    Adds, all Int64: `n_below` rows with a lower value; `n_total` rows; `n_values` distinct values. Sorting is over
    distinct values, not over rows.
    """
    return counts.with_columns(
        n_below=pl.col("n").cum_sum().over(order_by="value").cast(pl.Int64) - pl.col("n"),
        n_total=pl.col("n").sum().cast(pl.Int64),
        n_values=pl.col("value").count().cast(pl.Int64),
    )
