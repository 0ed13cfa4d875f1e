"""Databases in files, and what is shown of an address."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.errors import SourceShapeError
from pipeline.sources import database_drivers
from pipeline.sources.database_places import label
from pipeline.sources.databases import DatabaseRead, read_database
from pipeline.sources.settings import DatabaseInput


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "rows.parquet"


def sqlite_input(folder: Path, *statements: str, table: str = "orders", cursor: str | None = None) -> DatabaseInput:
    """A SQLite file on which the statements have run."""
    file = folder / "shop ü?.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return DatabaseInput(database=f"sqlite:///{file}", table=table, cursor=cursor, lookback_hours=0)


def duckdb_input(folder: Path, *statements: str, table: str = "orders", cursor: str | None = None) -> DatabaseInput:
    """A DuckDB file on which the statements have run."""
    file = folder / "shop.duckdb"
    with duckdb.connect(file) as connection:
        for statement in statements:
            connection.execute(statement)
    return DatabaseInput(database=f"duckdb:///{file}", table=table, cursor=cursor, lookback_hours=0)


def read(place: DatabaseInput, target: Path, after: str | None = None) -> tuple[DatabaseRead, pl.DataFrame]:
    result = read_database(place, after=after, target=target)
    frame = pl.read_parquet(target)
    assert frame.height == result.rows
    return result, frame


def error_of(place: DatabaseInput, target: Path) -> str:
    with pytest.raises(SourceShapeError) as caught:
        read_database(place, after=None, target=target)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_sqlite_values_arrive_as_text_whatever_each_is(tmp_path: Path, target: Path) -> None:
    place = sqlite_input(
        tmp_path,
        "create table orders (id integer, amount real, at text)",
        "insert into orders values (9007199254740993, 12.3, '2026-01-02'), ('A-1', 12, x'00ff'), (null, null, null)",
    )
    result, frame = read(place, target)
    assert frame.rows() == [("9007199254740993", "12.3", "2026-01-02"), ("A-1", "12.0", "00ff"), (None, None, None)]
    assert result == DatabaseRead(3, None, {"id": "string", "amount": "string", "at": "string"})


@pytest.mark.parametrize(
    ("kind", "values", "watermark", "later"),
    [
        ("integer", "(9), (10)", "10", "(10), (11)"),
        ("real", "(0.1), (0.30000000000000004)", "0.30000000000000004", "(0.30000000000000004), (1)"),
        ("text", "('9'), ('10')", '"9"', "('9'), ('91')"),
        # Without a type SQLite takes no text for a number.
        ("", "(9), (10)", "10", "(10), (11)"),
    ],
)
def test_a_sqlite_cursor_reads_from_its_last_value_on(
    tmp_path: Path, target: Path, kind: str, values: str, watermark: str, later: str
) -> None:
    place = sqlite_input(
        tmp_path, f"create table orders (step {kind})", f"insert into orders values {values}", cursor="step"
    )
    result, _ = read(place, target)
    assert result.watermark == watermark
    sqlite_input(tmp_path, f"insert into orders values {later}")
    # The row read last, the late one with its value, and the new one.
    result, frame = read(place, target, watermark)
    assert frame.height == 3
    assert read(place, target, result.watermark)[1].height == 1


@pytest.mark.parametrize("make_input", [sqlite_input, duckdb_input])
def test_a_cursor_that_is_a_time_goes_back_some_hours_and_never_beyond_now(
    make_input, tmp_path: Path, target: Path
) -> None:  # type: ignore[no-untyped-def]
    place = make_input(
        tmp_path,
        "create table orders (id int, changed timestamp)",
        "insert into orders values (1, '2026-05-30 12:00:00'), (2, '2026-05-31 20:00:00'), (3, '2062-05-30 12:00:00')",
        cursor="changed",
    ).model_copy(update={"lookback_hours": 12})
    first = read_database(place, after=None, target=target, now=datetime(2026, 6, 1, 2, tzinfo=UTC))
    make_input(tmp_path, "insert into orders values (4, '2026-05-31 15:00:00'), (5, '2026-05-31 13:00:00')")
    # From 14:00 of the day before on.
    read_database(place, after=first.watermark, target=target, now=datetime(2026, 6, 2, 2, tzinfo=UTC))
    assert sorted(map(int, pl.read_parquet(target)["id"])) == [2, 3, 4]


def test_many_batches_have_one_greatest_cursor_value(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_drivers, "ROWS_PER_BATCH", 2)
    place = sqlite_input(
        tmp_path, "create table orders (id)", "insert into orders values (3), (9), (7), (1), (2)", cursor="id"
    )
    result, frame = read(place, target)
    assert frame["id"].to_list() == ["3", "9", "7", "1", "2"]
    assert result.watermark == "9"


def test_a_cursor_with_numbers_and_text_is_refused(
    tmp_path: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = sqlite_input(tmp_path, "create table orders (id)", "insert into orders values (3), ('A')", cursor="id")
    assert "id" in error_of(place, target)
    monkeypatch.setattr(database_drivers, "ROWS_PER_BATCH", 1)
    assert "cursor column id has numbers and text" in error_of(place, target)


def test_a_sqlite_file_that_is_being_written_is_told(tmp_path: Path, target: Path) -> None:
    place = sqlite_input(tmp_path, "create table orders (id)")
    with closing(sqlite3.connect(place.database.removeprefix("sqlite:///"))) as writer:
        writer.execute("begin exclusive")
        assert error_of(place, target).endswith(
            "table orders: database is locked; run again when no other program writes to it, or read a copy"
        )


def test_a_sqlite_query_cannot_change_the_file(tmp_path: Path, target: Path) -> None:
    place = sqlite_input(tmp_path, "create table orders (id)", "insert into orders values (1)")
    error_of(DatabaseInput(database=place.database, query="delete from orders returning id"), target)
    assert read(place, target)[1].height == 1


@pytest.mark.parametrize("make_input", [sqlite_input, duckdb_input])
def test_a_table_with_a_dot_in_its_name_goes_in_quotes(make_input, tmp_path: Path, target: Path) -> None:  # type: ignore[no-untyped-def]
    place = make_input(
        tmp_path,
        'create table "order.2026 ""x""" (id int)',
        'insert into "order.2026 ""x""" values (7)',
        table="order.2026",
    )
    assert error_of(place, target).endswith("; write a name with a dot in it in double quotes")
    for table in ('"order.2026 ""x"""', 'main."order.2026 ""x"""'):
        assert read(place.model_copy(update={"table": table}), target)[1]["id"].cast(pl.Int64).to_list() == [7]


