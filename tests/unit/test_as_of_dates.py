"""Which dates a run computes."""

from datetime import date

import pytest

from pipeline.core.as_of_dates import Every, History, dates_between, dates_of_history


@pytest.mark.parametrize(
    ("first", "last", "every", "expected"),
    [
        ("2026-02-27", "2026-03-01", "day", ["2026-02-27", "2026-02-28", "2026-03-01"]),
        ("2026-03-01", "2026-03-01", "month", ["2026-03-01"]),
        # A leap year's February, and the last date though it ends no month.
        ("2024-01-31", "2024-04-10", "month", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-10"]),
        # Sundays.
        ("2026-11-09", "2026-11-24", "week", ["2026-11-15", "2026-11-22", "2026-11-24"]),
    ],
)
def test_the_last_date_is_computed_and_before_it_those_that_end_a_period(
    first: str, last: str, every: Every, expected: list[str]
) -> None:
    found = dates_between(date.fromisoformat(first), date.fromisoformat(last), every)
    assert [str(day) for day in found] == expected


@pytest.mark.parametrize(
    ("first", "as_of", "history", "n_dates", "oldest", "newest"),
    [
        # Two years back at most, and only what has ended before the run's own date.
        ("2020-05-05", "2026-11-26", "monthly", 24, "2024-11-30", "2026-10-31"),
        ("2020-05-05", "2026-10-31", "monthly", 24, "2024-10-31", "2026-09-30"),
        ("2026-08-31", "2026-11-26", "monthly", 3, "2026-08-31", "2026-10-31"),
        ("2026-11-01", "2026-11-26", "weekly", 4, "2026-11-01", "2026-11-22"),
        ("2020-05-05", "2026-11-26", "weekly", 104, "2024-12-01", "2026-11-22"),
    ],
)
def test_the_past_of_a_shop_is_two_years_from_its_first_order(
    first: str, as_of: str, history: History, n_dates: int, oldest: str, newest: str
) -> None:
    found = dates_of_history(date.fromisoformat(first), date.fromisoformat(as_of), history)
    assert (len(found), str(found[0]), str(found[-1])) == (n_dates, oldest, newest)


def test_without_history_or_before_a_month_has_ended_there_is_no_past() -> None:
    assert dates_of_history(date(2020, 5, 5), date(2026, 11, 26), "none") == []
    assert dates_of_history(date(2026, 11, 2), date(2026, 11, 26), "monthly") == []
    assert dates_of_history(date(2026, 11, 26), date(2026, 11, 26), "monthly") == []
