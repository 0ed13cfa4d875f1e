"""The event log keeps Dagster's files, and few of them open."""

import sqlite3
from pathlib import Path

import dagster as dg
import pytest

from pipeline.dagster_event_log import OPEN_RUNS, EventLog
from pipeline.dagster_home import DAGSTER_YAML


@dg.asset
def thing() -> None: ...


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dagster.yaml").write_text(DAGSTER_YAML)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    return tmp_path


def test_a_home_keeps_the_history_that_dagsters_own_log_wrote_and_dagster_reads_what_is_added(home: Path) -> None:
    (home / "dagster.yaml").write_text("")
    with dg.DagsterInstance.get() as instance:
        before = dg.materialize([thing], instance=instance)
    (home / "dagster.yaml").write_text(DAGSTER_YAML)
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.event_log_storage, EventLog)
        seen = [event.dagster_event_type for event in instance.all_logs(before.run_id)]
        after = dg.materialize([thing], instance=instance)
        written = [event.dagster_event_type for event in instance.all_logs(after.run_id)]
    assert seen == written
    assert dg.DagsterEventType.ASSET_MATERIALIZATION in written
    (home / "dagster.yaml").write_text("")
    with dg.DagsterInstance.get() as instance:
        assert [event.dagster_event_type for event in instance.all_logs(after.run_id)] == written
        newest = instance.get_latest_materialization_event(thing.key)
    assert newest is not None
    assert newest.run_id == after.run_id


def test_what_is_stored_is_seen_by_others_at_once(home: Path) -> None:
    with dg.DagsterInstance.get() as instance:
        result = dg.materialize([thing], instance=instance)
        with sqlite3.connect(home / "history" / "runs" / f"{result.run_id}.db") as connection:
            (n_events,) = connection.execute("select count(*) from event_logs").fetchone()
        assert n_events == len(instance.all_logs(result.run_id))
        assert n_events > 0


@pytest.mark.usefixtures("home")
def test_only_the_newest_runs_stay_open() -> None:
    with dg.DagsterInstance.get() as instance:
        log = instance.event_log_storage
        assert isinstance(log, EventLog)
        runs = [dg.materialize([thing], instance=instance).run_id for _ in range(OPEN_RUNS + 1)]
        assert set(log._engines) == {"index", *runs[1:]}
        assert all(instance.all_logs(run) for run in runs)
