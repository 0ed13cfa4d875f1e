"""The log of a home: a file of JSON lines a day, of runs and commands, for people and their tools; and which commands failed by it.

Every process appends whole lines to the file of the day, so nothing has to be renamed while another writes. It holds no
value of a row. What it says of runs in Dagster belongs to `run_log`, as Dagster takes a second to load.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.errors import BusyError, LoyaltyError

FOLDER = "logs"
NIGHT = "loyalty run --as-of "
"""The command that runs a night; the date stands behind it."""
BEFORE_THE_JOB = "before the job began"
"""When a command failed that came to no run in Dagster."""
SUCCESS, FAILURE = "COMMAND_SUCCESS", "COMMAND_FAILURE"


@dataclass(frozen=True)
class EndedRun:
    """A `loyalty run` that has ended; `fault` says why it failed, null where it did not."""

    day: date
    process: int
    begun_at: datetime
    ended_at: datetime
    fault: str | None

    @property
    def key(self) -> str:
        """What tells it from others."""
        return f"{self.ended_at.isoformat()} {self.process}"


@contextmanager
def logging_command(home: Path, command: str) -> Iterator[None]:
    """Append that a command began, and how it ended: one that gives way to another has not failed by itself."""
    begun = datetime.now(UTC)
    about = {"command": command, "process": os.getpid()}
    write(home, begun, {"level": "INFO", "event": "COMMAND_START", **about})

    def write_end(level: str, event: str, words: str | None = None) -> None:
        now = datetime.now(UTC)
        seconds = round((now - begun).total_seconds(), 3)
        write(home, now, {"level": level, "event": event, **about, "seconds": seconds, "message": words})

    try:
        yield
    except Exception as error:
        words = str(error) if isinstance(error, LoyaltyError) else f"{type(error).__name__}, whose words may hold data"
        write_end("WARNING" if isinstance(error, BusyError) else "ERROR", FAILURE, words)
        raise
    write_end("INFO", SUCCESS)


def write(home: Path, at: datetime, line: Mapping[str, Any]) -> None:
    """Append a line to the file of its day; a log that cannot be written stops nothing, and none makes a home."""
    known = {name: value for name, value in line.items() if value is not None}
    text = json.dumps({"time": at.isoformat(timespec="milliseconds"), **known}, ensure_ascii=False)
    with suppress(OSError):
        file = home / FOLDER / f"{at:%Y-%m-%d}.jsonl"
        file.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # In one call, so that lines of two processes do not mix.
            os.write(descriptor, f"{text}\n".encode())
        finally:
            os.close(descriptor)


def ended_runs(home: Path, *, since: datetime | None = None) -> list[EndedRun]:
    """Every `loyalty run` that has ended after `since`, in order; not those that gave way to another."""
    found = []
    for file in sorted((home / FOLDER).glob("*.jsonl")):
        if since and file.stem < f"{since:%Y-%m-%d}":
            continue
        with suppress(OSError), file.open(encoding="utf-8", errors="replace") as lines:
            found += [run for line in lines if (run := _ended_run(line)) and (not since or run.ended_at > since)]
    return found


def _ended_run(line: str) -> EndedRun | None:
    """The run that a line tells the end of; null of any other line, and of one that is cut off."""
    if SUCCESS not in line and FAILURE not in line:
        return None
    try:
        told = json.loads(line)
        if (
            told["event"] not in (SUCCESS, FAILURE)
            or told["level"] == "WARNING"
            or not told["command"].startswith(NIGHT)
        ):
            return None
        ended_at = datetime.fromisoformat(told["time"])
        begun_at = ended_at - timedelta(seconds=told["seconds"])
        fault = str(told["message"]) if told["event"] == FAILURE else None
        return EndedRun(
            date.fromisoformat(told["command"].removeprefix(NIGHT)), told["process"], begun_at, ended_at, fault
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


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
