"""Sorts, counts and look-ups by whole numbers, against what polars does for any columns."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.numbers import MOST, count_rows, places, sort_rows

FEW = settings(max_examples=40, deadline=None)
NUMBERS = st.none() | st.integers(-3, 3) | st.sampled_from([-(2**60), 2**60])
WIDE = st.none() | st.integers(-3, 3) | st.sampled_from([-(2**55), 2**55])
"""Alone they leave room for the place of a row, two of them together do not."""
DAYS = st.none() | st.integers(-5, 5).map(lambda number: date(1970, 1, 1) + timedelta(days=number))
ROWS = st.lists(st.tuples(NUMBERS, DAYS, st.integers(0, 2), st.sampled_from("ab"), WIDE, WIDE), max_size=12)
SCHEMA = {"a": pl.Int64, "day": pl.Date, "small": pl.UInt8, "name": pl.String, "wide": pl.Int64, "wider": pl.Int64}
KEYS = st.sampled_from(
    [
        *(("a",), ("a", "day"), ("day", "a", "small"), ("small", "name"), ("day", "small")),
        *(("wide", "wider"), ("wide", "day", "wider"), ("small", "wide", "a", "wider")),
    ]
)


def frame(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@FEW
@given(ROWS, KEYS)
def test_rows_are_sorted_and_counted_as_polars_does_it(rows: list[tuple[Any, ...]], keys: tuple[str, ...]) -> None:
    given = frame(rows)
    assert_frame_equal(sort_rows(given, *keys).select(keys), given.sort(keys).select(keys))
    counted = given.group_by(keys).agg(pl.len().cast(pl.Int64).alias("n")).sort(keys)
    assert_frame_equal(count_rows(given, *keys), counted)


def test_a_row_keeps_its_values_when_it_is_sorted() -> None:
    days = [None, date(2026, 1, 1), date(2025, 1, 1)]
    given = pl.DataFrame({"a": [2, 1, None], "day": days, "wide": [2**55, 0, -(2**55)], "name": ["x", "y", "z"]})
    assert sort_rows(given, "a", "day")["name"].to_list() == ["z", "y", "x"]
    assert sort_rows(given, "day", "wide", "a")["name"].to_list() == ["x", "z", "y"]


def test_numbers_too_wide_for_one_are_sorted_all_the_same() -> None:
    given = pl.DataFrame({"a": [MOST, -MOST, 0], "b": [1, 2, 3]})
    assert sort_rows(given, "a", "b")["b"].to_list() == [2, 3, 1]


@FEW
@given(st.lists(st.none() | st.integers(-2, 200), max_size=8), st.lists(st.integers(-1, 100), unique=True, max_size=8))
def test_a_place_is_that_of_the_same_id(ids: list[int | None], among: list[int]) -> None:
    expected = [among.index(given) if given in among else None for given in ids]
    asked, there = pl.Series(ids, dtype=pl.Int64), pl.Series(among, dtype=pl.Int64)
    assert places(asked, there).to_list() == expected
    names = places(asked.cast(pl.String), there.cast(pl.String))
    assert names.to_list() == expected


@pytest.mark.parametrize("among", [[3, 10**12], [0, 1, 2], [-1, 5], [4, 5, 10**12], [2**62, -(2**62)]])
def test_a_place_is_found_among_few_and_far_numbers(among: list[int]) -> None:
    found = places(pl.Series([among[1], 7, None, among[0]]), pl.Series(among))
    assert found.to_list() == [1, None, None, 0]
