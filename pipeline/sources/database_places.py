"""The place of a database as people may see it and as the lake knows it. How it is read belongs to `databases`."""

import hashlib
import re

from pipeline.errors import SourceShapeError
from pipeline.sources.settings import DatabaseInput

HOST = r"(?:\[[\da-fA-F:.]+\]|[^\s:,/?#@\[\]]*)(?::\d{1,5})?"
# No character of a user or password that is written right can be taken for one of the host, the database or the options.
SERVER_ADDRESS = re.compile(
    rf"\w+://(?:[^\s:/?#@]*(?::[^\s/?#@]*)?@)?(?P<shown>{HOST}(?:,{HOST})*/[^\s/?#@]+)(?:\?\S*)?"
)


def label(place: DatabaseInput) -> str:
    """The place as people may see it, and as the lake knows it: another label is another place, read from its beginning.

    It has the address without user, password and options, the table or the query's fingerprint, and the cursor.

    Raises:
        SourceShapeError: the address has not the form of its scheme.
    """
    scheme = scheme_of(place)
    if scheme in ("sqlite", "duckdb"):
        shown = place.database
        if not shown.startswith(f"{scheme}:///"):
            raise SourceShapeError(f"{scheme} address must have three slashes before the path: {scheme}:///folder/file")
    elif match := SERVER_ADDRESS.fullmatch(place.database):
        shown = f"{scheme}://{match['shown']}"
    else:
        raise SourceShapeError(
            f"{scheme} address must be {scheme}://user:password@host:port/database, "
            "with special characters in user and password percent-encoded, %40 for @"
        )
    fingerprint = hashlib.sha256((place.query or "").encode()).hexdigest()[:8]
    what = f"table {place.table}" if place.table else f"query {fingerprint}"
    return f"{shown} {what}{f' by {place.cursor}' if place.cursor else ''}"


def scheme_of(place: DatabaseInput) -> str:
    """Which kind of database it is."""
    return place.database.partition(":")[0]
