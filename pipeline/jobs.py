"""The jobs and what starts them: schedules, new files. What the nightly job does is what the assets do."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from dagster._core.definitions.partitions.partitioned_schedule import UnresolvedPartitionedAssetScheduleDefinition
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.execution.plan.resume_retry import ReexecutionStrategy
from dagster._core.storage.tags import RETRY_STRATEGY_TAG

from pipeline.alerts.due import tell_what_is_due
from pipeline.commands.maintain import maintain_home
from pipeline.errors import LoyaltyError, SourceShapeError
from pipeline.home_version import refuse_newer
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.run_records import KILLED, MAINTENANCE, NIGHTLY, started_without_lock
from pipeline.settings import RetentionSettings, ScheduleSettings, Settings, yesterday
from pipeline.sources.object_stores import is_remote, list_objects
from pipeline.sources.parts import file_format, find_files
from pipeline.sources.settings import ApiInput, DatabaseInput, SourceSettings, as_file

LOOK_SECONDS = 60
"""Between two looks at the files; a file must be unchanged for as long, so that one still being written is not read."""
LOST_RUN_SECONDS = 30

NightlySchedule = dg.ScheduleDefinition | UnresolvedPartitionedAssetScheduleDefinition


def nightly_job() -> UnresolvedAssetJobDefinition:
    """Everything, for one as_of date."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all(),
        description="Read the sources, merge them into the lake, compute the segments of one date, build and publish the warehouse.",
        # A run that was killed is started again as a whole: it leaves as it is what is up to date.
        tags={RETRY_STRATEGY_TAG: ReexecutionStrategy.ALL_STEPS.value},
    )


def nightly_schedule(schedule: ScheduleSettings, job: UnresolvedAssetJobDefinition) -> NightlySchedule:
    """Every night in the shop's time zone, for the date that has just ended."""
    at = schedule.at
    return dg.build_schedule_from_partitioned_job(
        job,
        name=NIGHTLY,
        hour_of_day=at.hour,
        minute_of_hour=at.minute,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def maintenance_job(retention: RetentionSettings) -> dg.JobDefinition:
    """The upkeep of a home."""

    @dg.op(pool=POOL)
    def maintain_lake(context: dg.OpExecutionContext, home: Home) -> None:
        """Drop dates beyond retention, join small files, delete files that nothing reads any more, and records of old runs."""
        for line in maintain_home(home, retention, context.instance, now=datetime.now(UTC)).lines:
            context.log.info(line.strip())

    @dg.job(
        name=MAINTENANCE,
        description="Thin out old segment dates, join small files of the lake, delete files that nothing reads, and records of old runs.",
    )
    def maintenance() -> None:
        maintain_lake()

    return maintenance


def maintenance_schedule(retention: RetentionSettings, time_zone: str, job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Every Sunday in the shop's time zone; off where `retention.maintain` is false, until it is switched on in the UI."""
    at = retention.maintain_at
    status = dg.DefaultScheduleStatus.RUNNING if retention.maintain else dg.DefaultScheduleStatus.STOPPED
    return dg.ScheduleDefinition(
        name=MAINTENANCE,
        job=job,
        cron_schedule=f"{at.minute} {at.hour} * * 0",
        execution_timezone=time_zone,
        default_status=status,
    )


def sensors(settings: Settings, job: UnresolvedAssetJobDefinition) -> list[dg.SensorDefinition]:
    """`lost_runs`; `new_files` where a shop delivers files (the job writes the demo's itself); `alerts` if there are addresses."""
    has_files = any(
        not isinstance(place, DatabaseInput | ApiInput)
        for source in settings.sources
        for place in source.inputs.values()
    )
    return [
        _lost_runs(settings.home),
        *([_new_files(settings, job)] if has_files and settings.demo is None else []),
        *([_alerts(settings)] if settings.alerts.to else []),
    ]


def _new_files(settings: Settings, job: UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    @dg.sensor(
        name="new_files",
        job=job,
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Starts the job for yesterday once the sources' files have changed and are no longer being written.",
    )
    def new_files(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """The cursor holds two fingerprints: of the files as last seen, and as of the last start of the job."""
        found, missing = _look(settings.sources)
        seen = _fingerprint(found)
        if context.cursor is None:
            context.update_cursor(json.dumps({"seen": seen, "started": seen}))
            return dg.SkipReason(f"first look: {len(found)} files; the job starts when one is new or changed")
        if missing:
            return dg.SkipReason(f"{missing[0]}; the job starts by itself once all places have files")
        last = json.loads(context.cursor)
        context.update_cursor(json.dumps({**last, "seen": seen}))
        if seen == last["started"]:
            return dg.SkipReason(f"none of {len(found)} files is new or changed since the job was last started")
        if seen != last["seen"]:
            return dg.SkipReason(
                f"files have changed; the job starts once they stay unchanged for {LOOK_SECONDS} seconds"
            )
        context.update_cursor(json.dumps({"seen": seen, "started": seen}))
        return dg.RunRequest(run_key=seen, partition_key=str(yesterday(settings)))

    return new_files


def _lost_runs(home: Path) -> dg.SensorDefinition:
    @dg.sensor(
        name="lost_runs",
        minimum_interval_seconds=LOST_RUN_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks runs with a killed process as failed, so that the queue does not wait for them for ever.",
    )
    def lost_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        """The cursor holds the runs under way without the lock at the last tick; a run found twice is lost."""
        refuse_newer(home)
        runs = started_without_lock(context.instance, home)
        suspects = json.loads(context.cursor or "[]")
        lost = [run for run in runs if run.run_id in suspects]
        for run in lost:
            context.instance.report_run_failed(run, KILLED)
        context.update_cursor(json.dumps([run.run_id for run in runs]))
        return dg.SkipReason(f"{len(lost)} runs marked as failed" if lost else "no run was killed")

    return lost_runs


def _alerts(settings: Settings) -> dg.SensorDefinition:
    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=LOOK_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells of runs that failed or warned, and of a night without an edition, whatever started it.",
    )
    def alerts(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        """What has been told is kept in the home, as the commands look there too."""
        refuse_newer(settings.home)
        sent = tell_what_is_due(settings, context.instance, now=datetime.now(UTC))
        return dg.SkipReason("; ".join([*sent.failures, *(f"sent {words}" for words in sent.to)]) or "nothing to tell")

    return alerts


def _look(sources: list[SourceSettings]) -> tuple[list[list[str]], list[str]]:
    """A cheap look at the sources' files, unread: what shows a change; and in words which places have no file."""
    found: list[list[str]] = []
    missing: list[str] = []
    for source in sources:
        for name, place in source.inputs.items():
            if not isinstance(place, DatabaseInput | ApiInput):
                try:
                    # As a list, so that a place that fails half-way counts for nothing.
                    found += list(_files_at(source, name, as_file(place).path))
                except (LoyaltyError, OSError) as error:
                    missing.append(str(error))
    return found, missing


def _files_at(source: SourceSettings, name: str, place: str) -> Iterator[list[str]]:
    if not is_remote(place):
        for file in find_files(source.name, name, place):
            state = file.stat()
            yield [source.name, name, str(file), str(state.st_size), str(state.st_mtime_ns)]
        return
    objects = [remote for remote in list_objects(place) if file_format(Path(remote.address))]
    if not objects:
        raise SourceShapeError(f"source {source.name}: input {name}: no file at {place}")
    for remote in objects:
        yield [source.name, name, remote.address, remote.fingerprint]


def _fingerprint(found: list[list[str]]) -> str:
    return hashlib.sha256(json.dumps(sorted(found)).encode()).hexdigest()[:32]
