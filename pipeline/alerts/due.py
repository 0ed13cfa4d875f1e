"""Which alerts are due, each once, by Dagster's records, the log of commands and the published file, whoever looks: command,
daemon, watch.

What has been told is kept in the home. An alert that reached nobody is due again at the next look.
"""

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from pipeline.alerts import messages
from pipeline.alerts.messages import Alert
from pipeline.alerts.send import Sent, send
from pipeline.causes import Cause
from pipeline.command_log import BEFORE_THE_JOB, EndedRun, ended_runs
from pipeline.errors import ConfigError, LoyaltyError
from pipeline.private_files import unwritable
from pipeline.run_records import (
    NIGHTLY,
    Failure,
    Run,
    events_of,
    first_failure,
    last_night,
    runs_of,
    warnings_of,
    without_record,
)
from pipeline.settings import Settings
from pipeline.warehouse.published import published
from pipeline.whole_files import OWNERS_ALONE

LOOK_BACK = timedelta(days=2)
"""Nothing that ended longer ago is told any more."""
JUST_NOW = timedelta(minutes=1)
"""Since when the line is in the log that this process has written: process ids come again."""
AGAIN = "each look tries again for two days: the next run, `loyalty watch`, the daemon"
TEST = "`loyalty check --alerts` tries the address"

Sender = Callable[[Alert, Settings], Sent]


@dataclass
class Memory:
    """What has been told: runs by id, the date of the last missed edition, the checks that warned in the last night, and
    commands that failed without a run.
    """

    runs: list[str] = field(default_factory=list)
    missed: str | None = None
    warned: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)


def tell_what_is_due(
    settings: Settings, instance: dg.DagsterInstance | None, *, now: datetime, sender: Sender = send
) -> Sent:
    """Send every alert that is due now; `instance` is null where no run is recorded, or the records cannot be read.

    Raises:
        ConfigError: what has been told cannot be kept in the home, so that it would be told at every look.
    """
    told = Sent([], [])
    if not settings.alerts.to:
        return told
    with _memory(settings.home, told) as memory:
        ended = ended_runs(settings.home, since=now - LOOK_BACK)
        if instance:
            runs = sorted(runs_of(instance, settings.home, since=now - LOOK_BACK), key=lambda run: run.created_at)
            for run in runs:
                if run.has_ended and run.run_id not in memory.runs:
                    _tell_run(settings, instance, run, memory, told, sender)
            memory.runs = [run.run_id for run in runs if run.run_id in memory.runs]
            memory.commands += _keys_of_recorded(ended, runs)
        failed = [run for run in ended if run.fault]
        for one in failed:
            _tell_command(settings, one, memory, told, sender)
        memory.commands = [run.key for run in ended if run.key in memory.commands]
        if missing := _missing(settings, now):
            last = last_night(instance, settings.home) if instance else None
            later = [run for run in failed if not last or run.begun_at > last.created_at]
            alert = messages.missed(
                settings, missing, last, later[-1] if later else None, published(settings.warehouse)
            )
            if memory.missed != str(missing) and _reaches_anyone(alert, settings, told, sender):
                memory.missed = str(missing)
    return told


def tell_failure(settings: Settings, day: date, error: Exception, *, now: datetime, sender: Sender = send) -> Sent:
    """Tell of a night whose command fails in this process without a run of the job in Dagster's records.

    What the log has of it is told again by later looks, unless it reaches somebody now.
    """
    told = Sent([], [])
    if "failure" not in settings.alerts.about:
        return told
    cause = Cause(" ".join(str(error).split()), type(error).__name__, is_ours=isinstance(error, LoyaltyError))
    alert = messages.failed(
        settings, messages.night(day), Failure(BEFORE_THE_JOB, cause), published(settings.warehouse), None
    )
    try:
        with _memory(settings.home, told) as memory:
            logged = [run for run in ended_runs(settings.home, since=now - JUST_NOW) if run.process == os.getpid()]
            mine = logged[-1].key if logged else None
            if mine not in memory.commands and _reaches_anyone(alert, settings, told, sender) and mine:
                memory.commands.append(mine)
    except ConfigError:
        # A home that cannot be written may be why the night fails.
        _reaches_anyone(alert, settings, told, sender)
    return told


