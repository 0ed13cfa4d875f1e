"""Which program wrote a home last, so that an older one does not spoil it. Updating tables belongs to `lake`."""

import json
from importlib.metadata import version
from pathlib import Path

from pipeline.errors import ConfigError
from pipeline.whole_files import write_whole

DISTRIBUTION = "loyalty-warehouse"
FORMAT = 2
"""Raised with every change to a home that an older program would misread or undo."""
NAME = "home.json"


def claim_home(home: Path) -> None:
    """Note that this program writes the home; a home without a note is older than notes.

    Raises:
        ConfigError: a newer program has written it, or the note is damaged.
    """
    file = home / NAME
    ours = {"format": FORMAT, "program": version(DISTRIBUTION)}
    try:
        written = json.loads(file.read_text(encoding="utf-8"))
        newest = int(written["format"])
        program = str(written["program"])
    except FileNotFoundError:
        written, newest, program = None, 0, ""
    except (ValueError, TypeError, KeyError):
        raise ConfigError(f"{file} is damaged: delete it, and the next run writes it anew") from None
    if newest > FORMAT:
        raise ConfigError(
            f"home {home} was written by {DISTRIBUTION} {program}, newer than this {ours['program']}; "
            "install that version, or set LOYALTY_HOME to another folder"
        )
    if written != ours:
        write_whole(file, json.dumps(ours))
