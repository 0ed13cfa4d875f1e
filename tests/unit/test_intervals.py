from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson, t

from pipeline.core.frames import Frame
from pipeline.core.statistics import mean_difference_interval, mean_interval, nps_interval, poisson_tail
from tests.unit.lake import on_polars

ANSWERS = st.integers(0, 5_000)


def scores(frame: Frame) -> Frame:
    low, high = nps_interval(
        pl.col("promoters"), pl.col("detractors"), pl.sum_horizontal("promoters", "passives", "detractors")
    )
    return frame.select("promoters", "passives", "detractors", low=low, high=high)


def answers(*rows: tuple[int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(("promoters", "passives", "detractors"), pl.Int64), orient="row")


def means(frame: Frame) -> Frame:
    low, high = mean_interval(pl.col("total"), pl.col("squares"), pl.col("n"))
    return frame.select("n", low=low, high=high)


def sums(*samples: Sequence[float]) -> pl.DataFrame:
    rows = [(float(sum(sample)), float(sum(value * value for value in sample)), len(sample)) for sample in samples]
    return pl.DataFrame(rows, schema={"total": pl.Float64, "squares": pl.Float64, "n": pl.Int64}, orient="row")


def tails(frame: Frame) -> Frame:
    return frame.select("found", "expected", tail=poisson_tail(pl.col("found"), pl.col("expected")))


def events(*rows: tuple[int, float]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"found": pl.Int64, "expected": pl.Float64}, orient="row")


def test_the_nps_interval_adds_three_answers_before_the_wald_interval() -> None:
    # Of 60: p = 1/2, d = 1/6, so NPS 33.3. With 3 more: p' = 30.75 / 63 = 0.488095, d' = 10.75 / 63 = 0.170635,
    # centre 0.317460, variance 0.658730 - 0.100781 = 0.557949, error sqrt(0.557949 / 63) = 0.094108, times 1.959964.
    row = on_polars(scores, answers((30, 20, 10))).row(0, named=True)
    assert (row["low"], row["high"]) == pytest.approx((31.7460 - 18.4449, 31.7460 + 18.4449), abs=2e-4)


def test_the_nps_interval_of_nobody_is_null() -> None:
    assert on_polars(scores, answers((0, 0, 0))).select("low", "high").row(0) == (None, None)


@given(st.lists(st.tuples(ANSWERS, ANSWERS, ANSWERS).filter(lambda given: sum(given) > 1), min_size=1))
def test_the_nps_interval_holds_the_score_and_stays_on_its_scale(given_answers: list[tuple[int, int, int]]) -> None:
    for row in on_polars(scores, answers(*given_answers)).iter_rows(named=True):
        n = row["promoters"] + row["passives"] + row["detractors"]
        score = 100 * (row["promoters"] - row["detractors"]) / n
        assert -100 <= row["low"] <= score + 1e-9
        assert score - 1e-9 <= row["high"] <= 100


@given(ANSWERS, ANSWERS, ANSWERS)
def test_the_nps_interval_of_the_opposite_answers_is_its_mirror_image(
    promoters: int, passives: int, detractors: int
) -> None:
    frame = answers((promoters, passives, detractors + 1), (detractors + 1, passives, promoters))
    one, other = on_polars(scores, frame).rows(named=True)
    assert (one["low"], one["high"]) == pytest.approx((-other["high"], -other["low"]))


@pytest.mark.parametrize(
    ("freedom", "point"),
    # The 97.5% points of Student's distribution: Pearson & Hartley, Biometrika Tables for Statisticians I, table 12.
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (29, 2.045), (60, 2.000), (120, 1.980)],
)
def test_the_mean_interval_is_as_wide_as_the_table_of_student_says(freedom: int, point: float) -> None:
    # freedom + 1 values: as many below as above 0 by 1 when even, else one more of 0; the sum is 0.
    half = (freedom + 1) // 2
    sample = [1.0] * half + [-1.0] * half + [0.0] * (freedom + 1 - 2 * half)
    error = (2 * half / freedom / (freedom + 1)) ** 0.5
    row = on_polars(means, sums(sample)).row(0, named=True)
    assert row["high"] == -row["low"]
    assert row["high"] / error == pytest.approx(point, rel=5e-4)


