"""Which exports the files of a folder are, by their headers. What a configuration says of them does not belong here."""

import glob
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from pipeline.sources.export_files import Export
from pipeline.sources.preset import PRESETS, list_presets, load_preset, stood_for
from pipeline.sources.settings import FileInput

NEAR = 2
"""Fewer columns in common say nothing."""
NUMBERS = re.compile(r"\d+(?:[-_. ]\d+)*")
"""What differs in the names of files that are deliveries of the same export."""


@dataclass(frozen=True)
class Found:
    """An entity of a preset for which every input is there."""

    preset: str
    entity: str
    inputs: dict[str, list[Export]]
    """Input -> the files of one export."""
    others: list[str]
    """Presets that know as many of the columns."""

    @property
    def exports(self) -> list[Export]:
        """All files of its inputs."""
        return [export for exports in self.inputs.values() for export in exports]


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


@cache
def inputs_of(preset: str, entity: str) -> tuple[str, ...]:
    """The inputs that the mapping of an entity reads."""
    names = tuple(load_preset(preset).inputs)
    if len(names) == 1:
        return names
    with duckdb.connect() as connection:
        read = connection.get_table_names((PRESETS / preset / f"{entity}.sql").read_text(encoding="utf-8"))
    return tuple(name for name in names if name in read)


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


def _series(export: Export) -> str:
    """What is the same for deliveries of one export."""
    names = [NUMBERS.sub("0", name) for name in (export.file.name, export.member or "")]
    return "\n".join([*names, export.sheet or "", str(export.header)])
