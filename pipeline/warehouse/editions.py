"""Editions: a finished build becomes the published warehouse by one rename, and can be taken back. What is in it is dbt's."""

import filecmp
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import duckdb

from pipeline.errors import AuditError, EditionError

PUBLISHED_SCHEMAS = ("marts", "quality")
STORAGE_VERSION = "v1.2.0"
SUFFIX = ".duckdb"
HALF = ".edition.new"
"""An edition that is being written: no edition yet."""
NUMBERED = re.compile(r"(\d+)-")


def write_edition(
    build_file: Path, edition: Path, *, without: Mapping[str, list[str]] = MappingProxyType({})
) -> dict[str, int]:
    """Copy the published schemas, compacted, into a new file that older DuckDB drivers open; returns rows per table.

    Column types, NOT NULL and the comments of tables and columns go along; rows with a value of `without` (column ->
    values) do not.

    Raises:
        AuditError: a table of the edition does not have the rows of the build.
    """
    edition.parent.mkdir(parents=True, exist_ok=True)
    # Always of this name, so that the next one takes the place of one that was killed half-way.
    half = edition.with_name(HALF)
    _unlink_database(half)
    with duckdb.connect() as connection:
        connection.execute(f"attach {_text(half)} as edition (storage_version {_text(STORAGE_VERSION)})")
        connection.execute(f"attach {_text(build_file)} as build (read_only)")
        tables = connection.execute(
            """select schema_name, table_name, sql, comment from duckdb_tables()
            where database_name = 'build' and list_contains(?, schema_name) order by all""",
            [list(PUBLISHED_SCHEMAS)],
        ).fetchall()
        for schema in PUBLISHED_SCHEMAS:
            connection.execute(f"create schema edition.{schema}")
        connection.execute("use edition")
        rows: dict[str, int] = {}
        for schema, table, definition, comment in tables:
            name = f'{schema}."{table}"'
            connection.execute(_in_edition(definition, schema))
            kept = f"build.{name} where not ({_is_one_of(connection, name, without)})"
            connection.execute(f"insert into edition.{name} from {kept}")
            rows[f"{schema}.{table}"] = _count(connection, f"edition.{name}")
            if rows[f"{schema}.{table}"] != _count(connection, kept):
                raise AuditError(
                    f"edition {edition.name}: {schema}.{table} does not have the rows of the build; nothing published"
                )
            if comment:
                connection.execute(f"comment on table edition.{name} is {_text(comment)}")
        for schema, table, column, comment in connection.execute(
            """select schema_name, table_name, column_name, comment from duckdb_columns()
            where database_name = 'build' and list_contains(?, schema_name) and comment is not null""",
            [list(PUBLISHED_SCHEMAS)],
        ).fetchall():
            connection.execute(f'comment on column edition.{schema}."{table}"."{column}" is {_text(comment)}')
        connection.execute("use memory; detach build; detach edition")
    half.replace(edition)
    return rows


@contextmanager
def telling_why_unreadable() -> Iterator[None]:
    """Say in one line that a published file is no database, or open for writing elsewhere.

    Raises:
        EditionError: it cannot be opened.
    """
    try:
        yield
    except duckdb.IOException as error:
        words = " ".join(str(error).split())
        raise EditionError(
            f"{words}; close it where it is open for writing, or make it anew with `loyalty run`"
        ) from None


def edition_name(folder: Path, started_at: datetime, run_id: str) -> str:
    """The name of the next edition: its number, which alone orders editions as a clock can be set back, its time and its run."""
    number = max(map(_number, list_editions(folder)), default=0) + 1
    return f"{number:06}-{started_at:%Y%m%dT%H%M%S}-{run_id[:8]}{SUFFIX}"


