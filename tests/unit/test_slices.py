"""Large marts as files that editions share: each edition reads its own rows, whatever is written, dropped or erased beside it."""

import hashlib
import json
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import EditionError
from pipeline.sources.inputs import literal
from pipeline.warehouse import slices
from pipeline.warehouse.editions import (
    begin_edition,
    continue_edition,
    list_editions,
    publish,
    remove_from_editions,
    remove_from_slices,
    rows_per_table,
    write_without,
)
from pipeline.warehouse.slices import begin_slices, drop_slices, missing_slices, settle_slices, slice_files, slices_of

DAY = date(2026, 3, 31)
Row = tuple[str, str, int]
"""Month, order and amount."""
COLUMNS = {"order_id": pl.String, "amount": pl.Int32}
FEBRUARY, MARCH = ("2026-02", "a", 5), ("2026-03", "b", 7)


def write(edition: Path, folder: Path, rows: list[Row], *, files: int = 1) -> None:
    """What dbt does for an edition with one large mart: up to `files` files in the folder of each slice that is new, and a view."""
    new = begin_slices(folder, ["fct_orders"])
    begin_edition(edition)
    known = {row["name"]: row for row in pl.read_parquet(new / "known.parquet").iter_rows(named=True)}
    places = []
    for month in {month for month, *_ in rows}:
        of_month = sorted(row[1:] for row in rows if row[0] == month)
        name = f"{month}-{hashlib.sha256(repr(of_month).encode()).hexdigest()[:16]}"
        if name in known and known[name]["n_rows"] == len(of_month):
            assert known[name]["mart"] == "fct_orders"
            places.append(known[name]["place"])
            continue
        place = new / "fct_orders" / f"slice={name}"
        place.mkdir()
        for number in range(files):
            if part := of_month[number::files]:
                pl.DataFrame(part, schema=COLUMNS, orient="row").write_parquet(place / f"{number}.parquet")
    pl.DataFrame(schema=COLUMNS).write_parquet(new / "fct_orders" / "slice=none" / f"{'a' * 16}.parquet")
    with duckdb.connect(str(edition)) as connection:
        connection.execute("create schema marts; create schema quality")
        connection.execute("create table quality.lake_versions as select ?::date as as_of_date", [DAY])
        read = ", ".join(literal(f"{place}/*.parquet") for place in (*places, f"{new}/fct_orders/*"))
        connection.execute(
            f"create view marts.fct_orders as select order_id, amount from read_parquet([{read}], hive_partitioning = false)"
        )
        connection.execute("comment on view marts.fct_orders is 'Orders.'")
        connection.execute("comment on column marts.fct_orders.amount is 'What''s paid.'")


def make(tmp_path: Path, name: str, rows: list[Row], *, files: int = 1, mode: int = 0o644) -> Path:
    """A kept edition with these rows."""
    edition = tmp_path / "editions" / f"{name}.duckdb"
    edition.parent.mkdir(exist_ok=True)
    write(edition, folder_in(tmp_path), rows, files=files)
    settle_slices(edition, folder_in(tmp_path), mode=mode)
    return edition


def folder_in(tmp_path: Path) -> Path:
    return tmp_path / "it's" / "shop.lake"


