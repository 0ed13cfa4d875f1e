"""Keeping a home small: old dates are thinned out, small files joined, and files that nothing reads any more
deleted, with Dagster's records of old runs.

What a table says of the dates it keeps never changes, and whoever is reading can read on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg

from pipeline.charts.kept import drop_pictures
from pipeline.command_log import drop_logs
from pipeline.commands.prune import Pruned, prune_records
from pipeline.errors import ConfigError
from pipeline.lake import Lake
from pipeline.resources import Home
from pipeline.settings import RetentionSettings
from pipeline.warehouse.build_file import newest_as_of
from schemas.registry import SEGMENTS, TABLES

EVERY = timedelta(days=7)
MAINTAINED = "maintained"
"""In the folder `work` of a home: when maintenance was last done."""


@dataclass(frozen=True)
class Upkeep:
    """What was done to one table."""

    table: str
    dates_dropped: int
    files_joined: int
    files_deleted: int


def dates_to_drop(dates: Sequence[date], *, newest: date, daily_days: int) -> list[date]:
    """The dates to drop: of those too old to be kept day by day only the last of each month stays.

    Kept day by day are the `daily_days` local dates up to `newest`. A month without its last day keeps the last date it has.
    """
    last_of_month = {(day.year, day.month): day for day in sorted(dates)}
    oldest_daily = newest - timedelta(days=daily_days - 1)
    return [day for day in sorted(dates) if day < oldest_daily and day != last_of_month[day.year, day.month]]


def refuse_dropped(lake: Lake, days: Sequence[date], retention: RetentionSettings) -> None:
    """Refuse to compute dates that the next maintenance would drop; `days` are to be computed, oldest first.

    Raises:
        ConfigError: the retention keeps no such date of its month.
    """
    all_days = {*lake.dates(SEGMENTS["rfm"]), *days}
    unkept = dates_to_drop([*all_days], newest=max(all_days), daily_days=retention.daily_days)
    if dropped := [day for day in days if day in unkept]:
        raise ConfigError(
            f"--from {days[0]}: dates up to {dropped[-1]} are older than retention.daily_days = "
            f"{retention.daily_days} keeps day by day; give --every month, a later --from, or a longer retention"
        )


def maintain(lake: Lake, retention: RetentionSettings) -> list[Upkeep]:
    """Do it for every table of the lake. If it is stopped half-way, the next time does the rest."""
    newest = newest_as_of(lake)
    return [_maintain_table(lake, name, newest, retention) for name in TABLES]


@dataclass(frozen=True)
class Maintained:
    """What the maintenance of a home has done."""

    tables: list[Upkeep]
    records: Pruned
    logs: int
    """Files of the log that were deleted."""

    @property
    def lines(self) -> list[str]:
        """What was done, in one line each."""
        lines = []
        for done in self.tables:
            if done.dates_dropped or done.files_joined or done.files_deleted:
                figures = f"{done.dates_dropped:>5} dates dropped, {done.files_joined:>5} files joined"
                lines.append(f"  {done.table:<20} {figures}, {done.files_deleted:>5} deleted")
        if self.records.runs or self.records.bytes_freed:
            freed = f"{self.records.bytes_freed / 1e6:,.1f} MB freed"
            lines.append(f"  {'records of runs':<20} {self.records.runs:>5} runs dropped, {freed}")
        if self.logs:
            lines.append(f"  {'logs':<20} {self.logs:>5} files deleted")
        return lines or ["nothing to drop, join or delete"]


def maintain_home(
    home: Home, retention: RetentionSettings, instance: dg.DagsterInstance | None, *, now: datetime
) -> Maintained:
    """Do all of it, and remember when; `instance` is null where no run is recorded."""
    tables = maintain(home.lake, retention)
    records = prune_records(instance, home.path, days=retention.run_days, now=now) if instance else Pruned(0, 0)
    _remember(home.path, now)
    drop_pictures(home.path, days=retention.run_days, now=now)
    logs = drop_logs(home.path, days=retention.run_days, today=now.date())
    return Maintained(tables, records, logs)


def is_due(home: Path, retention: RetentionSettings, *, now: datetime) -> bool:
    """Whether automatic maintenance was last done a week ago; a new home has a week of its own."""
    if not retention.maintain:
        return False
    try:
        last = datetime.fromisoformat((home / "work" / MAINTAINED).read_text())
    except (OSError, ValueError):
        _remember(home, now)
        return False
    return now - last >= EVERY


def _remember(home: Path, now: datetime) -> None:
    file = home / "work" / MAINTAINED
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(now.isoformat())


def _maintain_table(lake: Lake, name: str, newest: date | None, retention: RetentionSettings) -> Upkeep:
    table = TABLES[name]
    dropped: list[date] = []
    if newest and table.is_thinned_out:
        dropped = dates_to_drop(lake.dates(table), newest=newest, daily_days=retention.daily_days)
        lake.drop_dates(table, dropped)
    # Dates are written in files of a fair size, and joined ones would be others: all that is made of a date would be made again.
    joined = 0 if table.is_dated else lake.compact(table)
    deleted = lake.vacuum(table, older_than_hours=retention.unread_file_hours)
    lake.shorten_log(table)
    return Upkeep(name, len(dropped), joined, deleted)
