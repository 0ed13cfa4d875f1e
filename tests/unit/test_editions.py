import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import pytest

from pipeline.errors import AuditError, EditionError
from pipeline.warehouse import editions
from pipeline.warehouse.editions import (
    REPORT_MARK,
    Concern,
    begin_edition,
    concern_of,
    continue_edition,
    edition_name,
    last_built,
    list_editions,
    publish,
    published_edition,
    remove_from_editions,
    remove_reports,
    report_of,
    roll_back,
    rows_per_table,
    write_without,
)

BUILT = """
create schema marts; create schema quality;
create table marts.fct_orders (order_id varchar primary key, net_amount decimal(18, 2), placed timestamptz);
insert into marts.fct_orders values ('a', 12.34, '2026-01-05 09:00:00+00'), ('b', null, null);
comment on table marts.fct_orders is 'One row per order; the shop''s own.';
comment on column marts.fct_orders.net_amount is 'What the shop keeps.';
create table quality."run summary" ("n rows" bigint not null);
"""
ORDERS = "select order_id from marts.fct_orders order by all"


def rows(file: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(query).fetchall()


def build(file: Path) -> Path:
    """What dbt leaves: the tables of an edition."""
    file.parent.mkdir(exist_ok=True)
    begin_edition(file)
    with duckdb.connect(str(file)) as connection:
        connection.execute(BUILT)
    return file


def make_edition(folder: Path, name: str, content: str | None = None) -> Path:
    """A file that stands for an edition: what publishing does not look into."""
    file = folder / "editions" / f"{name}.duckdb"
    file.parent.mkdir(exist_ok=True)
    file.write_text(content or name)
    return file


# Building


def test_an_edition_is_begun_anew_in_a_file_that_older_drivers_open(tmp_path: Path) -> None:
    edition, log = tmp_path / "it's an edition.duckdb", tmp_path / "it's an edition.duckdb.wal"
    for file in (edition, log):
        file.write_text("left by a run that was killed")
    begin_edition(edition)
    assert not log.exists()
    with duckdb.connect(str(edition)) as connection:
        connection.execute(BUILT)
    (tags,) = rows(edition, "select tags['storage_version'] from duckdb_databases() where not internal")
    assert tags[0].startswith("v1.2.0")
    assert rows(edition, "select block_size from pragma_database_size()") == [(65_536,)]


def test_an_edition_that_an_older_version_began_is_still_counted(tmp_path: Path) -> None:
    edition = tmp_path / "e.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{edition}' as edition (storage_version 'v1.2.0')")
        connection.execute("create table edition.main.t as select 1 as x")
    assert rows_per_table(edition) == {"main.t": 1}
    (tags,) = rows(edition, "select tags['storage_version'] from duckdb_databases() where not internal")
    assert tags[0].startswith("v1.2.0")


def test_the_rows_of_every_table_of_an_edition_are_told(tmp_path: Path) -> None:
    edition = build(tmp_path / "e.duckdb")
    assert rows_per_table(edition) == {"marts.fct_orders": 2, "quality.run summary": 0}
    begin_edition(edition)
    assert rows_per_table(edition) == {}


def test_what_is_still_in_the_log_of_an_edition_is_put_into_its_file(tmp_path: Path) -> None:
    built, edition = build(tmp_path / "built.duckdb"), tmp_path / "editions" / "1.duckdb"
    with duckdb.connect(str(built)) as connection:
        connection.execute("set checkpoint_threshold = '1GB'; pragma disable_checkpoint_on_shutdown")
        connection.execute("insert into marts.fct_orders values ('c', 1, null)")
    assert built.with_name("built.duckdb.wal").exists()
    assert rows_per_table(built)["marts.fct_orders"] == 3
    publish(edition, tmp_path / "warehouse.duckdb", keep=1, mode=0o644, built=built)
    assert rows(edition, ORDERS) == rows(tmp_path / "warehouse.duckdb", ORDERS) == [("a",), ("b",), ("c",)]


def test_an_edition_that_was_not_built_is_said(tmp_path: Path) -> None:
    with pytest.raises(EditionError) as raised:
        last_built(tmp_path / "e.duckdb", tmp_path / "editions")
    assert str(raised.value) == (
        f"no edition is built at {tmp_path / 'e.duckdb'}; build the marts first, or `loyalty run`"
    )


