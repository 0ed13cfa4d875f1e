"""Pictures of tables as files of a home, which our web server shows: within what Dagster records of a night they would be hidden
behind a click, and stay for as long as it does. How one is drawn does not belong here."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import dagster as dg

from pipeline.charts.picture import Picture, to_png
from pipeline.whole_files import write_whole

ADDRESS = "/pictures"
"""Where the UI serves them."""
NAME = re.compile(r"[a-z][a-z0-9_]*/\d{4}-\d{2}-\d{2}\.png")
MOST_WORDS = 700
"""Dagster shows a Markdown text at once where it is shorter than a thousand characters."""


def on_page(home: Path, table: str, day: date, picture: Picture | None, *, name: str) -> dict[str, dg.MetadataValue]:
    """Keep the picture of a table at a date, and what shows it on the page of its asset; nothing where there is nothing to see."""
    if picture is None:
        return {}
    place = f"{table}/{day}.png"
    file = folder_of(home) / place
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, to_png(picture))
    words = picture.says.replace("[", "(").replace("]", ")")[:MOST_WORDS]
    return {name: dg.MetadataValue.md(f"![{words}]({ADDRESS}/{place})")}


def folder_of(home: Path) -> Path:
    """Where a home keeps them."""
    return home / "work" / "pictures"


def find_picture(home: Path, place: str) -> Path | None:
    """The file of a picture by its address below ADDRESS; null where there is none, whatever the address says."""
    file = folder_of(home) / place
    return file if NAME.fullmatch(place) and file.is_file() else None


def drop_pictures(home: Path, *, days: int, now: datetime) -> int:
    """Delete those drawn more than `days` days ago; returns how many."""
    oldest = (now - timedelta(days=days)).timestamp()
    old = [file for file in folder_of(home).glob("*/*.png") if file.stat().st_mtime < oldest]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
