"""Which exports the files of a folder are, by their headers. What a configuration says of them does not belong here."""

import glob
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipeline.core.ingest.personal import is_personal
from pipeline.errors import SourceShapeError
from pipeline.sources.inputs import quoted
from pipeline.sources.loading import load_inputs
from pipeline.sources.parts import Part
from pipeline.sources.preset import PRESETS, PresetInput, list_presets, load_preset
from pipeline.sources.sample import copy_start
from pipeline.sources.survey_headers import HEADER_ROWS, other_names
from schemas.types import CURRENCY_PATTERN

SAMPLE_ROWS = 5_000
"""Rows of a file that are looked at."""
HIGHEST_ANSWER = 10
ANSWER_SHARE = 0.75
"""Share of whole numbers up to 10 from which on a column holds answers: exports have texts and slips among them."""
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


@dataclass(frozen=True)
class Export:
    """A file, what it could be, best first, and what can be told from its first rows; `fault`: why it cannot be read."""

    file: Path
    fault: str | None = None
    columns: list[Column] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    names: dict[str, list[str]] = field(default_factory=dict)
    """For a survey tool's export, every name of its columns -> the columns."""
    currencies: Counter[str] = field(default_factory=Counter)


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
    return [_read(file, work / str(number)) for number, file in enumerate(files)]


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
    others: dict[Path, list[str]] = {}
    for export in exports:
        matches = [match for match in export.matches if (match.preset, match.input) in usable]
        if matches:
            best = matches[0]
            groups.setdefault((best.preset, best.input), {}).setdefault(_series(export.file), []).append(export)
            others[export.file] = [
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
            tied = sorted({preset for exports in one for export in exports for preset in others[export.file]})
            found.append(Found(preset, entity, dict(zip(names, one, strict=True)), tied))
    return found


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
    if len(files) == 1:
        return files[0].name
    return "[0-9]*".join(glob.escape(piece) for piece in NUMBERS.split(files[0].name))


def find_items(exports: list[Export], told: PresetInput) -> dict[str, tuple[int, int]]:
    """The columns of a survey export that could be items: beside those the preset knows, with whole numbers up to 10.

    Returns name -> lowest and highest answer seen.
    """
    known = {name.lower() for name in (*told.required, *told.optional, *told.personal)}
    items: dict[str, tuple[int, int]] = {}
    for export in exports:
        for column in export.columns:
            name = _item_name(column.name, export.names)
            if column.name.lower() in known or is_personal(column.name) or name is None:
                continue
            n_header = HEADER_ROWS if told.item_names else 0
            if column.n_answers < max(ANSWER_SHARE * (column.n - n_header), 1):
                continue
            if column.lowest is not None and column.highest is not None and column.highest > 1:
                low, high = items.get(name, (column.lowest, column.highest))
                items[name] = (min(low, column.lowest), max(high, column.highest))
    return items


def nearest(export: Export) -> tuple[str, list[str]] | None:
    """The system whose required columns a file has most of, at least half and NEAR of them, and the missing ones."""
    has = {column.name.lower() for column in export.columns}
    lacking = [
        (load_preset(preset).system, told.required, [name for name in told.required if name.lower() not in has])
        for preset in list_presets()
        for told in load_preset(preset).inputs.values()
    ]
    near = [
        (len(missing) / len(required), system, missing)
        for system, required, missing in lacking
        if len(required) - len(missing) >= max(NEAR, len(missing))
    ]
    return min(near)[1:] if near else None


def _read(file: Path, work: Path) -> Export:
    work.mkdir(parents=True)
    copy = work / file.name
    copy_start(file, copy, rows=SAMPLE_ROWS)
    part = Part("file", str(copy), None, datetime.fromtimestamp(file.stat().st_mtime, UTC))
    with duckdb.connect() as connection:
        try:
            names = list(load_inputs("init", [part], connection, work).columns[part])
        except SourceShapeError as error:
            return Export(file, fault=str(error).removeprefix(f"source init: file {copy}: "))
        columns = [_column(connection, name) for name in names]
        matches = sorted(_matches(names), key=lambda match: (-match.n_columns, match.preset, match.input))
        rules = [match.told.item_names for match in matches[:1]]
        rows = connection.execute(
            f"select {', '.join(map(quoted, names))} from file order by _row limit {HEADER_ROWS}"
        ).fetchall()
        return Export(
            file,
            columns=columns,
            matches=matches,
            names=other_names(names, rows, rules[0]) if rules else {},
            currencies=_currencies(connection, [name for name in names if "currency" in name.lower()]),
        )


def _column(connection: duckdb.DuckDBPyConnection, name: str) -> Column:
    number = f"try_cast(trim({quoted(name)}::varchar) as double)"
    is_answer = f"{number} = round({number}) and {number} between 0 and {HIGHEST_ANSWER}"
    answer = f"if({is_answer}, {number}::integer, null)"
    shown = connection.execute(
        f"select count({quoted(name)}), count({answer}), min({answer}), max({answer}) from file"
    ).fetchall()
    return Column(name, *shown[0])


def _matches(columns: list[str]) -> Iterable[Match]:
    has = {name.lower() for name in columns}
    for preset in list_presets():
        for name, told in load_preset(preset).inputs.items():
            if all(column.lower() in has for column in told.required):
                known = {column.lower() for column in (*told.required, *told.optional, *told.personal)}
                yield Match(preset, name, len(has & known))


def _currencies(connection: duckdb.DuckDBPyConnection, columns: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for name in columns:
        code = f"{quoted(name)}::varchar"
        rows = f"select {code}, count(*) from file where regexp_matches({code}, '{CURRENCY_PATTERN}') group by 1"
        found.update(dict(connection.execute(rows).fetchall()))
    return found


def _series(file: Path) -> str:
    return NUMBERS.sub("0", file.name)


def _item_name(column: str, names: dict[str, list[str]]) -> str | None:
    """What the settings can call a column: its own name, else the longest that no other column has."""
    own = " ".join(column.split())
    alone = [name for name, named in names.items() if named == [column]]
    if not names or (own in alone and not re.fullmatch(r"column_\d+", own)):
        return own
    return max(alone, key=len, default=None)
