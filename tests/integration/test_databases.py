"""Databases as inputs, against real servers: PostgreSQL and MariaDB started here on loopback, each in a folder of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import adbc_driver_postgresql.dbapi as postgresql
import dagster as dg
import polars as pl
import pymysql
import pytest
import sqlalchemy

from pipeline.commands.prune import prune_records
from pipeline.dagster_home import prepare_dagster_home
from pipeline.errors import SourceShapeError
from pipeline.sources.databases import DatabaseRead, read_database
from pipeline.sources.settings import DatabaseInput
from tests.scenario import ROOT

PASSWORD = "s3cret p@ss/word?"
# Neither server runs as root.
AS_NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
POSTGRESQL = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), Path())
MARIADB = Path("/usr/sbin/mariadbd")


@dataclass
class Server:
    """A database server on loopback."""

    address: str
    execute: Callable[..., None]
    """Runs and commits statements."""
    start: Callable[[], None]
    stop: Callable[[], None]

    def input(
        self,
        table: str | None = None,
        *,
        query: str | None = None,
        cursor: str | None = None,
        lookback_hours: float = 0,
    ) -> DatabaseInput:
        return DatabaseInput(
            database=self.address, table=table, query=query, cursor=cursor, lookback_hours=lookback_hours
        )


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder of the user that the servers run as; pytest's own folders are closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="loyalty-server-"))
    try:
        if AS_NOBODY:
            shutil.chown(folder, "nobody", "nogroup")
        yield folder
    finally:
        shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(*command: str | Path) -> None:
    subprocess.run([*AS_NOBODY, *map(str, command)], check=True, stdout=subprocess.DEVNULL, cwd="/")


@pytest.fixture(scope="module")
def shop() -> Iterator[Server]:
    """A PostgreSQL server with an empty database."""
    if not (POSTGRESQL / "initdb").is_file():
        pytest.skip("no PostgreSQL server in /usr/lib/postgresql; install the Debian package postgresql")
    with private_folder() as folder:
        port = free_port()
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o644)
        data = folder / "data"
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c timezone=Asia/Tokyo"
        )
        run(POSTGRESQL / "initdb", "-D", data, "-U", "shop", f"--pwfile={password}", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync")  # fmt: skip
        address = f"postgresql://shop:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/postgres"

        def start() -> None:
            run(POSTGRESQL / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")

        def stop() -> None:
            run(POSTGRESQL / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")

        def execute(*statements: str) -> None:
            with closing(postgresql.connect(address)) as connection, closing(connection.cursor()) as cursor:
                for statement in statements:
                    cursor.execute(statement)
                connection.commit()

        start()
        yield Server(address, execute, start, stop)
        stop()


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Server]:
    """A MariaDB server with an empty database."""
    if not MARIADB.is_file():
        pytest.skip(f"no {MARIADB}; install the Debian package mariadb-server")
    with private_folder() as folder:
        port = free_port()
        data = folder / "data"
        first = folder / "first.sql"
        # One statement a line.
        first.write_text(
            "create database shop;\n"
            f"create user shop@'127.0.0.1' identified by '{PASSWORD}';\n"
            "grant all on shop.* to shop@'127.0.0.1';\n"
        )
        first.chmod(0o644)
        run("mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db")
        common = [
            "--no-defaults",
            f"--datadir={data}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
        ]
        own = [
            f"--socket={folder}/socket",
            f"--pid-file={folder}/pid",
            f"--init-file={first}",
            "--default-time-zone=+09:00",
        ]
        command = [*AS_NOBODY, str(MARIADB), *common, *own, "--sql-mode="]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

        def connect() -> "pymysql.Connection[pymysql.cursors.Cursor]":
            return pymysql.connect(host="127.0.0.1", port=port, user="shop", password=PASSWORD, database="shop")

        def execute(*statements: str) -> None:
            with connect() as connection, connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                connection.commit()

        patience = time.monotonic() + 60
        while True:
            try:
                connect().close()
                break
            except pymysql.Error:
                assert time.monotonic() < patience
                time.sleep(0.1)
        yield Server(
            f"mysql://shop:{quote(PASSWORD, safe='')}@127.0.0.1:{port}/shop", execute, lambda: None, lambda: None
        )
        server.terminate()
        server.wait()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "rows.parquet"


def read(place: DatabaseInput, target: Path, after: str | None = None) -> tuple[DatabaseRead, pl.DataFrame]:
    result = read_database(place, after=after, target=target)
    frame = pl.read_parquet(target)
    assert frame.height == result.rows
    return result, frame


def error_of(place: DatabaseInput, target: Path, after: str | None = None) -> str:
    """The one line that tells what is wrong; it never has the password."""
    with pytest.raises(SourceShapeError) as caught:
        read_database(place, after=after, target=target)
    text = str(caught.value)
    assert "\n" not in text
    assert PASSWORD not in text
    assert quote(PASSWORD, safe="") not in text
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return text


def test_postgresql_types_arrive_as_the_database_has_them(shop: Server, target: Path) -> None:
    shop.execute(
        "create type mood as enum ('happy', 'sad')",
        """create table types (
            whole bigint, small smallint, ratio double precision, amount numeric(12, 2), long_amount numeric(40, 2), exact numeric,
            cash money, flag boolean, note text, code char(5), day date, at_time time, wall timestamp, moment timestamptz,
            id uuid, attributes jsonb, feeling mood, tags text[], bytes bytea, span interval)""",
        """insert into types values (
            9007199254740993, 7, 0.5, 12.30, 1.20, 1.0010, 1234.5, true, 'één', 'EUR', '2026-01-02', '10:00:01.5',
            '2026-01-02 03:04:05.123456', '2026-01-02 03:04:05.123456+02', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
            '{"a": 1}', 'sad', '{a,b}', '\\x00ff', '1 day')""",
        "insert into types values (null)",
    )
    result, frame = read(shop.input("types"), target)
    assert result.watermark is None
    assert frame.row(0, named=True) == {
        "whole": 9007199254740993,
        "small": 7,
        "ratio": 0.5,
        "amount": Decimal("12.30"),
        "long_amount": "1.20",
        "exact": "1.0010",
        "cash": Decimal("1234.5000"),
        "flag": True,
        "note": "één",
        "code": "EUR",
        "day": date(2026, 1, 2),
        "at_time": time_of_day(10, 0, 1, 500000),
        "wall": datetime(2026, 1, 2, 3, 4, 5, 123456),
        "moment": datetime(2026, 1, 2, 1, 4, 5, 123456, tzinfo=UTC),
        "id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "attributes": '{"a": 1}',
        "feeling": "sad",
        "tags": "{a,b}",
        "bytes": "00ff",
        "span": "1 day",
    }
    assert set(frame.row(1)) == {None}
    assert result.columns["amount"] == "decimal128(12, 2)"
    assert result.columns["moment"] == "timestamp[us, tz=UTC]"
    assert result.columns["id"] == "string"


def test_mysql_types_arrive_as_the_database_has_them(mariadb: Server, target: Path) -> None:
    mariadb.execute(
        """create table types (
            whole bigint, small tinyint, ratio double, amount decimal(12, 2), most decimal(5, 2) unsigned, widest decimal(38, 2),
            too_wide decimal(50, 2), note text, code char(5), day date, at_time time(1), wall datetime(6), moment timestamp(6) null,
            attributes json, feeling enum('happy', 'sad'), bytes varbinary(9), flag bit(1), grown year, no_day datetime,
            `so much` float)""",
        """insert into types values (
            9007199254740993, -7, 0.5, 12.30, 999.99, 1.20, 1.20, 'één', 'EUR', '2026-01-02', '-100:00:01.5',
            '2026-01-02 03:04:05.123456', '2026-01-02 03:04:05.123456', '{"a": 1}', 'sad', x'00ff', b'1', 2026, 0, 12345.67)""",
        "insert into types (whole) values (null)",
    )
    result, frame = read(mariadb.input("types"), target)
    assert frame.row(0, named=True) == {
        "whole": 9007199254740993,
        "small": -7,
        "ratio": 0.5,
        "amount": Decimal("12.30"),
        "most": Decimal("999.99"),
        "widest": Decimal("1.20"),
        "too_wide": "1.20",
        "note": "één",
        "code": "EUR",
        "day": date(2026, 1, 2),
        "at_time": "-100:00:01.5",
        "wall": datetime(2026, 1, 2, 3, 4, 5, 123456),
        # Written in a session at +09:00.
        "moment": datetime(2026, 1, 1, 18, 4, 5, 123456, tzinfo=UTC),
        "attributes": '{"a": 1}',
        "feeling": "sad",
        "bytes": "00ff",
        "flag": 1,
        "grown": 2026,
        "no_day": None,
        # The float next to 12345.67, which is what is read of it as text.
        "so much": 12345.669921875,
    }
    assert frame["so much"].cast(pl.String)[0] == "12345.67"
    assert set(frame.row(1)) == {None}
    assert result.columns["moment"] == "timestamp[us, tz=UTC]"


CURSORS = [
    # Type, three ascending values, the watermark after the first two.
    ("bigint", ["9007199254740992", "9007199254740993", "9007199254740994"], "9007199254740993"),
    ("numeric(20, 2)", ["9.50", "10.25", "11.00"], "10.25"),
    ("date", ["'2026-01-09'", "'2026-01-10'", "'2026-01-11'"], "2026-01-10"),
    ("varchar(9)", ["'A''1'", "'A''2'", "'A''3'"], "A'2"),
]
WALL_TIMES = ["'2026-01-02 03:04:05.000009'", "'2026-01-02 03:04:05.00001'", "'2026-01-02 03:04:05.000011'"]
POSTGRESQL_CURSORS = [
    *CURSORS,
    ("timestamp", WALL_TIMES, "2026-01-02 03:04:05.000010"),
    ("timestamptz", WALL_TIMES, "2026-01-01 18:04:05.000010+00:00"),
    ("double precision", ["0.1", "0.30000000000000004", "0.5"], "0.30000000000000004"),
]
MYSQL_CURSORS = [
    *CURSORS,
    ("datetime(6)", WALL_TIMES, "2026-01-02 03:04:05.000010"),
    ("timestamp(6)", WALL_TIMES, "2026-01-01 18:04:05.000010"),
    ("double", ["0.1", "0.30000000000000004", "0.5"], "0.30000000000000004"),
    # The float next to 12345.67.
    ("float", ["0.1", "12345.67", "12345.68"], "12345.669921875"),
]


def check_cursor(server: Server, target: Path, kind: str, values: list[str], watermark: str) -> None:
    first, second, third = values
    server.execute(
        "drop table if exists steps",
        f"create table steps (id int, step {kind})",
        f"insert into steps values (1, {first}), (2, {second})",
    )
    place = server.input("steps", cursor="step")
    result, _ = read(place, target)
    assert result.watermark == watermark
    # A late row with the value read last, and one with a new value.
    server.execute(f"insert into steps values (3, {second}), (4, {third})")
    result, frame = read(place, target, watermark)
    assert sorted(frame["id"]) == [2, 3, 4]
    again, frame = read(place, target, result.watermark)
    assert frame["id"].to_list() == [4]
    assert again.watermark == result.watermark


@pytest.mark.parametrize(
    ("kind", "values", "watermark"), POSTGRESQL_CURSORS, ids=[case[0] for case in POSTGRESQL_CURSORS]
)
def test_a_postgresql_cursor_reads_from_its_last_value_on(
    shop: Server, target: Path, kind: str, values: list[str], watermark: str
) -> None:
    check_cursor(shop, target, kind, values, watermark)


@pytest.mark.parametrize(("kind", "values", "watermark"), MYSQL_CURSORS, ids=[case[0] for case in MYSQL_CURSORS])
def test_a_mysql_cursor_reads_from_its_last_value_on(
    mariadb: Server, target: Path, kind: str, values: list[str], watermark: str
) -> None:
    check_cursor(mariadb, target, kind, values, watermark)


def check_open_transaction(server: Server, target: Path, kind: str, connection: Any) -> None:
    """Rows of a transaction that is open during a read, on a connection of its own, are read the next time."""
    server.execute(
        f"create table paid (id int, at {kind} not null default current_timestamp(6))",
        "insert into paid values (1, current_timestamp(6) - interval '3' hour)",
    )
    with closing(connection), closing(connection.cursor()) as checkout:
        checkout.execute("insert into paid (id) values (2)")
        server.execute("insert into paid (id) values (3)")
        place = server.input("paid", cursor="at", lookback_hours=1)
        result, frame = read(place, target)
        assert sorted(frame["id"]) == [1, 3]
        connection.commit()
    server.execute("insert into paid (id) values (4)")
    assert sorted(read(place, target, result.watermark)[1]["id"]) == [2, 3, 4]


def test_a_postgresql_transaction_that_was_open_is_read_the_next_time(shop: Server, target: Path) -> None:
    check_open_transaction(shop, target, "timestamptz", postgresql.connect(shop.address))


def test_a_mysql_transaction_that_was_open_is_read_the_next_time(mariadb: Server, target: Path) -> None:
    connection = pymysql.connect(
        host="127.0.0.1",
        port=int(mariadb.address.rpartition(":")[2].partition("/")[0]),
        user="shop",
        password=PASSWORD,
        database="shop",
    )
    check_open_transaction(mariadb, target, "timestamp(6)", connection)


@pytest.mark.parametrize(("server", "kind"), [("shop", "timestamptz"), ("shop", "date"), ("mariadb", "datetime")])
def test_a_time_in_the_future_does_not_end_all_reading(
    server: str, kind: str, target: Path, request: pytest.FixtureRequest
) -> None:
    running = request.getfixturevalue(server)
    running.execute(
        "drop table if exists ahead",
        f"create table ahead (id int, at {kind})",
        "insert into ahead values (1, '2026-05-30'), (2, '2062-05-30')",
    )
    place = running.input("ahead", cursor="at")
    result = read_database(place, after=None, target=target, now=datetime(2026, 6, 1, 2, tzinfo=UTC))
    running.execute("insert into ahead values (3, '2026-06-01 22:00:00')")
    # Behind a time of the future, which an earlier version kept, nobody knows how far the read before came.
    for after, read_again in ((result.watermark, [2, 3]), ("2062-05-30", [1, 2, 3])):
        later = read_database(place, after=after, target=target, now=datetime(2026, 6, 1, 2, tzinfo=UTC))
        assert sorted(pl.read_parquet(target)["id"]) == read_again
        assert later.watermark == result.watermark


def test_nothing_new_keeps_the_watermark_and_the_columns(shop: Server, target: Path) -> None:
    shop.execute("create table silent (id int, amount numeric(9, 2))")
    place = shop.input("silent", cursor="id")
    assert read(place, target)[0] == DatabaseRead(0, None, {"id": "int32", "amount": "decimal128(9, 2)"})
    assert read(place, target, "41")[0].watermark == "41"


def test_a_table_of_another_schema_and_names_with_capitals_are_found(shop: Server, target: Path) -> None:
    shop.execute('create schema "Sales"', 'create table "Sales"."Order ""lines""" as select 5 as "Line Id"')
    result, frame = read(shop.input('Sales.Order "lines"', cursor="Line Id"), target)
    assert frame.to_dicts() == [{"Line Id": 5}]
    assert result.watermark == "5"


