"""Which as_of dates a run computes before its own. Computing them does not belong here."""

from datetime import date, timedelta
from typing import Literal

Every = Literal["day", "week", "month"]
"""Which dates of a range are computed: each, or those that end a week (Sundays) or a month."""


def dates_between(first: date, last: date, every: Every) -> list[date]:
    """The dates from first to last, oldest first; the last one is always among them."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day == last or ends_a_period(day, every)]


def ends_a_period(day: date, every: Every) -> bool:
    """Whether a date is the last of a week or a month."""
    following = day + timedelta(days=1)
    return every == "day" or (following.weekday() == 0 if every == "week" else following.day == 1)
