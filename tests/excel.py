"""Excel files written by hand: a zip of XML, with cells as Excel stores them."""

import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = (
    f'<styleSheet {MAIN}><numFmts count="2"><numFmt numFmtId="164" formatCode="[h]:mm:ss"/>'
    '<numFmt numFmtId="165" formatCode="{zeros}"/></numFmts><cellXfs count="6"><xf numFmtId="0"/><xf numFmtId="14"/>'
    '<xf numFmtId="22"/><xf numFmtId="21"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>'
)
DATE, MOMENT, TIME, DURATION, ZEROS = 1, 2, 3, 4, 5
DAY = timedelta(days=1)


class Raw(str):
    """A cell's raw XML, without its reference: `<v>1</v>`, or with attributes before it, such as `t="e"|<v>#N/A</v>`."""


def write_xlsx(
    file: Path,
    sheets: Mapping[str, Iterable[Iterable[Any]]],
    *,
    hidden: Iterable[str] = (),
    zeros: str = "0.00",
    merged: str = "",
) -> Path:
    """Write sheets of rows; an empty row is left out of the file, as Excel does. `zeros`: a number format in it."""
    hidden = set(hidden)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships {RELATIONS}><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        entries = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}" state="{_state(name in hidden)}"/>'
            for n, name in enumerate(sheets, start=1)
        )
        targets = "".join(
            f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in range(1, len(sheets) + 1)
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets>{entries}</sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships {RELATIONS}>{targets}<Relationship Id="styles" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        )
        archive.writestr("xl/styles.xml", STYLES.format(zeros=zeros))
        for n, rows in enumerate(sheets.values(), start=1):
            text = "".join(_row(number, cells) for number, cells in enumerate(rows, start=1))
            merges = f'<mergeCells count="1"><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
            archive.writestr(
                f"xl/worksheets/sheet{n}.xml", f"<worksheet {MAIN}><sheetData>{text}</sheetData>{merges}</worksheet>"
            )
    return file


def _state(is_hidden: bool) -> str:
    return "hidden" if is_hidden else "visible"


def _row(number: int, cells: Iterable[Any]) -> str:
    text = "".join(_cell(f"{_letters(at)}{number}", value) for at, value in enumerate(cells) if value is not None)
    return f'<row r="{number}">{text}</row>' if text else ""


def _letters(at: int) -> str:
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)


def _cell(place: str, value: Any) -> str:
    match value:
        case Raw():
            attributes, _, content = value.rpartition("|")
            return f'<c r="{place}" {attributes}>{content}</c>'
        case bool():
            return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f'<c r="{place}"><v>{value!r}</v></c>'
        case datetime():
            return _styled(place, MOMENT, (value - datetime(1899, 12, 30)) / DAY)
        case date():
            return _styled(place, DATE, (value - date(1899, 12, 30)).days)
        case time():
            return _styled(place, TIME, timedelta(hours=value.hour, minutes=value.minute, seconds=value.second) / DAY)
        case timedelta():
            return _styled(place, DURATION, value / DAY)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _styled(place: str, style: int, number: float) -> str:
    return f'<c r="{place}" s="{style}"><v>{number!r}</v></c>'
