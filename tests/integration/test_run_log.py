"""The log of a home: lines that programs read, of runs and commands, one file a day, without what rows hold."""

import json
import os
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline.command_log import drop_logs, ended_runs, logging_command, write
from pipeline.errors import BusyError, ConfigError, LoyaltyError
from pipeline.settings import Settings
from tests.nights import night

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


def lines(home: Path) -> list[dict[str, Any]]:
    """All lines without their times, which are in order."""
    files = sorted((home / "logs").iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    found = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    times = [datetime.fromisoformat(line.pop("time")) for line in found]
    assert times == sorted(times)
    assert {time.tzinfo for time in times} == {UTC}
    assert [file.name for file in files] == sorted({f"{time:%Y-%m-%d}.jsonl" for time in times})
    return found


def test_a_run_is_told_line_by_line_with_what_warned(settings: Settings, records: dg.DagsterInstance) -> None:
    run_id = night(records, settings, warns=("rejected",))
    about = {"run": run_id, "job": "nightly"}
    told = lines(settings.home)
    assert all(line.pop("seconds") >= 0 for line in told if line["event"] == "STEP_SUCCESS")
    of_step = {**about, "step": "sources__orders"}
    words = {"asset": "sources/orders", "check": "rejected", "message": "rejected of 3 rows"}
    by_event = {line["event"]: line for line in told}
    assert len(by_event) == len(told)
    assert by_event == {
        "RUN_START": {"level": "INFO", "event": "RUN_START", **about},
        "ASSET_MATERIALIZATION": {
            "level": "INFO",
            "event": "ASSET_MATERIALIZATION",
            **of_step,
            "asset": "sources/orders",
        },
        "ASSET_CHECK_EVALUATION": {"level": "WARNING", "event": "ASSET_CHECK_EVALUATION", **of_step, **words},
        "STEP_SUCCESS": {"level": "INFO", "event": "STEP_SUCCESS", **of_step},
        "RUN_SUCCESS": {"level": "INFO", "event": "RUN_SUCCESS", **about},
    }
    assert (told[0]["event"], told[-1]["event"]) == ("RUN_START", "RUN_SUCCESS")


def test_a_failed_step_is_told_in_our_words_and_never_in_those_of_a_library(
    settings: Settings, records: dg.DagsterInstance
) -> None:
    night(records, settings, error=LoyaltyError("source shop: no file"))
    night(records, settings, error=ValueError("jan@shop.example is no number"))
    told = lines(settings.home)
    failures = [line["message"] for line in told if line["event"] == "STEP_FAILURE"]
    assert failures == ["source shop: no file", "ValueError, whose words may hold data"]
    assert [line["level"] for line in told if line["event"] == "RUN_FAILURE"] == ["ERROR", "ERROR"]
    assert "jan" not in json.dumps(told)


def test_what_a_step_says_is_a_line_and_its_details_are_none(settings: Settings, records: dg.DagsterInstance) -> None:
    @dg.op
    def say(context: dg.OpExecutionContext) -> None:
        context.log.info("3 files joined")
        context.log.debug("a detail")

    @dg.job
    def talk() -> None:
        say()

    talk.execute_in_process(instance=records)
    said = [line for line in lines(settings.home) if line["event"] == "MESSAGE"]
    assert [(line["level"], line["step"], line["message"]) for line in said] == [("INFO", "say", "3 files joined")]


def test_a_command_is_told_with_how_it_ended(tmp_path: Path) -> None:
    with logging_command(tmp_path, "loyalty maintain"):
        pass
    for error in (LoyaltyError("no edition before"), KeyError("jan@shop.example")):
        with pytest.raises(type(error)), logging_command(tmp_path, "loyalty rollback"):
            raise error
    found = [(line["level"], line["event"], line["command"], line.get("message")) for line in lines(tmp_path)]
    assert found == [
        ("INFO", "COMMAND_START", "loyalty maintain", None),
        ("INFO", "COMMAND_SUCCESS", "loyalty maintain", None),
        ("INFO", "COMMAND_START", "loyalty rollback", None),
        ("ERROR", "COMMAND_FAILURE", "loyalty rollback", "no edition before"),
        ("INFO", "COMMAND_START", "loyalty rollback", None),
        ("ERROR", "COMMAND_FAILURE", "loyalty rollback", "KeyError, whose words may hold data"),
    ]


def test_the_log_knows_each_end_of_a_night_but_those_that_gave_way_to_another(tmp_path: Path) -> None:
    for error in (BusyError("another run"), ConfigError("no key")):
        with pytest.raises(type(error)), logging_command(tmp_path, "loyalty run --as-of 2026-06-30"):
            raise error
    for command in ("loyalty run --as-of 2026-07-01", "loyalty erase"):
        with logging_command(tmp_path, command):
            pass
    (file,) = (tmp_path / "logs").iterdir()
    cut_off = [
        '{"event": "COMMAND_FAILURE", "level',
        '["COMMAND_SUCCESS"]',
        '{"event": "COMMAND_FAILURE", "level": "ERROR"}',
    ]
    with file.open("a") as stream:
        stream.write("\n".join(cut_off))
    found = ended_runs(tmp_path)
    assert [(run.day, run.fault, run.process) for run in found] == [
        (date(2026, 6, 30), "no key", os.getpid()),
        (date(2026, 7, 1), None, os.getpid()),
    ]
    assert all(run.begun_at <= run.ended_at for run in found)
    assert ended_runs(tmp_path, since=found[1].ended_at) == []
    assert ended_runs(tmp_path, since=found[0].ended_at - timedelta(milliseconds=1)) == found
    assert [line["level"] for line in lines_of(file) if line.get("event") == "COMMAND_FAILURE"] == ["WARNING", "ERROR"]
    assert ended_runs(tmp_path / "none") == []


def lines_of(file: Path) -> list[dict[str, Any]]:
    """The whole lines."""
    return [json.loads(line) for line in file.read_text().splitlines()[:-3]]


def test_lines_of_several_writers_stay_whole(tmp_path: Path) -> None:
    def write_many(number: int) -> None:
        for _ in range(50):
            write(tmp_path, NOON, {"event": "é" * 5_000, "process": number})

    writers = [threading.Thread(target=write_many, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = [line["process"] for line in lines(tmp_path)]
    assert [found.count(number) for number in range(4)] == [50] * 4


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("no folder")
    with logging_command(tmp_path, "loyalty run"):
        pass


def test_files_of_old_days_are_deleted_and_what_else_is_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name in ("2026-06-20", "2026-06-21", "2026-07-01", "notes"):
        (tmp_path / "logs" / f"{name}.jsonl").write_text("")
    assert drop_logs(tmp_path, days=10, today=date(2026, 7, 1)) == 1
    assert sorted(file.stem for file in (tmp_path / "logs").iterdir()) == ["2026-06-21", "2026-07-01", "notes"]
    assert drop_logs(tmp_path / "none", days=10, today=date(2026, 7, 1)) == 0