def test_the_edition_built_last_is_the_newest_one_kept_unless_another_waits_to_be_published(tmp_path: Path) -> None:
    built, folder = tmp_path / "built.duckdb", tmp_path / "editions"
    make_edition(tmp_path, "000001-a")
    newest = make_edition(tmp_path, "000002-b")
    assert last_built(built, folder) == newest
    built.write_text("waits")
    assert last_built(built, folder) == built


def test_tables_are_built_anew_in_a_copy_of_the_edition_built_last_but_only_of_its_own_date(tmp_path: Path) -> None:
    built, folder = tmp_path / "built.duckdb", tmp_path / "editions"
    assert not continue_edition(built, folder, date(2026, 1, 5))
    kept = build(folder / "000001-a.duckdb")
    with duckdb.connect(str(kept)) as connection:
        connection.execute("create table quality.lake_versions as select date '2026-01-05' as as_of_date")
    before = kept.read_bytes()
    assert not continue_edition(built, folder, date(2026, 1, 6))
    assert not built.exists()
    assert continue_edition(built, folder, date(2026, 1, 5))
    with duckdb.connect(str(built)) as connection:
        connection.execute("delete from marts.fct_orders")
    assert continue_edition(built, folder, date(2026, 1, 5))
    assert rows(built, ORDERS) == []
    assert kept.read_bytes() == before


def test_an_edition_is_numbered_after_the_last_one_whatever_the_clock_says(tmp_path: Path) -> None:
    folder, on_january_fifth = tmp_path / "editions", datetime(2026, 1, 5, 2, tzinfo=UTC)
    first = edition_name(folder, on_january_fifth, "run-one-and-more")
    assert first == "000001-20260105T020000-run-one-.duckdb"
    make_edition(tmp_path, Path(first).stem)
    second = edition_name(folder, datetime(2020, 1, 1, tzinfo=UTC), "b")
    assert second == "000002-20200101T000000-b.duckdb"
    publish(make_edition(tmp_path, Path(second).stem), tmp_path / "warehouse.duckdb", keep=1, mode=0o644)
    assert [edition.name for edition in list_editions(folder)] == [second]


def test_editions_of_an_older_version_come_before_the_numbered_ones(tmp_path: Path) -> None:
    old = make_edition(tmp_path, "20991231T020000000000-a")
    name = edition_name(old.parent, datetime(2026, 1, 5, 2, tzinfo=UTC), "b")
    new, ten = make_edition(tmp_path, Path(name).stem), make_edition(tmp_path, "1000000-20260105T020000-c")
    assert list_editions(old.parent) == [old, new, ten]
    warehouse = tmp_path / "warehouse.duckdb"
    publish(new, warehouse, keep=3, mode=0o644)
    assert roll_back(old.parent, warehouse, keep=3, mode=0o644) == old


# Publishing


def test_what_was_built_becomes_the_newest_edition_and_the_warehouse(tmp_path: Path) -> None:
    built, edition, warehouse = (tmp_path / name for name in ("built", "editions/1.duckdb", "warehouse.duckdb"))
    built.write_text("built")
    publish(edition, warehouse, keep=7, mode=0o644, built=built)
    assert [edition.read_text(), warehouse.read_text(), built.exists()] == ["built", "built", False]


def test_what_was_built_and_cannot_be_published_stays_to_be_published_later(tmp_path: Path) -> None:
    built, edition = tmp_path / "built", tmp_path / "editions" / "1.duckdb"
    built.write_text("built")
    with pytest.raises(EditionError, match="No such file or directory; the old one stays"):
        publish(edition, tmp_path / "unplugged" / "warehouse.duckdb", keep=7, mode=0o644, built=built)
    assert [edition.exists(), built.read_text()] == [False, "built"]