@pytest.mark.parametrize("server", ["shop", "mariadb"])
def test_a_query_with_a_comment_and_a_percent_sign_is_read(
    server: str, target: Path, request: pytest.FixtureRequest
) -> None:
    query = "with few as (select 1 as id, 'a%sb' as note)\nselect * from few where note like 'a%b'; -- all of them"
    _, frame = read(request.getfixturevalue(server).input(query=query, cursor="id"), target, "1")
    assert frame.to_dicts() == [{"id": 1, "note": "a%sb"}]


@pytest.mark.parametrize("server", ["shop", "mariadb"])
def test_memory_does_not_grow_with_the_rows(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    running = request.getfixturevalue(server)
    rows, series = {
        "shop": (1_000_000, "generate_series(1, {n}) as t(i)"),
        "mariadb": (200_000, "(select seq as i from seq_1_to_{n}) as t"),
    }[server]

    def peak_megabytes(n: int) -> float:
        """Peak memory of a process that reads n rows of 500 bytes."""
        query = f"select i, repeat('x', 500) as note from {series.format(n=n)}"
        script = f"""
import resource
from pathlib import Path
from pipeline.sources.settings import DatabaseInput
from pipeline.sources.databases import read_database
place = DatabaseInput(database={running.address!r}, query={query!r}, cursor="i")
read = read_database(place, after=None, target=Path({str(tmp_path / "rows.parquet")!r}))
assert (read.rows, read.watermark) == ({n}, "{n}")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""
        done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=ROOT)
        return float(done.stdout)

    # The rows beyond the first hundred thousand are at least 50 MB.
    assert peak_megabytes(rows) < peak_megabytes(100_000) + 30


def test_a_stopped_server_is_told_and_read_again_when_it_is_back(shop: Server, target: Path) -> None:
    shop.execute("create table visits as select generate_series(1, 3) as id")
    place = shop.input("visits", cursor="id")
    watermark = read(place, target)[0].watermark
    shop.stop()
    try:
        text = error_of(place, target, watermark)
    finally:
        shop.start()
    assert "failed: Connection refused; check the address" in text
    shop.execute("insert into visits values (4)")
    assert sorted(read(place, target, watermark)[1]["id"]) == [3, 4]


def test_a_fault_in_the_middle_of_the_rows_is_told(shop: Server, target: Path) -> None:
    query = "select 1 / (700000 - i) as id from generate_series(1, 1000000) as t(i)"
    assert "division by zero; check table, query and cursor" in error_of(shop.input(query=query), target)


@pytest.mark.parametrize("server", ["shop", "mariadb"])
def test_wrong_addresses_are_told_in_one_line(server: str, target: Path, request: pytest.FixtureRequest) -> None:
    address = request.getfixturevalue(server).address
    password = quote(PASSWORD, safe="")
    for wrong, told in [
        (address.replace(password, "wrong"), "check the address, the user and the password"),
        (address.replace("127.0.0.1", "nowhere.invalid"), "check the address, the user and the password"),
        (address.rpartition(":")[0] + ":1/shop", "refused"),
        (address.rpartition("/")[0] + "/nothing", "nothing"),
        # Not percent-encoded, the password would spill into host and database.
        (address.replace(password, PASSWORD), "percent-encoded"),
    ]:
        text = error_of(DatabaseInput(database=wrong, table="types"), target)
        assert told in text
        assert "wrong" not in text


@pytest.mark.parametrize("server", ["shop", "mariadb"])
def test_wrong_tables_and_cursors_are_told_in_one_line(
    server: str, target: Path, request: pytest.FixtureRequest
) -> None:
    running = request.getfixturevalue(server)
    running.execute(
        "drop table if exists few", "create table few (id int, day date)", "insert into few (id) values (1)"
    )
    shown = running.address.partition("@")[2]
    text = error_of(running.input("nothing"), target)
    assert f"://{shown} table nothing: " in text
    assert text.endswith("; check table, query and cursor")
    assert "cursor column at is missing; it has id, day" in error_of(running.input("few", cursor="at"), target)
    for after in (None, "2026-01-01"):
        assert "cursor column day is null in some rows" in error_of(running.input("few", cursor="day"), target, after)
    twice = "select 1 as id, 2 as id"
    assert any(word in error_of(running.input(query=twice), target) for word in ("appears twice", "Duplicate column"))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select 'NaN'::numeric(9, 2) as amount", "column amount: "),
        ("select 'infinity'::timestamptz as at", "column at: infinity"),
        ("select '0044-03-15 BC'::date as at", "column at: infinity or a year outside 1 to 9999"),
        ("select 1::numeric as at", "cursor column at is a numeric of any length; cast it to bigint"),
    ],
)
def test_values_without_an_equal_are_refused_not_changed(shop: Server, target: Path, query: str, told: str) -> None:
    assert told in error_of(shop.input(query=query, cursor="at" if "any length" in told else None), target)


def test_a_password_in_the_server_s_words_is_not_shown(shop: Server, target: Path) -> None:
    text = error_of(shop.input(query=f"select cast('{PASSWORD}' as int) as id"), target)
    assert "invalid input syntax for type integer: '…'" in text
    assert PASSWORD not in text


@pytest.mark.parametrize(
    ("server", "query"),
    [
        ("shop", "select cast(name as int) as id from people"),
        ("shop", "select cast(name as text[]) as id from people"),
        ("shop", "select to_date(name, 'DD Mon') as id from people"),
        ("shop", "select cast(name as json) as id from people"),
        ("mariadb", "select extractvalue('<a/>', name) as id from people"),
    ],
)
def test_no_value_of_a_row_is_in_a_message(
    server: str, query: str, target: Path, request: pytest.FixtureRequest
) -> None:
    running = request.getfixturevalue(server)
    running.execute(
        "drop table if exists people",
        "create table people (name varchar(99))",
        "insert into people values ('{Kerkstraat ''5'' \"Jan\nJanssen')",
    )
    text = error_of(running.input(query=query), target)
    for word in ("Kerk", "Jan"):
        assert word not in text


def test_a_query_cannot_change_the_database(shop: Server, target: Path) -> None:
    shop.execute("create table precious as select 1 as id", "create sequence numbers")
    assert "read-only transaction" in error_of(shop.input(query="select nextval('numbers') as id"), target)
    error_of(shop.input(query="delete from precious returning id"), target)
    assert read(shop.input("precious"), target)[0].rows == 1


# Dagster's records in PostgreSQL


@dg.asset(check_specs=[dg.AssetCheckSpec("is_there", asset="thing")])
def thing() -> dg.MaterializeResult:
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])


def test_dagsters_records_are_in_postgresql_its_runs_in_the_log_of_the_home_and_what_is_pruned_is_gone(
    shop: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DAGSTER_HOME", "LOYALTY_HOME"):
        monkeypatch.setenv(name, "")
    address = shop.address.replace("postgresql://", "postgresql+psycopg2://")
    monkeypatch.setenv("LOYALTY_RECORDS_URL", address)
    monkeypatch.setattr("pipeline.commands.prune.KEPT_RUNS", 0)
    prepare_dagster_home(tmp_path)
    with dg.DagsterInstance.get() as instance:
        run_id = dg.materialize([thing], instance=instance).run_id
    with dg.DagsterInstance.get() as instance:
        assert [run.run_id for run in instance.get_runs()] == [run_id]
        found = instance.get_latest_materialization_event(dg.AssetKey("thing"))
        assert found is not None
        assert found.run_id == run_id
        shop.stop()
        shop.start()
        prune_records(instance, tmp_path, days=0, now=datetime.now(UTC) + timedelta(days=1))
        assert list(instance.get_runs()) == []
    with sqlalchemy.create_engine(address).connect() as connection:
        for table in ("runs", "event_logs", "asset_check_executions"):
            assert connection.execute(sqlalchemy.text(f"select count(*) from {table}")).scalar() == 0, table
    (log,) = (tmp_path / "logs").glob("*.jsonl")
    events = [json.loads(line)["event"] for line in log.read_text().splitlines()]
    assert events == ["RUN_START", "ASSET_MATERIALIZATION", "STEP_SUCCESS", "RUN_SUCCESS"]
    assert list((tmp_path / "dagster").rglob("*.db")) == []
