"""What the extra header rows of a survey export say: other names of its columns, the zone of its times.

Leaving those rows out is the mapping's work, by `exclude_reason`, and does not belong here."""

import difflib
import json
import re
from collections.abc import Collection
from typing import Literal

import duckdb

from pipeline.errors import SourceShapeError

Rule = Literal["import_id", "sub_label"]
Row = tuple[str | None, ...]

HEADER_ROWS = 2
"""At most, below the column names."""
RESPONSE_NUMBERS = ("respondent id", "response id")
OWN_COLUMNS = ("_file", "_row")
TIME_ZONE = "_time_zone"
KINDS = {"import_id": " and no ImportId", "sub_label": " and no 'question / sub-label'", None: ""}


def header_columns(connection: duckdb.DuckDBPyConnection, table: str, rule: Rule | None) -> dict[str, str]:
    """What the extra header rows of one loaded file add to its columns: name -> SQL expression over `table`.

    With rule `import_id`: `_time_zone`, the zone of the file's times or null, and the `legacy_names`; else nothing.
    """
    if rule != "import_id":
        return {}
    header, rows = _head(connection, table)
    zone = time_zone(rows)
    names = {name: _quoted(column, '"') for name, column in legacy_names(header, rows).items()}
    return names | {TIME_ZONE: _quoted(zone, "'") if zone else "null::varchar"}


def columns_called(
    connection: duckdb.DuckDBPyConnection, table: str, rule: Rule | None, names: Collection[str]
) -> set[str]:
    """The columns of one loaded file that its extra header rows call by one of the `names`, whatever their case."""
    if rule != "import_id":
        return set()
    wanted = {name.lower() for name in names}
    return {column for name, column in legacy_names(*_head(connection, table)).items() if name.lower() in wanted}


def item_columns(
    connection: duckdb.DuckDBPyConnection, table: str, rule: Rule | None, items: list[str]
) -> dict[str, str]:
    """The items that are not columns of one loaded file under their own name: item -> SQL expression over `table`.

    One file at a time, because a question can be in another column of the next export.

    Raises:
        SourceShapeError: an item is found nowhere, or in more than one column.
    """
    header, rows = _head(connection, table)
    found = find_items(other_names(header, rows, rule), rule, items)
    return {item: _quoted(column, '"') for item, column in found.items()}


def find_items(names: dict[str, list[str]], rule: Rule | None, items: list[str]) -> dict[str, str]:
    """The items that are not columns themselves -> their column, by all names of all columns.

    Raises:
        SourceShapeError: an item is found nowhere, or in more than one column; says the names to choose from.
    """
    found = {}
    for item in items:
        columns = names.get(_squeezed(item), [])
        if not columns:
            nearest = difflib.get_close_matches(_squeezed(item), names, n=3, cutoff=0)
            raise SourceShapeError(
                f"item '{item}' is not a column{KINDS[rule]} of the export; rename it in surveys, nearest are: "
                + ", ".join(f"'{name}'" for name in nearest)
            )
        if len(columns) > 1:
            exact = [name for name, named in names.items() if len(named) == 1 and named[0] in columns]
            raise SourceShapeError(
                f"item '{item}' names {len(columns)} columns; rename it in surveys to one of: "
                + ", ".join(f"'{name}'" for name in exact)
            )
        if columns[0] != item:
            found[item] = columns[0]
    return found


def other_names(header: list[str], rows: list[Row], rule: Rule | None) -> dict[str, list[str]]:
    """Every name of every column -> the columns that bear it: its own, and what the extra header rows call it.

    A name is compared with runs of white space as one space, because question texts break lines. By rule:
    import_id: `QID1`, from the row whose cells are `{"ImportId":"QID1"}`.
    sub_label: `question / sub-label`, from the header, carried on over its blank names, and the row below it; a question
    alone names all its columns.
    """
    pairs = [(_squeezed(column), column) for column in header]
    if rule == "import_id":
        taken = {column.lower() for column in header}
        cells = zip(_import_ids(rows), header, strict=False)
        pairs += [(name, column) for name, column in cells if name and name.lower() not in taken]
    elif rule == "sub_label":
        pairs += _sub_labels(header, rows)
    names: dict[str, list[str]] = {}
    for name, column in dict.fromkeys(pairs):
        names.setdefault(name, []).append(column)
    return names


def wordings(header: list[str], rows: list[Row], rule: Rule | None) -> dict[str, str]:
    """What each column asks: its name, or what the extra header rows say by rule.

    import_id: the text in the row above the ImportIds, or below `V1`, `V2`, …. sub_label: `question / sub-label`.
    """
    told = {column: _squeezed(column) for column in header}
    if rule == "import_id" and (any(_import_ids(rows)) or legacy_names(header, rows)):
        told |= {column: _squeezed(text) for column, text in zip(header, rows[0], strict=True) if text and text.strip()}
    elif rule == "sub_label":
        told |= {column: name for name, column in _sub_labels(header, rows)}
    return told


def legacy_names(header: list[str], rows: list[Row]) -> dict[str, str]:
    """Names of Qualtrics' columns V1, V2, … in an export of its older form, where they stand in the second header row."""
    first = zip(header, rows[0], strict=True) if rows else []
    names = {name: column for column, name in first if name and re.fullmatch(r"V\d+", column)}
    return names if "ResponseID" in names else {}


def time_zone(rows: list[Row]) -> str | None:
    """The zone that the row of ImportIds gives for an export's times; null when it says none."""
    zone = next((cell["timeZone"] for row in rows for cell in map(_import_cell, row) if "timeZone" in cell), None)
    return "UTC" if zone == "Z" else zone


def _head(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[list[str], list[Row]]:
    """Column names and first rows of a file, without what the pipeline adds."""
    relation = connection.sql(f'from "{table}" limit {HEADER_ROWS}')
    kept = [number for number, name in enumerate(relation.columns) if name not in OWN_COLUMNS]
    rows = [tuple(row[number] for number in kept) for row in relation.fetchall()]
    return [relation.columns[number] for number in kept], rows


def _import_ids(rows: list[Row]) -> list[str | None]:
    """The cells of the first row that has an ImportId; empty without such a row."""
    return next((ids for row in rows if any(ids := [_import_cell(cell).get("ImportId") for cell in row])), [])


def _import_cell(cell: str | None) -> dict[str, str]:
    try:
        parsed = json.loads(cell or "")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) and "ImportId" in parsed else {}


def _sub_labels(header: list[str], rows: list[Row]) -> list[tuple[str, str]]:
    """Pairs of name and column, by the row below the header; it is no response, so it has no number.

    A question of several parts stands in the header once, with blanks after it, or as often as it has parts.
    """
    ids = [number for number, column in enumerate(header) if column.lower() in RESPONSE_NUMBERS]
    if not ids or not rows or (rows[0][ids[0]] or "").strip():
        return []
    pairs = []
    question = ""
    for number, (column, label) in enumerate(zip(header, rows[0], strict=True), start=1):
        # So the reader calls a column without a name.
        if column != f"column_{number}":
            # And so one that is there before: `Please rate_2`.
            first = re.sub(r"_\d+$", "", column)
            question = _squeezed(first if first in header else column)
        if label and label.strip():
            pairs += [(question, column), (f"{question} / {_squeezed(label)}", column)]
    return pairs


def _squeezed(name: str) -> str:
    return " ".join(name.split())


def _quoted(name: str, quote: str) -> str:
    return quote + name.replace(quote, quote * 2) + quote
