import os
import sqlite3
from pathlib import Path

import pytest

from pipeline.dagster_event_log import EventLog
from pipeline.dagster_home import (
    DAGSTER_YAML,
    DAGSTER_YAML_POSTGRESQL,
    FORMER_MODULE,
    MODULE,
    RECORDS_URL,
    prepare_dagster_home,
    telling_damage,
)
from pipeline.errors import ConfigError, DiskFullError
from pipeline.run_records import open_records


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    # The function sets both: this gives them back.
    for name in ("DAGSTER_HOME", "LOYALTY_HOME"):
        monkeypatch.setenv(name, os.environ.get(name, ""))


@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"])
def test_a_database_that_is_none_is_named_with_the_way_out(tmp_path: Path, name: str) -> None:
    prepare_dagster_home(tmp_path)
    file = tmp_path / "dagster" / name
    file.parent.mkdir(parents=True)
    with sqlite3.connect(file) as connection:
        connection.execute("create table runs (id integer)")
    connection.close()
    prepare_dagster_home(tmp_path)
    file.write_bytes(b"")
    prepare_dagster_home(tmp_path)
    file.write_text("plain text")
    with pytest.raises(ConfigError) as raised:
        prepare_dagster_home(tmp_path)
    way_out = f"move {tmp_path / 'dagster'} away and run again; only the record of earlier runs is in it"
    assert str(raised.value) == f"{file} is damaged: {way_out}"


def test_what_only_reading_shows_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"history is damaged: move .*dagster away"), telling_damage(tmp_path):
        raise sqlite3.DatabaseError("database disk image is malformed")
    full = rf"^the disk of {tmp_path} is full, or fails: disk I/O error; make room and run again; "
    with pytest.raises(DiskFullError, match=full), telling_damage(tmp_path):
        raise sqlite3.OperationalError("disk I/O error")
    with pytest.raises(DiskFullError, match=r"^said already: disk I/O error$"), telling_damage(tmp_path):
        raise DiskFullError("said already: disk I/O error")
    with pytest.raises(sqlite3.OperationalError, match="locked"), telling_damage(tmp_path):
        raise sqlite3.OperationalError("database is locked")


def test_records_are_in_postgresql_where_the_environment_names_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "dagster" / "dagster.yaml"
    prepare_dagster_home(tmp_path)
    assert file.read_text() == DAGSTER_YAML
    monkeypatch.setenv(RECORDS_URL, "postgresql+psycopg2://dagster:secret@records/dagster")
    for _ in range(2):
        prepare_dagster_home(tmp_path)
        assert file.read_text() == DAGSTER_YAML_POSTGRESQL
        assert "secret" not in file.read_text()
    monkeypatch.setenv(RECORDS_URL, "postgresql://dagster:secret@records/dagster")
    with pytest.raises(ConfigError, match=rf"^{RECORDS_URL} must begin with postgresql\+psycopg2://$"):
        prepare_dagster_home(tmp_path)
    monkeypatch.delenv(RECORDS_URL)
    without = f"^Dagster's records of this home are in PostgreSQL: set {RECORDS_URL} to the address$"
    with pytest.raises(ConfigError, match=without):
        prepare_dagster_home(tmp_path)
    with pytest.raises(ConfigError, match=without), open_records(tmp_path):
        pass


def test_the_records_of_an_older_version_are_read_before_its_first_run_renews_the_settings(tmp_path: Path) -> None:
    prepare_dagster_home(tmp_path)
    file = tmp_path / "dagster" / "dagster.yaml"
    older = file.read_text().replace(MODULE, FORMER_MODULE)
    file.write_text(older)
    with open_records(tmp_path) as instance:
        assert instance is not None
        assert instance.get_runs() == []
        assert isinstance(instance.event_log_storage, EventLog)
    assert file.read_text() == older


def test_a_database_out_of_reach_is_told_in_one_line(tmp_path: Path) -> None:
    said = 'connection to server at "records", port 5432 failed: FATAL:  password authentication failed'
    with pytest.raises(ConfigError, match=rf"^the database of {RECORDS_URL} does not answer"), telling_damage(tmp_path):
        raise RuntimeError(said)
