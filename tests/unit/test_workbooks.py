import zipfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.errors import SourceShapeError
from pipeline.sources.inputs import Inputs
from pipeline.sources.loading import Expected, load_inputs
from pipeline.sources.parts import find_files, find_parts
from pipeline.sources.preset import PresetInput
from pipeline.sources.settings import FileInput, SourceSettings
from pipeline.sources.workbooks import Cell, as_text
from tests.excel import Raw, write_xlsx
from tests.unit.test_text_files import connect

NOW = datetime(2026, 1, 6, 2, tzinfo=UTC)


def load(place: Path | FileInput, *, required: list[str] | None = None, max_unpacked_mb: int = 100) -> Inputs:
    source = SourceSettings(
        name="shop",
        entity="orders",
        mapping=Path("own.sql"),
        inputs={"orders": place if isinstance(place, FileInput) else str(place)},
        max_unpacked_mb=max_unpacked_mb,
    )
    folder = Path(place.path if isinstance(place, FileInput) else place).parent / "fetched"
    folder.mkdir(exist_ok=True)
    expected = {"orders": Expected(PresetInput(required=required or []))}
    parts = find_parts(source, now=NOW)
    inputs = load_inputs("shop", parts, connect(), folder, expected=expected, max_unpacked_mb=max_unpacked_mb)
    assert inputs.lines.read == inputs.lines.parsed
    return inputs


def table(inputs: Inputs) -> pl.DataFrame:
    rows = inputs.connection.sql("from orders order by _file, _row").to_arrow_table()
    return pl.DataFrame(rows).drop("_file")


def read(folder: Path, *rows: list[Any], **more: Any) -> list[dict[str, Any]]:
    return table(load(write_xlsx(folder / "orders.xlsx", {"Sheet1": rows}, **more))).drop("_row").to_dicts()


def refusal(place: Path | FileInput, **more: Any) -> str:
    with pytest.raises(SourceShapeError) as raised:
        load(place, **more)
    path = place.path if isinstance(place, FileInput) else str(place)
    return str(raised.value).removeprefix(f"source shop: file {path}").removeprefix(": ")


# Cells


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (42.0, "42"),
        (-0.0, "0"),
        (99999999.99, "99999999.99"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (1234567890123456.0, "1234567890123456"),
        # Typed as 12345678901234567: Excel has put a zero in place of the last two digits, and more would follow.
        (12345678901234500.0, "1.23456789012345E+16"),
        (12.5, "12.5"),
        (33.058, "33.058"),
        (True, "true"),
        (False, "false"),
        ("00123", "00123"),
        ("", None),
        (" x ", " x "),
        (date(2025, 10, 2), "2025-10-02"),
        (datetime(2025, 10, 2, 17, 9, 34), "2025-10-02 17:09:34"),
        (time(8, 5), "08:05:00"),
        (timedelta(hours=36, minutes=5, seconds=7), "36:05:07"),
    ],
)
def test_a_cell_is_written_as_it_is_shown_without_a_format(cell: Cell, text: str | None) -> None:
    assert as_text(cell) == text


def test_a_number_is_not_written_as_thousands_are_beside_decimal_commas() -> None:
    assert [as_text(cell, ",") for cell in (33.058, 33.05, 33, "33.058")] == ["33.0580", "33.05", "33", "33.058"]


