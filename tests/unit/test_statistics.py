from statistics import median

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.frames import Frame
from pipeline.core.statistics import count_values, median_of_counts, wilson_interval, with_places
from tests.unit.lake import on_polars


def bounds(frame: Frame) -> Frame:
    low, high = wilson_interval(pl.col("k"), pl.col("n"))
    return frame.select("k", "n", low=low, high=high)


def counts(*pairs: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema={"k": pl.Int64, "n": pl.Int64}, orient="row")


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # Newcombe, R. G. (1998), Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_wilson_interval_is_the_published_one(k: int, n: int, low: float, high: float) -> None:
    row = on_polars(bounds, counts((k, n))).row(0, named=True)
    assert (round(row["low"], 4), round(row["high"], 4)) == (low, high)


def test_the_wilson_interval_of_nobody_is_null() -> None:
    assert on_polars(bounds, counts((0, 0))).select("low", "high").row(0) == (None, None)


@example([(10, 10), (0, 10)])
@given(st.lists(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1))
def test_the_wilson_interval_holds_the_share_and_stays_in_the_unit_interval(pairs: list[tuple[int, int]]) -> None:
    for row in on_polars(bounds, counts(*pairs)).iter_rows(named=True):
        assert 0 <= row["low"] <= row["k"] / row["n"] <= row["high"] <= 1


def test_distinct_values_carry_their_count_and_what_lies_below() -> None:
    frame = pl.DataFrame({"spend": [7, 5, 7, None, 9]}, schema={"spend": pl.Int64})
    expected = pl.DataFrame({"value": [5, 7, 9], "n": [1, 2, 1], "n_below": [0, 1, 3], "n_total": 4, "n_values": 3})
    expected = expected.cast(pl.Int64)
    assert_frame_equal(on_polars(lambda rows: with_places(count_values(rows, "spend")), frame).sort("value"), expected)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(-5, 5)), min_size=1, max_size=30))
def test_the_median_of_counts_is_that_of_all_the_numbers_they_count(rows: list[tuple[str, int]]) -> None:
    drawn = pl.DataFrame(rows, schema=["group", "x"], orient="row").group_by("group", "x").agg(n=pl.len())
    by_group = {group: median(x for own, x in rows if own == group) for group in sorted({group for group, _ in rows})}
    assert dict(median_of_counts(drawn, "x", "group").iter_rows()) == by_group
    totals = drawn.group_by("x").agg(pl.col("n").sum())
    assert median_of_counts(totals, "x").item() == median(x for _, x in rows)


def test_the_median_of_no_counts_is_none() -> None:
    assert median_of_counts(pl.DataFrame(schema={"x": pl.Int64, "n": pl.Int64}), "x").item() is None
