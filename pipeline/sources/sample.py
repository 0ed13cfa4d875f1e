"""The first rows of a source's inputs, copied aside for a look that takes seconds whatever their size. Reading them does not belong here."""

import csv
import glob
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.errors import SourceShapeError
from pipeline.sources.archives import member_names, unpack
from pipeline.sources.database_places import label
from pipeline.sources.database_relations import relation_of
from pipeline.sources.object_stores import fetch, is_remote, list_objects
from pipeline.sources.parts import PACKED, address_of, file_format, find_files, members_to_read, unread_members
from pipeline.sources.raw_lines import packing_of
from pipeline.sources.settings import ApiInput, ApiSample, DatabaseInput, FileInput, Input, SourceSettings, as_file

ONE_DELIMITER = str.maketrans(";\t|", ",,,")
"""Where a record ends is the same whichever of them a file has."""
LONGEST_PIECE = 4 << 20
"""Bytes of a line that are held at a time; the reader refuses lines half as long."""


@dataclass(frozen=True)
class Sample:
    """A source that reads copies in place of its inputs."""

    source: SourceSettings
    addresses: dict[str, str]
    """Address of each copy -> the address that people know."""
    size_bytes: int
    """Size of the files copied from; databases and APIs count nothing."""
    notes: list[str]
    """What the inputs hold that is not read, in words."""
    is_cut: bool
    """Whether there are more rows than in the copies; of a database or an API that is not known, and taken to be so."""


