"""What Dagster has recorded of the runs of a home, and why one failed. What people are told of a run does not belong here."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import yaml
from dagster._core.instance.ref import InstanceRef

from pipeline.causes import Cause, cause_of
from pipeline.command_log import EndedRun
from pipeline.dagster_home import FORMER_MODULE, MODULE, refuse_without_address, telling_damage
from pipeline.run_lock import lock_holder

NIGHTLY = "nightly"
MAINTENANCE = "maintenance"
HOME_TAG = "loyalty/home"
"""The tag of a run with its home folder: one Dagster may have runs of several."""
PARTITION_TAG = "dagster/partition"
KILLED = "The process of this run was killed; the next run finishes its work."
WAITING_SECONDS = 2.0
"""Longer than a waiting run takes to get the lock once it is free."""
PAGE = 50
"""How many records are read at once where the newest of some kind is looked for."""
ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
TRACE = "the Dagster UI shows the whole trace"


@dataclass(frozen=True)
class Run:
    """A run of one of our jobs; times are null until they have come."""

    run_id: str
    job: str
    day: date | None
    status: dg.DagsterRunStatus
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def outcome(self) -> str:
        """How it stands, in one word."""
        words = {dg.DagsterRunStatus.SUCCESS: "succeeded", dg.DagsterRunStatus.FAILURE: "failed"}
        return words.get(self.status, self.status.value.lower())

    @property
    def has_ended(self) -> bool:
        """Whether it is over."""
        return self.status in ENDED


@dataclass(frozen=True)
class Failure:
    """Where a run failed (a step or a check; null where the run itself did), and why."""

    where: str | None
    cause: Cause

    @property
    def words(self) -> str:
        """All of it in one line, for whoever started the run."""
        return self.cause.words if self.cause.is_ours else f"{self.where}: {self.cause.words}; {TRACE}"


@contextmanager
def open_records(home: Path) -> Iterator[dg.DagsterInstance | None]:
    """The records of a home, without making any; null before the first run.

    Raises:
        ConfigError: one of Dagster's databases is damaged or out of reach.
        DiskFullError: the disk is full or read-only, which keeps SQLite from reading too.
    """
    folder = home / "dagster"
    if not (folder / "dagster.yaml").is_file():
        yield None
        return
    written = (folder / "dagster.yaml").read_text()
    refuse_without_address(written)
    # dagster.yaml refers to the folder by it.
    os.environ["DAGSTER_HOME"] = str(folder)
    with telling_damage(home), dg.DagsterInstance.from_ref(_as_of_today(folder, written)) as instance:
        yield instance


def _as_of_today(folder: Path, written: str) -> InstanceRef:
    """The settings of Dagster in a folder, as the next run renews them where an older version has `written` them."""
    renewed = written.replace(FORMER_MODULE, MODULE)
    if renewed == written:
        return InstanceRef.from_dir(str(folder))
    log = yaml.safe_load(renewed)["event_log_storage"]
    return InstanceRef.from_dir(str(folder), overrides={"event_log_storage": log})


def runs_of(instance: dg.DagsterInstance, home: Path, *, since: datetime | None = None) -> list[Run]:
    """The runs of our jobs in a home, those of each newest first; those that changed after `since`."""
    return [run for job in (NIGHTLY, MAINTENANCE) for run in _runs_of(instance, home, job, since)]


def last_night(instance: dg.DagsterInstance, home: Path) -> Run | None:
    """The newest nightly run in a home, however many runs of other jobs and homes came after it."""
    return next(_runs_of(instance, home, NIGHTLY, None), None)


def without_record(ended: Iterable[EndedRun], nights: Sequence[Run]) -> list[EndedRun]:
    """Those `loyalty run` that failed without a nightly run in the records, which would tell of it."""
    return [
        run for run in ended if run.fault and not any(run.begun_at <= one.created_at <= run.ended_at for one in nights)
    ]


def _runs_of(instance: dg.DagsterInstance, home: Path, job: str, since: datetime | None) -> Iterator[Run]:
    cursor = None
    while records := instance.get_run_records(
        dg.RunsFilter(job_name=job, updated_after=since), limit=PAGE, cursor=cursor
    ):
        for record in records:
            run = record.dagster_run
            # A run gets the tag of its home as it starts.
            if run.tags.get(HOME_TAG, str(home)) == str(home):
                day = run.tags.get(PARTITION_TAG)
                yield Run(
                    run.run_id,
                    run.job_name,
                    date.fromisoformat(day) if day else None,
                    run.status,
                    record.create_timestamp.replace(tzinfo=UTC),
                    datetime.fromtimestamp(record.start_time, UTC) if record.start_time else None,
                    datetime.fromtimestamp(record.end_time, UTC) if record.end_time else None,
                )
        cursor = records[-1].dagster_run.run_id


def settle_killed_runs(instance: dg.DagsterInstance, home: Path) -> list[str]:
    """Mark runs whose process is gone as failed; returns their ids. The caller must not hold the lock of the home."""
    suspects = started_without_lock(instance, home)
    if not suspects:
        return []
    time.sleep(WAITING_SECONDS)
    lost = [run for run in started_without_lock(instance, home) if run.run_id in {one.run_id for one in suspects}]
    for run in lost:
        instance.report_run_failed(run, KILLED)
    return [run.run_id for run in lost]


def started_without_lock(instance: dg.DagsterInstance, home: Path) -> list[dg.DagsterRun]:
    """The runs of a home that its records show as under way while nobody has its lock.

    A run takes the lock a moment after it starts and releases it a moment before it ends: only a run found twice was
    killed.
    """
    if lock_holder(home) is not None:
        return []
    statuses = [dg.DagsterRunStatus.STARTED]
    return list(instance.get_runs(dg.RunsFilter(statuses=statuses, tags={HOME_TAG: str(home)})))


def events_of(instance: dg.DagsterInstance, run_id: str) -> list[dg.DagsterEvent]:
    """The events that tell why a run failed and what it warned of, in order."""
    kinds = {
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.RUN_FAILURE,
        dg.DagsterEventType.RUN_CANCELED,
    }
    records = instance.get_records_for_run(run_id, of_type=kinds).records
    return [event for record in records if (event := record.event_log_entry.dagster_event) is not None]


def first_failure(events: Iterable[dg.DagsterEvent]) -> Failure:
    """The first failure of a run: a user's error in its own words, a failed blocking check by its description."""
    last = Failure(None, _ours("the run did not succeed; see the Dagster UI"))
    for event in events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR and check.blocking:
                name = _name_of(check)
                return Failure(name, _ours(check.description or f"check {name} failed"))
        if event.is_step_failure:
            cause = cause_of(event.step_failure_data)
            return Failure(event.step_key, cause)
        if event.event_type == dg.DagsterEventType.RUN_FAILURE and event.message == KILLED:
            return Failure(None, _ours(KILLED))
        if event.event_type == dg.DagsterEventType.RUN_CANCELED:
            last = Failure(None, _ours("it was cancelled"))
    return last


def warnings_of(events: Iterable[dg.DagsterEvent]) -> Mapping[str, str]:
    """Check that warned -> its words."""
    found = {}
    for event in events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity == dg.AssetCheckSeverity.WARN:
                found[_name_of(check)] = check.description or "the check did not pass"
    return found


def _ours(words: str) -> Cause:
    return Cause(words, "", is_ours=True)


def _name_of(check: dg.AssetCheckEvaluation) -> str:
    return "/".join([*check.asset_key.path, check.check_name])