@pytest.mark.parametrize("make_input", [sqlite_input, duckdb_input])
@pytest.mark.parametrize("end", [";", " ; -- all;", "; /* of\n them; */ ;\n-- and no more", " -- all"])
def test_what_stands_behind_a_query_is_left_out(make_input, end: str, tmp_path: Path, target: Path) -> None:  # type: ignore[no-untyped-def]
    place = make_input(tmp_path, "create table orders (id varchar)", "insert into orders values ('a;-- b')")
    query = f"select id -- of all;\nfrom orders where id = 'a;-- b'{end}"
    place = place.model_copy(update={"table": None, "query": query, "cursor": "id"})
    after = '"a"' if place.database.startswith("sqlite") else "a"
    assert read(place, target, after)[1]["id"].to_list() == ["a;-- b"]


def test_a_query_of_two_statements_is_refused(tmp_path: Path, target: Path) -> None:
    place = sqlite_input(tmp_path, "create table orders (id)")
    error_of(place.model_copy(update={"table": None, "query": "select 1 as id; select 2 as id"}), target)


SECRET = "René 'Jan' Janssen\nKerkstraat 5"


def test_a_text_of_sqlite_that_is_not_utf8_is_told_without_it(tmp_path: Path, target: Path) -> None:
    text = f"cast(x'{SECRET.encode('latin-1').hex()}' as text)"
    place = sqlite_input(tmp_path, "create table orders (id, name)", f"insert into orders values (1, {text})")
    words = "table orders: column name has a text that is not UTF-8; write it anew in UTF-8, or leave the column out in a query"
    assert error_of(place, target).endswith(words)


@pytest.mark.parametrize(
    ("make_input", "query"),
    [
        (duckdb_input, "select cast(name as int) as id from orders"),
        (duckdb_input, "select strptime(name, '%Y') as id from orders"),
        (duckdb_input, "select cast(number as hugeint) * 10 as id from orders"),
        (sqlite_input, "select json_extract('{}', name) as id from orders"),
    ],
)
def test_no_value_of_a_row_is_in_a_message(make_input, query: str, tmp_path: Path, target: Path) -> None:  # type: ignore[no-untyped-def]
    quoted = SECRET.replace("'", "''")
    place = make_input(
        tmp_path,
        "create table orders (name varchar, number decimal(38, 0))",
        f"insert into orders values ('{quoted}', 17014118346046923173168730371588410572)",
    )
    text = error_of(place.model_copy(update={"table": None, "query": query}), target)
    for word in ("Ren", "Jan", "Kerk", "170141"):
        assert word not in text


