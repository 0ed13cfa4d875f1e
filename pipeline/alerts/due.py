"""Which alerts are due, each once, by Dagster's records and the published file, whoever looks: command, daemon, watch.

What has been told is kept in the home. An alert that reached nobody is due again at the next look.
"""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from pipeline.alerts import messages
from pipeline.alerts.messages import Alert
from pipeline.alerts.send import Sent, send
from pipeline.causes import Cause
from pipeline.errors import LoyaltyError
from pipeline.run_records import NIGHTLY, Failure, Run, events_of, first_failure, runs_of, warnings_of
from pipeline.settings import Settings
from pipeline.warehouse.published import published

LOOK_BACK = timedelta(days=2)
"""Nothing that ended longer ago is told any more."""
LAST_RUNS = 20

Sender = Callable[[Alert, Settings], Sent]


@dataclass
class Memory:
    """What has been told: runs by id, the date of the last missed edition, and the checks that warned in the last night."""

    runs: list[str] = field(default_factory=list)
    missed: str | None = None
    warned: list[str] = field(default_factory=list)


def tell_what_is_due(
    settings: Settings, instance: dg.DagsterInstance | None, *, now: datetime, sender: Sender = send
) -> Sent:
    """Send every alert that is due now; `instance` is null where no run is recorded."""
    told = Sent([], [])
    if not settings.alerts.to:
        return told
    with _memory(settings.home) as memory:
        runs = runs_of(instance, settings.home, since=now - LOOK_BACK) if instance else []
        for run in sorted(runs, key=lambda run: run.created_at):
            if instance and run.has_ended and run.run_id not in memory.runs:
                _tell_run(settings, instance, run, memory, told, sender)
        memory.runs = [run.run_id for run in runs if run.run_id in memory.runs]
        if missing := _missing(settings, now):
            recent = runs_of(instance, settings.home, limit=LAST_RUNS) if instance else []
            last = next((run for run in recent if run.job == NIGHTLY), None)
            alert = messages.missed(settings, missing, last, published(settings.warehouse))
            if memory.missed != str(missing) and _reaches_anyone(alert, settings, told, sender):
                memory.missed = str(missing)
    return told


def tell_failure(settings: Settings, what: str, error: BaseException, *, sender: Sender = send) -> Sent:
    """Tell of a command that failed without a run of the job in Dagster's records."""
    if "failure" not in settings.alerts.about:
        return Sent([], [])
    cause = Cause(" ".join(str(error).split()), type(error).__name__, is_ours=isinstance(error, LoyaltyError))
    failure = Failure("before the job began", cause)
    return sender(messages.failed(settings, what, failure, published(settings.warehouse), None), settings)


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
    told.failures.extend(sent.failures)
    return bool(sent.to)


@contextmanager
def _memory(home: Path) -> Iterator[Memory]:
    """What has been told, for one process at a time, and kept afterwards."""
    file = home / "work" / "told.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        stream.seek(0)
        try:
            memory = Memory(**json.load(stream))
        except (ValueError, TypeError):
            memory = Memory()
        try:
            yield memory
        finally:
            stream.seek(0)
            stream.truncate()
            json.dump(asdict(memory), stream)
