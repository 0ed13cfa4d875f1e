"""What the published file says of itself, read in a moment. How it comes to be published belongs to `editions`."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from pipeline.errors import EditionError


@dataclass(frozen=True)
class Published:
    """The published file. `as_of`: the date of its edition, null where it cannot be read."""

    file: Path
    as_of: date | None
    published_at: datetime
    notices: list[tuple[str, str]] = field(default_factory=list)
    """Kind and message of what is empty in it, and why."""

    @property
    def words(self) -> str:
        """Which edition it is, in words."""
        return f"the edition of {self.as_of}" if self.as_of else "a file that cannot be read"


def refuse_unpublished(warehouse: Path) -> None:
    """Refuse a published file that nobody can read here.

    Raises:
        EditionError: nothing is published, or this account may not read it.
    """
    try:
        with warehouse.open("rb"):
            pass
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise EditionError(f"{warehouse} does not exist yet; publish an edition with `loyalty run` first") from None
    except PermissionError as error:
        raise EditionError(f"{warehouse} cannot be read: {error.strerror}; use an account that may read it") from None


def published(warehouse: Path) -> Published | None:
    """What is published; null where nothing is."""
    try:
        published_at = datetime.fromtimestamp(warehouse.stat().st_mtime, UTC)
    except OSError:
        return None
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            ((as_of,),) = connection.execute("select max(as_of_date) from quality.lake_versions").fetchall()
            notices = connection.execute(
                "select kind, message from quality.notices where as_of_date = ? order by all", [as_of]
            ).fetchall()
    except duckdb.Error:
        return Published(warehouse, None, published_at)
    return Published(warehouse, as_of, published_at, [(kind, message) for kind, message in notices])
