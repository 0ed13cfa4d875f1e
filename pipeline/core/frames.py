"""What all table functions share: the frame type, local dates, and small expressions that give equal results on every backend.

No business rule belongs here. On DuckDB the connection's `TimeZone` must be the shop's: narwhals cannot convert zones there.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import narwhals as nw

Frame: TypeAlias = nw.LazyFrame[Any]
"""A lazy narwhals frame over any backend."""

MINOR_UNITS = 100
"""Minor units in a whole currency unit; amounts in the lake are hundredths whatever the currency."""


def day_start(day: date, time_zone: str) -> datetime:
    """The UTC moment at which a local date begins; where clocks skip midnight, the moment of the jump."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def day_end(day: date, time_zone: str) -> datetime:
    """The UTC moment at which a local date is over, exclusive.

    Comparing moments with it is the same as comparing local dates with `day`, without converting every row.
    """
    return day_start(day + timedelta(days=1), time_zone)


def local_date(column: str, time_zone: str) -> nw.Expr:
    """The local date of a UTC moment."""
    return nw.col(column).dt.convert_time_zone(time_zone).dt.date()


def day_number(column: str) -> nw.Expr:
    """Days from 0001-01-01 (day 1) to a date, Int64, as `datetime.date.toordinal` counts them.

    Plain arithmetic on year and day of the year: subtracting dates gives a duration on polars and an integer on DuckDB.
    """
    years = nw.col(column).dt.year().cast(nw.Int64) - 1
    leap_days = years // 4 - years // 100 + years // 400
    return 365 * years + leap_days + nw.col(column).dt.ordinal_day().cast(nw.Int64)


def clock_hours(start: str, end: str, time_zone: str) -> nw.Expr:
    """Hours on the shop's clock from `{start}_at` to the later `{end}_at`, whose local dates are `{start}_date`, `{end}_date`.

    Not below 0, as in the hour that the clock shows twice. The difference of moments is a duration that not every backend
    has.
    """
    return (_clock(end, time_zone) - _clock(start, time_zone)).clip(0.0)


def _clock(moment: str, time_zone: str) -> nw.Expr:
    """Hours on the shop's clock since 0001-01-01."""
    clock = nw.col(f"{moment}_at").dt.convert_time_zone(time_zone).dt
    hour, minute, second = (part.cast(nw.Int64) for part in (clock.hour(), clock.minute(), clock.second()))
    return 24 * day_number(f"{moment}_date") + hour + (60 * minute + second) / 3600


def days_before(as_of: date, column: str) -> nw.Expr:
    """Whole days from a date to as_of, Int64."""
    return as_of.toordinal() - day_number(column)


def edges_reached(value: nw.Expr, edges: Sequence[float | nw.Expr]) -> nw.Expr:
    """How many of the edges a value has reached, Int64: 0 below the first; intervals are [low, high)."""
    return sum(((value >= edge).cast(nw.Int64) for edge in edges), start=0 * value.cast(nw.Int64))


def nth(index: nw.Expr, values: Sequence[str | float | None], dtype: Any = nw.String) -> nw.Expr:
    """The value at a position of a list, from 0; null where the index is null."""
    named = nw.lit(None, dtype)
    for position, value in enumerate(values):
        named = nw.when(index == position).then(nw.lit(value, dtype)).otherwise(named)
    return named


def ratio(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """part / whole, to ten decimals.

    polars divides by a column of one value through its reciprocal, so the last digit of a plain division depends on how
    the rows happen to be batched; a rerun of the same input must give the same table.
    """
    return (part / whole).round(10)


def computed_once(frame: Frame) -> Frame:
    """The same rows, computed once however often they are used further on.

    polars and Spark both call it `cache`; the optimiser of polars alone finds only some of such repetitions. Where there
    is no cache the result is the same and the work is repeated.
    """
    native = frame.to_native()
    return nw.from_native(native.cache()) if hasattr(native, "cache") else frame


def minor_units(amount: float) -> int:
    """An amount of the configuration, in whole currency units, as minor units."""
    return round(amount * MINOR_UNITS)
