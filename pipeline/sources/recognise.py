"""Which exports the files of a folder are, by their headers. What a configuration says of them does not belong here."""

import glob
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path

import duckdb

from pipeline.core.ingest.personal import is_personal
from pipeline.errors import SourceShapeError
from pipeline.sources.archives import member_names, unpack
from pipeline.sources.inputs import quoted
from pipeline.sources.loading import load_inputs
from pipeline.sources.notation_guess import count_notations
from pipeline.sources.parts import Part, address_of, file_format, members_to_read
from pipeline.sources.preset import PRESETS, PresetInput, list_presets, load_preset, stood_for
from pipeline.sources.questions import Labels, is_open, labels_of, role_of
from pipeline.sources.sample import copy_start
from pipeline.sources.settings import MAX_UNPACKED_MB, FileInput
from pipeline.sources.survey_headers import HEADER_ROWS, Row, legacy_names, other_names, wordings
from pipeline.sources.text_files import column_names
from pipeline.sources.unreadable import UNKNOWN_KIND, why_unread
from pipeline.sources.workbooks import first_rows, sheets_with_cells
from schemas.registry import ENTITIES
from schemas.types import CURRENCY_PATTERN

SAMPLE_ROWS = 5_000
"""Rows of a file that are looked at."""
HIGHEST_ANSWER = 10
ANSWER_SHARE = 0.75
"""Share of whole numbers up to 10 from which on a column holds answers: exports have texts and slips among them."""
MOST_WORDS = 20
"""Different answers of a question with labels; a column with more holds texts."""
LONG, WORDY = 5, 2
"""Words of an answer that was written, not chosen; and where the question asks for a text."""
OPEN_SHARE, FEWEST_TEXTS = 0.5, 3
"""Share of long and of different answers from which on a column holds texts, when there are so many."""
COMPUTED = re.compile(
    r"_NPS_GROUP$|^(points|feedback) - | \[(score|commentaires)\]$|"
    r"^(interviewtime|\w+(?-i:Time))\. |^time taken to complete|^seq[.,] number$",
    re.IGNORECASE,
)
"""Columns that a survey tool computes from an answer, or gives marks to it in."""
COUNTRY = re.compile(r"(^|[ _-])(country|land|pays|pa[ií]s)($|[ _-]?code$)", re.IGNORECASE)
OFFSET_TIME = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)? ?([+-]\d\d:?\d\d|Z)"
NEAR = 2
"""Fewer columns in common say nothing."""
NUMBERS = re.compile(r"\d+(?:[-_. ]\d+)*")
"""What differs in the names of files that are deliveries of the same export."""


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
class Question:
    """A column of a survey that could be an item, or an open question."""

    name: str
    """What the settings can call it."""
    wording: str
    lowest: int | None = None
    highest: int | None = None
    """Lowest and highest answer seen that is a number of itself."""
    labels: Labels | None = None
    """What its answers in words stand for."""
    is_open: bool = False
    unknown: tuple[str, ...] = ()
    """Its answers, where they are words of which nothing tells what they stand for."""

    @property
    def is_item(self) -> bool:
        """Whether its answers have numbers."""
        return self.labels is not None or self.highest is not None


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


@dataclass(frozen=True)
class Found:
    """An entity of a preset for which every input is there."""

    preset: str
    entity: str
    inputs: dict[str, list[Export]]
    """Input -> the files of one export."""
    others: list[str]
    """Presets that know as many of the columns."""


def read_files(files: list[Path], work: Path) -> list[Export]:
    """Look at the first rows of each file; copies of them go to `work`."""
    return [export for number, file in enumerate(files) for export in _read(file, work / str(number))]


def recognise(exports: list[Export]) -> list[Found]:
    """The sources that the files can be: each file by the preset that knows most of its columns, the first by name of equals.

    A preset that needs several files counts when all of them are there.
    """
    there = {(match.preset, match.input) for export in exports for match in export.matches}
    entities = [(preset, entity) for preset, names in list_presets().items() for entity in names]
    inputs = {key: inputs_of(*key) for key in entities}
    usable = {
        (preset, name)
        for (preset, entity), names in inputs.items()
        for name in names
        if all((preset, other) in there for other in names)
    }
    groups: dict[tuple[str, str], dict[str, list[Export]]] = {}
    others: dict[tuple[Path, str | None, str | None], list[str]] = {}
    for export in exports:
        matches = [match for match in export.matches if (match.preset, match.input) in usable]
        if matches:
            best = matches[0]
            groups.setdefault((best.preset, best.input), {}).setdefault(_series(export), []).append(export)
            others[export.key] = [
                match.preset
                for match in matches[1:]
                if match.n_columns == best.n_columns and match.preset != best.preset
            ]
    found = []
    for (preset, entity), names in inputs.items():
        series = [list(groups.get((preset, name), {}).values()) for name in names]
        if not all(series):
            continue
        # Several exports of an only input are several sources; of several inputs the first ones belong together.
        chosen = [[exports] for exports in series[0]] if len(names) == 1 else [[exports[0] for exports in series]]
        for one in chosen:
            tied = sorted({preset for exports in one for export in exports for preset in others[export.key]})
            found.append(Found(preset, entity, dict(zip(names, one, strict=True)), tied))
    outdone = stood_for(one.preset for one in found)
    return [one for one in found if (one.preset, one.entity) not in outdone]