def test_duckdb_types_arrive_as_the_database_has_them(tmp_path: Path, target: Path) -> None:
    place = duckdb_input(
        tmp_path,
        "set timezone = 'Asia/Tokyo'",
        """create table orders as select
            9007199254740993 as whole, sum(1) as total, 12.30::decimal(12, 2) as amount, date '2026-01-02' as day,
            timestamp '2026-01-02 03:04:05.123456' as wall, timestamptz '2026-01-02 03:04:05.123456' as moment,
            'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as id, [1.5] as tags, 'sad'::enum ('happy', 'sad') as feeling,
            '\\x00\\xFF'::blob as bytes""",
    )
    result, frame = read(place, target)
    assert frame.row(0, named=True) == {
        "whole": 9007199254740993,
        "total": Decimal(1),
        "amount": Decimal("12.30"),
        "day": date(2026, 1, 2),
        "wall": datetime(2026, 1, 2, 3, 4, 5, 123456),
        "moment": datetime(2026, 1, 1, 18, 4, 5, 123456, tzinfo=UTC),
        "id": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "tags": "[1.5]",
        "feeling": "sad",
        "bytes": "00ff",
    }
    assert result.columns["amount"] == "decimal128(12, 2)"
    assert result.columns["moment"] == "timestamp[us, tz=UTC]"


@pytest.mark.parametrize(
    ("kind", "values", "watermark", "later"),
    [
        ("hugeint", "(9), (10)", "10", "(10), (11)"),
        ("decimal(12, 2)", "(9.5), (10.25)", "10.25", "(10.25), (10.26)"),
        ("date", "('2026-01-09'), ('2026-01-10')", "2026-01-10", "('2026-01-10'), ('2026-01-11')"),
        (
            "timestamptz",
            "('2026-01-02 03:04:05.000009Z'), ('2026-01-02 03:04:05.00001Z')",
            "2026-01-02 03:04:05.000010+00:00",
            "('2026-01-02 03:04:05.00001Z'), ('2026-01-02 03:04:05.000011Z')",
        ),
    ],
)
def test_a_duckdb_cursor_reads_from_its_last_value_on(
    tmp_path: Path, target: Path, kind: str, values: str, watermark: str, later: str
) -> None:
    place = duckdb_input(
        tmp_path, f"create table orders (step {kind})", f"insert into orders values {values}", cursor="step"
    )
    result, _ = read(place, target)
    assert result.watermark == watermark
    duckdb_input(tmp_path, f"insert into orders values {later}")
    result, frame = read(place, target, watermark)
    assert frame.height == 3
    assert read(place, target, result.watermark)[1].height == 1


@pytest.fixture
def duckdb_writer(tmp_path: Path) -> Iterator[DatabaseInput]:
    """A DuckDB file that another process has open to write."""
    place = duckdb_input(tmp_path, "create table orders (id int)")
    script = f"import duckdb; c = duckdb.connect({place.database.removeprefix('duckdb:///')!r}); print('open', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        yield place
        writer.kill()


def test_a_duckdb_file_that_is_being_written_is_told(duckdb_writer: DatabaseInput, target: Path) -> None:
    assert "run again when no other program writes to it, or read a copy" in error_of(duckdb_writer, target)


@pytest.mark.parametrize("make_input", [sqlite_input, duckdb_input])
def test_faults_of_a_file_are_told_in_one_line(make_input, tmp_path: Path, target: Path) -> None:  # type: ignore[no-untyped-def]
    place = make_input(tmp_path, "create table orders (id int, day text)", "insert into orders values (1, null)")
    address = place.database
    assert "it has id, day" in error_of(place.model_copy(update={"cursor": "at"}), target)
    assert "cursor column day is null" in error_of(place.model_copy(update={"cursor": "day"}), target)
    assert "nothing" in error_of(place.model_copy(update={"table": "nothing"}), target)
    assert "there is no such file" in error_of(DatabaseInput(database=f"{address}.old", table="orders"), target)
    Path(address.partition(":///")[2]).write_text("not a database, and long enough to be read as a header " * 200)
    assert "check table, query and cursor" in error_of(place, target)


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        (
            DatabaseInput(database="postgresql://u:p%40ss@[::1]:5432/shop?password=hidden", table="sales.orders"),
            "postgresql://[::1]:5432/shop table sales.orders",
        ),
        (
            DatabaseInput(database="mysql://host/shop", table="orders", cursor="id"),
            "mysql://host/shop table orders by id",
        ),
        (
            DatabaseInput(database="postgresql:///shop?host=/run/postgresql", table="orders"),
            "postgresql:///shop table orders",
        ),
        # The first eight digits of SHA-256 of the query, by sha256sum.
        (DatabaseInput(database="sqlite:////a/b.db", query="select 1"), "sqlite:////a/b.db query 822ae07d"),
    ],
)
def test_a_label_has_the_place_and_no_user_or_password(place: DatabaseInput, shown: str) -> None:
    assert label(place) == shown


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:p@ss@host/shop",
        "postgresql://u:pa/ss@host/shop",
        "mysql://u:pass@host",
        "mysql://u:p@ss:x@h/d",
        "mysql://h:port/d",
        "postgresql://[h/d",
        "sqlite://pass.db",
    ],
)
def test_an_address_of_another_form_is_refused_without_showing_it(address: str, target: Path) -> None:
    text = error_of(DatabaseInput(database=address, table="orders"), target)
    assert "address must" in text
    assert "ss@" not in text
    assert "pass.db" not in text
