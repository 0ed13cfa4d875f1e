"""Files that are there whole or not at all, whenever writing is cut off. What is in them does not belong here."""

import errno
import os
import shutil
from pathlib import Path

OWNERS_ALONE, FOR_ALL = 0o600, 0o644
"""Modes of a file."""
AT_ONCE = 2**30
"""Bytes that the system copies in one call; a run can be stopped between two."""
NOT_BY_THE_SYSTEM = (errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
"""What a system says that cannot copy between these two places by itself."""


def write_whole(file: Path, content: str | bytes, *, mode: int = OWNERS_ALONE, is_durable: bool = False) -> None:
    """Write a file through another beside it, which only its owner can read; a durable one also survives a power cut.

    Raises:
        OSError: it cannot be written; what was there before still is.
    """
    new = unfinished(file)
    try:
        new.touch(mode=OWNERS_ALONE)
        with new.open("wb") as stream:
            stream.write(content.encode() if isinstance(content, str) else content)
            if is_durable:
                stream.flush()
                os.fsync(stream.fileno())
        new.chmod(mode)
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
    if is_durable:
        sync(file.parent)


def copy_file(file: Path, copy: Path) -> None:
    """Copy a file; on XFS and Btrfs the copy takes no time, and no room before one of the two is changed.

    Raises:
        OSError: it cannot be read, or the copy not be written.
    """
    if not _is_copied_by_the_system(file, copy):
        shutil.copyfile(file, copy)


def _is_copied_by_the_system(file: Path, copy: Path) -> bool:
    """Whether the system has copied it, and could."""
    if not hasattr(os, "copy_file_range"):  # Linux alone has it.
        return False
    with file.open("rb") as source, copy.open("wb") as target:
        try:
            while os.copy_file_range(source.fileno(), target.fileno(), AT_ONCE):
                pass
        except OSError as error:
            if error.errno not in NOT_BY_THE_SYSTEM:
                raise
            return False
    return True


def unfinished(file: Path) -> Path:
    """A file's name while it is written: with another ending, so that whoever reads all files of a folder skips it."""
    return file.with_name(f".{file.name}.new")


def sync(place: Path) -> None:
    """Make a file, or the names in a folder, durable."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