def take_sample(source: SourceSettings, folder: Path, *, rows: int) -> Sample:
    """Copy the first rows of a source's inputs into `folder`: at most `rows` of each input, the same share of each file.

    A file that cannot be copied is linked, so that reading it says what is wrong with it.

    Raises:
        SourceShapeError: there is nothing at a place.
    """
    inputs: dict[str, Input] = {}
    addresses: dict[str, str] = {}
    notes: list[str] = []
    size_bytes, is_cut = 0, False
    for name, place in source.inputs.items():
        if isinstance(place, DatabaseInput):
            inputs[name] = first = _first_rows(place, rows)
            addresses[_label(source.name, name, first)] = _label(source.name, name, place)
            is_cut = True
            continue
        if isinstance(place, ApiInput):
            inputs[name] = ApiSample.model_validate(place.model_dump())
            is_cut = True
            continue
        told = as_file(place)
        files = _find_files(source.name, name, told.path, folder / "fetched" / name)
        for file, address in files.items():
            # Below its whole path, because a mapping may look at any part of it.
            copy = folder / name / file.absolute().relative_to(file.absolute().anchor)
            copy.parent.mkdir(parents=True, exist_ok=True)
            size_bytes += file.stat().st_size
            if file_format(file) == "zip" and not is_remote(told.path):
                copied, has_more = _copy_members(source, file, told, copy, max(rows // len(files), 1))
                unread = unread_members(member_names(file, max_mb=source.max_unpacked_mb), told.member)
                notes += [
                    f"{address_of(str(file), member)}: is not read, as it {why}" for member, why in unread.items()
                ]
                addresses |= copied
                is_cut |= has_more
            else:
                addresses[str(copy)] = address
                is_cut |= copy_start(file, copy, rows=max(rows // len(files), 1))
        pattern = str(folder / name / "**" / "*")
        inputs[name] = (
            FileInput(path=pattern, sheet=told.sheet, header=told.header) if told.sheet or told.header else pattern
        )
        addresses[pattern] = told.path
    return Sample(source.model_copy(update={"inputs": inputs}), addresses, size_bytes, notes, is_cut)


def _copy_members(
    source: SourceSettings, file: Path, told: FileInput, copy: Path, rows: int
) -> tuple[dict[str, str], bool]:
    """Copy the first rows of the files in a .zip below the folder `copy`; returns their addresses, and whether there are more rows."""
    addresses: dict[str, str] = {}
    is_cut = False
    try:
        members = members_to_read(member_names(file, max_mb=source.max_unpacked_mb), told.member)
        for number, member in enumerate(members):
            # Numbered, because two folders of the .zip can have files of one name.
            unpacked, one = copy / f"{number}.whole", copy / str(number) / Path(member).name
            one.parent.mkdir(parents=True)
            unpacked.mkdir()
            unpack(file, member, unpacked / one.name)
            is_cut |= copy_start(unpacked / one.name, one, rows=max(rows // len(members), 1))
            if one.is_symlink():
                one.unlink()
                (unpacked / one.name).rename(one)
            shutil.rmtree(unpacked)
            addresses[str(one)] = address_of(str(file), member)
    except SourceShapeError as error:
        raise SourceShapeError(f"source {source.name}: file {file}: {error}") from error
    return addresses, is_cut


def copy_start(file: Path, copy: Path, *, rows: int) -> bool:
    """Copy the first rows of a file, whole records as they are, packed as it is; returns whether it has more.

    A file that cannot be copied is linked.
    """
    kind = file_format(file)
    try:
        if kind == "parquet":
            return _copy_parquet(file, copy, rows)
        if kind not in (None, *PACKED):
            return _copy_text(file, copy, rows + 1 if kind == "csv" else rows, has_quotes=kind == "csv")
    except (OSError, EOFError, pa.ArrowInvalid, duckdb.Error):
        copy.unlink(missing_ok=True)
    copy.symlink_to(file.absolute())
    return False


def _copy_parquet(file: Path, copy: Path, rows: int) -> bool:
    with duckdb.connect() as connection:
        first = connection.read_parquet(glob.escape(str(file)), hive_partitioning=False)
        first.limit(rows).write_parquet(str(copy))
        return bool(first.limit(1, offset=rows).fetchall())


def _copy_text(file: Path, copy: Path, records: int, *, has_quotes: bool) -> bool:
    packing = packing_of(file)
    # As bytes, one character each: whatever is wrong with the text is for the reader to find.
    with (
        pa.input_stream(str(file), compression=packing) as stream,
        pa.output_stream(str(copy), compression=packing) as written,
    ):
        text = io.TextIOWrapper(stream, encoding="latin-1", newline="")
        lines = iter(partial(text.readline, LONGEST_PIECE), "")
        copied = _write_each(lines, written)
        for _ in islice(_records(copied) if has_quotes else copied, records):
            pass
        return any(line.strip() for line in lines)


def _write_each(lines: Iterator[str], written: pa.NativeFile) -> Iterator[str]:
    for line in lines:
        written.write(line.encode("latin-1"))
        yield line


def _records(lines: Iterator[str]) -> Iterator[None]:
    """Once per record of a CSV file, as soon as its lines are taken: line breaks within quotes do not end one."""
    reader = csv.reader(line.translate(ONE_DELIMITER) for line in lines)
    while True:
        try:
            next(reader)
        except StopIteration:
            return
        except csv.Error:
            # A value longer than the module allows, such as after a quote that is never closed: it begins anew behind it.
            pass
        yield


def _first_rows(place: DatabaseInput, rows: int) -> DatabaseInput:
    query = f"select * from {relation_of(place)} limit {rows}"
    return place.model_copy(update={"table": None, "query": query})


def _label(source: str, name: str, place: DatabaseInput) -> str:
    try:
        return label(place)
    except SourceShapeError as error:
        raise SourceShapeError(f"source {source}: input {name}: {error}") from error


def _find_files(source: str, name: str, place: str, folder: Path) -> dict[Path, str]:
    """The files of an input, objects fetched into `folder` -> the address that people know."""
    if not is_remote(place):
        return {file: str(file) for file in find_files(source, name, place)}
    files = {}
    try:
        for number, found in enumerate(list_objects(place)):
            file = folder / str(number) / Path(found.address).name
            if file_format(file):
                file.parent.mkdir(parents=True)
                fetch(found.address, file)
                files[file] = found.address
    except SourceShapeError as error:
        raise SourceShapeError(f"source {source}: input {name}: {error}") from error
    return files
