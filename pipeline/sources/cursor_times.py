"""How far a cursor that is a time has come, as text: no further than now, and some hours back. Reading does not belong here."""

import re
from datetime import UTC, datetime, timedelta

TIME = re.compile(
    # That of SQLite is JSON, in quotes.
    r"""(?P<quote>"?)(?P<date>\d{4}-\d\d-\d\d)
    (?:(?P<between>[ ]|T)(?P<clock>\d\d:\d\d)(?P<seconds>:\d\d)?(?:\.\d+)?(?P<offset>[ ]?(?:Z|[+-]\d\d(?::?\d\d)?))?)?
    (?P=quote)""",
    re.VERBOSE,
)


def not_after(watermark: str, now: datetime) -> str:
    """The watermark, or the time now where it lies ahead; itself where it is no time.

    A row of the year 2062 would otherwise be the last one that is ever read. Without an offset it is taken for UTC: where
    that is wrong, the next read begins some hours earlier or later than now.
    """
    if (found := _time_of(watermark)) is None or found[1] <= now:
        return watermark
    written, moment = found
    return _as_written(now.astimezone(moment.tzinfo), written)


def earlier(watermark: str, hours: float) -> str | None:
    """The watermark so many hours before; itself where it is no time, null before all times."""
    if not hours or (found := _time_of(watermark)) is None:
        return watermark
    written, moment = found
    try:
        return _as_written(moment - timedelta(hours=hours), written)
    except OverflowError:
        return None


def _time_of(watermark: str) -> tuple[re.Match[str], datetime] | None:
    """A time as it is written, and the moment; null where a watermark is none, such as a number."""
    written = TIME.fullmatch(watermark)
    if written is None:
        return None
    clock, offset = f"{written['clock'] or '00:00'}{written['seconds'] or ''}", (written["offset"] or "").strip()
    try:
        moment = datetime.fromisoformat(f"{written['date']}T{clock}{offset}")
    except ValueError:
        return None
    return written, moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _as_written(moment: datetime, other: re.Match[str]) -> str:
    """A moment in the form of another time, rounded down: as text it must be comparable with the others of its column."""
    text = moment.date().isoformat()
    if other["clock"]:
        clock = moment.time().isoformat("seconds" if other["seconds"] else "minutes")
        text = f"{text}{other['between']}{clock}{other['offset'] or ''}"
    return f"{other['quote']}{text}{other['quote']}"
