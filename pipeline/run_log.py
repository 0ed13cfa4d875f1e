"""What the log of a home says of runs in Dagster. Commands and the files of the log belong to `command_log`."""

from datetime import UTC, datetime
from logging import INFO, getLevelName
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.causes import cause_of
from pipeline.command_log import write

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


def _path(key: dg.AssetKey | None) -> str | None:
    return "/".join(key.path) if key else None
