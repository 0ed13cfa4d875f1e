"""Local dates and hours of many moments: looked up by the quarter of an hour, in a tenth of the time of converting each."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial

import polars as pl

from pipeline.core.frames import Frame

QUARTER = 15 * 60 * 1_000_000
"""Microseconds of a quarter of an hour: for many decades clocks have changed only where one begins."""
MANY = 20_000
"""Rows from which a table is worth making."""
MOST_YEARS = 10
"""Years that a table may span; one year of it takes milliseconds and 140 kB."""


def with_local_dates(rows: Frame, time_zone: str) -> Frame:
    """The rows with the local date of each of their moments: `ordered_at` gives `ordered_date`."""
    moments = [name for name, dtype in rows.collect_schema().items() if isinstance(dtype, pl.Datetime)]
    dates = partial(local_dates, time_zone=time_zone)
    return rows.with_columns(
        pl.col(name)
        .map_batches(dates, return_dtype=pl.Date, is_elementwise=True)
        .alias(f"{name.removesuffix('_at')}_date")
        for name in moments
    )


def local_hour(moment: str, time_zone: str) -> pl.Expr:
    """The hour that the clock shows at each UTC moment, Int8."""
    return pl.col(moment).map_batches(
        partial(local_hours, time_zone=time_zone), return_dtype=pl.Int8, is_elementwise=True
    )


def local_dates(moments: pl.Series, time_zone: str) -> pl.Series:
    """The local date of each UTC moment."""
    return _looked_up(moments, time_zone, _date)


def local_hours(moments: pl.Series, time_zone: str) -> pl.Series:
    """The hour that the clock shows at each UTC moment."""
    return _looked_up(moments, time_zone, _hour)


def _date(local: pl.Series) -> pl.Series:
    return local.dt.date()


def _hour(local: pl.Series) -> pl.Series:
    return local.dt.hour()


def _looked_up(moments: pl.Series, time_zone: str, part: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """The part of the local time of each moment: from a table where there are many, in few years."""
    if len(moments) >= MANY and moments.dtype == pl.Datetime("us", "UTC"):
        first, last = moments.min(), moments.max()
        if isinstance(first, datetime) and isinstance(last, datetime) and last.year - first.year < MOST_YEARS:
            parts = _parts_of_quarters(time_zone, first.year, last.year, part)
            start = int(datetime(first.year, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
            found = parts.gather((moments.to_physical() - start) // QUARTER)
            if found.null_count() == moments.null_count():
                return found.alias(moments.name)
    return part(moments.dt.convert_time_zone(time_zone))


@lru_cache(maxsize=16)
def _parts_of_quarters(
    time_zone: str, first_year: int, last_year: int, part: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """The part of the local time of each quarter of an hour of some years; null where it changes within the quarter."""
    bounds = (datetime(first_year, 1, 1), datetime(last_year + 1, 1, 1))
    starts = pl.datetime_range(*bounds, f"{QUARTER}us", closed="left", time_unit="us", time_zone="UTC", eager=True)
    ends = starts.dt.offset_by(f"{QUARTER - 1}us")
    begun, ended = (part(moments.dt.convert_time_zone(time_zone)) for moments in (starts, ends))
    return begun.set(begun != ended, None)
