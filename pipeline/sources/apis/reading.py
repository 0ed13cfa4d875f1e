"""APIs as inputs: what is new of a resource, as JSON lines. What the columns mean does not belong here."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.errors import SourceShapeError
from pipeline.sources.apis.kept_pages import KeptPages
from pipeline.sources.apis.moments import at_most, latest, moment_of, written
from pipeline.sources.apis.places import label
from pipeline.sources.apis.tools import TOOLS
from pipeline.sources.settings import ApiInput, ApiSample

MANY_ROWS = 5_000
"""So many are read in bulk the first time, where the tool makes a file of them."""
PAGES_BETWEEN_WORDS = 20
"""So often a long read says how far it is."""


@dataclass(frozen=True)
class Keeping:
    """Where the pages of APIs are kept until their rows are merged."""

    folder: Path
    key: bytes | None = None
    """What they are encrypted by; without one no page outlives the read."""
    tell: Callable[[str], None] = lambda _: None
    """Who is told how far a long read is."""
    is_snapshot: bool = False
    """Whether what is not read counts as deleted."""


@dataclass(frozen=True)
class ApiRead:
    """What one read of an API delivered."""

    rows: int
    watermark: str | None
    """The greatest value of the cursor column, or the time of the read if that is earlier, for the next read.

    Null before the first row, or without a cursor."""


@dataclass(frozen=True)
class Outlook:
    """What a first read would be."""

    rows: int | None
    """How many there are; null where the API does not tell."""
    minutes: int | None
    """How long they take by the tool's limit, rounded up; null where it makes a file of them, or does not tell how many."""
    scopes: list[str] | None
    """What the token may do; null where the API does not tell."""


def look_ahead(place: ApiInput, resource: str) -> Outlook:
    """Ask how much there is and what the token may do, no rows.

    Raises:
        SourceShapeError: as `read_api`.
    """
    from pipeline.sources.apis.client import Api

    api = Api(place, resource)
    rows = api.count()
    a_minute = api.resource.page_rows * api.tool.requests_per_minute
    is_file = bool(api.resource.bulk_query) and (rows or 0) >= MANY_ROWS
    return Outlook(rows, None if rows is None or is_file else -(-rows // a_minute), api.scopes())


def read_api(
    place: ApiInput,
    resource: str,
    *,
    reader: str,
    after: str | None,
    target: Path,
    keeping: Keeping,
    now: datetime,
) -> ApiRead:
    """Write what has changed since the watermark `after` as JSON lines, each row once; everything without a watermark.

    Each page is kept until the rows are merged: a read that was cut off goes on behind its last page, and
    another source of the same place, another `reader`, gets the pages in place of the API.

    Raises:
        SourceShapeError: dlt is not installed, or the API does not give what is asked of it; one line without the token.
    """
    where = label(place, resource)
    kept = KeptPages(keeping.folder, where, after, keeping.key or os.urandom(32))
    if not kept.serves(reader, now):
        # In its own module, as dlt takes half a second to load.
        from pipeline.sources.apis.client import Api

        api = Api(place, resource)
        # A time of the future is of a row that went wrong, and does not tell how far the read before came.
        since, first_page = _begin(place, resource, kept, after if at_most(after, now) == after else None)
        total = None if since or isinstance(place, ApiSample) else api.count()
        rows, reached = 0, None
        # In no order, nothing of it is a place to go on from until all of it is there.
        in_bulk = api.pages_in_bulk() if api.resource.bulk_query and (total or 0) >= MANY_ROWS else None
        by_page = api.pages(since=since, first_page=first_page, now=now, is_snapshot=keeping.is_snapshot)
        for number, page in enumerate(in_bulk or by_page, start=1):
            reached = latest(reached, api.greatest(page))
            kept.add(page, None if in_bulk else api.goes_on_at(page, now))
            rows += len(page)
            if isinstance(place, ApiSample):
                break
            if number % PAGES_BETWEEN_WORDS == 0:
                keeping.tell(f"{where}: {rows:,}{f' of {total:,}' if total else ''} rows in {api.requests:,} requests")
        kept.finish(now, reached)
    kept.note(reader)
    n_rows = kept.write_last_versions(target, TOOLS[place.api].resources[resource].id)
    return ApiRead(n_rows, at_most(latest(after, kept.state.watermark), now))


def _begin(place: ApiInput, resource: str, kept: KeptPages, after: str | None) -> tuple[str | None, int]:
    """From which time and which page on is asked."""
    if TOOLS[place.api].resources[resource].cursor is None:
        if kept.state.whole_at:
            kept.begin_anew()
        # The last page again, as rows can have moved on to it; no row moves the other way, unless one is deleted.
        return None, max(kept.state.pages, 1)
    if kept.state.watermark and not kept.state.whole_at:
        return kept.state.watermark, 1
    before = kept.state.watermark or after
    return (_earlier(before, place.lookback_hours) if before else None), 1


def _earlier(moment: str, hours: float) -> str:
    told = moment_of(moment)
    if told is None or told - datetime.min.replace(tzinfo=UTC) < timedelta(hours=hours):
        raise SourceShapeError(f"'{moment}' is not a time to read from; set a smaller lookback_hours")
    return written(told - timedelta(hours=hours))
