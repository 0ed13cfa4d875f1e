"""PostgreSQL, MySQL, SQLite and DuckDB, each as a stream of rows. Where the rows go does not belong here."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as postgresql
import duckdb
import pyarrow as pa
import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.converters import encoders
from pymysql.cursors import SSCursor

from pipeline.errors import SourceShapeError
from pipeline.sources.database_places import label
from pipeline.sources.database_relations import relation_of
from pipeline.sources.settings import DatabaseInput
from pipeline.sources.statements import refuse_all_but_one_select, without_values

ROWS_PER_BATCH = 20_000
CONNECT_SECONDS = 10
DRIVER_ERRORS = (adbc_driver_manager.Error, pymysql.Error, sqlite3.Error, duckdb.Error, pa.ArrowException)
CHECK_INPUT = "check table, query and cursor"
CHECK_ADDRESS = "check the address, the user and the password"
MAX_DIGITS = 38
OF_A_VALUE = re.compile(
    "invalid input|out of range|malformed|invalid value|Incorrect .* value|(could not|cannot|failed to) (convert|cast|parse|decode)",
    re.IGNORECASE,
)
"""What is said of a value that a query casts, and shows it, where no row has come yet."""
NOT_UTF8 = re.compile(r"Could not decode to UTF-8 column '(.*?)' with text ", re.DOTALL)
"""What SQLite says of a text, which it shows too."""


class RefusedError(Exception):
    """What the database gave cannot be read; the text says what and the way out."""


@dataclass(frozen=True)
class Stream:
    """Rows on their way: `batches` hold the columns of `schema` in its types, or as text to be cast to them."""

    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]
    to_watermark: Callable[[Any], str] = str
    """The greatest cursor value as the text that comes back as `after`."""


@contextmanager
def told(place: DatabaseInput, way_out: str, *, of_rows: bool = False) -> Iterator[None]:
    """Tell what goes wrong in one line, without the password, and without the chain of errors that could show it.

    `of_rows`: rows are being read, so that whatever the database quotes can be a value of one, and is left out.
    """
    try:
        yield
    except RefusedError as error:
        raise SourceShapeError(f"{label(place)}: {error}") from None
    except DRIVER_ERRORS as error:
        message = str(error.args[-1] if isinstance(error, pymysql.Error) and error.args else error)
        if of_rows or OF_A_VALUE.search(message):
            # All of it at once, as a value can have several lines.
            message = without_values(re.split(r"\n+LINE \d+:", message)[0])
        line = re.sub(r"^([A-Z_]+: )?(\[libpq\] )?", "", next(iter(message.splitlines()), type(error).__name__))
        for secret in _secrets(place.database):
            line = line.replace(secret, "***")
        if way_out == CHECK_INPUT and not of_rows and "." in (place.table or ""):
            way_out += "; write a name with a dot in it in double quotes"
        if re.search(r"\block(ed)?\b", line):
            way_out = "run again when no other program writes to it, or read a copy"
        raise SourceShapeError(f"{label(place)}: {' '.join(line.split())}; {way_out}") from None


def _secrets(address: str) -> set[str]:
    parts = urlsplit(address)
    written = [parts.password or "", *parse_qs(parts.query).get("password", [])]
    return {secret for password in written for secret in (password, unquote(password)) if secret}


def _from(place: DatabaseInput, after: str | None = None, *, quotes: str = '"') -> str:
    """The table or query from a cursor value on, `after` as SQL. Nulls of the cursor come along, so that they are noticed."""
    relation = relation_of(place)
    if place.cursor is None or after is None:
        return f"from {relation}"
    cursor = _quoted(place.cursor, quotes)
    return f"from {relation} where {cursor} >= {after} or {cursor} is null"


def _quoted(name: str, quotes: str = '"') -> str:
    return f"{quotes}{name.replace(quotes, quotes * 2)}{quotes}"


def _literal(value: str | None) -> str | None:
    return None if value is None else "'" + value.replace("'", "''") + "'"


def _check_columns(place: DatabaseInput, columns: list[str]) -> None:
    for name in columns:
        if columns.count(name) > 1:
            raise RefusedError(f"column {name} appears twice; rename one in the query")
    if place.cursor and place.cursor not in columns:
        raise RefusedError(f"cursor column {place.cursor} is missing; it has {', '.join(columns)}")


POSTGRESQL_TYPES = {
    *("bool", "int2", "int4", "int8", "float4", "float8", "text", "varchar"),
    *("date", "time", "timestamp", "timestamptz"),
}


@contextmanager
def _postgresql(place: DatabaseInput, after: str | None) -> Iterator[Stream]:
    """PostgreSQL, as a stream of its binary copy."""
    address = place.database
    if "connect_timeout=" not in address:
        address += f"{'&' if '?' in address else '?'}connect_timeout={CONNECT_SECONDS}"
    with told(place, CHECK_ADDRESS):
        connection = postgresql.connect(address)
    with closing(connection), closing(connection.cursor()) as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")
        cursor.execute("set local standard_conforming_strings = on")
        fields = list(cursor.adbc_execute_schema(f"select * {_from(place)}"))
        _check_columns(place, [field.name for field in fields])
        columns = {field.name: _postgresql_column(field, is_cursor=field.name == place.cursor) for field in fields}
        selected = ", ".join(f"{column} as {_quoted(name)}" for name, (column, _) in columns.items())
        schema = pa.schema([(name, kind) for name, (_, kind) in columns.items()])
        with told(place, CHECK_INPUT, of_rows=True):
            cursor.execute(f"select {selected} {_from(place, _literal(after))}")
            with cursor.fetch_record_batch() as reader:
                yield Stream(schema, _postgresql_batches(reader))


def _postgresql_column(field: pa.Field, *, is_cursor: bool) -> tuple[str, pa.DataType]:
    """How to select a column, and its type here."""
    column, kind = _quoted(field.name), field.metadata[b"POSTGRESQL:type"].decode()
    if kind in POSTGRESQL_TYPES:
        return column, field.type
    if kind == "money":
        return f"cast({column} as numeric(23, 4))", pa.decimal128(23, 4)
    if kind == "bytea":
        return f"encode({column}, 'hex')", pa.string()
    if kind == "numeric":
        # PostgreSQL packs both numbers into one, four more than it is.
        modifier = int(field.metadata[b"POSTGRESQL:typmod"]) - 4
        precision, scale = modifier >> 16, modifier & 0x7FF
        if 0 < precision <= MAX_DIGITS and scale <= precision:
            return column, pa.decimal128(precision, scale)
        if is_cursor:
            raise RefusedError(f"cursor column {field.name} is a numeric of any length; cast it to bigint in a query")
    return f"cast({column} as text)", pa.string()


def _postgresql_batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The rows, numerics as the text that the driver has marked as an extension."""
    try:
        for batch in reader:
            columns = [values.storage if isinstance(values, pa.ExtensionArray) else values for values in batch.columns]
            yield pa.record_batch(columns, names=batch.schema.names)
    except OSError as error:
        # What the server says in the middle of the rows comes through Arrow.
        raise pa.ArrowInvalid(str(error)) from None


