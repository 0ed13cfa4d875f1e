"""Times of rows, as each tool writes them, as places in a read: from where on rows can still come. Requests do not belong here."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

UNSETTLED = timedelta(days=1)
"""A row that changes while its page is made shows the new time at its old place: later than this before the read no time is
sure to be the place of its row."""


def moment_of(text: str) -> datetime | None:
    """A time as a row has it, in UTC where it names no zone; null where it is none, as `0000-00-00`."""
    try:
        told = datetime.fromisoformat(text)
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def latest(*times: str | None) -> str | None:
    """The latest of some times, as it is written."""
    told = [(moment, time) for time in times if time and (moment := moment_of(time))]
    return max(told)[1] if told else None


def at_most(time: str | None, now: datetime) -> str | None:
    """The time, or `now` if that is earlier: a row of the future must not hide all that comes until then."""
    moment = moment_of(time) if time else None
    return written(now) if moment and moment > now else time


def is_settled(time: str, now: datetime) -> bool:
    """Whether a time is surely the place of its row among those in the order of time."""
    moment = moment_of(time)
    return moment is not None and moment < now - UNSETTLED


def goes_on_at(times: Sequence[str], now: datetime) -> str | None:
    """From which time on rows can come behind a page that has these times, in the order of the page."""
    if settled := next((time for time in reversed(times) if is_settled(time, now)), None):
        return settled
    told = [(moment, time) for time in times if (moment := moment_of(time))]
    return at_most(min(told)[1], now) if told else None


def written(moment: datetime) -> str:
    """A moment as it is kept and asked for."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
