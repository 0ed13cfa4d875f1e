"""Files whose paths DuckDB and polars could take for patterns."""

from datetime import UTC, datetime
from glob import glob
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.sources.inputs import Inputs
from pipeline.sources.loading import load_inputs
from pipeline.sources.parts import Part, find_files
from pipeline.sources.patterns import is_pattern, matches, under_plain_name
from pipeline.sources.sample import copy_start
from tests.excel import write_xlsx

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
PATHS = {
    "shop [1]/orders": "shop 1/orders",
    "orders[1]": "orders1",
    "orders*": "orders2",
    "orders?": "orders3",
    "a\\b[1]": "a\\b1",
}
"""The path of a file -> that of another file, which it is a pattern of."""


def write(file: Path, number: str) -> None:
    """A file with one order, in the format of its name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as written:
        match file.suffix:
            case ".csv":
                written.write(f"number,total\n{number},10\n".encode())
            case ".xlsx":
                write_xlsx(file, {"Sheet1": [["number", "total"], [number, "10"]]})
            case ".jsonl":
                written.write(f'{{"number":"{number}","total":"10"}}\n'.encode())
            case _:
                pl.DataFrame({"number": [number], "total": ["10"]}).write_parquet(written)


def load(file: Path, folder: Path) -> tuple[Inputs, list[tuple[str, str, int]]]:
    """An input of one file, and the number, the file and the row of each of its rows."""
    folder.mkdir()
    inputs = load_inputs("shop", [Part("orders", str(file), "", NOW)], duckdb.connect(), folder)
    inputs.refuse_other_files()
    return inputs, inputs.connection.execute("select number, _file, _row from orders").fetchall()


@pytest.mark.parametrize("kind", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize(("name", "other"), PATHS.items())
def test_a_file_is_read_itself_whatever_is_in_its_path(tmp_path: Path, kind: str, name: str, other: str) -> None:
    file = tmp_path / f"{name}{kind}"
    write(file, "1")
    write(tmp_path / f"{other}{kind}", "2")
    inputs, rows = load(file, tmp_path / "work")
    assert rows == [("1", str(file), 1)]
    assert (inputs.lines.read, inputs.lines.parsed) == (1, 1)


@pytest.mark.parametrize("kind", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_a_folder_gives_no_value_to_a_column_of_its_name(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "number=9" / "total=5" / f"orders{kind}"
    write(file, "1")
    _, rows = load(file, tmp_path / "number=9" / "work")
    assert rows == [("1", str(file), 1)]
    if kind == ".parquet":
        copy_start(file, tmp_path / "copy.parquet", rows=5)
        assert pl.read_parquet(tmp_path / "copy.parquet").rows() == [("1", "10")]


@pytest.mark.parametrize(("name", "other"), PATHS.items())
def test_the_start_of_a_parquet_file_is_its_own(tmp_path: Path, name: str, other: str) -> None:
    file, copy = tmp_path / f"{name}.parquet", tmp_path / "copy.parquet"
    write(file, "1")
    write(tmp_path / f"{other}.parquet", "2")
    assert copy_start(file, copy, rows=5) is False
    assert pl.read_parquet(copy)["number"].to_list() == ["1"]


def test_a_folder_that_is_there_is_no_pattern(tmp_path: Path) -> None:
    for name in ("shop [nl]/exports/1.csv", "shop [nl]/exports/2.csv", "shop n/exports/3.csv"):
        write(tmp_path / name, "1")
    exports = tmp_path / "shop [nl]" / "exports"
    assert find_files("shop", "orders", str(exports / "*.csv")) == [exports / "1.csv", exports / "2.csv"]
    assert find_files("shop", "orders", str(exports / "[2-9].csv")) == [exports / "2.csv"]
    assert find_files("shop", "orders", f"{tmp_path}/shop [nl]/**/*.csv") == [exports / "1.csv", exports / "2.csv"]
    assert find_files("shop", "orders", f"{tmp_path}/shop ?/*/*.csv") == [tmp_path / "shop n" / "exports" / "3.csv"]


def test_a_plain_name_needs_no_link(tmp_path: Path) -> None:
    assert under_plain_name(tmp_path / "orders {1}].csv", tmp_path, "orders__0") == tmp_path / "orders {1}].csv"
    file = tmp_path / "orders [1]*?.csv.gz"
    link = under_plain_name(file, tmp_path, "orders__0")
    assert (link, link.readlink()) == (tmp_path / "orders__0-orders _1___.csv.gz", file)
    assert (is_pattern(file), is_pattern(link)) == (True, False)


FILES = ["a.csv", "x/a.csv", "x/y/a.csv", "x/y/b.txt", ".h/a.csv", "x/.h.csv", "x/.h/a.csv"]


@pytest.mark.parametrize(
    "pattern",
    [
        "*.csv",
        "**/*.csv",
        "x/**/*.csv",
        "**",
        "x/**",
        "**/y/*",
        "**/.h/*",
        "x/.*.csv",
        "*/*",
        "**/**/a.csv",
        "x*/?.csv",
        "[!x]/*",
    ],
)
def test_a_pattern_means_the_same_where_there_is_no_disk(tmp_path: Path, pattern: str) -> None:
    for name in FILES:
        write_empty(tmp_path / name)
    found = glob(pattern, root_dir=tmp_path, recursive=True)  # noqa: PTH207 - it passes over hidden names
    on_disk = {name for name in found if (tmp_path / name).is_file()}
    assert {name for name in FILES if matches(name, pattern)} == on_disk


def write_empty(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
