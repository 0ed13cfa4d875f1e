"""Which dates a step has computed that are up to date, and which ones nights have begun. The step decides what a date is made of.

One file per step in the home; losing one only means computing its dates again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.lake import Lake
from pipeline.whole_files import write_whole
from schemas.registry import SEGMENTS

KEPT_DATES = 1_000
"""How many of the newest dates are remembered: older ones are computed again when asked for."""


class Computed:
    """What a step has computed: from what each date was made, and into which files of the lake."""

    def __init__(self, file: Path, lake: Lake, tables: Sequence[str]) -> None:
        self.file, self.lake, self.tables = file, lake, tables
        self._held: HeldFiles | None = None
        try:
            self._known: dict[str, Any] = dict(json.loads(file.read_text()))
        except (OSError, ValueError, TypeError):
            self._known = {}

    @property
    def held(self) -> "HeldFiles":
        """The files of its tables."""
        self._held = self._held or HeldFiles(self.lake, self.tables)
        return self._held

    def is_current(self, day: date, made_of: str) -> bool:
        """Whether a date was computed from `made_of`, and the lake still has every file of the result."""
        known = self._known.get(str(day), {})
        return bool(known.get("of") == made_of and known.get("files") == self.held.on(day))

    def remember(self, made_of: Mapping[date, str]) -> None:
        """Record what dates were computed from, once the lake has them."""
        self._held = None
        self._known |= {str(day): {"of": of, "files": self.held.on(day)} for day, of in made_of.items()}
        kept = sorted(self._known)[-KEPT_DATES:]
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.file, json.dumps({day: self._known[day] for day in kept}))


class HeldFiles:
    """The versions of some dated tables and their files, at the moment it is made."""

    def __init__(self, lake: Lake, tables: Iterable[str]) -> None:
        found = {name: lake.files_by_date(SEGMENTS[name]) for name in tables}
        self.versions = {name: version for name, (version, _) in found.items()}
        self._files = {name: files for name, (_, files) in found.items()}

    def on(self, day: date) -> dict[str, list[str]]:
        """Table -> its files on a date."""
        return {name: files.get(day, []) for name, files in self._files.items()}

    def before(self, day: date) -> list[list[str]]:
        """All files of earlier dates."""
        return [files[earlier] for files in self._files.values() for earlier in sorted(files) if earlier < day]


class Begun:
    """The dates that nights have begun to compute, and that none has computed to the end."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "begun_dates.json"

    @property
    def dates(self) -> list[date]:
        """Oldest first."""
        try:
            return sorted(map(date.fromisoformat, json.loads(self.file.read_text())))
        except (OSError, ValueError, TypeError):
            return []

    def add(self, days: Iterable[date]) -> None:
        """Note dates before anything of them is written."""
        known = self.dates
        if more := {*days}.difference(known):
            self._write({*known, *more})

    def end(self, days: Iterable[date]) -> None:
        """Forget dates of which everything is computed."""
        self._write({*self.dates}.difference(days))

    def _write(self, days: Iterable[date]) -> None:
        if left := sorted(map(str, days)):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.file, json.dumps(left))
        else:
            self.file.unlink(missing_ok=True)


def fingerprint(*parts: object) -> str:
    """A fingerprint of what a date is made of."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
