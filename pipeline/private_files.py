"""What the pipeline writes is for its owner alone: the home, and a lake beside it. The published file is not its matter."""

import os
from contextlib import suppress
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.whole_files import OWNERS_ALONE

FOLDER_MODE = 0o700
OF_A_HOME = ("aside", "dagster", "demo", "editions", "erasures", "lake", "logs", "work")
"""Folders of a home; whatever else a user keeps in it stays as it is, as only its owner can enter the home."""


def keep_private(home: Path, lake_root: str) -> None:
    """Make the home; from now on this process writes files for its owner alone, and files of older versions are closed.

    What belongs to another account stays as it is.

    Raises:
        ConfigError: the home cannot be made.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(home, error) from None
    os.umask(0o777 - FOLDER_MODE)
    for folder in [*(home / name for name in OF_A_HOME), *([] if "://" in lake_root else [Path(lake_root)])]:
        _tighten(folder)
    _set_mode(home, FOLDER_MODE)


def unwritable(home: Path, error: OSError) -> ConfigError:
    """That a home cannot be written, in one line."""
    return ConfigError(f"home {home} cannot be written: {error.strerror}; set LOYALTY_HOME to another folder")


def _tighten(folder: Path) -> None:
    for place, _, files in os.walk(folder):
        _set_mode(Path(place), FOLDER_MODE)
        for name in files:
            _set_mode(Path(place, name), OWNERS_ALONE)


def _set_mode(path: Path, mode: int) -> None:
    # Files may come and go meanwhile: Dagster's daemon does not wait for the lock.
    with suppress(FileNotFoundError, PermissionError):
        if path.lstat().st_mode & 0o777 != mode and not path.is_symlink():
            path.chmod(mode)
