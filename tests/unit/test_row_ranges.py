import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.row_ranges import other_rows


def others(*rows: list[int] | None) -> list[str | None]:
    return other_rows(pl.Series(list(rows), dtype=pl.List(pl.Int64))).to_list()


def test_a_row_made_of_one_has_no_others() -> None:
    assert others([7], None, [], [3, 3]) == [None, None, None, None]


def test_neighbours_are_one_range_and_each_number_stands_once() -> None:
    assert others([4, 5, 6, 9], [1, 2], [1, 1, 3, 3, 5, 6, 7]) == ["5-6, 9", "2", "3, 5-7"]


def test_two_rows_in_a_row_do_not_run_together() -> None:
    assert others([1, 2, 3], [3, 4, 5]) == ["2-3", "4-5"]


@given(st.lists(st.lists(st.integers(1, 40)), max_size=5))
def test_the_first_and_the_others_are_all_the_rows(lists: list[list[int]]) -> None:
    found = others(*(sorted(rows) for rows in lists))
    for rows, text in zip(lists, found, strict=True):
        ranges = [[int(end) for end in part.split("-")] for part in (text.split(", ") if text else [])]
        listed = [number for ends in ranges for number in range(ends[0], ends[-1] + 1)]
        assert listed == sorted({*rows})[1:]
