"""Sheets of Excel files as tables of text: which there are, where their header is, each cell as a text of its own.

A number is written without a format, a date as ISO text. What a column means does not belong here."""

import itertools
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pipeline.core.ingest.conform import EXACT_INTEGERS
from pipeline.errors import SourceShapeError
from pipeline.sources.archives import refuse_large
from pipeline.sources.inputs import Inputs, Lines, check_names, literal, quoted
from pipeline.sources.notation import unambiguous
from pipeline.sources.settings import FileInput
from pipeline.sources.text_files import column_names

Cell: TypeAlias = int | float | str | bool | time | date | datetime | timedelta
Row: TypeAlias = tuple[int, list[str | None]]
"""The row's number in the sheet, from 1, and its cells as text."""

FIRST_ROWS = 20
"""Rows with a value among which the header is looked for."""
ROWS_PER_BATCH = 10_000
DIGITS = 15
"""Significant digits that Excel keeps and shows; a computed number has noise beyond."""
OLE = b"\xd0\xcf\x11\xe0"
"""How an old .xls begins, and an .xlsx that is locked with a password."""

CELL_ERROR = re.compile(rb"""<c\b(?=[^>]*\bt="e")[^>]*\br="(\w+)"[^>]*>""")
NO_RESULT = re.compile(
    rb"""<c\b(?![^>]*\bt="str")[^>]*\br="(\w+)"[^>]*>\s*<f\b(?:[^>]*/>|[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
)
ZEROS = re.compile(rb'formatCode="(0{2,})"')
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class _Head:
    """The header of a sheet, and the rows with a value around it that were read to find it."""

    row: int
    names: list[str]
    is_named: list[bool]
    rows_above: list[int]
    rows_below: list[Row]


def load_sheet(
    where: str, table: str, file: Path, inputs: Inputs, folder: Path, *, told: FileInput, max_mb: int
) -> tuple[str, str]:
    """Load one sheet as the view `table`, every cell as text; returns the SELECT that gives its rows with `_row`, and `where`
    with the sheet's name.

    Raises:
        SourceShapeError: the file cannot be read, it is not clear which sheet is meant, or the sheet is empty.
    """
    with _told(where):
        _refuse_large_or_locked(file, max_mb)
        workbook = CalamineWorkbook.from_path(file)
        chosen = _choose(workbook, told.sheet)
    where = where if told.sheet else f"{where}, sheet {chosen.name}"
    with _told(where):
        rows = _rows(chosen, inputs.decimal)
        head = _find_head(rows, told.header)
        check_names(f"row {head.row}", head.names)
        target = folder / f"{table}.parquet"
        n_rows, is_filled = _write(itertools.chain(head.rows_below, rows), head.names, target)
        inputs.notes += [f"{where}: {words}" for words in _notes(file, chosen.name, head)]
    kept = [name for name, named, filled in zip(head.names, head.is_named, is_filled, strict=True) if named or filled]
    columns = ", ".join(map(quoted, [*kept, "_row"]))
    inputs.files.append(str(target))
    inputs.connection.execute(
        f'create view "{table}" as select {columns} from read_parquet({literal(target)}, hive_partitioning=false)'
    )
    parsed = inputs.connection.execute(f'select count(*) from "{table}"').fetchall()[0][0]
    inputs.lines += Lines(n_rows, parsed, 0)
    return f'from "{table}"', where


def first_rows(file: Path, sheet: str | None) -> list[Row]:
    """The first rows of a sheet that have a value, for a look at which of them is the header.

    Raises:
        SourceShapeError: the file cannot be read, or it is not clear which sheet is meant.
    """
    with _told(""):
        return list(itertools.islice(_rows(_choose(CalamineWorkbook.from_path(file), sheet)), FIRST_ROWS))


def sheets_with_cells(file: Path) -> list[str]:
    """The visible sheets that hold something.

    Raises:
        SourceShapeError: the file cannot be read.
    """
    with _told(""):
        _refuse_large_or_locked(file, None)
        return _filled(CalamineWorkbook.from_path(file))


def as_text(cell: Cell, decimal: str = ".") -> str | None:
    """A cell as text, null when it is empty: whole numbers without a point, dates as ISO text, durations in hours.

    Where texts have a decimal comma, a number is not written as they write thousands, `33.058`. A number beyond those that doubles hold is written with an exponent: it is no longer the one that was typed, and no id.
    """
    match cell:
        case "":
            return None
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int() | float() if abs(cell) >= EXACT_INTEGERS:
            return f"{cell:.{DIGITS - 1}E}"
        case int() | float():
            text = str(int(cell)) if cell == int(cell) else _plain(cell)
            return unambiguous(text) if decimal == "," else text
        case datetime():
            return cell.isoformat(" ")
        case timedelta():
            minutes, seconds = divmod(round(cell.total_seconds()), 60)
            return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
        case date() | time():
            return cell.isoformat()


def _plain(number: float) -> str:
    return f"{Decimal(f'{number:.{DIGITS}g}'):f}"


def _refuse_large_or_locked(file: Path, max_mb: int | None) -> None:
    with file.open("rb") as stream:
        if stream.read(len(OLE)) == OLE:
            raise SourceShapeError("is an old .xls or locked with a password; save it as .xlsx without one")
    with zipfile.ZipFile(file) as archive:
        if max_mb is not None:
            refuse_large((info.file_size for info in archive.infolist()), max_mb)


def _visible(workbook: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]


def _filled(workbook: CalamineWorkbook) -> list[str]:
    return [name for name in _visible(workbook) if workbook.get_sheet_by_name(name).height]


def _choose(workbook: CalamineWorkbook, sheet: str | None) -> CalamineSheet:
    """The sheet of a name, a hidden one too, else the only visible one that holds something."""
    if sheet is not None:
        names = [name for name in workbook.sheet_names if name.strip().lower() == sheet.strip().lower()]
        if not names:
            raise SourceShapeError(f"has no sheet '{sheet}'; it has {', '.join(workbook.sheet_names)}")
        return workbook.get_sheet_by_name(sheet if sheet in names else names[0])
    names = names if len(names := _visible(workbook)) == 1 else _filled(workbook)
    if len(names) != 1:
        if not names:
            raise SourceShapeError("no visible sheet holds anything; name a hidden one with sheet")
        raise SourceShapeError(f"has the sheets {', '.join(names)}; name one with sheet")
    return workbook.get_sheet_by_name(names[0])


def _rows(sheet: CalamineSheet, decimal: str = ".") -> Iterator[Row]:
    """The rows that have a value."""
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [as_text(cell, decimal) for cell in cells]
        if any(text is not None and text.strip() for text in texts):
            yield number, texts


def _find_head(rows: Iterator[Row], header: int | None) -> _Head:
    first = list(itertools.islice((row for row in rows if header is None or row[0] >= header), FIRST_ROWS))
    if not first:
        raise SourceShapeError("the sheet is empty" if header is None else f"has nothing in row {header} or below")
    if header is not None and first[0][0] != header:
        raise SourceShapeError(f"row {header} is empty; set header to the row with the column names")
    widths = [sum(cell is not None for cell in cells) for _, cells in first]
    # A title stands alone in its row above a table of several columns.
    at = 0 if header is not None or max(widths) == 1 else next(i for i, width in enumerate(widths) if width > 1)
    number, cells = first[at]
    texts = [cell or "" for cell in cells]
    return _Head(
        row=number,
        names=column_names(texts),
        is_named=[bool(text.strip()) for text in texts],
        rows_above=[number for number, _ in first[:at]],
        rows_below=first[at + 1 :],
    )


def _write(rows: Iterator[Row], names: list[str], target: Path) -> tuple[int, list[bool]]:
    """Write the rows as Parquet, some at a time; returns how many, and which columns have a value."""
    schema = pa.schema([*((name, pa.string()) for name in names), ("_row", pa.int64())])
    n_rows, is_filled = 0, [False] * len(names)
    with pq.ParquetWriter(target, schema, compression="lz4") as writer:
        while batch := list(itertools.islice(rows, ROWS_PER_BATCH)):
            columns = [pa.array(cells, pa.string()) for cells in zip(*(cells for _, cells in batch), strict=True)]
            is_filled = [had or column.null_count < len(column) for had, column in zip(is_filled, columns, strict=True)]
            numbers = pa.array(range(n_rows + 1, n_rows + len(batch) + 1), pa.int64())
            writer.write_batch(pa.record_batch([*columns, numbers], schema=schema))
            n_rows += len(batch)
    return n_rows, is_filled


def _notes(file: Path, sheet: str, head: _Head) -> Iterator[str]:
    """What the sheet shows to a person and does not hold."""
    if head.rows_above:
        yield f"the header is row {head.row}; what stands above it is left out"
    with zipfile.ZipFile(file) as archive:
        errors, formulas = _count_cells(archive, sheet)
        if errors:
            yield f"{len(errors):,} cells with an error such as #N/A are read as empty, the first is {errors[0]}"
        if formulas:
            yield (
                f"{len(formulas):,} formulas without a stored result are read as empty, the first is {formulas[0]}; "
                "open the file in Excel and save it"
            )
        if "xl/styles.xml" in archive.namelist() and (zeros := ZEROS.search(archive.read("xl/styles.xml"))):
            yield (
                f"numbers shown with leading zeros by the format {zeros[1].decode()} are read without them; "
                "enter such a column as text"
            )


def _count_cells(archive: zipfile.ZipFile, sheet: str) -> tuple[list[str], list[str]]:
    """Cells of a sheet with an error, and with a formula that has no result: the reader shows both as empty."""
    errors: list[str] = []
    formulas: list[str] = []
    with archive.open(_path_of(archive, sheet)) as stream:
        held = b""
        while chunk := stream.read(1 << 20):
            text, end, held = (held + chunk).rpartition(b"</c>")
            errors += (name.decode() for name in CELL_ERROR.findall(text))
            formulas += (name.decode() for name in NO_RESULT.findall(text + end))
    return errors, formulas


def _path_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Where in the file a sheet is."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relation = next(one.get(RELATION) for one in book.iter(f"{MAIN}sheet") if one.get("name") == sheet)
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next(str(one.get("Target")) for one in relations if one.get("Id") == relation)
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Tell in one line what is wrong with a file."""
    head = f"{where}: " if where else ""
    try:
        yield
    except SourceShapeError as error:
        raise SourceShapeError(f"{head}{error}") from None
    except (CalamineError, zipfile.BadZipFile, ElementTree.ParseError, KeyError, StopIteration) as error:
        words = next(iter(str(error).splitlines()), type(error).__name__)
        raise SourceShapeError(
            f"{head}is not an Excel file that can be read: {words}; save it as .xlsx again"
        ) from None