def test_every_value_of_a_sheet_is_that_of_its_csv_twin(tmp_path: Path) -> None:
    sheet = write_xlsx(
        tmp_path / "orders.xlsx",
        {
            "Export": [
                ["Order", "Postcode", "Total", "Placed", "Day", "At", "Took", "Paid", "Note"],
                [
                    "A-1",
                    "00123",
                    1234.5,
                    datetime(2025, 10, 2, 17, 9, 34),
                    date(2024, 2, 29),
                    time(23, 59, 59),
                    None,
                    True,
                    'a "b"',
                ],
                [
                    1001,
                    1234,
                    99999999.99,
                    datetime(2025, 3, 30, 2, 30),
                    date(1999, 12, 31),
                    time(0, 0, 1),
                    timedelta(hours=25),
                    False,
                    "x,\ny;z",
                ],
                [
                    "€ é 漢",
                    " 7 ",
                    -0.01,
                    datetime(2026, 1, 1, 12),
                    date(2026, 1, 1),
                    time(12),
                    timedelta(minutes=1),
                    None,
                    "<&>",
                ],
            ]
        },
    )
    twin = tmp_path / "twin.csv"
    twin.write_text(
        "Order,Postcode,Total,Placed,Day,At,Took,Paid,Note\n"
        'A-1,00123,1234.5,2025-10-02 17:09:34,2024-02-29,23:59:59,,true,"a ""b"""\n'
        '1001,1234,99999999.99,2025-03-30 02:30:00,1999-12-31,00:00:01,25:00:00,false,"x,\ny;z"\n'
        "€ é 漢, 7 ,-0.01,2026-01-01 12:00:00,2026-01-01,12:00:00,00:01:00,,<&>\n"
    )
    seen, expected = table(load(sheet)), table(load(twin))
    assert seen.rows() == expected.rows()
    assert seen.columns == expected.columns
    assert set(seen.drop("_row").dtypes) == {pl.String}


def test_a_value_after_a_thousand_numbers_is_not_lost(tmp_path: Path) -> None:
    found = read(tmp_path, ["n", "m"], *([number, number / 4] for number in range(12_000)), ["last", "x"])
    assert (found[11_999], found[12_000]) == ({"n": "11999", "m": "2999.75"}, {"n": "last", "m": "x"})


def test_what_the_sheet_does_not_hold_is_said_with_its_cell(tmp_path: Path) -> None:
    rows = [["a", "b"], [1, Raw('t="e"|<v>#N/A</v>')], [Raw("|<f>A2+1</f>"), Raw('t="str"|<f>""</f><v></v>')]]
    inputs = load(write_xlsx(tmp_path / "orders.xlsx", {"Data": rows}, zeros="00000"))
    assert table(inputs).rows() == [("1", None, 1)]
    head = f"source shop: file {tmp_path / 'orders.xlsx'}, sheet Data"
    assert inputs.notes == [
        f"{head}: 1 cells with an error such as #N/A are read as empty, the first is B2",
        f"{head}: 1 formulas without a stored result are read as empty, the first is A3; open the file in Excel and save it",
        f"{head}: numbers shown with leading zeros by the format 00000 are read without them; enter such a column as text",
    ]


def test_every_error_of_a_large_sheet_is_counted(tmp_path: Path) -> None:
    error = Raw('t="e"|<v>#DIV/0!</v>')
    file = write_xlsx(tmp_path / "orders.xlsx", {"Data": [["a", "b", "c"], *[["x", error, error]] * 30_000]})
    (note,) = load(file).notes
    assert "60,000 cells with an error" in note


# Header


def test_empty_rows_and_a_title_above_the_header_are_left_out_and_said(tmp_path: Path) -> None:
    rows = [[], ["Orders of 2025"], [], [None, "id", "total"], [None, 7, 2.5], [], [None, 8, 3]]
    inputs = load(write_xlsx(tmp_path / "orders.xlsx", {"Data": rows}))
    named = table(inputs)
    assert named.select("id", "total", "_row").rows() == [("7", "2.5", 1), ("8", "3", 2)]
    (note,) = inputs.notes
    assert note.endswith("sheet Data: the header is row 4; what stands above it is left out")


def test_names_that_are_doubled_or_missing_are_those_of_a_text_file(tmp_path: Path) -> None:
    assert read(tmp_path, ["Other", None, "Other", " a "], ["x", "y", "z", 1], merged="A1:B1") == [
        {"Other": "x", "column_2": "y", "Other_2": "z", "a": "1"}
    ]


def test_a_column_without_a_name_and_without_a_value_is_none(tmp_path: Path) -> None:
    assert read(tmp_path, ["a", "b", " "], ["x", None, None]) == [{"a": "x", "b": None}]