def read(edition: Path, query: str = "select order_id, amount from marts.fct_orders order by all") -> list[Any]:
    with duckdb.connect(str(edition), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_month_whose_rows_stay_is_not_written_again(tmp_path: Path) -> None:
    first = make(tmp_path, "000001-a", [FEBRUARY, MARCH])
    before = {file: file.stat().st_ino for file in slice_files(folder_in(tmp_path))}
    # The rows in another order, and in two files.
    second = make(tmp_path, "000002-b", [MARCH, ("2026-03", "c", 9), FEBRUARY], files=2)
    after = {file: file.stat().st_ino for file in slice_files(folder_in(tmp_path))}
    assert after.items() >= before.items()
    assert {file.parent.name[:7] for file in after.keys() - before.keys()} == {"2026-03"}
    assert (read(first), read(second)) == ([("a", 5), ("b", 7)], [("a", 5), ("b", 7), ("c", 9)])
    assert rows_per_table(second) == {"marts.fct_orders": 3, "quality.lake_versions": 1}


NIGHTS = st.lists(
    st.lists(st.tuples(st.sampled_from(["2026-01", "2026-02"]), st.sampled_from("abc"), st.integers(0, 2)), max_size=4),
    max_size=4,
)


@given(NIGHTS, st.sampled_from("abc"))
@settings(max_examples=15)
def test_each_edition_reads_its_own_rows_also_after_an_erasure(nights: list[list[Row]], erased: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        editions = [make(folder, f"{number:06}-x", rows) for number, rows in enumerate(nights, 1)]
        assert [read(edition) for edition in editions] == [sorted(row[1:] for row in rows) for rows in nights]
        drop_slices([folder_in(folder)], set().union(*map(slices_of, editions[1:])))
        remove_from_slices([folder_in(folder)], {"order_id": [erased]})
        for edition, rows in list(zip(editions, nights, strict=True))[1:]:
            assert read(edition) == sorted(row[1:] for row in rows if row[1] != erased)
        # Whoever was erased may come back: the rows are those of slices that have lost theirs.
        for rows in nights:
            assert read(make(folder, "000009-again", rows)) == sorted(row[1:] for row in rows)


def test_readers_take_a_view_for_as_large_as_it_is_though_its_first_month_had_little(tmp_path: Path) -> None:
    # 3,001 orders in two months and the file without rows, of which DuckDB takes each to be as large as the first.
    edition = make(tmp_path, "000001-a", [FEBRUARY, *(("2026-03", f"c{number}", number) for number in range(3_000))])
    ((_, plan),) = read(edition, "explain (format json) select order_id from marts.fct_orders")
    assert 3_001 <= int(json.loads(plan)[0]["extra_info"]["Estimated Cardinality"]) <= 3 * 3_000


def test_a_mart_without_rows_has_its_columns_and_comments(tmp_path: Path) -> None:
    edition = make(tmp_path, "000001-a", [])
    assert read(edition) == []
    told = "select column_name, data_type, comment from duckdb_columns() where table_name = 'fct_orders' order by column_index"
    assert read(edition, told) == [("order_id", "VARCHAR", None), ("amount", "INTEGER", "What's paid.")]
    assert read(edition, "select comment from duckdb_views() where view_name = 'fct_orders'") == [("Orders.",)]


def test_a_mart_that_gets_a_column_has_it_also_without_rows(tmp_path: Path) -> None:
    first = make(tmp_path, "000001-a", [])
    edition, folder = tmp_path / "edition.duckdb", folder_in(tmp_path)
    write(edition, folder, [])
    wider = pl.DataFrame(schema={**COLUMNS, "channel": pl.String})
    none = folder / slices.NEW / "fct_orders" / "slice=none"
    (none / f"{'a' * 16}.parquet").unlink()
    wider.write_parquet(none / f"{'b' * 16}.parquet")
    with duckdb.connect(str(edition)) as connection:
        connection.execute(
            f"create or replace view marts.fct_orders as select order_id, channel from read_parquet({literal(none / '*.parquet')})"
        )
    settle_slices(edition, folder, mode=0o644)
    assert read(edition, "select order_id, channel from marts.fct_orders") == read(first) == []


@pytest.mark.parametrize(("mode", "of_folder"), [(0o644, 0o755), (0o640, 0o750), (0o600, 0o700)])
def test_who_may_read_the_published_file_may_read_its_slices(tmp_path: Path, mode: int, of_folder: int) -> None:
    make(tmp_path, "000001-a", [MARCH], mode=0o600)
    make(tmp_path, "000002-b", [MARCH], mode=mode)
    folder = folder_in(tmp_path)
    assert {file.stat().st_mode & 0o777 for file in slice_files(folder)} == {mode}
    places = [folder, *(place for place in folder.rglob("*") if place.is_dir())]
    assert {place.stat().st_mode & 0o777 for place in places} == {of_folder}


def test_slices_that_no_edition_reads_go_and_the_last_takes_the_folder_along(tmp_path: Path) -> None:
    first, second = make(tmp_path, "000001-a", [FEBRUARY]), make(tmp_path, "000002-b", [MARCH])
    folder = folder_in(tmp_path)
    drop_slices([folder], slices_of(second))
    assert {file.parent for file in slice_files(folder)} == slices_of(second)
    assert [place.name[:7] for place in missing_slices(first)] == ["2026-02"]
    assert read(second) == [("b", 7)]
    drop_slices([folder], set())
    assert not folder.exists()


def test_what_else_a_user_keeps_in_such_a_folder_or_reads_in_a_view_is_never_touched(tmp_path: Path) -> None:
    edition, folder = make(tmp_path, "000001-a", [MARCH]), folder_in(tmp_path)
    theirs = folder / "fct_orders" / "2026-03" / "own.parquet"
    theirs.parent.mkdir()
    pl.DataFrame([("b", 7)], schema=COLUMNS, orient="row").write_parquet(theirs)
    with duckdb.connect(str(edition)) as connection:
        connection.execute("create schema custom")
        read = literal(theirs.parent / "*.parquet")
        connection.execute(f"create view custom.fct_orders as select * from read_parquet({read})")
        connection.execute(f"create view custom.own as select * from read_parquet({read})")
    assert theirs.parent not in slices_of(edition)
    assert len(slices_of(edition)) == 2
    remove_from_slices([folder], {"order_id": ["b"]})
    drop_slices([folder, tmp_path], set())
    assert [path for path in folder.rglob("*") if path.is_file()] == [theirs]
    assert pl.read_parquet(theirs).rows() == [("b", 7)]
    assert edition.exists()


def test_an_edition_whose_slices_are_gone_is_neither_published_nor_built_on(tmp_path: Path) -> None:
    edition, warehouse = make(tmp_path, "000001-a", [MARCH]), tmp_path / "it's" / "shop.duckdb"
    assert continue_edition(tmp_path / "built.duckdb", edition.parent, DAY)
    publish(edition, warehouse, keep=7, mode=0o644)
    assert read(warehouse) == [("b", 7)]
    warehouse.unlink()
    (tmp_path / "built.duckdb").unlink()
    (gone,) = (slice_ for slice_ in slices_of(edition) if slice_.name.startswith("2026"))
    gone.rename(tmp_path / "elsewhere")
    with pytest.raises(EditionError) as raised:
        publish(edition, warehouse, keep=7, mode=0o644)
    words = "build the marts anew with `loyalty run --force`"
    assert str(raised.value) == f"{edition} reads {gone}, which is not there; {words}"
    assert not warehouse.exists()
    assert not continue_edition(tmp_path / "built.duckdb", edition.parent, DAY)


@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_an_edition_cut_off_while_its_slices_are_settled_is_not_published(tmp_path: Path, done: int) -> None:
    """Killed before the first slice has its place, between two, and before the view reads them."""
    edition, folder = tmp_path / "edition.duckdb", folder_in(tmp_path)
    write(edition, folder, [FEBRUARY, MARCH])
    settled, left = slices._settled, iter([True] * done)

    def until_killed(*given: Any) -> Path:
        if not next(left, False):
            raise KeyboardInterrupt
        return settled(*given)

    at_the_view = patch.object(slices, "_point", side_effect=KeyboardInterrupt)
    with patch.object(slices, "_settled", until_killed), at_the_view, pytest.raises(KeyboardInterrupt):
        settle_slices(edition, folder, mode=0o644)
    with pytest.raises(EditionError, match="is not there"):
        publish(edition, tmp_path / "shop.duckdb", keep=7, mode=0o644)
    # The next night begins anew, and finds those that have their place.
    write(edition, folder, [FEBRUARY, MARCH])
    settle_slices(edition, folder, mode=0o644)
    assert read(edition) == [("a", 5), ("b", 7)]
    assert not (folder / slices.NEW).exists()


def test_a_copy_without_some_rows_has_the_views_too(tmp_path: Path) -> None:
    edition, copy = make(tmp_path, "000001-a", [MARCH]), tmp_path / "copy.duckdb"
    write_without(edition, copy, {"order_id": ["b"]})
    assert read(copy) == [("b", 7)]
    remove_from_slices([folder_in(tmp_path)], {"order_id": ["b"]})
    assert (read(copy), read(edition)) == ([], [])
    told = "select comment from duckdb_columns() where table_name = 'fct_orders' and column_name = 'amount'"
    assert read(copy, told) == [("What's paid.",)]
    assert read(copy, "select comment from duckdb_views() where view_name = 'fct_orders'") == [("Orders.",)]
    assert list_editions(edition.parent) == [edition]


def test_a_damaged_slice_goes_when_somebody_is_erased_and_one_that_may_not_be_read_stays(tmp_path: Path) -> None:
    edition, folder = make(tmp_path, "000001-a", [FEBRUARY, MARCH]), folder_in(tmp_path)
    (file,) = (file for file in slice_files(folder) if file.parent.name.startswith("2026-03"))
    denied = duckdb.IOException("IO Error: Cannot open file: Permission denied")
    with patch("pipeline.warehouse.editions._remove_from_slice", side_effect=denied), pytest.raises(EditionError):
        remove_from_slices([folder], {"order_id": ["a"]})
    assert file.exists()
    file.write_text("no parquet")
    remove_from_slices([folder], {"order_id": ["a"]})
    assert missing_slices(edition) == [file.parent]


def test_a_full_disk_deletes_no_slice(tmp_path: Path) -> None:
    edition, folder = make(tmp_path, "000001-a", [MARCH]), folder_in(tmp_path)
    full = duckdb.IOException("IO Error: No space left on device")
    with patch("pipeline.warehouse.editions._remove_from_slice", side_effect=full), pytest.raises(duckdb.IOException):
        remove_from_slices([folder], {"order_id": ["b"]})
    assert read(edition) == [("b", 7)]


def test_an_edition_whose_slices_are_gone_is_damaged_for_an_erasure_and_stops_none(tmp_path: Path) -> None:
    first, second = make(tmp_path, "000001-a", [FEBRUARY]), make(tmp_path, "000002-b", [MARCH])
    warehouse = tmp_path / "it's" / "shop.duckdb"
    publish(second, warehouse, keep=7, mode=0o644)
    (file,) = (file for file in slice_files(folder_in(tmp_path)) if file.parent.name.startswith("2026-03"))
    file.write_text("no parquet")
    names = {"order_id": ["a"]}
    remove_from_slices([folder_in(tmp_path)], names)
    remove_from_editions(first.parent, warehouse, names, published=second.name, mode=0o644)
    assert list_editions(first.parent) == [first]
    assert read(warehouse) == read(first) == []
