"""Keeping Dagster's records small: runs beyond the retention go with everything recorded of them, and the files shrink.

What the records are for belongs to `run_records`; lake and editions do not depend on them.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from pipeline.run_records import ENDED, HOME_TAG, NIGHTLY
from pipeline.sizes import bytes_in

KEPT_RUNS = 7
"""So many runs and so many nights stay whatever their age, so that a shop that has paused still knows its last night."""
MIN_FREE_SHARE = 0.2
"""Share of free space from which a database is written anew."""
BUSY_SECONDS = 5
DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")


@dataclass(frozen=True)
class Pruned:
    """Runs that were dropped, and the bytes freed in Dagster's folder."""

    runs: int
    bytes_freed: int


def prune_records(instance: dg.DagsterInstance, home: Path, *, days: int, now: datetime) -> Pruned:
    """Drop the runs that ended more than `days` days ago; if it is stopped half-way, the next time does the rest.

    The caller must hold the lock of the home: no other run of it is under way.
    """
    folder = home / "dagster"
    before = bytes_in(folder)
    ended = instance.get_run_records(dg.RunsFilter(statuses=list(ENDED)))
    ours = [record for record in ended if not _is_of_another(record.dagster_run, home)]
    oldest = now - timedelta(days=days)
    nights = [record for record in ours if record.dagster_run.job_name == NIGHTLY]
    kept = {record.dagster_run.run_id for record in (*ours[:KEPT_RUNS], *nights[:KEPT_RUNS])}
    # A run that was marked as failed has no time of its end.
    old = [
        record
        for record in ours
        if record.dagster_run.run_id not in kept and record.update_timestamp.replace(tzinfo=UTC) < oldest
    ]
    for record in old:
        run_id = record.dagster_run.run_id
        # The run itself goes last, so that the rest of it can still be found after a stop.
        instance.event_log_storage.delete_events(run_id)
        instance.run_storage.delete_run(run_id)
    for file in map(folder.joinpath, DATABASES):
        shrink(file)
    return Pruned(len(old), max(0, before - bytes_in(folder)))


def _is_of_another(run: dg.DagsterRun, home: Path) -> bool:
    """Whether a run is of another home that still exists: Dagster may have runs of several, and a home may have moved."""
    other = run.tags.get(HOME_TAG, str(home))
    return other != str(home) and Path(other).is_dir()


def shrink(database: Path) -> bool:
    """Write a SQLite file anew if much of it is free; returns whether it did. A file in use waits until next time.

    SQLite does it in a transaction: a killed process or a full disk leaves the file as it was.
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
            # Until then the new content is in the log of the file.
            connection.execute("pragma wal_checkpoint(truncate)")
        except sqlite3.OperationalError:
            return False
    return True
