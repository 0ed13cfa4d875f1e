"""The first and the last row of each group, against sorting all rows in plain Python."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.frames import Frame, first_of, last_of

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
