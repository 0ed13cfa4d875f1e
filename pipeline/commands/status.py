"""How a home is doing, for people and for monitoring: the edition, the last and the next run, sizes, notices. It changes nothing."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._utils.schedules import schedule_execution_time_iterator

from pipeline.command_log import BEFORE_THE_JOB, EndedRun, ended_runs
from pipeline.errors import DiskFullError, EditionError
from pipeline.private_files import is_there
from pipeline.run_lock import lock_holder
from pipeline.run_records import NIGHTLY, Run, events_of, first_failure, last_night, open_records, without_record
from pipeline.settings import Settings
from pipeline.sizes import Sizes, growth_a_day, measure, sizes_by_day
from pipeline.targets.up_to_date import Copy, copies_of
from pipeline.warehouse.published import published

WELL, NEEDS_A_LOOK, NO_EDITION = 0, 3, 4
"""Exit codes; 1 means that a command failed, 2 that it was called wrongly."""
DAEMON_SECONDS = 300
"""A daemon without a sign of life for longer counts as stopped."""
SETTLED_SECONDS = 60
MINUTES_TOLD = 120
"""From so many minutes on an age is told in hours."""


@dataclass(frozen=True)
class LastRun:
    """The newest nightly run; a command that failed before it came to a run has no id and no page."""

    run_id: str | None
    as_of: date | None
    outcome: str
    """succeeded, failed, killed, canceled, started, queued."""
    cause: str | None
    started_at: datetime | None
    ended_at: datetime | None
    page: str | None

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return (self.ended_at - self.started_at).total_seconds() if self.started_at and self.ended_at else None


@dataclass(frozen=True)
class Status:
    """How a home is doing; null means none, or unknown."""

    shop: str
    home: Path
    warehouse: Path
    as_of: date | None
    published_at: datetime | None
    expected_as_of: date
    """The date whose edition should be there by now."""
    last_run: LastRun | None
    next_run_at: datetime | None
    """By the configuration, while a daemon runs; what cron will start is not known."""
    under_way: str | None
    sizes: Sizes
    growth_a_day: Sizes
    disk_free: int
    notices: list[tuple[str, str]] = field(default_factory=list)
    """Kind and message."""
    copies: list[Copy] = field(default_factory=list)
    """Where the edition is kept elsewhere too; none where the published file cannot be read."""
    unread: str | None = None
    """Why the records of runs cannot be read; the last run is then that of the log."""

    @property
    def is_late(self) -> bool:
        """Whether the edition that should be there is missing."""
        return self.as_of is None or self.as_of < self.expected_as_of

    @property
    def problems(self) -> list[str]:
        """What somebody should look at, in one line each."""
        found = []
        if self.is_late:
            there = f"the published one is of {self.as_of}" if self.as_of else "none that can be read is published"
            found.append(f"no edition of {self.expected_as_of}: {there}")
        if self.last_run and self.last_run.outcome in ("failed", "killed", "canceled"):
            found.append(f"the last run {self.last_run.outcome}: {self.last_run.cause}")
        if self.unread:
            found.append(f"the records of runs cannot be read: {self.unread}")
        # A run that is under way may not have come to its copies yet.
        if not self.under_way:
            found += [f"copy {copy.name} is not up to date: {copy.fault}" for copy in self.copies if copy.fault]
        return found

    @property
    def exit_code(self) -> int:
        """For monitoring."""
        return NO_EDITION if self.is_late else NEEDS_A_LOOK if self.problems else WELL


def status_of(settings: Settings, *, now: datetime) -> Status:
    """Look at a home."""
    there = published(settings.warehouse)
    local = now.astimezone(ZoneInfo(settings.shop.time_zone))
    under_way = lock_holder(settings.home) if is_there(settings.home) else None
    try:
        unread = None
        with open_records(settings.home) as instance:
            newest = last_night(instance, settings.home) if instance else None
            last = _last_run(settings, instance, newest, under_way, now) if instance and newest else None
            last = _failed_command(settings.home, newest) or last
            next_run_at = _next_run(settings, instance, local) if instance else None
    except DiskFullError as error:
        last, next_run_at, unread = _last_command(settings.home), None, str(error)
    sizes = measure(settings.home, settings.lake_root)
    return Status(
        shop=settings.shop.name,
        home=settings.home,
        warehouse=settings.warehouse,
        as_of=there.as_of if there else None,
        published_at=there.published_at if there else None,
        expected_as_of=local.date() - timedelta(days=1 if local.time() >= settings.alerts.missed_at else 2),
        last_run=last,
        next_run_at=next_run_at,
        under_way=under_way,
        sizes=sizes,
        growth_a_day=growth_a_day(sizes_by_day(settings.home), sizes, now.date()),
        disk_free=shutil.disk_usage(_existing(settings.home)).free,
        notices=there.notices if there else [],
        copies=_copies(settings) if there and there.as_of else [],
        unread=unread,
    )


def _copies(settings: Settings) -> list[Copy]:
    try:
        return copies_of(settings.publish, settings.warehouse)
    except EditionError:
        return []


def _last_run(
    settings: Settings, instance: dg.DagsterInstance, run: Run, under_way: str | None, now: datetime
) -> LastRun:
    outcome, cause = run.outcome, None
    begun = run.started_at or run.created_at
    if run.status == dg.DagsterRunStatus.STARTED and not under_way and (now - begun).total_seconds() > SETTLED_SECONDS:
        outcome, cause = "killed", "its process is gone; the next run finishes its work"
    elif run.has_ended and run.status != dg.DagsterRunStatus.SUCCESS:
        cause = first_failure(events_of(instance, run.run_id)).words
    page = settings.ui.page_of(run.run_id)
    return LastRun(run.run_id, run.day, outcome, cause, run.started_at, run.ended_at, page)


def _failed_command(home: Path, newest: Run | None) -> LastRun | None:
    """The last `loyalty run` where it has failed since the newest run, without one of its own."""
    ended = ended_runs(home, since=newest.created_at if newest else None)[-1:]
    for run in without_record(ended, [newest] if newest else []):
        return _of_command(run, f"{BEFORE_THE_JOB}: {run.fault}")
    return None


def _last_command(home: Path) -> LastRun | None:
    """The last `loyalty run` that the log has."""
    return next((_of_command(run, run.fault) for run in reversed(ended_runs(home))), None)


def _of_command(run: EndedRun, cause: str | None) -> LastRun:
    return LastRun(None, run.day, "failed" if cause else "succeeded", cause, run.begun_at, run.ended_at, None)


def _next_run(settings: Settings, instance: dg.DagsterInstance, local: datetime) -> datetime | None:
    """When the daemon starts the next night; null where it is stopped, or the schedule switched off."""
    seen = max((beat.timestamp for beat in instance.get_daemon_heartbeats().values()), default=0.0)
    if local.timestamp() - seen > DAEMON_SECONDS:
        return None
    for state in instance.all_instigator_state():
        if state.instigator_name == NIGHTLY and not state.is_running:
            return None
    at = settings.schedule.at
    # By Dagster's own rule, as the daemon: on the night of a clock change a time of day can be missing, or come twice.
    starts = schedule_execution_time_iterator(local.timestamp(), f"{at.minute} {at.hour} * * *", str(local.tzinfo))
    return next(start for start in starts if start.timestamp() > local.timestamp())


def _existing(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if place.exists())


def as_json(status: Status) -> dict[str, object]:
    """The status as plain values; moments are in UTC."""
    last = status.last_run
    return {
        "shop": status.shop,
        "home": str(status.home),
        "warehouse": str(status.warehouse),
        "edition": {
            "as_of": _text(status.as_of),
            "published_at": _text(status.published_at),
            "expected_as_of": _text(status.expected_as_of),
            "is_late": status.is_late,
        },
        "last_run": last
        and {
            "run_id": last.run_id,
            "as_of": _text(last.as_of),
            "outcome": last.outcome,
            "cause": last.cause,
            "started_at": _text(last.started_at),
            "ended_at": _text(last.ended_at),
            "seconds": last.seconds,
            "page": last.page,
        },
        "next_run_at": _text(status.next_run_at),
        "under_way": status.under_way,
        "bytes": status.sizes,
        "bytes_growth_a_day": status.growth_a_day,
        "bytes_free": status.disk_free,
        "copies": [
            {"name": copy.name, "place": copy.words, "edition": copy.edition, "fault": copy.fault}
            for copy in status.copies
        ],
        "notices": [{"kind": kind, "message": message} for kind, message in status.notices],
        "problems": status.problems,
        "exit_code": status.exit_code,
    }


def as_lines(status: Status, *, now: datetime, time_zone: str) -> list[str]:
    """The status for people; moments are in the shop's time zone."""
    zone = ZoneInfo(time_zone)

    def moment(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "not yet"

    lines = {"edition": "none is published"}
    if status.published_at:
        minutes = (now - status.published_at).total_seconds() / 60
        ago = f"{minutes / 60:.0f} hours" if minutes >= MINUTES_TOLD else f"{minutes:.0f} min"
        which = status.as_of or "cannot be read"
        lines["edition"] = f"{which}, published {moment(status.published_at)}, {ago} ago: {status.warehouse}"
    last = status.last_run
    if last:
        took = f" after {last.seconds:.0f} s" if last.seconds is not None else ""
        lines["last run"] = f"night of {last.as_of} {last.outcome}, {moment(last.ended_at or last.started_at)}{took}"
        if last.page:
            lines["page"] = last.page
    else:
        lines["last run"] = "none is recorded"
    next_run = f"{moment(status.next_run_at)} {time_zone}" if status.next_run_at else None
    none = "not known" if status.unread else "none by the schedule: `loyalty ui` is not running, or the schedule is off"
    lines["next run"] = next_run or none
    if status.under_way:
        lines["under way"] = status.under_way
    sizes = [f"{name} {_megabytes(size)}{_growth(status.growth_a_day, name)}" for name, size in status.sizes.items()]
    lines["sizes"] = f"{', '.join(sizes)}; {_megabytes(status.disk_free)} free"
    rows = [f"{name:<10} {words}" for name, words in lines.items()]
    rows += [f"{'copy':<10} {copy.name}: {copy.words}" for copy in status.copies if not copy.fault]
    rows += [f"{'notice':<10} {message}" for _, message in status.notices]
    return rows + [f"{'problem':<10} {words}" for words in status.problems]


def as_prometheus(status: Status, *, now: datetime) -> str:
    """The status in the text format of Prometheus; what is not known is left out."""
    last = status.last_run
    kinds: dict[str, int] = {}
    for kind, _ in status.notices:
        kinds[kind] = kinds.get(kind, 0) + 1
    as_of = datetime.combine(status.as_of, datetime.min.time(), UTC) if status.as_of else None
    has_ended = last is not None and last.outcome not in ("started", "queued", "starting", "not_started")
    copies = {copy.name: int(not copy.fault) for copy in status.copies}
    metrics: dict[str, tuple[str, Mapping[str, float | None]]] = {
        "edition_as_of_timestamp_seconds": ("Midnight in UTC of the date of the published edition.", _one(as_of)),
        "edition_published_timestamp_seconds": ("When the edition was published.", _one(status.published_at)),
        "edition_is_late": ("1 when the edition that should be there is missing.", {"": float(status.is_late)}),
        "last_run_succeeded": (
            "1 where the last night succeeded.",
            {"": float(last.outcome == "succeeded") if last and has_ended else None},
        ),
        "last_run_end_timestamp_seconds": ("When the last night ended.", _one(last.ended_at if last else None)),
        "last_run_duration_seconds": ("How long it took.", {"": last.seconds if last else None}),
        "next_run_timestamp_seconds": ("When the daemon starts the next night.", _one(status.next_run_at)),
        "size_bytes": ("Room that a part of the home takes.", _by("part", status.sizes)),
        "growth_bytes_per_day": ("How much it grows a day, over 30 days.", _by("part", status.growth_a_day)),
        "disk_free_bytes": ("Room left on the disk of the home.", {"": float(status.disk_free)}),
        "copy_is_current": ("1 where the copy is of the published edition.", _by("copy", copies)),
        "notices": ("Notices of the edition.", _by("kind", kinds)),
        "status_timestamp_seconds": ("When this was written.", _one(now)),
    }
    lines = []
    for name, (words, values) in metrics.items():
        known = {labels: value for labels, value in values.items() if value is not None}
        if known:
            lines += [f"# HELP loyalty_{name} {words}", f"# TYPE loyalty_{name} gauge"]
        for labels, value in known.items():
            all_labels = ",".join(filter(None, [f'shop="{_label(status.shop)}"', labels]))
            lines.append(f"loyalty_{name}{{{all_labels}}} {value:.15g}")
    return "\n".join(lines) + "\n"


def _one(at: datetime | None) -> dict[str, float | None]:
    return {"": at.timestamp() if at else None}


def _by(label: str, values: Mapping[str, int]) -> dict[str, float | None]:
    return {f'{label}="{_label(name)}"': float(value) for name, value in values.items()}


def _label(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _text(value: date | datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value.isoformat() if value else None


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _growth(growth: Sizes, name: str) -> str:
    return f" ({growth[name] / 1e6:+,.2f} a day)" if name in growth else ""