def test_a_published_warehouse_is_a_copy_of_the_edition(tmp_path: Path) -> None:
    edition, warehouse = make_edition(tmp_path, "1"), tmp_path / "warehouse.duckdb"
    publish(edition, warehouse, keep=7, mode=0o644)
    assert warehouse.read_text() == "1"
    assert edition.read_text() == "1"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["editions", "warehouse.duckdb"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_the_published_file_alone_has_its_mode(tmp_path: Path, mode: int) -> None:
    edition, warehouse = make_edition(tmp_path, "1"), tmp_path / "warehouse.duckdb"
    edition.chmod(0o600)
    publish(edition, warehouse, keep=7, mode=mode)
    assert [file.stat().st_mode & 0o777 for file in (edition, warehouse)] == [0o600, mode]


def test_files_written_without_a_person_keep_their_mode(tmp_path: Path) -> None:
    edition, warehouse = build(tmp_path / "editions" / "1.duckdb"), tmp_path / "warehouse.duckdb"
    edition.chmod(0o600)
    publish(edition, warehouse, keep=7, mode=0o640)
    remove(tmp_path, published=None)
    assert [file.stat().st_mode & 0o777 for file in (edition, warehouse)] == [0o600, 0o640]


def test_a_reader_goes_on_with_the_old_edition_until_it_reconnects(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    first, second = (build(tmp_path / "editions" / f"{number}.duckdb") for number in (1, 2))
    with duckdb.connect(str(second)) as connection:
        connection.execute("delete from marts.fct_orders")
    publish(first, warehouse, keep=7, mode=0o644)
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        assert reader.execute("select count(*) from marts.fct_orders").fetchall() == [(2,)]
        publish(second, warehouse, keep=7, mode=0o644)
        assert reader.execute("select count(order_id) from marts.fct_orders").fetchall() == [(2,)]
    assert rows(warehouse, "select count(*) from marts.fct_orders") == [(0,)]


def test_a_log_left_beside_the_warehouse_is_removed(tmp_path: Path) -> None:
    log = tmp_path / "warehouse.duckdb.wal"
    log.write_text("left by a program that wrote to the published file")
    publish(make_edition(tmp_path, "1"), tmp_path / "warehouse.duckdb", keep=7, mode=0o644)
    assert not log.exists()


def test_only_the_newest_editions_are_kept(tmp_path: Path) -> None:
    for name in ("1", "2", "3", "4"):
        publish(make_edition(tmp_path, name), tmp_path / "warehouse.duckdb", keep=2, mode=0o644)
    assert [edition.stem for edition in list_editions(tmp_path / "editions")] == ["3", "4"]
    assert (tmp_path / "warehouse.duckdb").read_text() == "4"


def test_a_file_that_cannot_be_replaced_is_said_and_the_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    publish(make_edition(tmp_path, "1"), warehouse, keep=1, mode=0o644)
    second = make_edition(tmp_path, "2")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(EditionError) as raised:
        publish(second, warehouse, keep=1, mode=0o644)
    assert str(raised.value) == f"warehouse {warehouse} cannot be replaced: Permission denied; the old one stays"
    assert warehouse.read_text() == "1"
    assert [edition.stem for edition in list_editions(tmp_path / "editions")] == ["1", "2"]
    assert not list(tmp_path.glob(".*"))


def test_a_folder_in_the_place_of_the_warehouse_is_said(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    (warehouse / "something").mkdir(parents=True)
    with pytest.raises(EditionError, match=r"cannot be replaced: .*; the old one stays$"):
        publish(make_edition(tmp_path, "1"), warehouse, keep=1, mode=0o644)
    assert not list(tmp_path.glob(".*"))


# Rolling back


def test_rolling_back_publishes_the_edition_before_and_again_the_one_before_that(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    made = [make_edition(tmp_path, name) for name in ("1", "2", "3")]
    publish(made[-1], warehouse, keep=7, mode=0o644)
    for expected in (made[1], made[0]):
        assert roll_back(tmp_path / "editions", warehouse, keep=7, mode=0o644) == expected
        assert warehouse.read_text() == expected.stem
    assert list_editions(tmp_path / "editions") == made


def test_of_two_equal_editions_the_newest_is_the_published_one(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    for name, content in (("1", "old"), ("2", "same"), ("3", "same")):
        publish(make_edition(tmp_path, name, content), warehouse, keep=7, mode=0o644)
    assert roll_back(tmp_path / "editions", warehouse, keep=7, mode=0o644).stem == "2"


def test_without_a_warehouse_there_is_nothing_to_roll_back(tmp_path: Path) -> None:
    with pytest.raises(EditionError) as raised:
        roll_back(tmp_path / "editions", tmp_path / "warehouse.duckdb", keep=7, mode=0o644)
    assert str(raised.value) == f"no warehouse at {tmp_path / 'warehouse.duckdb'}; run `loyalty run` first"


def test_the_first_edition_has_none_before_it(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    publish(make_edition(tmp_path, "1"), warehouse, keep=7, mode=0o644)
    with pytest.raises(EditionError, match=r"^no edition before the published one in .*; nothing to go back to$"):
        roll_back(tmp_path / "editions", warehouse, keep=7, mode=0o644)
    assert warehouse.read_text() == "1"


def test_a_warehouse_that_is_no_kept_edition_is_not_rolled_back(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copyfile(make_edition(tmp_path, "1"), warehouse)
    warehouse.write_text("changed by hand")
    with pytest.raises(EditionError, match=r" is not one of the 1 editions kept in .*; copy one there by hand$"):
        roll_back(tmp_path / "editions", warehouse, keep=7, mode=0o644)
    assert warehouse.read_text() == "changed by hand"


# Removing rows


def test_a_file_without_some_rows_keeps_types_constraints_and_comments(tmp_path: Path) -> None:
    source, new = build(tmp_path / "e.duckdb"), tmp_path / "it's new.duckdb"
    before = source.read_bytes()
    write_without(source, new, {"order_id": ["b"]})
    assert rows(new, "select order_id, net_amount::varchar, epoch(placed) from marts.fct_orders") == [
        ("a", "12.34", datetime(2026, 1, 5, 9, tzinfo=UTC).timestamp())
    ]
    query = "select column_name, data_type, is_nullable, comment from duckdb_columns() where table_name = 'fct_orders'"
    assert rows(new, query) == [
        ("order_id", "VARCHAR", False, None),
        ("net_amount", "DECIMAL(18,2)", True, "What the shop keeps."),
        ("placed", "TIMESTAMP WITH TIME ZONE", True, None),
    ]
    kinds = "select constraint_type, constraint_column_names from duckdb_constraints() where table_name = 'fct_orders'"
    assert rows(new, f"{kinds} order by all") == [("NOT NULL", ["order_id"]), ("PRIMARY KEY", ["order_id"])]
    comments = "select comment from duckdb_tables() where table_name = 'fct_orders'"
    assert rows(new, comments) == [("One row per order; the shop's own.",)]
    (tags,) = rows(new, "select tags['storage_version'] from duckdb_databases() where not internal")
    assert tags[0].startswith("v1.2.0")
    assert source.read_bytes() == before


def test_a_renamed_column_keeps_its_former_name_in_a_file_without_some_rows(tmp_path: Path) -> None:
    source, new = tmp_path / "source.duckdb", tmp_path / "new.duckdb"
    with duckdb.connect(str(source)) as connection:
        connection.execute(
            """create schema marts;
            create table marts.m (order_id varchar primary key, n int, old int generated always as (n) virtual, last int);
            insert into marts.m values ('a', 1, 10), ('b', 2, 20)"""
        )
    write_without(source, new, {"order_id": ["b"]})
    assert rows(new, "select order_id, n, old, last from marts.m") == [("a", 1, 1, 10)]


def test_the_names_of_a_person_are_in_no_query_however_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As text of a query a hundred thousand orders took seconds in each of a hundred tables."""
    connect, queries = duckdb.connect, []

    class Recorder:
        def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
            self.connection = connection

        def __enter__(self) -> "Recorder":
            return self

        def __exit__(self, *_: object) -> None:
            self.connection.close()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.connection, name)

        def execute(self, query: str, *values: object) -> duckdb.DuckDBPyConnection:
            queries.append(query)
            return self.connection.execute(query, *values)

    source, new = build(tmp_path / "e.duckdb"), tmp_path / "new.duckdb"
    names = {"order_id": [f"order {number}" for number in range(100)] + ["b"], "customer_id": []}
    with monkeypatch.context() as patched:
        patched.setattr(editions.duckdb, "connect", lambda *given, **more: Recorder(connect(*given, **more)))
        assert editions.concern_of(source, names) is editions.Concern.NAMES
        write_without(source, new, names)
    assert rows(new, "select order_id from marts.fct_orders") == [("a",)]
    assert [query for query in queries if "order 17" in query] == []


def test_a_copy_with_other_rows_than_were_to_stay_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = build(tmp_path / "e.duckdb")
    counts = iter([1, 2])
    monkeypatch.setattr(editions, "_count", lambda *_: next(counts))
    with pytest.raises(AuditError) as raised:
        write_without(source, tmp_path / "new.duckdb", {"order_id": ["b"]})
    assert str(raised.value) == f"{source}: marts.fct_orders cannot be copied without some rows; the file stays"


def make_two_editions(folder: Path) -> tuple[Path, Path]:
    first, second = (build(folder / "editions" / name) for name in ("000001-a.duckdb", "000002-b.duckdb"))
    with duckdb.connect(str(second)) as connection:
        connection.execute("create table marts.more as select 1 as x")
    return first, second


def remove(folder: Path, *, published: Path | None) -> None:
    name = published.name if published else None
    warehouse = folder / "warehouse.duckdb"
    remove_from_editions(folder / "editions", warehouse, {"order_id": ["a"]}, published=name, mode=0o644)


def test_a_warehouse_whose_edition_was_written_anew_before_a_stop_is_still_a_copy_of_it(tmp_path: Path) -> None:
    first, second = make_two_editions(tmp_path)
    warehouse = tmp_path / "warehouse.duckdb"
    publish(first, warehouse, keep=7, mode=0o644)
    assert all(editions._remove_from(edition, {"order_id": ["a"]}) for edition in (first, second))
    # What is written anew can have other bytes.
    with patch.object(editions, "write_without", side_effect=AssertionError):
        remove(tmp_path, published=first)
    assert [rows(file, ORDERS) for file in (first, second, warehouse)] == [[("b",)]] * 3
    assert published_edition(first.parent, warehouse) == first


def test_damaged_editions_go_and_the_newest_that_is_left_takes_the_place_of_a_damaged_warehouse(tmp_path: Path) -> None:
    first, second = make_two_editions(tmp_path)
    warehouse = tmp_path / "warehouse.duckdb"
    for damaged in (second, warehouse):
        damaged.write_text("no database")
    assert [concern_of(file, {"order_id": ["a"]}) for file in (first, second)] == [Concern.NAMES, Concern.DAMAGED]
    remove(tmp_path, published=second)
    assert list_editions(first.parent) == [first]
    assert rows(warehouse, ORDERS) == [("b",)]
    first.write_text("no database")
    warehouse.write_text("no database")
    remove(tmp_path, published=first)
    assert list_editions(first.parent) == []
    assert not warehouse.exists()


def test_a_file_that_is_open_for_writing_is_not_taken_for_damaged(tmp_path: Path) -> None:
    edition, _ = make_two_editions(tmp_path)
    error = duckdb.IOException("IO Error: Could not set lock on file")
    with patch.object(editions, "_has_any", side_effect=error), pytest.raises(EditionError, match="close it where"):
        remove(tmp_path, published=None)
    assert edition.exists()


def test_a_full_disk_deletes_no_edition(tmp_path: Path) -> None:
    edition, _ = make_two_editions(tmp_path)
    error = duckdb.IOException("IO Error: No space left on device")
    with patch.object(editions, "write_without", side_effect=error), pytest.raises(duckdb.IOException):
        remove(tmp_path, published=None)
    assert edition.exists()


def test_the_page_of_an_edition_comes_and_goes_with_it(tmp_path: Path) -> None:
    first, second, third = (make_edition(tmp_path, name) for name in ("1-a", "2-b", "3-c"))
    pages = {name: f"<!doctype html>\n{REPORT_MARK}\n{name}" for name in ("first", "second")}
    report_of(first).write_text(pages["first"])
    warehouse = tmp_path / "warehouse.duckdb"
    publish(first, warehouse, keep=2, mode=0o640)
    beside = report_of(warehouse)
    assert (beside.read_text(), beside.stat().st_mode & 0o777) == (pages["first"], 0o640)
    publish(second, warehouse, keep=2, mode=0o640)
    # The second has no page yet: that of the first would tell of another edition.
    assert not beside.exists()
    assert not report_of(first).exists()
    report_of(second).write_text(pages["second"])
    publish(third, warehouse, keep=2, mode=0o600)
    roll_back(tmp_path / "editions", warehouse, keep=2, mode=0o600)
    assert (beside.read_text(), beside.stat().st_mode & 0o777) == (pages["second"], 0o600)
    remove_reports(tmp_path / "editions", warehouse)
    assert not beside.exists()
    assert not report_of(second).exists()


def test_a_page_of_the_users_own_beside_the_published_file_is_never_touched(tmp_path: Path) -> None:
    edition, warehouse = make_edition(tmp_path, "1-a"), tmp_path / "shop.duckdb"
    report_of(warehouse).write_text("<!doctype html>our own page")
    report_of(edition).write_text(f"<!doctype html>{REPORT_MARK}")
    publish(edition, warehouse, keep=2, mode=0o640)
    remove_reports(tmp_path / "editions", warehouse)
    assert report_of(warehouse).read_text() == "<!doctype html>our own page"
    assert not report_of(edition).exists()
