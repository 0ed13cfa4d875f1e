"""What the published file holds, for whoever copies it: its tables with all that is declared of them. Where they go does not belong here."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipeline.warehouse.editions import PUBLISHED_SCHEMAS, telling_why_unreadable

EDITION = r"\d{4}-\d{2}-\d{2}-[0-9a-f]{12}"
"""How an edition is called elsewhere: by its date, and by its content, which an erasure changes too."""


@dataclass(frozen=True)
class Column:
    """A column, with the type that DuckDB gives it."""

    name: str
    kind: str
    is_nullable: bool
    comment: str | None


@dataclass(frozen=True)
class Table:
    """A table; `key` is empty where none is declared."""

    schema: str
    name: str
    comment: str | None
    columns: list[Column]
    key: list[str]

    @property
    def source(self) -> str:
        """What to read it by."""
        return f'{self.schema}."{self.name}"'


@dataclass(frozen=True)
class Content:
    """The published file, open for reading."""

    edition: str
    as_of: date
    tables: list[Table]
    connection: duckdb.DuckDBPyConnection


def edition_of(warehouse: Path) -> str:
    """How the published edition is called elsewhere.

    Raises:
        EditionError: it cannot be read.
    """
    with telling_why_unreadable(), duckdb.connect(str(warehouse), read_only=True) as connection:
        as_of = _as_of(connection)
    with warehouse.open("rb") as file:
        return f"{as_of}-{hashlib.file_digest(file, 'sha256').hexdigest()[:12]}"


@contextmanager
def opened(warehouse: Path) -> Iterator[Content]:
    """The published file, in UTC so that moments are the same wherever it is read.

    Raises:
        EditionError: it cannot be read.
    """
    edition = edition_of(warehouse)
    with telling_why_unreadable():
        connection = duckdb.connect(str(warehouse), read_only=True)
    with connection:
        connection.execute("set timezone = 'UTC'")
        yield Content(edition, _as_of(connection), _tables(connection), connection)


def _as_of(connection: duckdb.DuckDBPyConnection) -> date:
    ((as_of,),) = connection.execute("select max(as_of_date) from quality.lake_versions").fetchall()
    assert isinstance(as_of, date)
    return as_of


def _tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    columns = connection.execute(
        """select schema_name, table_name, list((column_name, data_type, is_nullable, comment) order by column_index)
        from duckdb_columns() where not internal group by all"""
    ).fetchall()
    keys = connection.execute(
        """select schema_name, table_name, constraint_column_names from duckdb_constraints()
        where constraint_type = 'PRIMARY KEY'"""
    ).fetchall()
    columns_of = {(schema, name): [Column(*column) for column in found] for schema, name, found in columns}
    key_of = {(schema, name): key for schema, name, key in keys}
    tables = connection.execute(
        """select schema_name, table_name, comment from duckdb_tables()
        union all select schema_name, view_name, comment from duckdb_views() where not internal
        order by all"""
    ).fetchall()
    return [
        Table(schema, name, comment, columns_of[schema, name], key_of.get((schema, name), []))
        for schema, name, comment in tables
        if schema in PUBLISHED_SCHEMAS
    ]
