"""Which dates a run computes."""

from datetime import date

import pytest

from pipeline.core.as_of_dates import Every, dates_between


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
