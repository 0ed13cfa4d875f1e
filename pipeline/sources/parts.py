"""Where a source's inputs are: which files, objects or queries they consist of, and which of them are known. What is in them is not read here."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import glob
from pathlib import Path

from pipeline.errors import SourceShapeError
from pipeline.sources.apis import places
from pipeline.sources.archives import choose, digest_of, member_names
from pipeline.sources.database_places import label
from pipeline.sources.object_stores import is_remote, list_objects
from pipeline.sources.settings import ApiInput, DatabaseInput, FileInput, SourceSettings, as_file
from pipeline.sources.unreadable import UNKNOWN_KIND, why_unread

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".zip": "zip",
}
COMPRESSIONS = (".gz", ".zst")
"""What files can be packed with, other than those that are packed already."""
PACKED = ("xlsx", "zip")
READABLE = ".csv, .tsv, .txt, .jsonl, .ndjson, .parquet, also with .gz or .zst; .xlsx, .xlsm, .zip"
ZIP_IN_ZIP = "is a .zip within a .zip; unpack it"
INSIDE = " > "
"""Stands in an address before what is in a file."""


@dataclass(frozen=True)
class Part:
    """One file, object, database query or read of an API that belongs to an input."""

    input: str
    address: str
    """The path or address as people know it; of a database without its password."""
    digest: str | None
    """Fingerprint of the content; null for a database or an API."""
    exported_at: datetime
    """When the file was last changed, or the database or API is read."""
    database: DatabaseInput | None = None
    api: ApiInput | None = None
    file: FileInput | None = None
    """The file itself, with what is read of it, where that is not the whole."""


def find_parts(source: SourceSettings, *, now: datetime) -> list[Part]:
    """All parts of a source's inputs, the inputs in the configuration's order, their files sorted.

    Raises:
        SourceShapeError: there is nothing at a place.
    """
    return [
        part
        for name, place in source.inputs.items()
        for part in _parts_at(source.name, name, place, now, source.max_unpacked_mb)
    ]


def parts_to_read(source: SourceSettings, parts: list[Part], known: Mapping[tuple[str, str], str | None]) -> list[Part]:
    """The parts that a batch is made of: the new and changed files, databases and APIs always, nothing when nothing is new.

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
        # What is there is no pattern: a folder can be called `shop [nl]`.
        root = next(parent for parent in path.parents if parent.is_dir())
        # Unlike that of a path its wildcards match no hidden name: the home is often beside the exports.
        matches = glob(str(path.relative_to(root)), root_dir=root, recursive=True)  # noqa: PTH207
        found = [file for match in matches if (file := root / match).is_file()]
    # Excel keeps one beside each file that is open.
    found = [file for file in found if not file.name.startswith("~$")]
    if not found:
        raise SourceShapeError(f"source {source}: input {name}: {_nothing(name, place)}")
    return sorted(found)


def file_format(file: Path) -> str | None:
    """csv, jsonl, parquet, xlsx or zip by the file's name, whatever it is packed with; null when not known."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    bare = [suffix for suffix in suffixes if suffix not in COMPRESSIONS]
    kind = FORMATS.get(bare[-1]) if bare else None
    return None if kind in PACKED and suffixes[-1] != bare[-1] else kind


def address_of(address: str, *inside: str | None) -> str:
    """The address of what is in a file: `exports.zip > orders.xlsx > Sheet1`."""
    return INSIDE.join([address, *filter(None, inside)])


def members_to_read(names: list[str], wanted: str | None) -> list[str]:
    """The files of a .zip that an input stands for: those that are named, or all that can be read.

    Raises:
        SourceShapeError: there is none.
    """
    chosen = choose(names, wanted) if wanted else names
    if not (readable := [name for name in chosen if file_format(Path(name)) not in (None, "zip")]):
        raise SourceShapeError(f"nothing that can be read is in it; it has {', '.join(names) or 'no file'}")
    return readable


def unread_members(names: list[str], wanted: str | None) -> dict[str, str]:
    """The files of a .zip that an input stands for and that are not read -> what each is, and the way out."""
    chosen = choose(names, wanted) if wanted else names
    kinds = {name: file_format(Path(name)) for name in chosen}
    return {
        name: ZIP_IN_ZIP if kind == "zip" else why_unread(name) or UNKNOWN_KIND
        for name, kind in kinds.items()
        if kind in (None, "zip")
    }


def tell_unread(source: SourceSettings, parts: list[Part]) -> list[str]:
    """What is beside the files of some .zips and is not read, in words."""
    wanted = {(part.input, part.file.path) for part in parts if part.file is not None and part.file.member}
    words = []
    for name, path in sorted(wanted):
        place = source.inputs[name]
        assert isinstance(place, str | FileInput)
        names = member_names(Path(path), max_mb=source.max_unpacked_mb)
        for member, why in unread_members(names, as_file(place).member).items():
            words.append(f"source {source.name}: file {address_of(path, member)}: is not read, as it {why}")
    return words


def _parts_at(
    source: str, name: str, place: str | FileInput | DatabaseInput | ApiInput, now: datetime, max_mb: int
) -> Iterable[Part]:
    try:
        if isinstance(place, DatabaseInput):
            return [Part(name, label(place), None, now, place)]
        if isinstance(place, ApiInput):
            return [Part(name, places.label(place, name), None, now, api=place)]
        told = as_file(place)
        if is_remote(told.path):
            found = [file for file in list_objects(told.path) if file_format(Path(file.address))]
            if not found:
                raise SourceShapeError(_nothing(name, told.path))
            return [_part(name, file.address, file.fingerprint, file.modified_at, told) for file in found]
    except SourceShapeError as error:
        raise SourceShapeError(f"source {source}: input {name}: {error}") from error
    files = find_files(source, name, told.path)
    return [part for file in files for part in _file_parts(source, name, file, told, max_mb)]


def _file_parts(source: str, name: str, file: Path, told: FileInput, max_mb: int) -> list[Part]:
    """A file as one part; a .zip as one for each file in it, known by its own content."""
    try:
        changed_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        if file_format(file) == "zip":
            return [
                _part(name, str(file), digest_of(file, member), changed_at, told, member)
                for member in members_to_read(member_names(file, max_mb=max_mb), told.member)
            ]
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return [_part(name, str(file), digest, changed_at, told)]
    except SourceShapeError as error:
        raise SourceShapeError(f"source {source}: file {file}: {error}") from error
    except OSError as error:
        raise SourceShapeError(f"source {source}: file {file}: cannot be read: {error.strerror}") from error


def _part(
    name: str, address: str, digest: str, changed_at: datetime, told: FileInput, member: str | None = None
) -> Part:
    is_sheet = file_format(Path(member or address)) == "xlsx"
    if told.member and not member:
        raise SourceShapeError("is not a .zip in a folder; leave out member")
    if (told.sheet or told.header) and not is_sheet:
        raise SourceShapeError(f"{member or 'it'} is not an Excel file; leave out sheet and header")
    sheet, header = (told.sheet, told.header) if is_sheet else (None, None)
    if header:
        # Below another row the same file has other columns.
        digest = hashlib.sha256(f"{digest} {header}".encode()).hexdigest()
    file = FileInput(path=address, member=member, sheet=sheet, header=header) if member or is_sheet else None
    return Part(name, address_of(address, member, sheet), digest, changed_at, file=file)


def _nothing(name: str, place: str) -> str:
    return f"no file at {place}; check inputs.{name} in the configuration"
