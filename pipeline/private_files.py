"""What the pipeline writes is for its owner alone: the home, and a lake beside it; and how it is told that they cannot be written.
The published file is not its matter.
"""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from pipeline.errors import ConfigError, DiskFullError
from pipeline.whole_files import OWNERS_ALONE

FOLDER_MODE = 0o700
OF_A_HOME = ("aside", "dagster", "demo", "editions", "erasures", "lake", "logs", "work")
"""Folders of a home; whatever else a user keeps in it stays as it is, as only its owner can enter the home."""
FULL_DISK = ("No space left on device", "File too large", "Disk quota exceeded", "disk is full", "disk I/O error")
"""How the system and Dagster's database say so; the libraries in between pass on only these words."""


def keep_private(home: Path, lake_root: str) -> None:
    """Make the home; from now on this process writes files for its owner alone, and files of older versions are closed.

    Where only the owner can enter, all of it is closed already. What belongs to another account stays as it is.

    Raises:
        ConfigError: the home cannot be made, or may not be read.
    """
    try:
        is_there(home)
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(home, error) from None
    os.umask(0o777 - FOLDER_MODE)
    if "://" not in lake_root and not _is_closed(Path(lake_root)):
        _tighten(Path(lake_root))
    if not _is_closed(home):
        for name in OF_A_HOME:
            _tighten(home / name)
        _set_mode(home, FOLDER_MODE)


def is_there(home: Path) -> bool:
    """Whether there is a home, or something in its place.

    Raises:
        ConfigError: it may not be read, as a home is its owner's alone.
    """
    try:
        if stat.S_ISDIR(home.stat().st_mode):
            # The names in it may be read, and what they name.
            next(home.iterdir(), None)
            with suppress(FileNotFoundError):
                (home / OF_A_HOME[0]).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unreadable(home, error) from None
    return True


def unreadable(home: Path, error: OSError) -> ConfigError:
    """That a home may not be read, in one line."""
    way_out = "; use the account that owns it, or set LOYALTY_HOME to another folder"
    return ConfigError(f"home {home} cannot be read: {error.strerror}{way_out if error.errno == errno.EACCES else ''}")


def unwritable(home: Path, error: OSError) -> ConfigError:
    """That a home cannot be written, in one line."""
    way_out = "mount it for writing, or " if error.errno == errno.EROFS else ""
    return ConfigError(f"home {home} cannot be written: {error.strerror}; {way_out}set LOYALTY_HOME to another folder")


def disk_is_full(home: Path, words: str) -> DiskFullError:
    """That the disk of a home takes no more, in one line."""
    return DiskFullError(
        f"the disk of {home} is full, or fails: {words}; make room and run again; the published warehouse is unchanged"
    )


def _is_closed(folder: Path) -> bool:
    return folder.is_dir() and folder.stat().st_mode & 0o777 == FOLDER_MODE


def _tighten(folder: Path) -> None:
    # The folder itself last: it tells that all in it is done.
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            _set_mode(Path(place, name), OWNERS_ALONE)
        _set_mode(Path(place), FOLDER_MODE)


def _set_mode(path: Path, mode: int) -> None:
    # Files may come and go meanwhile: Dagster's daemon does not wait for the lock.
    with suppress(FileNotFoundError, PermissionError):
        if path.lstat().st_mode & 0o777 != mode and not path.is_symlink():
            path.chmod(mode)
