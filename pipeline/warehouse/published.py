"""What the published file says of itself, read in a moment. How it comes to be published belongs to `editions`."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Published:
    """The published file. `as_of`: the date of its edition, null where it cannot be read."""

    file: Path
    as_of: date | None
    published_at: datetime

    @property
    def words(self) -> str:
        """Which edition it is, in words."""
        return f"the edition of {self.as_of}" if self.as_of else "a file that cannot be read"


def published(warehouse: Path) -> Published | None:
    """What is published; null where nothing is."""
    try:
        published_at = datetime.fromtimestamp(warehouse.stat().st_mtime, UTC)
    except OSError:
        return None
    return Published(warehouse, _as_of(warehouse), published_at)


def _as_of(warehouse: Path) -> date | None:
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            rows = connection.execute("select max(as_of_date) from quality.lake_versions").fetchall()
    except duckdb.Error:
        return None
    found = rows[0][0]
    return found if isinstance(found, date) else None
