"""Which as_of dates a run computes before its own. Computing them does not belong here."""

from datetime import date, timedelta
from typing import Literal

Every = Literal["day", "week", "month"]
"""Which dates of a range are computed: each, or those that end a week (Sundays) or a month."""
History = Literal["monthly", "weekly", "none"]
"""Which past dates the first run computes by itself."""
HISTORY_DATES: dict[History, tuple[Every, int]] = {"monthly": ("month", 24), "weekly": ("week", 104)}
"""Two years of them."""


def dates_between(first: date, last: date, every: Every) -> list[date]:
    """The dates from first to last, oldest first; the last one is always among them."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day == last or ends_a_period(day, every)]


def ends_a_period(day: date, every: Every) -> bool:
    """Whether a date is the last of a week or a month."""
    following = day + timedelta(days=1)
    return every == "day" or (following.weekday() == 0 if every == "week" else following.day == 1)


def dates_of_history(first: date, as_of: date, history: History) -> list[date]:
    """The dates of the last two years before as_of that end a month or a week, from the shop's first date on, oldest first."""
    if history == "none" or first >= as_of:
        return []
    every, most = HISTORY_DATES[history]
    return [day for day in dates_between(first, as_of - timedelta(days=1), every) if ends_a_period(day, every)][-most:]
