"""What a table last had, and whether it still has it. What a row means does not belong here.

Every commit says how many rows it leaves in the table, wherever the lake is. In a local lake a seal, a file beside the
table, also has the version and the checksums of its files: Delta's log alone cannot tell a table that has lost its
newest commit from one that never had it. A commit cannot say how many files it makes; the log lists them.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable

from pipeline.whole_files import sync, unfinished, write_whole

NAME = "_seal.json"
"""Delta and its vacuum ignore names that begin like this."""
ROWS = "loyalty.rows"
"""The name in a commit for the number of rows it leaves."""
COMMIT = "commitInfo"
"""Where every log entry says who made it."""
FOREIGN_COMMITS = 30
"""How many commits of other programs are passed over."""
LOG = "_delta_log"
PARQUET = b"PAR1"
"""What a Parquet file begins and ends with."""


@dataclass(frozen=True)
class Seal:
    """A version of a table: its rows, and the SHA-256 of each of its files."""

    version: int
    rows: int
    files: dict[str, str] = field(default_factory=dict)


def read_seal(folder: Path) -> Seal | None:
    """The seal of a table; null if it has no readable one."""
    try:
        return Seal(**json.loads((folder / NAME).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def seal(folder: Path, delta: DeltaTable, durable: Mapping[str, str]) -> None:
    """Make the newest version durable and note what it has; files already sealed are not read again.

    Nor are those that are `durable` already: name -> SHA-256.
    """
    before = read_seal(folder)
    if before is not None and before.version == delta.version() and before.rows == n_rows(delta):
        unfinished(folder / NAME).unlink(missing_ok=True)
        return
    known = before.files if before else {}
    told = {**durable, **known}
    files = {name: told[name] if name in told else _durable_digest(folder / name) for name in rows_by_file(delta)}
    new = files.keys() - known.keys()
    for version in range(before.version + 1 if before else 0, delta.version() + 1):
        entry = folder / LOG / f"{version:020}.json"
        # Delta deletes entries that are in a checkpoint and a month old.
        if entry.exists():
            sync(entry)
    for place in {folder, folder / LOG, *((folder / name).parent for name in new)}:
        sync(place)
    _write(folder, Seal(delta.version(), n_rows(delta), files))


def may_shrink(folder: Path) -> None:
    """Note that the next version may have fewer rows, so that a stop before it is sealed does not look like damage."""
    before = read_seal(folder)
    if before is not None:
        _write(folder, Seal(before.version, 0, before.files))


def leaving(rows: int) -> CommitProperties:
    """What a commit records of the rows it leaves, those marked as deleted included."""
    return CommitProperties(custom_metadata={ROWS: str(rows)})


def shortfall_of(delta: DeltaTable, entry: Callable[[int], bytes | None]) -> str | None:
    """What a table lacks according to our newest commit, in words; null if nothing.

    `entry`: the log entry of a version, null where Delta has deleted it. Delta's `history` would number versions by
    place.
    """
    newest = delta.version()
    # Another program may have written since, such as one that joins files.
    for version in range(newest, max(newest - FOREIGN_COMMITS, -1), -1):
        text = entry(version)
        if text is None:
            return None
        commits = [json.loads(line)[COMMIT] for line in text.splitlines() if f'"{COMMIT}"'.encode() in line]
        if not commits:
            return f"has an empty log entry of version {version}"
        if ROWS in commits[0]:
            told, rows = int(commits[0][ROWS]), n_rows(delta)
            return f"was left with {told:,} rows and has {rows:,}" if rows < told else None
    return None


def damage_of(folder: Path, delta: DeltaTable) -> str | None:
    """What a table has lost since it was sealed, in words; null if nothing, or without a seal."""
    before = read_seal(folder)
    if before is None:
        return None
    if delta.version() < before.version:
        return f"was at version {before.version} and is at {delta.version()}"
    if delta.version() == before.version and (lost := len(before.files.keys() - rows_by_file(delta).keys())):
        return f"has lost {lost} of {len(before.files)} files from the log of version {before.version}"
    if (rows := n_rows(delta)) < before.rows:
        return f"had {before.rows:,} rows and has {rows:,}"
    return None


def unreadable_file(folder: Path, delta: DeltaTable) -> str | None:
    """Which file of a table is missing or not Parquet, in words; null if none is."""
    for name in rows_by_file(delta):
        if not is_parquet(f"{folder}/{name}"):
            return f"has {'no Parquet in' if (folder / name).is_file() else 'lost'} its file {name}"
    return None


def is_parquet(file: str | Path) -> bool:
    """Whether a file exists, and begins and ends as Parquet does: what can be told without reading it."""
    try:
        return _is_parquet(file, os.stat(file).st_mtime_ns)  # noqa: PTH116 - a text is looked up sooner than a Path
    except OSError:
        return False


@lru_cache(maxsize=100_000)
def _is_parquet(file: str | Path, _: int) -> bool:
    """The same, cached by the time of the file's last change, as each is asked for many times a night."""
    with open(file, "rb", buffering=0) as stream:  # noqa: PTH123
        start = stream.read(len(PARQUET))
        stream.seek(-len(start), os.SEEK_END)
        return start == stream.read(len(PARQUET)) == PARQUET


def faults_of_files(folder: Path, delta: DeltaTable) -> Iterator[str]:
    """What is wrong with the files of a table, in words: each is read whole."""
    sealed = read_seal(folder)
    known = sealed.files if sealed else {}
    for name, rows in rows_by_file(delta).items():
        file = folder / name
        try:
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            found = pq.read_metadata(file).num_rows
        except (OSError, ValueError) as error:
            yield f"{name} cannot be read ({type(error).__name__})"
            continue
        if name in known and digest != known[name]:
            yield f"{name} is not as it was written"
        elif found != rows:
            yield f"{name} has {found:,} rows, its log says {rows:,}"


def n_rows(delta: DeltaTable) -> int:
    """Rows of the newest version by its log, those marked as deleted included."""
    return sum(rows_by_file(delta).values())


def rows_by_file(delta: DeltaTable) -> dict[str, int]:
    """The files of the newest version, as the file system names them, and their rows."""
    added = delta.get_add_actions(flatten=True)
    paths, rows = (added.column(name).to_pylist() for name in ("path", "num_records"))
    return dict(zip(map(unquote, paths), rows, strict=True))


def _durable_digest(file: Path) -> str:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    return digest


def _write(folder: Path, sealed: Seal) -> None:
    write_whole(folder / NAME, json.dumps(asdict(sealed)), is_durable=True)
