import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import SourceShapeError
from pipeline.sources.parts import Part, file_format, find_files, find_parts, parts_to_read
from pipeline.sources.settings import DatabaseInput, SourceSettings

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
MAY = datetime(2026, 5, 1, tzinfo=UTC)


def source(inputs: dict[str, str | DatabaseInput], *, is_snapshot: bool = False) -> SourceSettings:
    return SourceSettings(
        name="shop", entity="orders", mapping=Path("own.sql"), inputs=inputs, full_snapshot=is_snapshot
    )


def part(name: str, address: str, digest: str | None) -> Part:
    return Part(name, address, digest, MAY)


# Files


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("a.tsv", "csv"),
        ("a.TXT", "csv"),
        ("a.csv.gz", "csv"),
        ("a.2026.jsonl.zst", "jsonl"),
        ("a.ndjson", "jsonl"),
        ("a.parquet", "parquet"),
        ("a.xlsx", "xlsx"),
        ("a.XLSM", "xlsx"),
        ("a.csv.zip", "zip"),
        ("a.xlsx.gz", None),
        ("a.xls", None),
        ("a.gz", None),
        ("csv", None),
    ],
)
def test_a_format_is_known_by_the_name_whatever_it_is_packed_with(name: str, kind: str | None) -> None:
    assert file_format(Path(name)) == kind


def test_a_file_a_folder_and_a_glob_are_found_sorted(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "notes.md", "c.parquet"):
        (tmp_path / name).write_text("x")
    (tmp_path / "d.csv").mkdir()
    for place, names in (
        ("notes.md", ["notes.md"]),
        (".", ["a.csv", "b.csv", "c.parquet"]),
        ("?.csv", ["a.csv", "b.csv"]),
    ):
        assert [file.name for file in find_files("shop", "orders", str(tmp_path / place))] == names


def test_a_place_without_files_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for place in ("none.csv", "*.csv", "empty"):
        with pytest.raises(SourceShapeError) as raised:
            find_files("shop", "orders", str(tmp_path / place))
        assert str(raised.value) == (
            f"source shop: input orders: no file at {tmp_path / place}; check inputs.orders in the configuration"
        )


# Parts


def test_a_file_is_a_part_with_its_content_and_age(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x\n")
    os.utime(file, (MAY.timestamp(),) * 2)
    assert find_parts(source({"orders": str(file)}), now=NOW) == [
        Part("orders", str(file), hashlib.sha256(b"x\n").hexdigest(), MAY)
    ]


def test_a_database_is_a_part_of_now_without_content_or_password() -> None:
    place = DatabaseInput(database="postgresql://me:secret@db:5432/shop", table="orders")
    (found,) = find_parts(source({"orders": place}), now=NOW)
    assert (found.digest, found.exported_at, found.database) == (None, NOW, place)
    assert "secret" not in found.address


def test_inputs_come_in_the_order_of_the_configuration(tmp_path: Path) -> None:
    for name in ("1.csv", "2.csv"):
        (tmp_path / name).write_text(name)
    found = find_parts(source({"lines": str(tmp_path / "2.csv"), "heads": str(tmp_path)}), now=NOW)
    assert [(one.input, Path(one.address).name) for one in found] == [
        ("lines", "2.csv"),
        ("heads", "1.csv"),
        ("heads", "2.csv"),
    ]


# What is read


def test_a_new_and_a_changed_file_are_read_and_a_known_one_is_not() -> None:
    new, changed, known = (part("orders", name, f"{name} today") for name in ("new", "changed", "known"))
    digests = {("orders", "changed"): "changed yesterday", ("orders", "known"): "known today"}
    assert parts_to_read(source({"orders": "*"}), [new, changed, known], digests) == [new, changed]


def test_the_same_file_under_another_input_is_not_known() -> None:
    one = part("orders", "a", "1")
    assert parts_to_read(source({"orders": "*"}), [one], {("lines", "a"): "1"}) == [one]


def test_a_database_is_always_read() -> None:
    one = part("orders", "db", None)
    assert parts_to_read(source({"orders": "*"}), [one], {("orders", "db"): None}) == [one]


@pytest.mark.parametrize(
    "of", [source({"orders": "*", "lines": "*"}), source({"orders": "*"}, is_snapshot=True)], ids=["joined", "snapshot"]
)
def test_what_only_says_something_together_is_read_whole_or_not_at_all(of: SourceSettings) -> None:
    parts = [part("orders", "a", "1"), part("orders", "b", "1")]
    assert parts_to_read(of, parts, {("orders", "a"): "1"}) == parts
    assert parts_to_read(of, parts, {("orders", "a"): "1", ("orders", "b"): "1"}) == []