def differences(frame: Frame) -> Frame:
    first, second = ((pl.col(f"total{of}"), pl.col(f"squares{of}"), pl.col(f"n{of}")) for of in ("", "_of_others"))
    low, high = mean_difference_interval(first, second)
    return frame.select(low=low, high=high)


def held_against(first: Sequence[float], second: Sequence[float]) -> tuple[float | None, ...]:
    others = sums(second)
    others = others.rename({name: f"{name}_of_others" for name in others.columns})
    return on_polars(differences, pl.concat([sums(first), others], how="horizontal")).row(0)


def test_the_difference_of_two_means_has_welchs_interval() -> None:
    # 20 -+ 10 and 15 -+ 14, 50 values each: s^2 / n is 100 / 49 and 196 / 49, their sum's root 2.4578.
    # df = (100 + 196)^2 / (100^2 + 196^2) * 49 = 88.67, for which t is 1.9871: 1.9871 * 2.4578 = 4.884.
    first, second = [10.0, 30.0] * 25, [1.0, 29.0] * 25
    assert held_against(second, first) == pytest.approx((-9.884, -0.116), abs=1e-3)
    assert held_against(first, second) == pytest.approx((0.116, 9.884), abs=1e-3)


@pytest.mark.parametrize("n", range(1, 11))
def test_the_interval_of_a_difference_holds_between_whole_degrees_of_freedom_too(n: int) -> None:
    # Beside 0 and 2, with s^2 / 2 = 1, n zeros and n fours, with s^2 / 2n = 4 n / (2n - 1) / n = 4 / (2n - 1): df is
    # (1 + e)^2 / (1 + e^2 / (2n - 1)) with e = 4 / (2n - 1), between 1 and 4.2. The points are SciPy's.
    error = 4 / (2 * n - 1)
    freedom = (1 + error) ** 2 / (1 + error**2 / (2 * n - 1))
    low, high = held_against([0.0, 2.0], [0.0, 4.0] * n)
    assert (high + low) / 2 == pytest.approx(-1)
    assert (high - low) / 2 == pytest.approx(t.ppf(0.975, freedom) * (1 + error) ** 0.5, rel=5e-4)


def test_a_difference_needs_two_values_on_either_side_and_none_spread_has_no_width() -> None:
    assert held_against([1.0], [1.0, 2.0]) == held_against([1.0, 2.0], []) == (None, None)
    assert held_against([3.0, 3.0], [1.0, 1.0]) == (2.0, 2.0)


def test_one_value_has_no_interval_and_equal_values_have_one_without_width() -> None:
    assert on_polars(means, sums([5], [])).select("low", "high").rows() == [(None, None)] * 2
    assert on_polars(means, sums([75.0] * 40)).select("low", "high").row(0) == (75.0, 75.0)


@given(st.lists(st.lists(st.integers(0, 100), min_size=2, max_size=60), min_size=1, max_size=10))
def test_the_mean_interval_holds_the_mean(samples: list[list[int]]) -> None:
    for sample, row in zip(samples, on_polars(means, sums(*samples)).iter_rows(named=True), strict=True):
        mean = sum(sample) / len(sample)
        assert row["low"] - 1e-9 <= mean <= row["high"] + 1e-9


@given(st.integers(1, 300), st.floats(0.005, 100))
def test_the_poisson_tail_is_never_below_the_exact_one_and_close_where_it_is_thin(found: int, expected: float) -> None:
    exact = poisson.sf(found - 1, expected)
    bound = on_polars(tails, events((found, expected)))["tail"].item()
    assert exact * (1 - 1e-9) <= bound <= 1
    # Beyond what a double can hold there is nothing to be close to.
    if found >= 5 and found >= 3 * expected and exact > 1e-300:
        assert bound <= 1.2 * exact


def test_no_more_than_expected_is_no_surprise() -> None:
    assert on_polars(tails, events((3, 3.0), (2, 3.0), (0, 1.0)))["tail"].to_list() == [1.0, 1.0, 1.0]
