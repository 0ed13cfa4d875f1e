"""The log of a home: a file of JSON lines a day, of runs and commands, for people and their tools. It holds no value of a row.

Every process appends whole lines to the file of the day, so nothing has to be renamed while another writes.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from logging import INFO, getLevelName
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.causes import cause_of
from pipeline.errors import LoyaltyError

FOLDER = "logs"
KIND = dg.DagsterEventType
TOLD = {KIND.RUN_START, KIND.RUN_SUCCESS, KIND.RUN_FAILURE, KIND.RUN_CANCELED}
"""Events of a run that get a line of their own."""


def write_event(home: Path, entry: dg.EventLogEntry) -> None:
    """Append an event that a run has just recorded, if it is worth a line."""
    if (line := line_of(entry)) is not None:
        write(home, datetime.fromtimestamp(entry.timestamp, UTC), line)


def line_of(entry: dg.EventLogEntry) -> dict[str, Any] | None:
    """What a line says of an event, beside its time; null if it is not worth one."""
    event = entry.dagster_event
    about = {"run": entry.run_id, "job": entry.job_name, "step": entry.step_key}
    if event is None:
        if int(entry.level) < INFO:
            return None
        return {"level": getLevelName(entry.level), "event": "MESSAGE", **about, "message": entry.user_message}
    told: dict[str, Any] | None = {} if event.event_type in TOLD else None
    if event.event_type == KIND.STEP_SUCCESS:
        told = {"seconds": round(event.step_success_data.duration_ms / 1000, 3)}
    elif event.event_type == KIND.STEP_FAILURE:
        told = {"level": "ERROR", "message": cause_of(event.step_failure_data).harmless}
    elif event.event_type == KIND.ASSET_MATERIALIZATION:
        rows = event.materialization.metadata.get("dagster/row_count")
        told = {"asset": _path(event.asset_key), "partition": event.partition, "rows": rows.value if rows else None}
    elif event.event_type == KIND.ASSET_CHECK_EVALUATION and not event.asset_check_evaluation_data.passed:
        check = event.asset_check_evaluation_data
        is_error = check.severity == dg.AssetCheckSeverity.ERROR
        words = {"check": check.check_name, "message": check.description}
        told = {"level": "ERROR" if is_error else "WARNING", "asset": _path(check.asset_key), **words}
    if told is None:
        return None
    # Dagster logs most of them as details for developers.
    level = "ERROR" if event.event_type == KIND.RUN_FAILURE else "INFO"
    return {"level": level, "event": event.event_type.value.replace("PIPELINE", "RUN"), **about, **told}


@contextmanager
def logging_command(home: Path, command: str) -> Iterator[None]:
    """Append that a command began, and how it ended."""
    begun = datetime.now(UTC)
    about = {"command": command, "process": os.getpid()}
    write(home, begun, {"level": "INFO", "event": "COMMAND_START", **about})
    try:
        yield
    except Exception as error:
        words = str(error) if isinstance(error, LoyaltyError) else f"{type(error).__name__}, whose words may hold data"
        write(home, datetime.now(UTC), {"level": "ERROR", "event": "COMMAND_FAILURE", **about, "message": words})
        raise
    now = datetime.now(UTC)
    seconds = round((now - begun).total_seconds(), 3)
    write(home, now, {"level": "INFO", "event": "COMMAND_SUCCESS", **about, "seconds": seconds})


def write(home: Path, at: datetime, line: Mapping[str, Any]) -> None:
    """Append a line to the file of its day; a log that cannot be written stops nothing."""
    known = {name: value for name, value in line.items() if value is not None}
    text = json.dumps({"time": at.isoformat(timespec="milliseconds"), **known}, ensure_ascii=False)
    with suppress(OSError):
        file = home / FOLDER / f"{at:%Y-%m-%d}.jsonl"
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # In one call, so that lines of two processes do not mix.
            os.write(descriptor, f"{text}\n".encode())
        finally:
            os.close(descriptor)


def drop_logs(home: Path, *, days: int, today: date) -> int:
    """Delete the files of days more than `days` days ago; returns how many. Other files in the folder stay."""
    oldest = today - timedelta(days=days)
    dropped = 0
    for file in (home / FOLDER).glob("*.jsonl"):
        with suppress(ValueError):
            if date.fromisoformat(file.stem) < oldest:
                file.unlink(missing_ok=True)
                dropped += 1
    return dropped


def _path(key: dg.AssetKey | None) -> str | None:
    return "/".join(key.path) if key else None
