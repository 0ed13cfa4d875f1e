"""The upkeep of Dagster's records, and when maintenance comes by itself."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.utils import make_new_run_id

from pipeline import cli
from pipeline.commands import maintain
from pipeline.commands.maintain import is_due
from pipeline.commands.prune import Pruned, prune_records, shrink
from pipeline.errors import LakeError
from pipeline.resources import Home
from pipeline.run_records import HOME_TAG, runs_of
from pipeline.settings import RetentionSettings, Settings
from tests.nights import ORDERS, night

NOW = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)


def rows(settings: Settings, query: str) -> list[Any]:
    with closing(sqlite3.connect(settings.home / "dagster/history/runs/index.db")) as connection:
        return connection.execute(query).fetchall()


def test_runs_beyond_the_retention_go_with_all_that_is_recorded_of_them_and_the_newest_stay(
    settings: Settings, records: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.commands.prune.KEPT_RUNS", 2)
    runs = [night(records, settings, warns=("rejected",)) for _ in range(4)]
    log = settings.home / "dagster/history/runs"
    today = datetime.now(UTC)
    assert prune_records(records, settings.home, days=90, now=today + timedelta(days=89)) == Pruned(0, 0)
    pruned = prune_records(records, settings.home, days=90, now=today + timedelta(days=91))
    assert pruned.runs == 2
    assert pruned.bytes_freed > 100_000
    assert {run.run_id for run in runs_of(records, settings.home)} == set(runs[2:])
    assert {file.stem for file in log.glob("*-*.db")} == set(runs[2:])
    assert [file.name for file in log.iterdir() if file.name.startswith(tuple(runs[:2]))] == []
    for table in ("event_logs", "asset_check_executions"):
        assert set(rows(settings, f"select distinct run_id from {table}")) == {(run,) for run in runs[2:]}
    assert all(records.all_logs(run) for run in runs[2:])
    assert records.get_latest_materialization_event(ORDERS).run_id == runs[-1]  # type: ignore[union-attr]
    assert night(records, settings) in {run.run_id for run in runs_of(records, settings.home)}


def test_the_last_nights_stay_however_many_runs_of_other_jobs_came_after_them(
    settings: Settings, records: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.commands.prune.KEPT_RUNS", 2)
    nights = [night(records, settings) for _ in range(3)]
    others = [make_new_run_id() for _ in range(3)]
    for run_id in others:
        records.add_run(dg.DagsterRun(job_name="__ASSET_JOB", run_id=run_id, status=dg.DagsterRunStatus.SUCCESS))
    prune_records(records, settings.home, days=90, now=datetime.now(UTC) + timedelta(days=91))
    assert {run.run_id for run in records.get_runs()} == {*nights[1:], *others[1:]}


def test_a_run_that_is_not_over_and_one_of_another_home_stay(
    settings: Settings, records: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dg.job
    def some() -> None: ...

    def run(status: dg.DagsterRunStatus, home: Path) -> str:
        return records.create_run_for_job(some, status=status, tags={HOME_TAG: str(home)}).run_id

    monkeypatch.setattr("pipeline.commands.prune.KEPT_RUNS", 0)
    (tmp_path / "other").mkdir()
    kept = {
        run(dg.DagsterRunStatus.STARTED, settings.home),
        run(dg.DagsterRunStatus.STARTING, settings.home),
        run(dg.DagsterRunStatus.SUCCESS, tmp_path / "other"),
    }
    run(dg.DagsterRunStatus.FAILURE, settings.home)
    run(dg.DagsterRunStatus.CANCELED, tmp_path / "moved away")
    later = datetime.now(UTC) + timedelta(days=91)
    assert prune_records(records, settings.home, days=90, now=later).runs == 2
    assert {found.run_id for found in records.get_runs()} == kept


# Databases


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database of which half is free."""
    file = tmp_path / "some.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table t as select 0 as value, zeroblob(4000) as b where false")
        connection.executemany("insert into t values (?, zeroblob(4000))", [(n,) for n in range(1, 201)])
        connection.execute("delete from t where value > 100")
    return file


def test_a_database_with_room_in_it_shrinks_and_keeps_its_rows(database: Path) -> None:
    before = database.stat().st_size
    # As the daemon has it open all the time.
    with closing(sqlite3.connect(database)) as other:
        assert other.execute("select count(*) from t").fetchall() == [(100,)]
        assert shrink(database)
        assert database.stat().st_size < 0.6 * before
        assert database.with_name(f"{database.name}-wal").stat().st_size == 0
    assert not shrink(database)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("select count(*), sum(value) from t").fetchall() == [(100, 5050)]
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]


def test_a_database_that_another_writes_stays_until_the_next_time(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.commands.prune.BUSY_SECONDS", 0)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("begin immediate")
        other.execute("insert into t values (1000, null)")
        assert not shrink(database)
        other.execute("commit")
    assert shrink(database)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("select count(*) from t").fetchall() == [(101,)]


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert not shrink(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


# When maintenance comes by itself


def test_maintenance_is_due_a_week_after_the_last_or_after_the_first_night(tmp_path: Path) -> None:
    weekly = RetentionSettings()
    assert not is_due(tmp_path, weekly, now=NOW)
    assert not is_due(tmp_path, weekly, now=NOW + timedelta(days=6, hours=23))
    assert is_due(tmp_path, weekly, now=NOW + timedelta(days=7))
    assert not is_due(tmp_path, RetentionSettings(maintain=False), now=NOW + timedelta(days=7))


def test_maintenance_that_fails_changes_nothing_of_a_night_and_comes_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise LakeError("the store does not answer")

    is_due(settings.home, settings.retention, now=NOW)
    monkeypatch.setattr(maintain, "maintain_home", refuse)
    for _ in range(2):
        cli._maintain_when_due(Home.of(settings), settings)
        said = " ".join(capsys.readouterr().err.split())
        assert said == "warn maintenance: the store does not answer; `loyalty maintain` tries again"
    monkeypatch.undo()
    cli._maintain_when_due(Home.of(settings), settings)
    assert capsys.readouterr().err.split("\n")[0] == "maintenance of the week:"
    cli._maintain_when_due(Home.of(settings), settings)
    assert capsys.readouterr().err == ""
