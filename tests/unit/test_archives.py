import warnings
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import SourceShapeError
from pipeline.sources.inputs import Inputs
from pipeline.sources.loading import load_inputs
from pipeline.sources.parts import find_parts, parts_to_read, tell_unread
from pipeline.sources.sample import take_sample
from pipeline.sources.settings import FileInput, SourceSettings
from tests.excel import write_xlsx
from tests.unit.test_text_files import connect

NOW = datetime(2026, 1, 6, 2, tzinfo=UTC)


def pack(file: Path, **members: str) -> Path:
    """A .zip with these files; `_csv` at the end of a name stands for `.csv`."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_csv", ".csv"), content)
    return file


def source(place: Path | FileInput, max_unpacked_mb: int = 10) -> SourceSettings:
    return SourceSettings(
        name="shop",
        entity="orders",
        mapping=Path("own.sql"),
        inputs={"orders": place if isinstance(place, FileInput) else str(place)},
        max_unpacked_mb=max_unpacked_mb,
    )


def load(place: Path | FileInput) -> Inputs:
    one = source(place)
    folder = Path(place.path if isinstance(place, FileInput) else place).parent / "fetched"
    folder.mkdir(exist_ok=True)
    return load_inputs("shop", find_parts(one, now=NOW), connect(), folder)


def rows(inputs: Inputs) -> list[tuple[str, ...]]:
    return inputs.connection.execute("from orders order by _file, _row").fetchall()


def refusal(place: Path | FileInput, max_unpacked_mb: int = 10) -> str:
    with pytest.raises(SourceShapeError) as raised:
        find_parts(source(place, max_unpacked_mb), now=NOW)
    path = place.path if isinstance(place, FileInput) else place
    return str(raised.value).removeprefix(f"source shop: file {path}: ")


def test_every_file_of_a_zip_is_read_under_its_own_address(tmp_path: Path) -> None:
    more = {"b/a_csv": "id\tn\n2\ty\n", "__MACOSX/a_csv": "?"}
    file = pack(tmp_path / "shop.zip", a_csv="id;n\n1;x\n", readme="?", **more)
    assert rows(load(file)) == [("1", "x", 1, f"{file} > a.csv"), ("2", "y", 1, f"{file} > b/a.csv")]


def test_the_files_of_a_zip_are_chosen_by_name_or_wildcard(tmp_path: Path) -> None:
    file = pack(tmp_path / "shop.zip", orders_1_csv="id\n1\n", orders_2_csv="id\n2\n", customers_csv="id\n3\n")
    assert [row[0] for row in rows(load(FileInput(path=str(file), member="orders_*.csv")))] == ["1", "2"]
    assert [row[0] for row in rows(load(FileInput(path=str(file), member="customers.csv")))] == ["3"]
    assert refusal(FileInput(path=str(file), member="stock.csv")) == (
        "has no file stock.csv; it has customers.csv, orders_1.csv, orders_2.csv"
    )


def test_a_sheet_in_a_zip_is_read(tmp_path: Path) -> None:
    book = write_xlsx(tmp_path / "b.xlsx", {"One": [["id"], [1]], "Two": [["id"], [2]]})
    file = tmp_path / "shop.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(book, "export/b.xlsx")
    inputs = load(FileInput(path=str(file), sheet="Two"))
    assert rows(inputs) == [("2", 1, f"{file} > export/b.xlsx > Two")]


def test_a_file_of_a_zip_is_not_read_again_when_another_has_changed(tmp_path: Path) -> None:
    one = source(pack(tmp_path / "shop.zip", a_csv="id\n1\n", b_csv="id\n2\n"))
    known = {(part.input, part.address): part.digest for part in find_parts(one, now=NOW)}
    assert parts_to_read(one, find_parts(one, now=NOW), known) == []
    pack(tmp_path / "shop.zip", a_csv="id\n1\n", b_csv="id\n9\n10\n")
    (changed,) = parts_to_read(one, find_parts(one, now=NOW), known)
    assert changed.address == f"{tmp_path / 'shop.zip'} > b.csv"


def test_a_zip_that_is_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    file = pack(tmp_path / "shop.zip", a_csv="a" * 1_500_000, b_csv="b" * 600_000)
    assert file.stat().st_size < 10_000
    assert refusal(file, max_unpacked_mb=2) == (
        "comes to 3 MB when unpacked, the limit is 2 MB; set max_unpacked_mb of the source if that is right"
    )
    assert len(find_parts(source(file, 3), now=NOW)) == 2


@pytest.mark.parametrize("name", ["../a.csv", "/a.csv", "b/../../a.csv", "..\\a.csv", "c:/a.csv"])
def test_a_name_that_leads_out_of_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr(name, "a\n1\n")
    assert refusal(tmp_path / "shop.zip") == f"the name '{name}' leads out of it; make the .zip again"


def test_a_name_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("a.csv", "a\n2\n")
    assert refusal(tmp_path / "shop.zip") == "has a.csv twice; make the .zip again"


def test_a_locked_zip_is_refused(tmp_path: Path) -> None:
    file = pack(tmp_path / "shop.zip", a_csv="a\n1\n")
    content = bytearray(file.read_bytes())
    # The flags of the file's entry in the directory at the end.
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(content)
    assert refusal(file) == "a.csv is locked with a password; unpack it, or make the .zip without one"


def test_what_is_no_zip_and_one_with_nothing_to_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("a\n1\n")
    assert refusal(tmp_path / "text.zip") == "cannot be unpacked: File is not a zip file; make the .zip again"
    file = pack(tmp_path / "shop.zip", **{"old.xls": "x"})
    assert refusal(file) == "nothing that can be read is in it; it has old.xls"


def test_a_member_of_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a\n1\n")
    assert refusal(FileInput(path=str(tmp_path / "a.csv"), member="b.csv")) == (
        "is not a .zip in a folder; leave out member"
    )


def test_a_sample_of_a_zip_has_the_first_rows_of_each_file_and_their_addresses(tmp_path: Path) -> None:
    file = pack(tmp_path / "shop.zip", a_csv="id\n1\n2\n3\n", **{"b/a_csv": "id\n4\n5\n6\n"})
    sample = take_sample(source(file), tmp_path / "sample", rows=4)
    parts = find_parts(sample.source, now=NOW)
    inputs = load_inputs("shop", parts, connect(), tmp_path)
    assert [row[0] for row in rows(inputs)] == ["1", "2", "4", "5"]
    assert [sample.addresses[part.address] for part in parts] == [f"{file} > a.csv", f"{file} > b/a.csv"]
    assert sample.is_cut


def test_what_is_beside_the_files_that_are_read_is_told(tmp_path: Path) -> None:
    file = pack(tmp_path / "shop.zip", a_csv="id\n1\n", **{"july.zip": "x", "old.xls": "x", "b/x.png": "x", ".x": "x"})
    words = [
        f"{file} > b/x.png: is not read, as it is neither CSV, JSON lines, Parquet nor Excel",
        f"{file} > july.zip: is not read, as it is a .zip within a .zip; unpack it",
        f"{file} > old.xls: is not read, as it is an Excel file of the old kind; save it as .xlsx or CSV",
    ]
    assert take_sample(source(file), tmp_path / "sample", rows=4).notes == words
    assert tell_unread(source(file), find_parts(source(file), now=NOW)) == [f"source shop: file {one}" for one in words]
    chosen = source(FileInput(path=str(file), member="*.csv"))
    assert tell_unread(chosen, find_parts(chosen, now=NOW)) == []
