"""Where a source's inputs are: which files, objects or queries they consist of, and which of them are known. What is in them is not read here."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import glob
from pathlib import Path

from pipeline.errors import SourceShapeError
from pipeline.sources.database_places import label
from pipeline.sources.object_stores import is_remote, list_objects
from pipeline.sources.settings import DatabaseInput, SourceSettings

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
COMPRESSIONS = (".gz", ".zst")


@dataclass(frozen=True)
class Part:
    """One file, object or database query that belongs to an input."""

    input: str
    address: str
    """The path or address as people know it; of a database without its password."""
    digest: str | None
    """Fingerprint of the content; null for a database."""
    exported_at: datetime
    """When the file was last changed, or the database is read."""
    database: DatabaseInput | None = None


def find_parts(source: SourceSettings, *, now: datetime) -> list[Part]:
    """All parts of a source's inputs, the inputs in the configuration's order, their files sorted.

    Raises:
        SourceShapeError: there is nothing at a place.
    """
    return [part for name, place in source.inputs.items() for part in _parts_at(source.name, name, place, now)]


def parts_to_read(source: SourceSettings, parts: list[Part], known: Mapping[tuple[str, str], str | None]) -> list[Part]:
    """The parts that a batch is made of: the new and changed files, databases always, nothing when nothing is new.

    `known` maps (input, address) to the digest read last, under the same mapping and rules. A mapping over several inputs
    joins them, and a full snapshot is told by all its files: these sources are read whole or not at all.
    """
    new = [part for part in parts if part.digest is None or known.get((part.input, part.address)) != part.digest]
    is_read_whole = len(source.inputs) > 1 or source.full_snapshot
    return parts if new and is_read_whole else new


def find_files(source: str, name: str, place: str) -> list[Path]:
    """The files at a place: a file, all known files of a folder, or the matches of a glob, sorted; those of `**` in all folders below.

    Raises:
        SourceShapeError: there are none.
    """
    path = Path(place)
    if path.is_file():
        return [path]
    if path.is_dir():
        found = [file for file in path.iterdir() if file.is_file() and file_format(file)]
    else:
        # Unlike that of a path its wildcards match no hidden name: the home is often beside the exports.
        found = [file for match in glob(place, recursive=True) if (file := Path(match)).is_file()]  # noqa: PTH207
    if not found:
        raise SourceShapeError(f"source {source}: input {name}: {_nothing(name, place)}")
    return sorted(found)


def file_format(file: Path) -> str | None:
    """csv, jsonl or parquet by the file's name, whatever it is packed with; null when not known."""
    suffixes = [suffix.lower() for suffix in file.suffixes if suffix.lower() not in COMPRESSIONS]
    return FORMATS.get(suffixes[-1]) if suffixes else None


def _parts_at(source: str, name: str, place: str | DatabaseInput, now: datetime) -> Iterable[Part]:
    try:
        if isinstance(place, DatabaseInput):
            return [Part(name, label(place), None, now, place)]
        if is_remote(place):
            found = [file for file in list_objects(place) if file_format(Path(file.address))]
            if not found:
                raise SourceShapeError(_nothing(name, place))
            return [Part(name, file.address, file.fingerprint, file.modified_at) for file in found]
    except SourceShapeError as error:
        raise SourceShapeError(f"source {source}: input {name}: {error}") from error
    return [_file_part(source, name, file) for file in find_files(source, name, place)]


def _file_part(source: str, name: str, file: Path) -> Part:
    try:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return Part(name, str(file), digest, datetime.fromtimestamp(file.stat().st_mtime, UTC))
    except OSError as error:
        raise SourceShapeError(f"source {source}: file {file}: cannot be read: {error.strerror}") from error


def _nothing(name: str, place: str) -> str:
    return f"no file at {place}; check inputs.{name} in the configuration"