MYSQL_TYPES = {
    **dict.fromkeys((FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG), pa.int64()),
    **dict.fromkeys((FIELD_TYPE.LONGLONG, FIELD_TYPE.YEAR, FIELD_TYPE.BIT), pa.int64()),
    FIELD_TYPE.FLOAT: pa.float32(),
    FIELD_TYPE.DOUBLE: pa.float64(),
    FIELD_TYPE.DATE: pa.date32(),
    FIELD_TYPE.DATETIME: pa.timestamp("us"),
    FIELD_TYPE.TIMESTAMP: pa.timestamp("us", "UTC"),
}


def _no_zero_date(value: str) -> str | None:
    return None if value.startswith("0000-00-00") else value


def _utc(value: str) -> str | None:
    return None if value.startswith("0000-00-00") else f"{value}Z"


MYSQL_CONVERSIONS = {
    **encoders,
    **dict.fromkeys((FIELD_TYPE.DATE, FIELD_TYPE.DATETIME), _no_zero_date),
    FIELD_TYPE.TIMESTAMP: _utc,
    FIELD_TYPE.BIT: lambda value: str(int.from_bytes(value)),
}
"""The values arrive as text and stay text: Arrow casts them faster than Python could."""


@contextmanager
def _mysql(place: DatabaseInput, after: str | None) -> Iterator[Stream]:
    """MySQL and MariaDB, row by row from the socket; connectorx would be faster, but its streams give times as dates."""
    parts = urlsplit(place.database)
    if parts.query:
        raise RefusedError(f"a mysql address has no options; leave out {parts.query.partition('=')[0]}")
    with told(place, CHECK_ADDRESS):
        connection = pymysql.connect(
            host=parts.hostname,
            port=parts.port or 3306,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=unquote(parts.path.removeprefix("/")),
            connect_timeout=CONNECT_SECONDS,
            cursorclass=SSCursor,
            conv=MYSQL_CONVERSIONS,
            init_command="set time_zone = '+00:00'",
        )
    with connection:
        cursor = connection.cursor()
        cursor.execute("start transaction with consistent snapshot, read only")
        cursor.execute(f"select * {_from(place, quotes='`')} limit 0")
        kinds = [(name, _mysql_type(kind, length, scale)) for name, kind, _, _, length, scale, _ in cursor.description]
        cursor.fetchall()
        schema = pa.schema(kinds)
        _check_columns(place, schema.names)
        if after is not None and place.cursor:
            # Next to text MySQL would compare numbers as floats.
            kind = schema.field(place.cursor).type
            is_number = pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_floating(kind)
            after = cursor.mogrify("%s", [Decimal(after) if is_number else after])
        selected = ", ".join(_mysql_column(name, kind) for name, kind in kinds)
        with told(place, CHECK_INPUT, of_rows=True):
            cursor.execute(f"select {selected} {_from(place, after, quotes='`')}")
            yield Stream(schema, _batches(cursor, schema.names), lambda value: str(value).removesuffix("+00:00"))