def publish(edition: Path, warehouse: Path, *, keep: int, mode: int) -> None:
    """Put an edition in the published place with one rename and drop all but the newest `keep` editions.

    `mode` says who may read it, whatever may be read of the edition.
    A reader with the old file open goes on with it.

    Raises:
        EditionError: the published file cannot be replaced.
    """
    copy = warehouse.with_name(f".{warehouse.name}.new")
    try:
        shutil.copyfile(edition, copy)
        copy.chmod(mode)
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        # A log left by a program that wrote to the published file would make every later open fail.
        warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
        copy.replace(warehouse)
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise EditionError(f"warehouse {warehouse} cannot be replaced: {error.strerror}; the old one stays") from error
    for old in list_editions(edition.parent)[:-keep]:
        old.unlink()


def list_editions(folder: Path) -> list[Path]:
    """Kept editions, oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=lambda edition: (_number(edition), edition.name))


def _number(edition: Path) -> int:
    """The number that an edition's name begins with; 0 of an older version's, which begins with its time."""
    found = NUMBERED.match(edition.name)
    return int(found[1]) if found else 0


def roll_back(folder: Path, warehouse: Path, *, keep: int, mode: int) -> Path:
    """Publish the edition before the published one; returns it.

    Raises:
        EditionError: nothing is published, it is no longer kept, or there is no earlier edition.
    """
    if not warehouse.is_file():
        raise EditionError(f"no warehouse at {warehouse}; run `loyalty run` first")
    editions = list_editions(folder)
    published = [number for number, edition in enumerate(editions) if filecmp.cmp(edition, warehouse, shallow=False)]
    if not published:
        raise EditionError(
            f"{warehouse} is none of the {len(editions)} editions kept in {folder}; copy one there by hand"
        )
    if published[-1] == 0:
        raise EditionError(f"no edition before the published one in {folder}; nothing to go back to")
    earlier = editions[published[-1] - 1]
    publish(earlier, warehouse, keep=keep, mode=mode)
    return earlier


def remove_from_editions(folder: Path, warehouse: Path, names: Mapping[str, list[str]]) -> int:
    """Write every kept edition and the published warehouse anew without the rows that `names` (column -> values) tell.

    Returns how many of these files had such rows. A reader with the old file open goes on with it.
    """
    files = [*list_editions(folder), *([warehouse] if warehouse.is_file() else [])]
    published = [file for file in files if warehouse.is_file() and filecmp.cmp(file, warehouse, shallow=False)]
    n_written = 0
    for file in files:
        with telling_why_unreadable():
            has_any = _has_any(file, names)
        if not has_any:
            continue
        new = file.with_name(f".{file.name}.new")
        if file == warehouse and published[0] != warehouse:
            # So that a later rollback still knows which edition is published.
            shutil.copyfile(published[0], new)
        else:
            write_edition(file, new, without=names)
        shutil.copymode(file, new)
        new.replace(file)
        n_written += 1
    return n_written


def _has_any(file: Path, names: Mapping[str, list[str]]) -> bool:
    with duckdb.connect() as connection:
        connection.execute(f"attach {_text(file)} as build (read_only)")
        tables = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'build'"
        ).fetchall()
        found = (
            _count(connection, f'build.{schema}."{table}" where {_is_one_of(connection, name, names)}')
            for schema, table in tables
            for name in [f'{schema}."{table}"']
        )
        return any(found)


def _is_one_of(connection: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, list[str]]) -> str:
    """The condition that a row of a table of `build` has one of the values in one of its columns."""
    columns = [row[0] for row in connection.execute(f"describe build.{name}").fetchall()]
    tests = [
        f"coalesce({column} in ({', '.join(map(_text, values[column]))}), false)"
        for column in columns
        if values.get(column)
    ]
    return " or ".join(tests) or "false"


def _in_edition(definition: str, schema: str) -> str:
    return definition.replace(f"CREATE TABLE build.{schema}.", f"CREATE TABLE {schema}.", 1)


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(connection.execute(f"select count(*) from {name}").fetchall()[0][0])


def _unlink_database(path: Path) -> None:
    for stale in (path, path.with_name(f"{path.name}.wal")):
        stale.unlink(missing_ok=True)


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
