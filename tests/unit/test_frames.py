"""The first and the last row of each group, and the nearest in time, against sorting all rows in plain Python."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.frames import Frame, first_of, last_of, with_nearest

VALUE = st.none() | st.integers(-2, 2)
ROWS = st.lists(st.tuples(VALUE, VALUE, VALUE), max_size=12).map(
    lambda rows: [
        (group, moment, f"{key}" if key else None, number) for number, (group, moment, key) in enumerate(rows)
    ]
)
SCHEMA = {"group": pl.Int64, "moment": pl.Int64, "key": pl.String, "number": pl.Int64}


def in_order(row: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    """Moment, key, number, with null before any value."""
    return [(value is not None, "" if value is None else value) for value in row[1:]]


@settings(max_examples=60, deadline=None)
@given(ROWS)
@pytest.mark.parametrize(("chosen", "place"), [(first_of, 0), (last_of, -1)])
def test_one_row_of_each_group_is_chosen_by_order_with_nulls_first(
    chosen: Callable[..., Frame], place: int, rows: list[tuple[Any, ...]]
) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row").lazy()
    found = chosen(frame, "group", order=["moment", "key", "number"]).collect()
    groups = {row[0] for row in rows}
    expected = {sorted((row for row in rows if row[0] == group), key=in_order)[place] for group in groups}
    assert set(found.rows()) == expected
    assert found.height == len(groups)


MOMENTS = st.lists(st.tuples(st.none() | st.integers(1, 2), st.integers(0, 4)), max_size=8)


@settings(max_examples=100, deadline=None)
@given(MOMENTS, MOMENTS, st.booleans())
@pytest.mark.parametrize("strategy", ["backward", "forward"])
def test_the_nearest_row_in_time_is_that_of_the_same_owner_and_of_nobody_there_is_none(
    strategy: Any, rows: list[tuple[Any, int]], others: list[tuple[Any, int]], counts_same_moment: bool
) -> None:
    asked = [(number, owner, moment) for number, (owner, moment) in enumerate(rows)]
    given_rows = [(owner, moment, number) for number, (owner, moment) in enumerate(others)]
    found = with_nearest(
        pl.LazyFrame(asked, schema=dict.fromkeys(("row", "owner", "at"), pl.Int64), orient="row"),
        pl.LazyFrame(given_rows, schema=dict.fromkeys(("owner", "other_at", "number"), pl.Int64), orient="row"),
        by=["owner"],
        at="at",
        other_at="other_at",
        order=["number"],
        strategy=strategy,
        counts_same_moment=counts_same_moment,
    ).collect()
    sign = 1 if strategy == "forward" else -1
    least = 0 if counts_same_moment else 1
    expected = {}
    for row, owner, moment in asked:
        near = [
            (sign * (at - moment), sign * number, number)
            for whose, at, number in given_rows
            if owner is not None and whose == owner and sign * (at - moment) >= least
        ]
        expected[row] = min(near)[2] if near else None
    assert dict(found.select("row", "number").iter_rows()) == expected
    assert found.height == len(rows)
