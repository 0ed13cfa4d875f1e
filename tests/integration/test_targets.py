"""Copies of the published edition: Parquet on disk and in an object store, and PostgreSQL on a real server; no night is run for it."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as postgresql
import dagster as dg
import duckdb
import pyarrow.parquet as pq
import pytest
import yaml

from pipeline.errors import TargetError
from pipeline.targets import postgresql as target_postgresql
from pipeline.targets.content import edition_of
from pipeline.targets.parquet import ParquetTarget
from pipeline.targets.postgresql import PostgresqlTarget
from pipeline.targets.up_to_date import Target, bring_up_to_date, note_erasure
from tests.integration import test_databases
from tests.integration.conftest import DAY
from tests.integration.test_databases import PASSWORD, Server
from tests.scenario import Shop

server = test_databases.shop
"""A PostgreSQL server with an empty database."""
MOMENT = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)


def publish(file: Path, *, total: int, customers: tuple[str, ...] = ("ann", "ben"), more: str = "") -> Path:
    """A published file: customers who share a total between them, and the same total beside them."""
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """set timezone = 'Asia/Tokyo';
            create schema marts; create schema quality; create schema custom;
            create table quality.lake_versions (as_of_date date not null);
            insert into quality.lake_versions values ('2026-06-30');
            create table marts.spend (
                customer_id varchar primary key, amount decimal(18, 2) not null, share double, n bigint, is_vip boolean,
                ordered_at timestamptz, ordered_at_local timestamp, ordered_on date
            );
            comment on table marts.spend is 'One row per customer''s spend.';
            comment on column marts.spend.amount is 'What they spent; 100% of it.';
            create table custom.totals (total decimal(18, 2), names varchar[], all_of hugeint)"""
        )
        for customer in customers:
            connection.execute(
                "insert into marts.spend values (?, ?, 0.1, 3, true, ?, '2026-04-01 01:30:00', '2026-04-01')",
                [customer, Decimal(total) / len(customers), MOMENT],
            )
        connection.execute("insert into custom.totals values (?, ['a', null], 12345678901234567890)", [total])
        connection.execute(more or "select 1")
    return file


def update(target: Target, file: Path, *, erased_at: str = "") -> bool:
    if erased_at:
        note_erasure(file.parent, erased_at)
    edition, is_new = bring_up_to_date("copy", target, file, file.parent)
    assert target.current() == edition == edition_of(file)
    return is_new


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return publish(tmp_path / "warehouse.duckdb", total=20)


# Parquet


def test_an_edition_is_a_folder_of_files_with_types_and_comments(tmp_path: Path, file: Path) -> None:
    folder = tmp_path / "lake"
    assert update(ParquetTarget(str(folder), 0o640), file)
    assert not update(ParquetTarget(str(folder), 0o640), file)
    pointer = json.loads((folder / "current.json").read_text())
    assert pointer["as_of_date"] == "2026-06-30"
    assert set(pointer["tables"]) == {"custom.totals", "marts.spend", "quality.lake_versions"}
    spend = folder / pointer["tables"]["marts.spend"]
    assert spend == (folder / "current" / "marts" / "spend.parquet").resolve()
    assert spend.stat().st_mode & 0o777 == 0o640
    assert spend.parent.stat().st_mode & 0o777 == 0o750
    schema = pq.read_schema(spend)
    assert [str(schema.field(name).type) for name in ("amount", "ordered_at", "ordered_at_local", "ordered_on")] == [
        *("decimal128(18, 2)", "timestamp[us, tz=UTC]", "timestamp[us]", "date32[day]")
    ]
    assert schema.metadata[b"comment"] == b"One row per customer's spend."
    assert json.loads(schema.metadata[b"column_comments"]) == {"amount": "What they spent; 100% of it."}
    first = pq.read_table(spend).to_pylist()[0]
    assert (first["amount"], first["ordered_at"]) == (Decimal("10.00"), MOMENT)
    totals = pq.read_table(folder / pointer["tables"]["custom.totals"]).to_pylist()
    assert totals == [{"total": Decimal("20.00"), "names": ["a", None], "all_of": Decimal(12345678901234567890)}]


def test_types_that_parquet_has_no_equal_of_are_written_as_what_every_tool_reads(tmp_path: Path, file: Path) -> None:
    more = """create table custom.odd as select interval '-3 days -01:00:00' as "late by ("")", 5::uhugeint as n"""
    publish(file, total=20, more=more)
    update(ParquetTarget(str(tmp_path / "lake"), 0o644), file)
    rows = pq.read_table(tmp_path / "lake" / "current" / "custom" / "odd.parquet").to_pylist()
    assert rows == [{'late by (")': "-3 days -01:00:00", "n": Decimal(5)}]


def test_a_table_that_cannot_be_written_is_named_without_its_values(tmp_path: Path, file: Path) -> None:
    publish(file, total=20, more=f"create table custom.vast as select {2**127 - 1}::hugeint as vast")
    with pytest.raises(
        TargetError, match=r"lake: table custom\.vast cannot be written: .* from source column vast$"
    ) as caught:
        update(ParquetTarget(str(tmp_path / "lake"), 0o644), file)
    assert str(2**127 - 1) not in str(caught.value)


@pytest.mark.parametrize(("mode", "of_folders"), [(0o644, 0o755), (0o640, 0o750), (0o600, 0o700)])
def test_whoever_may_read_the_files_may_enter_the_folders_that_are_made_for_them(
    tmp_path: Path, file: Path, mode: int, of_folders: int
) -> None:
    theirs = tmp_path / "bi"
    theirs.mkdir()
    theirs.chmod(0o711)
    before = os.umask(0o077)
    try:
        update(ParquetTarget(str(theirs / "shop" / "lake"), mode), file)
    finally:
        os.umask(before)
    made = [theirs / "shop", *(path for path in theirs.glob("shop/**") if path.is_dir())]
    assert {path.stat().st_mode & 0o777 for path in made} == {of_folders}
    assert {path.stat().st_mode & 0o777 for path in theirs.rglob("*.*") if path.is_file()} == {mode}
    assert theirs.stat().st_mode & 0o777 == 0o711


@pytest.mark.parametrize("lost", ["editions", "current/marts/spend.parquet", "current"])
def test_a_copy_on_disk_that_has_lost_a_file_is_none_and_is_made_again(tmp_path: Path, file: Path, lost: str) -> None:
    folder = tmp_path / "lake"
    target = ParquetTarget(str(folder), 0o644)
    update(target, file)
    shutil.rmtree(folder / lost) if lost == "editions" else (folder / lost).unlink()
    assert target.current() is None
    assert update(target, file)
    spend = folder / "current" / "marts" / "spend.parquet"
    assert pq.read_table(spend)["customer_id"].to_pylist() == ["ann", "ben"]


def test_the_edition_before_stays_for_its_readers_and_goes_with_the_next_or_with_an_erasure(
    tmp_path: Path, file: Path
) -> None:
    folder = tmp_path / "lake"
    target = ParquetTarget(str(folder), 0o644)
    (folder / "editions" / "my own").mkdir(parents=True)
    names = []
    for total in (20, 30, 40):
        publish(file, total=total)
        update(target, file)
        names.append(edition_of(file))
    assert {path.name for path in (folder / "editions").iterdir()} == {*names[1:], "my own"}
    publish(file, total=40, customers=("ben",))
    update(target, file, erased_at="2026-07-01")
    assert {path.name for path in (folder / "editions").iterdir()} == {edition_of(file), "my own"}


def test_a_target_that_was_elsewhere_at_an_erasure_is_cleared_when_it_is_back(tmp_path: Path, file: Path) -> None:
    first, second = (ParquetTarget(str(tmp_path / name), 0o644) for name in ("first", "second"))
    update(first, file)
    publish(file, total=20, customers=("ben",))
    update(second, file, erased_at="2026-07-01")
    update(first, file)
    assert {path.name for path in (tmp_path / "first" / "editions").iterdir()} == {edition_of(file)}


def test_half_an_edition_is_never_pointed_to_and_is_gone_afterwards(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "lake"
    target = ParquetTarget(str(folder), 0o644)
    update(target, file)
    before = edition_of(file)
    publish(file, total=30)
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.targets.parquet.sync", _fail)
        with pytest.raises(TargetError, match="lake: No space left on device"):
            update(target, file)
    assert target.current() == before
    assert (folder / "current").resolve().name == before
    update(target, file)
    assert {path.name for path in (folder / "editions").iterdir()} == {before, edition_of(file)}


def _fail(_: Path) -> None:
    raise OSError(28, "No space left on device")


def test_an_edition_in_an_object_store_is_named_last(s3: Any, file: Path) -> None:
    target = ParquetTarget("s3://shop/bi/", 0o644)
    assert update(target, file)
    first = edition_of(file)
    for total in (30, 40):
        publish(file, total=total)
        assert update(target, file)
        assert not update(target, file)
    objects = s3.list_objects_v2(Bucket="shop")["Contents"]
    editions = {entry["Key"].split("/")[2] for entry in objects if entry["Key"] != "bi/current.json"}
    assert len(editions) == 2
    assert edition_of(file) in editions
    assert first not in editions
    pointer = json.loads(s3.get_object(Bucket="shop", Key="bi/current.json")["Body"].read())
    key = f"bi/{pointer['tables']['marts.spend']}"
    assert key in {entry["Key"] for entry in objects}
    update(target, file, erased_at="2026-07-01")
    left = s3.list_objects_v2(Bucket="shop")["Contents"]
    assert {entry["Key"].split("/")[2] for entry in left if entry["Key"] != "bi/current.json"} == {edition_of(file)}
    s3.delete_object(Bucket="shop", Key=key)
    assert target.current() is None
    assert update(target, file)
    s3.head_object(Bucket="shop", Key=key)


def test_a_bucket_that_is_not_there_is_told_in_one_line(s3: Any, file: Path) -> None:
    assert s3
    with pytest.raises(TargetError, match=r"^s3://nowhere/.*NoSuchBucket") as caught:
        update(ParquetTarget("s3://nowhere", 0o644), file)
    assert "\n" not in str(caught.value)


# PostgreSQL


@pytest.fixture
def target(server: Server) -> Iterator[PostgresqlTarget]:
    yield PostgresqlTarget(server.address, "bi_")
    server.execute("drop schema if exists bi_marts cascade", "drop schema if exists bi_quality cascade", "drop schema if exists bi_custom cascade")  # fmt: skip


def rows(server: Server, query: str) -> list[tuple[Any, ...]]:
    with closing(postgresql.connect(server.address)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_tables_have_their_types_constraints_and_comments(server: Server, target: PostgresqlTarget, file: Path) -> None:
    assert update(target, file)
    assert not update(target, file)
    columns = rows(
        server,
        """select attname::text, format_type(atttypid, atttypmod), attnotnull, col_description(attrelid, attnum)
        from pg_attribute where attrelid = 'bi_marts.spend'::regclass and attnum > 0 order by attnum""",
    )
    assert columns == [
        ("customer_id", "text", True, None),
        ("amount", "numeric(18,2)", True, "What they spent; 100% of it."),
        ("share", "double precision", False, None),
        ("n", "bigint", False, None),
        ("is_vip", "boolean", False, None),
        ("ordered_at", "timestamp with time zone", False, None),
        ("ordered_at_local", "timestamp without time zone", False, None),
        ("ordered_on", "date", False, None),
    ]
    assert rows(server, "select obj_description('bi_marts.spend'::regclass)") == [("One row per customer's spend.",)]
    keys = "select conname::text, pg_get_constraintdef(oid) from pg_constraint where conrelid = 'bi_marts.spend'::regclass and contype = 'p'"
    assert rows(server, keys) == [("spend_pkey", "PRIMARY KEY (customer_id)")]
    values = "select amount::text, share, extract(epoch from ordered_at)::bigint, ordered_at_local::text, ordered_on::text from bi_marts.spend"
    assert rows(server, values) == [("10.00", 0.1, int(MOMENT.timestamp()), "2026-04-01 01:30:00", "2026-04-01")] * 2
    assert rows(server, "select total::text, names::text, all_of::text from bi_custom.totals") == [
        ("20.00", '["a",null]', "12345678901234567890")
    ]
    assert rows(server, "select distinct edition, as_of_date from bi_quality.published_edition") == [
        (edition_of(file), date(2026, 6, 30))
    ]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("interval '-3 days -01:00:00'", "interval", "-3 days -01:00:00"),
        ("'5f0e7c1a-3b7e-4a4b-9b7e-0123456789ab'::uuid", "uuid", "5f0e7c1a-3b7e-4a4b-9b7e-0123456789ab"),
        ("'gold'::enum('gold', 'silver')", "text", "gold"),
        ("timestamp_ms '2026-03-31 23:30:00.125'", "timestamp without time zone", "2026-03-31 23:30:00.125"),
        ("time with time zone '12:34:56+02'", "time with time zone", "12:34:56+02"),
        ("date 'infinity'", "date", "infinity"),
        ("timestamptz '-infinity'", "timestamp with time zone", "-infinity"),
        ("[0.10::decimal(18, 2), null]", "json", "[0.10,null]"),
        ("""'{"amount": 12345678901234567.89}'::json""", "json", '{"amount": 12345678901234567.89}'),
    ],
)
def test_a_value_of_an_own_mart_is_of_its_own_type_whichever_it_is(
    server: Server, target: PostgresqlTarget, file: Path, value: str, kind: str, text: str
) -> None:
    publish(file, total=20, more=f"create table custom.odd as select {value} as held union all select null")
    update(target, file)
    found = rows(server, "select pg_typeof(held)::text, held::text from bi_custom.odd order by held is null")
    assert found == [(kind, text), (kind, None)]


def test_a_table_that_postgresql_does_not_take_is_named(target: PostgresqlTarget, file: Path) -> None:
    publish(file, total=20, more="create table custom.odd as select 1 as ctid")
    with pytest.raises(TargetError, match=r"table bi_custom\.odd: .*column name \"ctid\" conflicts with a system"):
        update(target, file)


def test_a_name_that_postgresql_would_cut_off_is_told_of(server: Server, target: PostgresqlTarget, file: Path) -> None:
    longest, longer = "é" * 31 + "a", "é" * 32
    publish(file, total=20, more=f'create table custom.asked as select 1 as "{longest}"')
    update(target, file)
    assert rows(server, f'select "{longest}" from bi_custom.asked') == [(1,)]
    publish(file, total=20, more=f'create table custom.asked as select 1 as "{longer}"')
    with pytest.raises(
        TargetError, match=rf"bi_custom\.asked has a column of more than 63 bytes, {longer}; give it a shorter name"
    ):
        update(target, file)


def test_a_new_edition_takes_the_place_of_the_last_with_its_rights(
    server: Server, target: PostgresqlTarget, file: Path
) -> None:
    publish(file, total=20, more="create table custom.gone (one int)")
    update(target, file)
    server.execute(
        "drop role if exists bi",
        "create role bi",
        "grant usage on schema bi_marts, bi_custom to bi",
        "grant select on all tables in schema bi_custom to bi",
        "grant select (customer_id, amount) on bi_marts.spend to bi",
        "create table bi_marts.notes (one int)",
    )
    publish(file, total=30, customers=("ben",), more="create table custom.come (one int)")
    update(target, file)
    rights = """select has_schema_privilege('bi', 'bi_marts', 'usage'), has_table_privilege('bi', 'bi_custom.totals', 'select'),
        has_table_privilege('bi', 'bi_custom.come', 'select'), has_table_privilege('bi', 'bi_marts.spend', 'select'),
        has_column_privilege('bi', 'bi_marts.spend', 'amount', 'select'), has_column_privilege('bi', 'bi_marts.spend', 'n', 'select')"""
    assert rows(server, rights) == [(True, True, True, False, True, False)]
    assert rows(server, "select customer_id, amount::text from bi_marts.spend") == [("ben", "30.00")]
    tables = "select nspname || '.' || relname from pg_class join pg_namespace n on n.oid = relnamespace where nspname like 'bi\\_%' and relkind = 'r' order by 1"
    assert [table for (table,) in rows(server, tables)] == [
        *("bi_custom.come", "bi_custom.totals", "bi_marts.notes", "bi_marts.spend"),
        *("bi_quality.lake_versions", "bi_quality.published_edition"),
    ]
    server.execute("drop schema bi_marts cascade", "drop schema bi_custom cascade", "drop role bi")


def test_a_copy_that_has_lost_a_table_is_none_and_is_loaded_again(
    server: Server, target: PostgresqlTarget, file: Path
) -> None:
    update(target, file)
    server.execute("drop table bi_custom.totals")
    assert target.current() is None
    assert update(target, file)
    assert rows(server, "select total::text from bi_custom.totals") == [("20.00",)]


def test_readers_see_one_edition_or_the_other_and_none_fails(
    server: Server, target: PostgresqlTarget, file: Path
) -> None:
    update(target, file)
    stop, seen, failed = threading.Event(), set(), []

    def read() -> None:
        with closing(postgresql.connect(server.address)) as connection, closing(connection.cursor()) as cursor:
            while not stop.is_set():
                try:
                    cursor.execute("select (select sum(amount) from bi_marts.spend)::int")
                    spent = cursor.fetchall()[0][0]
                    cursor.execute("select total::int from bi_custom.totals")
                    seen.add((spent, cursor.fetchall()[0][0]))
                except Exception as error:
                    failed.append(str(error))
                connection.rollback()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for total in (30, 40):
            publish(file, total=total)
            update(target, file)
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert failed == []
    assert {spent for spent, total in seen if spent != total} == set()
    assert len(seen) > 1


def test_a_reader_who_stays_is_not_ended_and_is_told_of(
    server: Server, target: PostgresqlTarget, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_postgresql, "READERS_SECONDS", 0.2)
    update(target, file)
    before = edition_of(file)
    publish(file, total=30)
    with closing(postgresql.connect(server.address)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("select total::int from bi_custom.totals")
        assert cursor.fetchall() == [(20,)]
        with pytest.raises(TargetError, match=r"user shop \(process \d+\) reads since 20.* UTC, and would see two"):
            update(target, file)
        cursor.execute("select sum(amount)::int from bi_marts.spend")
        assert cursor.fetchall() == [(20,)]
    assert target.current() == before
    assert update(target, file)


def test_a_user_who_may_not_see_what_others_do_is_told_who_reads(
    server: Server, target: PostgresqlTarget, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_postgresql, "READERS_SECONDS", 0.2)
    server.execute("create role loader login password 'l'", "grant create on database postgres to loader")
    theirs = PostgresqlTarget(f"postgresql://loader:l@{server.address.partition('@')[2]}", target.prefix)
    update(theirs, file)
    publish(file, total=30)
    with closing(postgresql.connect(server.address)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("select total::int from bi_custom.totals")
        cursor.fetchall()
        with pytest.raises(TargetError, match=r"user shop \(process \d+\) reads, and would see two editions"):
            update(theirs, file)
    server.execute("drop owned by loader cascade", "drop role loader")


def test_what_is_not_ours_is_left_and_told_of_in_one_line(server: Server, target: PostgresqlTarget, file: Path) -> None:
    server.execute("create schema bi_marts", "create table bi_marts.spend (mine int)")
    with pytest.raises(
        TargetError, match=r"bi_marts\.spend is there and is not of an edition; drop it, or set a prefix"
    ):
        update(target, file)
    assert target.current() is None
    server.execute("drop table bi_marts.spend")
    update(target, file)
    server.execute(
        "create schema if not exists bi_custom", "create view bi_custom.best as select amount from bi_marts.spend"
    )
    publish(file, total=30)
    with pytest.raises(TargetError, match=r"view bi_custom\.best depends on table bi_marts\.spend and would be lost"):
        update(target, file)
    server.execute("drop view bi_custom.best", "alter table bi_marts.spend enable row level security")
    with pytest.raises(TargetError, match=r"bi_marts\.spend has row security, which a new edition would not have"):
        update(target, file)


def test_a_server_that_is_down_is_told_without_its_password(server: Server, file: Path) -> None:
    address = server.address.replace(f"@127.0.0.1:{server.address.rsplit(':')[-1].split('/')[0]}", "@127.0.0.1:1")
    with pytest.raises(TargetError, match=r"^postgresql://127\.0\.0\.1:1/postgres: ") as caught:
        update(PostgresqlTarget(address), file)
    assert PASSWORD not in str(caught.value)
    assert "\n" not in str(caught.value)


# The commands


def customers_in(folder: Path) -> set[str]:
    """Everyone in any file of a folder, of whatever edition."""
    files = folder.rglob("dim_customers.parquet")
    return {name for file in files for name in pq.read_table(file, columns=["customer_id"])["customer_id"].to_pylist()}


@pytest.fixture
def copied(night: Shop) -> Shop:
    """A shop with two copies of its edition, of which the second has a file in its way."""
    tree = yaml.safe_load(night.config.read_text())
    tree["publish"] = {"targets": {"lake": {"parquet": "lake"}, "second": {"parquet": "taken/second"}}}
    night.config.write_text(yaml.safe_dump(tree))
    (night.folder / "taken").write_text("")
    return night


def test_a_copy_that_fails_stops_nothing_and_the_next_run_or_erasure_mends_it(
    copied: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = copied.build(DAY, "publish/warehouse", "publish/lake", "publish/second")
    assert result.success
    checks = {check.asset_key.path[-1]: check for check in result.get_asset_check_evaluations()}
    assert (checks["lake"].passed, checks["second"].passed) == (True, False)
    assert checks["second"].severity == dg.AssetCheckSeverity.WARN
    assert checks["second"].description == f"{copied.folder}/taken/second: Not a directory"
    assert "c1" in customers_in(copied.folder / "lake")

    erased = copied.loyalty("erase", "--customer", "c1")
    assert erased.exit_code == 1
    assert erased.error_lines == [
        "error: the person can still be in second; `loyalty run` or erasing again removes them"
    ]
    assert customers_in(copied.folder / "lake") == {name for (name,) in copied.query("from marts.dim_customers select customer_id")}  # fmt: skip
    assert "c1" not in customers_in(copied.folder / "lake")

    (copied.folder / "taken").unlink()
    monkeypatch.setattr("pipeline.unchanged.is_published", lambda *_: True)
    run = copied.loyalty("run", "--as-of", DAY)
    assert run.exit_code == 0
    edition = edition_of(copied.warehouse)
    assert [line for line in run.output.splitlines() if line.startswith("publish/")] == [
        f"publish/second: now edition {edition}"
    ]
    assert customers_in(copied.folder / "taken" / "second") == customers_in(copied.folder / "lake")


def test_what_fails_at_one_copy_in_whatever_way_keeps_the_person_in_no_other(
    night: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = yaml.safe_load(night.config.read_text())
    tree["publish"] = {"targets": {"first": {"parquet": "first"}, "second": {"parquet": "third"}}}
    night.config.write_text(yaml.safe_dump(tree))
    night.build(DAY, "publish/warehouse", "publish/first", "publish/second")
    current = ParquetTarget.current

    def broken(target: ParquetTarget) -> str | None:
        if target.place.endswith("first"):
            raise ValueError("a value of a row")
        return current(target)

    monkeypatch.setattr(ParquetTarget, "current", broken)
    assert "c2" in customers_in(night.folder / "third")
    erased = night.loyalty("erase", "--customer", "c2")
    assert erased.exit_code == 1
    assert erased.error_lines == [
        "error: the person can still be in first; `loyalty run` or erasing again removes them"
    ]
    assert "publish/first: " in erased.output
    assert "first: ValueError" in erased.output
    assert "c2" not in customers_in(night.folder / "third")
