import gzip
import sqlite3
from pathlib import Path

import polars as pl
import pytest

from pipeline.errors import SourceShapeError
from pipeline.sources.database_places import label
from pipeline.sources.parts import find_files
from pipeline.sources.sample import Sample, copy_start, take_sample
from pipeline.sources.settings import DatabaseInput, SourceSettings


def source(**inputs: str | DatabaseInput) -> SourceSettings:
    return SourceSettings(name="shop", entity="orders", mapping=Path("own.sql"), inputs=inputs)


def copies(sample: Sample, name: str) -> list[Path]:
    place = sample.source.inputs[name]
    assert isinstance(place, str)
    return find_files("shop", name, place)


# Records of a file


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (1, b'a;b\r\n1;"x\r\ny"\r\n'),
        (2, b'a;b\r\n1;"x\r\ny"\r\n2;"said ""hi"""\r\n'),
        (3, b'a;b\r\n1;"x\r\ny"\r\n2;"said ""hi"""\r\n3;\xe9"\r\n'),
    ],
)
def test_a_copy_ends_between_records_and_keeps_every_byte(tmp_path: Path, rows: int, expected: bytes) -> None:
    file, copy = tmp_path / "orders.csv", tmp_path / "copy.csv"
    file.write_bytes(b'a;b\r\n1;"x\r\ny"\r\n2;"said ""hi"""\r\n3;\xe9"\r\n4;z')
    assert copy_start(file, copy, rows=rows)
    assert copy.read_bytes() == expected


def test_a_file_with_no_more_rows_is_copied_whole(tmp_path: Path) -> None:
    file, copy = tmp_path / "orders.csv", tmp_path / "copy.csv"
    file.write_bytes(b"a\n1\n2\n\n")
    assert not copy_start(file, copy, rows=2)
    assert copy.read_bytes() == b"a\n1\n2\n"


def test_a_quote_that_is_never_closed_does_not_take_the_whole_file(tmp_path: Path) -> None:
    file, copy = tmp_path / "orders.csv", tmp_path / "copy.csv"
    file.write_bytes(b'a,b\n1,"x\n' + b"2,y\n" * 1_000_000)
    assert copy_start(file, copy, rows=10)
    assert copy.stat().st_size < 200_000


def test_json_lines_have_no_header(tmp_path: Path) -> None:
    file, copy = tmp_path / "orders.jsonl", tmp_path / "copy.jsonl"
    file.write_text('{"a": "\\""}\n{"a": 2}\n{"a": 3}\n')
    assert copy_start(file, copy, rows=2)
    assert copy.read_text() == '{"a": "\\""}\n{"a": 2}\n'


@pytest.mark.parametrize("name", ["orders.csv.gz", "ORDERS.CSV.GZ", "orders.csv"])
def test_a_packed_file_is_packed_again(tmp_path: Path, name: str) -> None:
    file, copy = tmp_path / name, tmp_path / f"copy-{name}"
    file.write_bytes(gzip.compress(b"a\n1\n2\n3\n"))
    assert copy_start(file, copy, rows=2)
    assert gzip.decompress(copy.read_bytes()) == b"a\n1\n2\n"


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    file, copy = tmp_path / "orders.parquet", tmp_path / "copy.parquet"
    rows = pl.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}, schema={"a": pl.Int32, "b": pl.String})
    rows.write_parquet(file)
    assert copy_start(file, copy, rows=2)
    assert pl.read_parquet(copy).equals(rows.head(2))
    assert pl.read_parquet(copy).schema == rows.schema
    assert not copy_start(file, tmp_path / "all.parquet", rows=3)


@pytest.mark.parametrize("name", ["cut.csv.gz", "no.parquet", "orders.xlsx"])
def test_a_file_that_cannot_be_copied_is_linked(tmp_path: Path, name: str) -> None:
    file, copy = tmp_path / name, tmp_path / "copies" / name
    file.write_bytes(gzip.compress(b"a\n" + bytes(range(256)) * 40)[:60])
    copy.parent.mkdir()
    assert not copy_start(file, copy, rows=2)
    assert copy.is_symlink()
    assert copy.resolve() == file


# Inputs of a source


def test_the_rows_of_an_input_are_shared_among_its_files(tmp_path: Path) -> None:
    for name in ("north/orders.csv", "south/orders.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("a\n1\n2\n3\n")
    (tmp_path / "payments.csv").write_text("b\n1\n2\n3\n")
    inputs = source(orders=f"{tmp_path}/*/orders.csv", payments=f"{tmp_path}/payments.csv")
    sample = take_sample(inputs, tmp_path / "sample", rows=4)
    assert [copy.read_text() for copy in copies(sample, "orders")] == ["a\n1\n2\n", "a\n1\n2\n"]
    assert [copy.read_text() for copy in copies(sample, "payments")] == ["b\n1\n2\n3\n"]
    assert sample.is_cut
    assert sample.size_bytes == 3 * len("a\n1\n2\n3\n")
    named = [sample.addresses[str(copy)] for copy in copies(sample, "orders")]
    assert named == [f"{tmp_path}/north/orders.csv", f"{tmp_path}/south/orders.csv"]


def test_a_mapping_that_looks_at_the_path_sees_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("a\n1\n")
    sample = take_sample(source(orders=f"{tmp_path}/orders.csv"), tmp_path / "sample", rows=1)
    (copy,) = copies(sample, "orders")
    assert str(copy).endswith(f"{tmp_path}/orders.csv")
    assert not sample.is_cut


def test_a_place_without_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceShapeError, match=r"^source shop: input orders: no file at .*/none\.csv; "):
        take_sample(source(orders=f"{tmp_path}/none.csv"), tmp_path / "sample", rows=1)


@pytest.mark.parametrize(
    "what", [{"table": "order"}, {"query": 'select * from "order" -- all of them'}, {"table": "order", "cursor": "id"}]
)
def test_a_database_gives_its_first_rows(tmp_path: Path, what: dict[str, str]) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.executescript('create table "order" (id int); insert into "order" values (1), (2), (3)')
    connection.close()
    place = DatabaseInput(database=f"sqlite:///{tmp_path}/shop.db", **what)
    sample = take_sample(source(orders=place), tmp_path / "sample", rows=2)
    limited = sample.source.inputs["orders"]
    assert isinstance(limited, DatabaseInput)
    assert limited.cursor == place.cursor
    assert limited.query is not None
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        assert connection.execute(limited.query).fetchall() == [(1,), (2,)]
    connection.close()
    assert sample.addresses == {label(limited): label(place)}
    assert sample.is_cut


def test_names_in_mysql_are_quoted_its_own_way(tmp_path: Path) -> None:
    place = DatabaseInput(database="mysql://anna@server/shop", table="sales.order")
    limited = take_sample(source(orders=place), tmp_path, rows=5).source.inputs["orders"]
    assert isinstance(limited, DatabaseInput)
    assert limited.query == "select * from `sales`.`order` limit 5"
