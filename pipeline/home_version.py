"""Which program wrote a home last, so that an older one does not spoil it. Updating tables belongs to `lake`."""

import json
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError
from pipeline.whole_files import write_whole

DISTRIBUTION = "loyalty-warehouse"
FORMAT = 2
"""Raised with every change to a home that an older program would misread or undo."""
NAME = "home.json"


def refuse_newer(home: Path) -> None:
    """Refuse a home that a newer program has written; writes nothing.

    One whose note cannot be read is refused by who would write it.

    Raises:
        ConfigError: a newer program has written it.
    """
    with suppress(OSError, ValueError, TypeError, KeyError):
        _refuse_newer(home, _read(home))


def claim_home(home: Path) -> None:
    """Note that this program writes the home; a home without a note is older than notes.

    Raises:
        ConfigError: a newer program has written it, or the note is damaged.
    """
    ours = {"format": FORMAT, "program": version(DISTRIBUTION)}
    written: dict[str, Any] | None = None
    try:
        written = _read(home)
        _refuse_newer(home, written)
    except FileNotFoundError:
        pass
    except (ValueError, TypeError, KeyError):
        raise ConfigError(f"{home / NAME} is damaged: delete it, and the next run writes it anew") from None
    if written != ours:
        write_whole(home / NAME, json.dumps(ours))


def _read(home: Path) -> dict[str, Any]:
    note: dict[str, Any] = json.loads((home / NAME).read_text(encoding="utf-8"))
    return note


def _refuse_newer(home: Path, written: Mapping[str, Any]) -> None:
    newest, program = int(written["format"]), str(written["program"])
    if newest > FORMAT:
        raise ConfigError(
            f"home {home} was written by {DISTRIBUTION} {program}, newer than this {version(DISTRIBUTION)}; "
            "install that version, or set LOYALTY_HOME to another folder"
        )
