"""What stands in the files of exports: their columns and what the first rows hold. Which export a file is belongs to `recognise`."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

import duckdb

from pipeline.errors import SourceShapeError
from pipeline.sources.archives import member_names, unpack
from pipeline.sources.inputs import quoted
from pipeline.sources.loading import load_inputs
from pipeline.sources.notation_guess import count_notations
from pipeline.sources.parts import Part, address_of, file_format, members_to_read
from pipeline.sources.preset import PresetInput, list_presets, load_preset
from pipeline.sources.sample import copy_start
from pipeline.sources.settings import MAX_UNPACKED_MB, FileInput
from pipeline.sources.survey_headers import HEADER_ROWS, Row, legacy_names, other_names, wordings
from pipeline.sources.text_files import column_names
from pipeline.sources.unreadable import UNKNOWN_KIND, why_unread
from pipeline.sources.workbooks import first_rows, sheets_with_cells
from schemas.types import CURRENCY_PATTERN

SAMPLE_ROWS = 5_000
"""Rows of a file that are looked at."""
HIGHEST_ANSWER = 10
MOST_WORDS = 20
"""Different answers of a question with labels; a column with more holds texts."""
LONG, WORDY = 5, 2
"""Words of an answer that was written, not chosen; and where the question asks for a text."""
COUNTRY = re.compile(r"(^|[ _-])(country|land|pays|pa[ií]s)($|[ _-]?code$)", re.IGNORECASE)
OFFSET_TIME = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)? ?([+-]\d\d:?\d\d|Z)"


@dataclass(frozen=True)
class Match:
    """An input of a preset that a file could be."""

    preset: str
    input: str
    n_columns: int
    """Columns of the file that the preset knows."""

    @property
    def told(self) -> PresetInput:
        """What the preset says of the input."""
        return load_preset(self.preset).inputs[self.input]


@dataclass(frozen=True)
class Column:
    """How many values a column has, how many of them could be answers, and from what to what these are."""

    name: str
    n: int
    n_answers: int
    lowest: int | None
    highest: int | None
    wording: str = ""
    """What it asks."""
    texts: Counter[str] = field(default_factory=Counter)
    """Of a survey's column its values, where there are few different ones."""
    n_different: int = 0
    n_long: int = 0
    n_wordy: int = 0


@dataclass(frozen=True)
class Export:
    """A file or a table in it, what it could be, best first, and what can be told from its first rows; `fault`: why it cannot be read."""

    file: Path
    fault: str | None = None
    columns: list[Column] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    """For a survey tool's export, every name of its columns -> the columns."""
    currencies: Counter[str] = field(default_factory=Counter)
    moments: Counter[datetime] = field(default_factory=Counter)
    """A time with an offset for each month and offset -> how many there are."""
    countries: Counter[str] = field(default_factory=Counter)
    """Countries of addresses, as they are written."""
    notations: Counter[str] = field(default_factory=Counter)
    """How its amounts and dates are written -> how many are."""
    member: str | None = None
    """Of a .zip with several files the one it is."""
    sheet: str | None = None
    """Of an Excel file with several sheets the one it is."""
    header: int | None = None
    """Of an Excel file the row with the column names, where it is not the one that is found without being told."""

    @property
    def name(self) -> str:
        """What people call it."""
        return address_of(self.file.name, self.member, self.sheet)

    @property
    def key(self) -> tuple[Path, str | None, str | None]:
        """What tells it from all others."""
        return self.file, self.member, self.sheet


def read_files(files: list[Path], work: Path) -> list[Export]:
    """Look at the first rows of each file; copies of them go to `work`."""
    return [export for number, file in enumerate(files) for export in _read(file, work / str(number))]


def _read(file: Path, work: Path) -> Iterator[Export]:
    """A file as an export; a .zip as one for each file in it, an Excel file as one for each sheet."""
    work.mkdir(parents=True)
    if file_format(file) != "zip":
        yield from _read_tables(Export(file), file, work)
        return
    try:
        names = member_names(file, max_mb=MAX_UNPACKED_MB)
        readable = members_to_read(names, None)
    except SourceShapeError as error:
        yield Export(file, fault=str(error))
        return
    for number, name in enumerate(readable):
        one = Export(file, member=name if len(readable) > 1 else None)
        place = work / f"{number}"
        place.mkdir()
        try:
            unpack(file, name, place / Path(name).name)
        except SourceShapeError as error:
            yield replace(one, fault=str(error))
            continue
        yield from _read_tables(one, place / Path(name).name, place)
    for name in names:
        if name not in readable:
            yield Export(file, member=name, fault=why_unread(name) or UNKNOWN_KIND)


def _read_tables(one: Export, file: Path, work: Path) -> Iterator[Export]:
    """The tables of a file: what it holds, or each sheet that holds something."""
    if file_format(file) != "xlsx":
        yield _look(one, file, work / "copy")
        return
    try:
        sheets = sheets_with_cells(file)
    except SourceShapeError as error:
        yield replace(one, fault=str(error))
        return
    for number, sheet in enumerate(sheets):
        named = replace(one, sheet=sheet if len(sheets) > 1 else None)
        seen = _look(named, file, work / f"sheet-{number}")
        if not seen.matches and not seen.fault:
            rows = first_rows(file, sheet)
            heads = [row for row, cells in rows if list(_matches(column_names([cell or "" for cell in cells])))]
            if heads:
                seen = _look(replace(named, header=heads[0]), file, work / f"header-{number}")
        yield seen


