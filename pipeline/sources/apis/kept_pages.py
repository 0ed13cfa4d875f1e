"""The pages of a read that is under way, kept on disk until its rows are merged: a read that is cut off goes on where it was.

They hold addresses and names, so they are encrypted. What is asked for does not belong here.
"""

import base64
import hashlib
import hmac
import json
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.sources.apis.moments import at_most, latest

Row = dict[str, Any]

FRESH = timedelta(hours=1)
"""For so long a whole read serves other sources without a request."""
STATE = "state"


@dataclass(frozen=True)
class State:
    """How far a read has come."""

    pages: int = 0
    watermark: str | None = None
    """From which value of the cursor column on rows can come behind these pages; of a whole read its greatest value."""
    whole_at: str | None = None
    """When the last page came; null while there are more."""
    readers: tuple[str, ...] = ()
    """The sources that have had the whole of it: of one that asks again they are not what is there now."""


class KeptPages:
    """The pages of one place from one watermark on, in a folder; a page that was not written whole is not there.

    Without the `key` that they were written by, they are not there either.
    """

    def __init__(self, root: Path, label: str, after: str | None, key: bytes) -> None:
        # Here, as most shops deliver files.
        from cryptography.fernet import Fernet, InvalidToken

        self.folder = folder_of(root, label) / _fingerprint(after or "")
        # A key of its own, so that no page tells anything of a pseudonym.
        self.cipher = Fernet(base64.urlsafe_b64encode(hmac.digest(key, b"pages of APIs", "sha256")))
        try:
            self.state = State(**json.loads(self._read(STATE)))
        except (OSError, ValueError, TypeError, InvalidToken):
            self.state = State()

    def serves(self, reader: str, now: datetime) -> bool:
        """Whether another source has read them to the end, not long ago, and this one has not."""
        whole_at = self.state.whole_at
        is_young = whole_at is not None and abs(now - datetime.fromisoformat(whole_at)) < FRESH
        return is_young and reader not in self.state.readers

    def begin_anew(self) -> None:
        """Forget all pages."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.state = State()

    def add(self, rows: list[Row], watermark: str | None) -> None:
        """Keep one more page, behind which rows can come from `watermark` on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = self.state.pages + 1
        self._write(_name(number), json.dumps(rows))
        # The state counts the page only now: killed before this line it is asked for again.
        # The first page behind a whole read begins another one, which was not as far yet.
        before = None if self.state.whole_at else self.state.watermark
        self._set(State(number, latest(before, watermark)))

    def finish(self, now: datetime, watermark: str | None) -> None:
        """Note that the last page has come, and up to which value of the cursor column the next read need not go back."""
        self.folder.mkdir(parents=True, exist_ok=True)
        reached = at_most(latest(self.state.watermark, watermark), now)
        self._set(State(self.state.pages, reached, now.astimezone(UTC).isoformat()))

    def note(self, reader: str) -> None:
        """Note that a source has had them all."""
        self._set(replace(self.state, readers=(*self.state.readers, reader)))

    def write_last_versions(self, target: Path, key: str) -> int:
        """Write each row once, as the page that came last has it; returns how many."""
        last = {row[key]: place for place, row in self._rows()}
        with target.open("w", encoding="utf-8") as file:
            for place, row in self._rows():
                if last[row[key]] == place:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        return len(last)

    def _rows(self) -> Iterator[tuple[tuple[int, int], Row]]:
        for number in range(1, self.state.pages + 1):
            for at, row in enumerate(json.loads(self._read(_name(number)))):
                yield (number, at), row

    def _set(self, state: State) -> None:
        self._write(STATE, json.dumps(asdict(state)))
        self.state = state

    def _read(self, name: str) -> str:
        return zlib.decompress(self.cipher.decrypt((self.folder / name).read_bytes())).decode()

    def _write(self, name: str, text: str) -> None:
        partial = self.folder / f"{name}.partial"
        partial.write_bytes(self.cipher.encrypt(zlib.compress(text.encode())))
        partial.replace(self.folder / name)


def folder_of(root: Path, label: str) -> Path:
    """The folder of all pages of a place."""
    return root / _fingerprint(label)


def forget(root: Path, labels: list[str]) -> None:
    """Delete the pages of places whose rows are merged: the next read begins behind them."""
    for one in labels:
        shutil.rmtree(folder_of(root, one), ignore_errors=True)


def _name(number: int) -> str:
    return f"{number:07}"


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