def inputs_of(preset: str, entity: str) -> list[str]:
    """The inputs that the mapping of an entity reads."""
    names = list(load_preset(preset).inputs)
    if len(names) == 1:
        return names
    with duckdb.connect() as connection:
        read = connection.get_table_names((PRESETS / preset / f"{entity}.sql").read_text(encoding="utf-8"))
    return [name for name in names if name in read]


def place_of(files: list[Path]) -> str:
    """The name of a file, or the glob over the names of several that differ in their numbers."""
    return _pattern([file.name for file in files])


def input_of(exports: list[Export], folder: Path) -> FileInput:
    """The exports as a configuration names them, their files in `folder`."""
    members = [export.member for export in exports if export.member]
    first = exports[0]
    return FileInput(
        path=(folder / place_of(list(dict.fromkeys(export.file for export in exports)))).as_posix(),
        member=_pattern(list(dict.fromkeys(members))) if members else None,
        sheet=first.sheet,
        header=first.header,
    )


def _pattern(names: list[str]) -> str:
    return names[0] if len(names) == 1 else "[0-9]*".join(glob.escape(piece) for piece in NUMBERS.split(names[0]))


def find_questions(exports: list[Export], told: PresetInput) -> list[Question]:
    """The columns of a survey export that could be items or open questions, beside those the preset has another use for.

    An item has whole numbers up to 10, or words of which it is known which numbers they stand for.
    """
    known = {name.lower() for name in (*told.required, *told.optional, *told.personal)}
    known -= {name.lower() for name in told.items}
    found: dict[str, list[Column]] = {}
    for export in exports:
        for column in export.columns:
            name = _item_name(column.name, export.names)
            if told.column_of(column.name).lower() in known or is_personal(column.name) or COMPUTED.search(column.name):
                continue
            # No question can be called as a column of responses is.
            if name is None or name in ENTITIES["survey_responses"].polars_schema or name.startswith("_"):
                continue
            found.setdefault(name, []).append(column)
    n_header = HEADER_ROWS if told.item_names else 0
    questions = [_question(name, columns, n_header) for name, columns in found.items()]
    return [question for question in questions if question is not None]


def _question(name: str, columns: list[Column], n_header: int) -> Question | None:
    """What the columns of one name ask, if anything."""
    wording = columns[0].wording or name
    texts = sum((column.texts for column in columns), Counter[str]())
    is_few = all(column.texts or not column.n for column in columns) and len(texts) <= MOST_WORDS
    if labels := labels_of(texts, wording) if is_few else None:
        return Question(name, wording, labels=labels)
    numbers = [
        column
        for column in columns
        if column.n_answers >= max(ANSWER_SHARE * (column.n - n_header), 1) and (column.highest or 0) > 1
    ]
    if numbers:
        lowest = min(column.lowest for column in numbers if column.lowest is not None)
        return Question(name, wording, lowest, max(column.highest for column in numbers if column.highest is not None))
    n = sum(column.n for column in columns) - n_header
    n_long, n_different = sum(column.n_long for column in columns), sum(column.n_different for column in columns)
    is_text = n >= FEWEST_TEXTS and n_long >= OPEN_SHARE * n and n_different >= OPEN_SHARE * n
    if is_text or (is_open(wording) and any(column.n_wordy for column in columns)):
        return Question(name, wording, is_open=True)
    if is_few and texts and role_of(wording):
        return Question(name, wording, unknown=tuple(texts))
    return None


def nearest(export: Export) -> tuple[str, list[str]] | None:
    """The system whose required columns a file has most of, at least half and NEAR of them, and the missing ones."""
    names = [column.name for column in export.columns]
    lacking = [
        (load_preset(preset).system, told.required, [name for name in told.required if name not in told.among(names)])
        for preset in list_presets()
        for told in load_preset(preset).inputs.values()
    ]
    near = [
        (len(missing) / len(required), system, missing)
        for system, required, missing in lacking
        if len(required) - len(missing) >= max(NEAR, len(missing))
    ]
    return min(near)[1:] if near else None


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


def _series(export: Export) -> str:
    """What is the same for deliveries of one export."""
    names = [NUMBERS.sub("0", name) for name in (export.file.name, export.member or "")]
    return "\n".join([*names, export.sheet or "", str(export.header)])


def _item_name(column: str, names: dict[str, list[str]]) -> str | None:
    """What the settings can call a column: its own name, else the longest that no other column has."""
    own = " ".join(column.split())
    alone = [name for name, named in names.items() if named == [column]]
    if not names or (own in alone and not re.fullmatch(r"column_\d+", own)):
        return own
    return max(alone, key=len, default=None)