def _keys_of_recorded(ended: list[EndedRun], runs: list[Run]) -> list[str]:
    """The commands that came to a run, which tells of them."""
    alone = without_record(ended, [run for run in runs if run.job == NIGHTLY])
    return [run.key for run in ended if run.fault and run not in alone]


def _tell_command(settings: Settings, run: EndedRun, memory: Memory, told: Sent, sender: Sender) -> None:
    if run.key in memory.commands:
        return
    failure = Failure(BEFORE_THE_JOB, Cause(run.fault or "", "", is_ours=True))
    alert = messages.failed(settings, messages.night(run.day), failure, published(settings.warehouse), None)
    if "failure" not in settings.alerts.about or _reaches_anyone(alert, settings, told, sender):
        memory.commands.append(run.key)


def _tell_run(
    settings: Settings, instance: dg.DagsterInstance, run: Run, memory: Memory, told: Sent, sender: Sender
) -> None:
    events = events_of(instance, run.run_id)
    warnings = dict(warnings_of(events))
    new = {name: words for name, words in warnings.items() if name not in memory.warned}
    alert = _of_run(settings, run, first_failure(events), warnings, new)
    if alert is None or _reaches_anyone(alert, settings, told, sender):
        memory.runs.append(run.run_id)
        if run.job == NIGHTLY and run.status == dg.DagsterRunStatus.SUCCESS:
            memory.warned = sorted(warnings)


def _of_run(
    settings: Settings, run: Run, failure: Failure, warnings: dict[str, str], new: dict[str, str]
) -> Alert | None:
    about = settings.alerts.about
    there = published(settings.warehouse)
    if run.status != dg.DagsterRunStatus.SUCCESS:
        return messages.failed(settings, messages.name_of(run), failure, there, run) if "failure" in about else None
    if run.job != NIGHTLY:
        return None
    if "success" in about:
        return messages.went_well(settings, run, _report(settings, run), warnings, there)
    if "warnings" in about and new:
        return messages.warned(settings, run, new, len(warnings) - len(new), there)
    return None


def _report(settings: Settings, run: Run) -> str:
    """The figures of a night, as `loyalty run` prints them below its table."""
    from pipeline.commands.run_summary import summary_lines
    from pipeline.lake import Lake

    if run.day is None:
        return ""
    return "\n".join(summary_lines(Lake(settings.lake_root), run.day, run.run_id))


def _missing(settings: Settings, now: datetime) -> date | None:
    """The date whose edition should be there by now and is not."""
    local = now.astimezone(ZoneInfo(settings.shop.time_zone))
    if "missed" not in settings.alerts.about or local.time() < settings.alerts.missed_at:
        return None
    day = local.date() - timedelta(days=1)
    there = published(settings.warehouse)
    return None if there and there.as_of and there.as_of >= day else day


def _reaches_anyone(alert: Alert, settings: Settings, told: Sent, sender: Sender) -> bool:
    sent = sender(alert, settings)
    told.to.extend(f"'{alert.title}' to {name}" for name in sent.to)
    told.failures.extend(f"{words}; {TEST if sent.to else AGAIN}" for words in sent.failures)
    return bool(sent.to)


@contextmanager
def _memory(home: Path, told: Sent) -> Iterator[Memory]:
    """What has been told, for one process at a time, and kept afterwards; where it cannot be, `told` gets a line.

    Raises:
        ConfigError: the file cannot be opened for writing.
    """
    file = home / "work" / "told.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_CREAT, OWNERS_ALONE)
    except OSError as error:
        raise unwritable(home, error) from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        before = os.pread(handle, os.fstat(handle).st_size, 0)
        try:
            memory = Memory(**json.loads(before))
        except (ValueError, TypeError):
            memory = Memory()
        try:
            yield memory
        finally:
            _keep(handle, json.dumps(asdict(memory)).encode(), before, told)
    finally:
        os.close(handle)


def _keep(handle: int, content: bytes, before: bytes, told: Sent) -> None:
    """Write over what was there, which takes no room on a full disk; where there is none, it stays as it was."""
    if content == before:
        return
    try:
        _write_over(handle, content)
    except OSError as error:
        with suppress(OSError):
            _write_over(handle, before)
        told.failures.append(f"what has been told cannot be kept: {error.strerror}; make room, or it is told again")


def _write_over(handle: int, content: bytes) -> None:
    if os.pwrite(handle, content, 0) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.ftruncate(handle, len(content))
