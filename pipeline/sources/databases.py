"""Databases as inputs: a table or a query, streamed into a Parquet file, from the last value of a cursor column on.

What the columns mean does not belong here, nor where a watermark is kept.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.sources.cursor_times import earlier, not_after
from pipeline.sources.database_drivers import CHECK_INPUT, READERS, RefusedError, Stream, told
from pipeline.sources.database_places import label, scheme_of
from pipeline.sources.settings import DatabaseInput
from pipeline.sources.statements import without_values


@dataclass(frozen=True)
class DatabaseRead:
    """What one read of a database delivered."""

    rows: int
    watermark: str | None
    """The greatest value of the cursor column, of a time not after now, for the next read; null before the first row, or
    without a cursor."""
    columns: dict[str, str]
    """Column -> type."""


def read_database(
    place: DatabaseInput, *, after: str | None, target: Path, now: datetime | None = None
) -> DatabaseRead:
    """Stream a table or query into one Parquet file, in memory that does not grow with the number of rows.

    With a cursor only the rows from `after` on are read, that value included, as more rows can have come with it; `after`
    is the watermark of the read before. Of a time it is `lookback_hours` earlier, as a transaction that was open during that
    read bears the time at which it began. `now`: the time of asking, the clock's when left out. One statement in a read-only transaction reads all rows, in no order, without row
    numbers.

    Types are the database's: numeric(12, 2) is a decimal, a time with a zone (MySQL: timestamp) is in UTC, one without has
    none. What has no such type is text as the database writes it: uuid, json, enum, array, a numeric of more than 38 digits or
    of no fixed number. Bytes are hexadecimal text, MySQL's zero dates null. SQLite types each value by itself: all is text.

    Raises:
        SourceShapeError: no server, file, table or column, a wrong password, a null in the cursor column, or a value that
            its type cannot hold. One line that names the place without its password; the caller names source and input.
    """
    label(place)
    now = now or datetime.now(UTC)
    # A time of the future is of a row that went wrong, and does not tell how far the read before came.
    reached = after if after and not_after(after, now) == after else None
    begin = None if reached is None else earlier(reached, place.lookback_hours)
    with told(place, CHECK_INPUT), READERS[scheme_of(place)](place, begin) as stream:
        rows, greatest = _write(stream, target, place.cursor)
    return DatabaseRead(
        rows=rows,
        watermark=reached if greatest is None else not_after(stream.to_watermark(greatest), now),
        columns={field.name: str(field.type) for field in stream.schema},
    )


def _write(stream: Stream, target: Path, cursor: str | None) -> tuple[int, Any]:
    """Write the rows as Parquet; returns their number and the greatest cursor value."""
    rows, greatest = 0, None
    with pq.ParquetWriter(target, stream.schema) as writer:
        for raw in stream.batches:
            batch = pa.record_batch(list(map(_cast, stream.schema, raw.columns)), schema=stream.schema)
            if cursor and batch.num_rows:
                # Of SQLite, the values as they are: as text, 9 would be greater than 10.
                is_text = pa.types.is_string(stream.schema.field(cursor).type)
                highest = _highest(cursor, (raw if is_text else batch).column(cursor))
                greatest = _greater(cursor, greatest, highest)
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows, greatest


def _cast(field: pa.Field, values: pa.Array) -> pa.Array:
    try:
        values = values.cast(field.type)
    except pa.ArrowInvalid as error:
        words = without_values(" ".join(str(error).split()))
        raise RefusedError(f"column {field.name}: {words}; cast it to text in a query") from None
    if pa.types.is_date(field.type) or pa.types.is_timestamp(field.type):
        years = pc.min_max(pc.year(values)).as_py()
        if years["min"] is not None and not date.min.year <= years["min"] <= years["max"] <= date.max.year:
            raise RefusedError(
                f"column {field.name}: infinity or a year outside 1 to 9999 is not a time; cast it to text in a query"
            )
    return values


def _highest(cursor: str, values: pa.Array) -> Any:
    if values.null_count:
        raise RefusedError(
            f"cursor column {cursor} is null in some rows, and no later run would find them; choose another or none"
        )
    return pc.max(values).as_py()


def _greater(cursor: str, one: Any, other: Any) -> Any:
    try:
        return other if one is None else max(one, other)
    except TypeError:
        raise RefusedError(
            f"cursor column {cursor} has numbers and text, which cannot be ordered; choose another"
        ) from None
