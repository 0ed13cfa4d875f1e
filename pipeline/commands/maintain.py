"""Keeping the lake small: old dates are thinned out, small files joined, files that nothing reads any more deleted.

What a table says of the dates it keeps never changes by it; and whoever began to read before can read on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.lake import Lake
from pipeline.settings import RetentionSettings
from pipeline.warehouse.build_file import newest_as_of
from schemas.registry import TABLES


@dataclass(frozen=True)
class Upkeep:
    """What was done to one table."""

    table: str
    dates_dropped: int
    files_joined: int
    files_deleted: int


def dates_to_drop(dates: Sequence[date], *, newest: date, daily_days: int) -> list[date]:
    """The dates that are too old to be kept day by day: of those only the last of each month stays.

    Kept day by day are the `daily_days` local dates up to `newest`. A month without its last day keeps the last date it has.
    """
    last_of_month = {(day.year, day.month): day for day in sorted(dates)}
    oldest_daily = newest - timedelta(days=daily_days - 1)
    return [day for day in sorted(dates) if day < oldest_daily and day != last_of_month[day.year, day.month]]


def maintain(lake: Lake, retention: RetentionSettings) -> list[Upkeep]:
    """Do it for every table. Stopped half-way it has done part of the work, and the next time does the rest."""
    newest = newest_as_of(lake)
    return [_maintain_table(lake, name, newest, retention) for name in TABLES]


def _maintain_table(lake: Lake, name: str, newest: date | None, retention: RetentionSettings) -> Upkeep:
    table = TABLES[name]
    dropped: list[date] = []
    if newest and table.is_thinned_out:
        dropped = dates_to_drop(lake.dates(table), newest=newest, daily_days=retention.daily_days)
        lake.drop_dates(table, dropped)
    joined = lake.compact(table)
    deleted = lake.vacuum(table, older_than_hours=retention.unread_file_hours)
    return Upkeep(name, len(dropped), joined, deleted)
