"""Keeping Dagster's records small: runs beyond the retention go with all that is recorded of them, and the files shrink.

What the records are for belongs to `run_records`; the lake and the editions know nothing of them.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from pipeline.run_records import ENDED, HOME_TAG
from pipeline.sizes import bytes_in

KEPT_RUNS = 7
"""Runs that stay whatever their age, so that a shop that stood still knows its last night."""
MIN_FREE_SHARE = 0.2
"""Share of a database that is free, from which on it is written anew."""
BUSY_SECONDS = 5
DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")


@dataclass(frozen=True)
class Pruned:
    """Runs that were dropped, and the bytes that the folder of Dagster lost by it."""

    runs: int
    bytes_freed: int


def prune_records(instance: dg.DagsterInstance, home: Path, *, days: int, now: datetime) -> Pruned:
    """Drop the runs that ended more than `days` days ago; stopped half-way, the next time does the rest.

    For whoever holds the lock of the home: no run of it is under way but that of the caller.
    """
    folder = home / "dagster"
    before = bytes_in(folder)
    ended = instance.get_run_records(dg.RunsFilter(statuses=list(ENDED)))
    ours = [record for record in ended if not _is_of_another(record.dagster_run, home)]
    oldest = now - timedelta(days=days)
    # A run that was marked as failed has no time of its end.
    old = [record for record in ours[KEPT_RUNS:] if record.update_timestamp.replace(tzinfo=UTC) < oldest]
    for record in old:
        run_id = record.dagster_run.run_id
        # In this order, as what is left of a run that is still known is found again.
        instance.event_log_storage.delete_events(run_id)
        instance.run_storage.delete_run(run_id)
    for file in map(folder.joinpath, DATABASES):
        shrink(file)
    return Pruned(len(old), max(0, before - bytes_in(folder)))


def _is_of_another(run: dg.DagsterRun, home: Path) -> bool:
    """Whether a run is of another home that is still there: one Dagster may have runs of several, and a home may have moved."""
    other = run.tags.get(HOME_TAG, str(home))
    return other != str(home) and Path(other).is_dir()


def shrink(database: Path) -> bool:
    """Write a SQLite file anew where much of it is free; returns whether it was. One that others are using stays until next time.

    SQLite does it in a transaction: a process that is killed, or a disk that is full, leaves the file as it was.
    """
    if not database.is_file():
        return False
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
        ((free,),) = connection.execute("pragma freelist_count").fetchall()
        ((pages,),) = connection.execute("pragma page_count").fetchall()
        if free < MIN_FREE_SHARE * pages:
            return False
        try:
            connection.execute("vacuum")
            # The new content is in the log of the file until then.
            connection.execute("pragma wal_checkpoint(truncate)")
        except sqlite3.OperationalError:
            return False
    return True
