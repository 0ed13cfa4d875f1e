"""One program at a time writes a home: the lock that a run or command holds to its end. What starts a run belongs to
`jobs`.

The kernel holds the lock, on a file of the home, until the process ends, however it ends. Homes do not block each
other.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pipeline.errors import BusyError
from pipeline.home_version import claim_home, refuse_newer
from pipeline.private_files import unreadable, unwritable

POOL = "lake"
"""The Dagster pool of every asset. Its limit is one run, so that Dagster queues a second one instead of starting it to wait."""
NAME = "work/run.lock"
POLL_SECONDS = 0.2


@contextmanager
def hold_lock(home: Path, who: str, *, wait_seconds: float = 1) -> Iterator[None]:
    """Hold the lock of a home; `who` names the holder to others.

    A second of waiting is longer than any look at the lock takes.

    Raises:
        BusyError: another process still holds it after `wait_seconds`; names it.
        ConfigError: the home cannot be written, or a newer program has written it.
    """
    refuse_newer(home)
    with _open(home) as file:
        deadline = time.monotonic() + wait_seconds
        while not _try(file, fcntl.LOCK_EX):
            if time.monotonic() >= deadline:
                raise BusyError(f"home {home} is in use by {_note(file)}; wait for it to end, or stop that process")
            time.sleep(POLL_SECONDS)
        # Again, as who held it can have been a newer one.
        claim_home(home)
        file.truncate(0)
        file.write(f"{who} (process {os.getpid()}) since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        file.flush()
        yield


def lock_holder(home: Path) -> str | None:
    """Who holds the lock of a home; null when it is free. Nothing is written for it.

    Raises:
        ConfigError: the home cannot be read.
    """
    try:
        with (home / NAME).open(encoding="utf-8") as file:
            return None if _try(file, fcntl.LOCK_SH) else _note(file)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unreadable(home, error) from None


def _open(home: Path) -> IO[str]:
    path = home / NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+", encoding="utf-8")
    except OSError as error:
        raise unwritable(home, error) from None


def _try(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _note(file: IO[str]) -> str:
    file.seek(0)
    return file.read() or "another process"