def test_a_header_below_another_is_read_when_its_row_is_named(tmp_path: Path) -> None:
    rows = [["Order", None, "Money"], ["id", "placed", "total"], [7, "2025-01-01", 9]]
    file = write_xlsx(tmp_path / "orders.xlsx", {"Data": rows})
    assert refusal(file, required=["ID", "total"]) == (
        ", sheet Data: column ID, total is missing; it has Order, column_2, Money; row 2 has it, set header: 2"
    )
    found = table(load(FileInput(path=str(file), header=2), required=["ID", "total"]))
    assert found.rows() == [("7", "2025-01-01", "9", 1)]
    assert refusal(FileInput(path=str(file), header=9)) == ", sheet Data: has nothing in row 9 or below"


# Sheets


def test_a_sheet_is_named_where_several_hold_something(tmp_path: Path) -> None:
    sheets = {"Orders": [["a"], [1]], "Notes": [], "Customers": [["b"], [2]], "Old": [["c"], [3]]}
    file = write_xlsx(tmp_path / "shop.xlsx", sheets, hidden=["Old"])
    assert refusal(file) == "has the sheets Orders, Customers; name one with sheet"
    inputs = load(FileInput(path=str(file), sheet="customers"))
    assert table(inputs).rows() == [("2", 1)]
    assert [part.address for part in inputs.parts] == [f"{file} > customers"]
    assert table(load(FileInput(path=str(file), sheet="Old"))).columns == ["c", "_row"]
    assert refusal(FileInput(path=str(file), sheet="Order")) == (
        " > Order: has no sheet 'Order'; it has Orders, Notes, Customers, Old"
    )


def test_the_only_sheet_that_holds_something_needs_no_name(tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "shop.xlsx", {"Sheet1": [], "Export": [["a"], [1]], "Sheet3": []})
    assert table(load(file)).rows() == [("1", 1)]


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    assert refusal(write_xlsx(tmp_path / "a.xlsx", {"Sheet1": []})) == ", sheet Sheet1: the sheet is empty"
    assert refusal(write_xlsx(tmp_path / "b.xlsx", {"Sheet1": [], "Sheet2": []})) == (
        "no visible sheet holds anything; name a hidden one with sheet"
    )


# Files


def test_what_is_no_excel_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    locked, text, no_book = (tmp_path / name for name in ("locked.xlsx", "text.xlsx", "zip.xlsx"))
    locked.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    text.write_text("a,b\n1,2\n")
    with zipfile.ZipFile(no_book, "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
    assert refusal(locked) == "is an old .xls or locked with a password; save it as .xlsx without one"
    for file in (text, no_book):
        assert refusal(file).startswith("is not an Excel file that can be read: ")
        assert refusal(file).endswith("; save it as .xlsx again")


def test_a_workbook_larger_than_the_limit_is_refused(tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "large.xlsx", {"Sheet1": [["a"], ["x" * 30_000] * 20, *[["x" * 30_000] * 20] * 2]})
    assert refusal(file, max_unpacked_mb=1) == (
        "comes to 2 MB when unpacked, the limit is 1 MB; set max_unpacked_mb of the source if that is right"
    )


def test_the_file_that_excel_keeps_beside_an_open_one_is_not_read(tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "a.xlsx", {"Sheet1": [["a"], [1]]})
    (tmp_path / "~$a.xlsx").write_bytes(b"owner")
    assert find_files("shop", "orders", str(tmp_path)) == [file]


def test_sheet_and_header_of_a_text_file_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n")
    assert refusal(FileInput(path=str(file), sheet="Orders")) == "it is not an Excel file; leave out sheet and header"


def test_another_header_row_is_another_content(tmp_path: Path) -> None:
    file = write_xlsx(tmp_path / "a.xlsx", {"Sheet1": [["a", "b"], ["c", "d"], [1, 2]]})
    first, second = (load(FileInput(path=str(file), header=row)).parts[0] for row in (1, 2))
    assert first.address == second.address
    assert first.digest != second.digest