def _look(one: Export, file: Path, work: Path) -> Export:
    """What can be told from the first rows of a table."""
    work.mkdir(parents=True)
    copy = work / file.name
    copy_start(file, copy, rows=SAMPLE_ROWS)
    told = FileInput(path=str(copy), sheet=one.sheet, header=one.header)
    part = Part("file", str(copy), None, datetime.fromtimestamp(file.stat().st_mtime, UTC), file=told)
    with duckdb.connect() as connection:
        try:
            types = load_inputs("init", [part], connection, work).columns[part]
        except SourceShapeError as error:
            return replace(one, fault=str(error).removeprefix(f"source init: file {copy}").removeprefix(": "))
        names = list(types)
        columns = [_column(connection, name) for name in names]
        rows = connection.execute(
            f"select {', '.join(map(quoted, names))} from file order by _row limit {HEADER_ROWS}"
        ).fetchall()
        legacy = legacy_names(names, rows)
        matches = sorted(_matches([*names, *legacy]), key=lambda match: (-match.n_columns, match.preset, match.input))
        rules = [match.told.item_names for match in matches[:1]]
        if matches and "surveys" in list_presets()[matches[0].preset]:
            asked = wordings(names, rows, rules[0])
            heads = zip(*rows, strict=True) if rows and rules[0] else repeat(())
            columns = [
                _with_texts(connection, column, asked[column.name], head)
                for column, head in zip(columns, heads, strict=False)
            ]
        known_as = {column: name for name, column in legacy.items()}
        return replace(
            one,
            columns=[replace(column, name=known_as.get(column.name, column.name)) for column in columns],
            matches=matches,
            names=other_names(names, rows, rules[0]) if rules else {},
            currencies=_currencies(connection, [name for name in names if "currency" in name.lower()]),
            moments=_moments(connection, names),
            countries=_countries(connection, [name for name in names if COUNTRY.search(name)]),
            notations=count_notations(connection, types, matches[0].told) if matches else Counter(),
        )


def _with_texts(connection: duckdb.DuckDBPyConnection, column: Column, wording: str, head: Row) -> Column:
    """A survey's column with what it asks and what was answered; `head` are its cells in extra header rows."""
    value = f"trim({quoted(column.name)}::varchar)"
    words = f"len(string_split_regex({value}, '\\s+'))"
    is_prose = f"not regexp_matches({value}, '^([\\[{{]|https?:)')"
    shown = connection.execute(
        f"""select count(distinct {value}), count(*) filter ({words} >= {LONG} and {is_prose}),
            count(*) filter ({words} >= {WORDY} and {is_prose})
        from file where {value} <> ''"""
    ).fetchall()
    n_different, n_long, n_wordy = shown[0]
    texts: Counter[str] = Counter()
    if n_different <= MOST_WORDS:
        rows = f"select {value}, count(*) from file where {value} <> '' group by 1 order by min(_row)"
        texts.update(dict(connection.execute(rows).fetchall()))
        for cell in head:
            if cell and texts[cell.strip()] <= 1:
                del texts[cell.strip()]
    return replace(column, wording=wording, texts=texts, n_different=n_different, n_long=n_long, n_wordy=n_wordy)


def _column(connection: duckdb.DuckDBPyConnection, name: str) -> Column:
    number = f"try_cast(trim({quoted(name)}::varchar) as double)"
    is_answer = f"{number} = round({number}) and {number} between 0 and {HIGHEST_ANSWER}"
    answer = f"if({is_answer}, {number}::integer, null)"
    shown = connection.execute(
        f"select count({quoted(name)}), count({answer}), min({answer}), max({answer}) from file"
    ).fetchall()
    return Column(name, *shown[0])


def _matches(columns: list[str]) -> Iterable[Match]:
    for preset in list_presets():
        for name, told in load_preset(preset).inputs.items():
            has = told.among(columns)
            is_first = told.first is None or told.column_of(columns[0]) == told.first
            if has.issuperset(told.required) and is_first:
                yield Match(preset, name, len(has))


def _currencies(connection: duckdb.DuckDBPyConnection, columns: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name in columns:
        code = f"{quoted(name)}::varchar"
        rows = f"select {code}, count(*) from file where regexp_matches({code}, '{CURRENCY_PATTERN}') group by 1"
        found.update(dict(connection.execute(rows).fetchall()))
    return found


def _moments(connection: duckdb.DuckDBPyConnection, columns: list[str]) -> Counter[datetime]:
    found: Counter[datetime] = Counter()
    for name in columns:
        value = f"trim({quoted(name)}::varchar)"
        rows = connection.execute(
            f"""select min({value}), count(*) from file where regexp_full_match({value}, '{OFFSET_TIME}')
            group by left({value}, 7), regexp_extract({value}, '([+-]\\d\\d:?\\d\\d|Z)$')"""
        )
        for text, n in rows.fetchall():
            try:
                found[datetime.fromisoformat(re.sub(r" (?=[+-][\d:]+$)", "", text))] += n
            except ValueError:
                continue
    return found


def _countries(connection: duckdb.DuckDBPyConnection, columns: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name in columns:
        value = f"trim({quoted(name)}::varchar)"
        rows = f"select {value}, count(*) from file where {value} <> '' group by 1 order by 2 desc limit {MOST_WORDS}"
        found.update(dict(connection.execute(rows).fetchall()))
    return found
