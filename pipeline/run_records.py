"""What Dagster has recorded of the runs of a home, and why one failed. Loading the definitions, or what is told of a run, does not belong here."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg

from pipeline.dagster_home import telling_damage
from pipeline.errors import LoyaltyError
from pipeline.run_lock import lock_holder

NIGHTLY = "nightly"
MAINTENANCE = "maintenance"
HOME_TAG = "loyalty/home"
"""The tag of a run with its home folder: one Dagster may have runs of several."""
PARTITION_TAG = "dagster/partition"
KILLED = "The process of this run was killed; the next run finishes its work."
WAITING_SECONDS = 2.0
"""Longer than a run that waits for the lock takes to get it once it is free."""
ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
TRACE = "the Dagster UI shows the whole trace"


@dataclass(frozen=True)
class Run:
    """A run of one of our jobs; times are null before they have come."""

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
        """Whether nothing more comes of it."""
        return self.status in ENDED


@dataclass(frozen=True)
class Failure:
    """Where a run failed (a step or a check; null where the run itself did), and why, in one line.

    `is_ours`: the line is of our own making; one of a library may hold a value of a row.
    """

    where: str | None
    cause: str
    is_ours: bool
    kind: str = ""
    """The class of the error, where a library raised it."""

    @property
    def words(self) -> str:
        """All of it in one line, for whoever started the run."""
        return self.cause if self.is_ours else f"{self.where}: {self.cause}; {TRACE}"


@contextmanager
def open_records(home: Path) -> Iterator[dg.DagsterInstance | None]:
    """The records of a home, without making any; null where no run has been yet.

    Raises:
        ConfigError: one of Dagster's databases is damaged.
    """
    folder = home / "dagster"
    if not (folder / "dagster.yaml").is_file():
        yield None
        return
    # As dagster.yaml names the folder by it.
    os.environ["DAGSTER_HOME"] = str(folder)
    with telling_damage(home), dg.DagsterInstance.from_config(str(folder)) as instance:
        yield instance


def runs_of(
    instance: dg.DagsterInstance, home: Path, *, since: datetime | None = None, limit: int | None = None
) -> list[Run]:
    """The runs of our jobs in a home, newest first; those that changed after `since`."""
    found = []
    for record in instance.get_run_records(dg.RunsFilter(updated_after=since), limit=limit):
        run = record.dagster_run
        if run.job_name in (NIGHTLY, MAINTENANCE) and run.tags.get(HOME_TAG, str(home)) == str(home):
            day = run.tags.get(PARTITION_TAG)
            found.append(
                Run(
                    run.run_id,
                    run.job_name,
                    date.fromisoformat(day) if day else None,
                    run.status,
                    record.create_timestamp.replace(tzinfo=UTC),
                    datetime.fromtimestamp(record.start_time, UTC) if record.start_time else None,
                    datetime.fromtimestamp(record.end_time, UTC) if record.end_time else None,
                )
            )
    return found


def settle_killed_runs(instance: dg.DagsterInstance, home: Path) -> list[str]:
    """Mark the runs as failed whose process is gone; returns their ids. For whoever does not hold the lock of the home.

    A run has the lock a moment later than it starts, and gives it back a moment before it ends: so it is looked twice.
    """
    suspects = _without_lock(instance, home)
    if not suspects:
        return []
    time.sleep(WAITING_SECONDS)
    lost = [run for run in _without_lock(instance, home) if run.run_id in {one.run_id for one in suspects}]
    for run in lost:
        instance.report_run_failed(run, KILLED)
    return [run.run_id for run in lost]


def _without_lock(instance: dg.DagsterInstance, home: Path) -> list[dg.DagsterRun]:
    if lock_holder(home) is not None:
        return []
    statuses = [dg.DagsterRunStatus.STARTED]
    return list(instance.get_runs(dg.RunsFilter(statuses=statuses, tags={HOME_TAG: str(home)})))


def events_of(instance: dg.DagsterInstance, run_id: str) -> list[dg.DagsterEvent]:
    """What tells why a run failed, and what it warned of, in the order in which it came."""
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
    last = Failure(None, "the run did not succeed; see the Dagster UI", is_ours=True)
    for event in events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR and check.blocking:
                name = _name_of(check)
                return Failure(name, check.description or f"check {name} failed", is_ours=True)
        if event.is_step_failure:
            return _of_step(event)
        if event.event_type == dg.DagsterEventType.RUN_FAILURE and event.message == KILLED:
            return Failure(None, KILLED, is_ours=True)
        if event.event_type == dg.DagsterEventType.RUN_CANCELED:
            last = Failure(None, "it was cancelled", is_ours=True)
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


def _name_of(check: dg.AssetCheckEvaluation) -> str:
    return "/".join([*check.asset_key.path, check.check_name])


def _of_step(failure: dg.DagsterEvent) -> Failure:
    """A user's error in its own words; any other by its innermost cause."""
    users = _names_below(LoyaltyError)
    words, kind = "no reason given", ""
    error = failure.step_failure_data.error
    while error is not None:
        words, kind = " ".join(error.message.split()), error.cls_name or ""
        if kind in users:
            return Failure(failure.step_key, words.split(f"{kind}: ", 1)[-1], is_ours=True)
        error = error.cause
    if "PanicException" in words:
        # So polars ends where it cannot read on.
        words = f"a file cannot be read; `loyalty check --lake` tells which of the lake are damaged ({words})"
    return Failure(failure.step_key, words, is_ours=False, kind=kind)


def _names_below(kind: type[Exception]) -> set[str]:
    return {kind.__name__}.union(*(_names_below(one) for one in kind.__subclasses__()))