def _mysql_column(name: str, kind: pa.DataType) -> str:
    column = _quoted(name, "`")
    # Of a FLOAT the server writes six digits, of a double all.
    return f"{column} + 0e0 as {column}" if kind == pa.float32() else column


def _mysql_type(kind: int, length: int, scale: int) -> pa.DataType:
    if kind in (FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL):
        # The length counts the point, and the sign where there can be one.
        digits = length - (scale > 0)
        return pa.decimal128(min(digits, MAX_DIGITS), scale) if digits <= MAX_DIGITS + 1 else pa.string()
    return MYSQL_TYPES.get(kind, pa.string())


def _batches(cursor: Any, names: list[str], *, untouched: str | None = None) -> Iterator[pa.RecordBatch]:
    """The rows that a cursor fetches, as text but for the untouched column."""
    while rows := cursor.fetchmany(ROWS_PER_BATCH):
        columns = [
            pa.array(values) if name == untouched else pa.array(map(_as_text, values), pa.string())
            for name, values in zip(names, zip(*rows, strict=True), strict=True)
        ]
        yield pa.record_batch(columns, names)


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    return value.hex() if isinstance(value, bytes) else str(value)


@contextmanager
def _sqlite(place: DatabaseInput, after: str | None) -> Iterator[Stream]:
    """SQLite; the watermark is JSON, as 9 and '9' are different values."""
    with closing(sqlite3.connect(f"file:{quote(_file(place))}?mode=ro", uri=True)) as connection:
        names = [column[0] for column in connection.execute(f"select * {_from(place)} limit 0").description]
        _check_columns(place, names)
        values = [] if after is None else [json.loads(after)]
        with told(place, CHECK_INPUT, of_rows=True):
            try:
                cursor = connection.execute(f"select * {_from(place, '?' if values else None)}", values)
                batches = _batches(cursor, names, untouched=place.cursor)
                yield Stream(pa.schema([(name, pa.string()) for name in names]), batches, json.dumps)
            except sqlite3.OperationalError as error:
                if found := NOT_UTF8.match(str(error)):
                    raise RefusedError(
                        f"column {found[1]} has a text that is not UTF-8; write it anew in UTF-8, or leave the column out in a query"
                    ) from None
                raise


DUCKDB_TYPES = {
    *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
    *("FLOAT", "DOUBLE", "VARCHAR", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
}


@contextmanager
def _duckdb(place: DatabaseInput, after: str | None) -> Iterator[Stream]:
    """A DuckDB file."""
    with duckdb.connect(_file(place), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        if place.query:
            try:
                refuse_all_but_one_select(place.query, "a query")
            except SourceShapeError as error:
                raise RefusedError(f"query: {error}") from None
        described = connection.execute(f"describe select * {_from(place)}").fetchall()
        _check_columns(place, [name for name, *_ in described])
        selected = ", ".join(f"{_duckdb_column(name, kind)} as {_quoted(name)}" for name, kind, *_ in described)
        with told(place, CHECK_INPUT, of_rows=True):
            rows = connection.sql(f"select {selected} {_from(place, _literal(after))}")
            # Closed, as an unread rest would keep the file from being opened again.
            with rows.to_arrow_reader(ROWS_PER_BATCH) as reader:
                yield Stream(reader.schema, reader)


def _duckdb_column(name: str, kind: str) -> str:
    column = _quoted(name)
    if kind in DUCKDB_TYPES or re.fullmatch(r"DECIMAL\(\d+,\d+\)", kind):
        return column
    if kind == "HUGEINT":
        return f"cast({column} as decimal(38, 0))"
    return f"lower(hex({column}))" if kind == "BLOB" else f"cast({column} as varchar)"


def _file(place: DatabaseInput) -> str:
    path = place.database.partition(":///")[2]
    if not Path(path).is_file():
        raise RefusedError("there is no such file; check the address")
    return path


READERS = {"postgresql": _postgresql, "mysql": _mysql, "sqlite": _sqlite, "duckdb": _duckdb}
