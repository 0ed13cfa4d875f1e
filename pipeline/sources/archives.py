"""Files in a .zip: which there are, and one of them unpacked to a file of its own. What is in them does not belong here."""

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from pipeline.errors import SourceShapeError

ENCRYPTED = 0x1
"""The bit of a member's flags that says so."""
CHUNK = 8 << 20


def member_names(file: Path, *, max_mb: int) -> list[str]:
    """The files in a .zip, sorted; without folders and without what systems add for themselves.

    Raises:
        SourceShapeError: it is no zip, has a name twice or one that leads out of it, or comes to more than `max_mb`.
    """
    with _told(), zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
    if outside := [info.filename for info in infos if _leads_out(info.filename)]:
        raise SourceShapeError(f"the name '{outside[0]}' leads out of it; make the .zip again")
    found = [info for info in infos if not _is_own(info.filename)]
    names = sorted(info.filename for info in found)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SourceShapeError(f"has {twice[0]} twice; make the .zip again")
    refuse_large((info.file_size for info in found), max_mb)
    return names


def refuse_large(sizes: Iterable[int], max_mb: int) -> None:
    """Refuse what is larger than its source may take: no more than the size that is stated is ever unpacked.

    Raises:
        SourceShapeError: it says by how much.
    """
    n_mb = -(-sum(sizes) // 1_000_000)
    if n_mb > max_mb:
        raise SourceShapeError(
            f"comes to {n_mb:,} MB when unpacked, the limit is {max_mb:,} MB; set max_unpacked_mb of the source if that is right"
        )


def choose(names: list[str], wanted: str) -> list[str]:
    """The names that a name or wildcard stands for.

    Raises:
        SourceShapeError: there is none.
    """
    chosen = [name for name in names if name == wanted] or [name for name in names if fnmatchcase(name, wanted)]
    if not chosen:
        raise SourceShapeError(f"has no file {wanted}; it has {', '.join(names) or 'none'}")
    return chosen


def digest_of(file: Path, name: str) -> str:
    """Fingerprint of one file's content.

    Raises:
        SourceShapeError: it cannot be unpacked.
    """
    found = hashlib.sha256()
    with _told(name), zipfile.ZipFile(file) as archive:
        _refuse_encrypted(archive, name)
        with archive.open(name) as stream:
            while chunk := stream.read(CHUNK):
                found.update(chunk)
    return found.hexdigest()


def unpack(file: Path, name: str, target: Path) -> None:
    """Write one file of a .zip to `target`, whose name the archive has no say in.

    Raises:
        SourceShapeError: it cannot be unpacked.
    """
    with _told(name), zipfile.ZipFile(file) as archive:
        _refuse_encrypted(archive, name)
        with archive.open(name) as stream, target.open("wb") as written:
            shutil.copyfileobj(stream, written, CHUNK)


def _refuse_encrypted(archive: zipfile.ZipFile, name: str) -> None:
    if archive.getinfo(name).flag_bits & ENCRYPTED:
        raise SourceShapeError(f"{name} is locked with a password; unpack it, or make the .zip without one")


def _is_own(name: str) -> bool:
    """Whether it is a file that a system adds for itself, as macOS and Excel do."""
    path = PurePosixPath(name)
    return path.parts[:1] == ("__MACOSX",) or path.name.startswith((".", "~$"))


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or path.parts[0].endswith(":")


@contextmanager
def _told(name: str = "") -> Iterator[None]:
    """Tell in one line what is wrong with an archive or one of its files."""
    try:
        yield
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        what = f"{name} cannot be unpacked" if name else "cannot be unpacked"
        raise SourceShapeError(f"{what}: {error}; make the .zip again") from None
