"""How much room a home takes, and how fast it grows: measured after every run. What is deleted belongs to `commands`."""

import json
import os
from contextlib import suppress
from datetime import date
from pathlib import Path

from pipeline.settings import PUBLISHED_FILE, slices_beside
from pipeline.whole_files import write_whole

PARTS = {"records": "dagster", "editions": "editions", "logs": "logs", "work": "work"}
"""Part of a home -> its folder; the lake can be elsewhere."""
KEPT_DAYS = 90
GROWTH_DAYS = 30

Sizes = dict[str, int]
"""Part of a home -> bytes."""


def measure(home: Path, lake_root: str) -> Sizes:
    """The bytes of each part; a lake in an object store is left out. What editions share counts among them."""
    folders = {name: home / folder for name, folder in PARTS.items()}
    if "://" not in lake_root:
        folders = {"lake": Path(lake_root), **folders}
    sizes = {name: bytes_in(folder) for name, folder in folders.items()}
    return sizes | {"editions": sizes["editions"] + bytes_in(slices_beside(home / PUBLISHED_FILE))}


def bytes_in(folder: Path) -> int:
    """The bytes of all files in a folder; 0 if there is no such folder."""
    return sum(_bytes_of(Path(place, file)) for place, _, files in os.walk(folder) for file in files)


def note_sizes(home: Path, lake_root: str, day: date) -> None:
    """Keep the sizes of a day beside those of the days before; a full disk is reported elsewhere."""
    known = {**sizes_by_day(home), day: measure(home, lake_root)}
    text = json.dumps({str(one): known[one] for one in sorted(known)[-KEPT_DAYS:]})
    file = home / "work" / "sizes.json"
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text)


def sizes_by_day(home: Path) -> dict[date, Sizes]:
    """What has been kept."""
    try:
        kept = json.loads((home / "work" / "sizes.json").read_text())
        return {date.fromisoformat(day): sizes for day, sizes in kept.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def growth_a_day(known: dict[date, Sizes], now: Sizes, today: date) -> Sizes:
    """Bytes that each part grew a day, over the last 30 days; parts not measured on an earlier day are left out."""
    earlier = [day for day in sorted(known) if 0 < (today - day).days <= GROWTH_DAYS]
    if not earlier:
        return {}
    first = earlier[0]
    days = (today - first).days
    return {name: round((size - known[first][name]) / days) for name, size in now.items() if name in known[first]}


def _bytes_of(file: Path) -> int:
    # Files may come and go meanwhile.
    with suppress(OSError):
        return file.lstat().st_size
    return 0
