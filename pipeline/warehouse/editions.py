"""Editions: a finished build becomes the published warehouse by one rename, and can be taken back. What is in it is dbt's."""

import filecmp
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from enum import Enum
from pathlib import Path

import duckdb
import polars as pl

from pipeline.errors import AuditError, EditionError
from pipeline.sources.inputs import literal, quoted
from pipeline.warehouse.slices import missing_slices, refuse_missing, slice_files, views_in
from pipeline.whole_files import copy_file, sync, unfinished, write_whole

OWN_SCHEMA = "custom"
"""Of the models of the user's own."""
EXTRA, EXTENDED = "customer_360_extra", "customer_360"
"""A model of the user's own whose columns stand in a mart too, and the mart."""
NOBODYS = ("product_id",)
"""Columns of ours with numbers that are no person's, which a person's can be equal to."""
PUBLISHED_SCHEMAS = ("marts", "quality", OWN_SCHEMA)
STORAGE_VERSION = "v1.2.0"
BLOCK_SIZE = 65_536
"""Bytes. Every column and index takes a block at least: in a quarter of DuckDB's own size a small shop's file is 40% smaller."""
SUFFIX = ".duckdb"
REPORT_SUFFIX = ".html"
REPORT_MARK = '<meta name="generator" content="loyalty report">'
"""In the head of every report: by it a page is told from a file of the user's own."""
NO_DAMAGE = ("Could not set lock", "Permission denied", "Too many open files")
"""In what words DuckDB says that a file cannot be read now, whatever is in it."""
HOLDS_TEXT = re.compile("VARCHAR|ENUM|JSON|VARIANT")
"""A type of a column of the user's own in which a name can stand."""
NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
)
TEXT_IN_JSON = r'"(?:[^"\\]|\\.)*"'
NUMBERED = re.compile(r"(\d+)-")
VALUES = "temp.values_wanted"
"""Where the values are that a row is looked up by: `is_of`, the column, and `named`, the value."""


def begin_edition(file: Path) -> None:
    """Make an empty database that older DuckDB drivers open, for dbt to build in; what stands in its place goes."""
    _unlink_database(file)
    with duckdb.connect() as connection:
        connection.execute(_attach_new(file))


def last_built(built: Path, folder: Path) -> Path:
    """The edition that was built last: at `built` where it is not published yet, else the newest one kept.

    Raises:
        EditionError: none is built.
    """
    found = built if built.is_file() else next(reversed(list_editions(folder)), None)
    if found is None:
        raise EditionError(f"no edition is built at {built}; build the marts first, or `loyalty run`")
    return found


def continue_edition(built: Path, folder: Path, as_of: date) -> bool:
    """Put the edition that was built last at `built`, so that some of its tables can be built anew.

    False where there is none of that date, as tables of two dates do not go together, or where slices that it reads are missing.
    """
    try:
        last = last_built(built, folder)
        with duckdb.connect(str(last), read_only=True) as connection:
            ((found,),) = connection.execute("select max(as_of_date) from quality.lake_versions").fetchall()
    except (EditionError, duckdb.Error):
        return False
    if found != as_of or missing_slices(last):
        return False
    if last != built:
        _unlink_database(built)
        copy_file(last, built)
    return True


def drop_others(edition: Path, schema: str, names: Collection[str]) -> None:
    """Drop the tables of a schema that have none of the names: of models that are no more."""
    with duckdb.connect(str(edition)) as connection:
        for found, table in _tables(connection, edition.stem):
            if found == schema and table not in names:
                connection.execute(f'drop table {schema}."{table}"')


def report_of(file: Path) -> Path:
    """Where the page is that tells of an edition, or of the published file: beside it, under its name."""
    return file.with_suffix(REPORT_SUFFIX)


def is_report(page: Path) -> bool:
    """Whether a file is there, and is a report."""
    if not page.is_file():
        return False
    with page.open("rb") as stream:
        return REPORT_MARK.encode() in stream.read(1000)


def rows_per_table(edition: Path) -> dict[str, int]:
    """How many rows each table of a built edition has; afterwards all of it but slices is in the one file."""
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(edition)} as edition")
        # Closing the file does the same, but could not say that it failed.
        connection.execute("use edition; checkpoint")
        views = [(schema, view) for schema, view, *_ in views_in(connection, "edition")]
        return {
            f"{schema}.{table}": _count(connection, f'{schema}."{table}"')
            for schema, table in sorted([*_tables(connection, "edition"), *views])
        }


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


def publish(edition: Path, warehouse: Path, *, keep: int, mode: int, built: Path | None = None) -> None:
    """Put an edition in the published place with one rename and drop all but the newest `keep` editions.

    An edition that is kept no earlier than now stands at `built`, and stays there where it cannot be published. The
    published file is a copy, so that whoever writes to it does not change the edition, and `mode` says who may read it.
    A reader with the old file open goes on with it. The page beside the published file becomes that of the edition; it goes
    where the edition has none yet. A file of that name that is no report stays.

    Raises:
        EditionError: the published file cannot be replaced, or the edition reads slices that are not there.
    """
    refuse_missing(built or edition)
    copy = warehouse.with_name(f".{warehouse.name}.new")
    try:
        copy_file(built or edition, copy)
        copy.chmod(mode)
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        if built:
            edition.parent.mkdir(exist_ok=True)
            built.replace(edition)
        # A log left by a program that wrote to the published file would make every later open fail.
        warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
        copy.replace(warehouse)
        _publish_report(report_of(edition), report_of(warehouse), mode=mode)
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise EditionError(f"warehouse {warehouse} cannot be replaced: {error.strerror}; the old one stays") from error
    for old in list_editions(edition.parent)[:-keep]:
        old.unlink()
        report_of(old).unlink(missing_ok=True)


def _publish_report(kept: Path, beside: Path, *, mode: int) -> None:
    if beside.exists() and not is_report(beside):
        return
    if kept.is_file():
        write_whole(beside, kept.read_text(encoding="utf-8"), mode=mode)
    else:
        beside.unlink(missing_ok=True)


def list_editions(folder: Path) -> list[Path]:
    """Kept editions, oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"), key=_order)


def _order(edition: Path) -> tuple[int, str]:
    return _number(edition), edition.name


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
    published = published_edition(folder, warehouse)
    if published is None:
        raise EditionError(
            f"{warehouse} is not one of the {len(editions)} editions kept in {folder}; copy one there by hand"
        )
    if published == editions[0]:
        raise EditionError(f"no edition before the published one in {folder}; nothing to go back to")
    earlier = editions[editions.index(published) - 1]
    publish(earlier, warehouse, keep=keep, mode=mode)
    return earlier


def published_edition(folder: Path, warehouse: Path) -> Path | None:
    """The edition that is published: the newest one with the content of the warehouse; null where none is, or it is no longer kept."""
    same = (edition for edition in list_editions(folder) if filecmp.cmp(edition, warehouse, shallow=False))
    return max(same, key=_order, default=None) if warehouse.is_file() else None


class Concern(Enum):
    """What an erasure has to do with a published file."""

    NONE = "none"
    NAMES = "it has rows of the person"
    DAMAGED = "nobody can tell what it has"


def concern_of(file: Path, names: Mapping[str, list[str]]) -> Concern:
    """Whether a published file has a row with a value of `names` (column -> values). One that reads slices which are gone is damaged.

    Raises:
        EditionError: it is open for writing elsewhere, or may not be read.
    """
    if missing_slices(file):
        return Concern.DAMAGED
    try:
        return Concern.NAMES if _has_any(file, names) else Concern.NONE
    except duckdb.Error as error:
        _refuse_no_damage(error)
        return Concern.DAMAGED


def _refuse_no_damage(error: duckdb.Error) -> None:
    """Pass on why a file cannot be read now, where that is not for what is in it.

    Raises:
        EditionError: it is open for writing elsewhere, or may not be read.
    """
    if isinstance(error, duckdb.OutOfMemoryException) or any(sign in str(error) for sign in NO_DAMAGE):
        with telling_why_unreadable():
            raise error


def identities_in(files: Iterable[Path]) -> Iterator[pl.DataFrame]:
    """Identifier and customer of every published file that has them and can be read."""
    for file in files:
        with suppress(duckdb.Error), duckdb.connect() as connection:
            connection.execute(f"attach {literal(file)} as source (read_only)")
            found = connection.sql("select identifier, customer_id from source.marts.identity")
            yield pl.DataFrame(found.to_arrow_table())


def remove_from_editions(
    folder: Path, warehouse: Path, names: Mapping[str, list[str]], *, published: str | None, mode: int
) -> None:
    """Write every kept edition and the published warehouse anew without the rows that `names` (column -> values) tell.

    A damaged edition goes, as nobody can tell whom it names. In the place of a damaged warehouse comes the newest edition,
    and nothing where none is left. `published` is the name of the edition that the warehouse is a copy of, so that a later
    rollback still knows it. A reader with the old file open goes on with it.
    """
    for edition in list_editions(folder):
        _remove_from(edition, names)
    if not warehouse.is_file() or concern_of(warehouse, names) is Concern.NONE:
        return
    kept = list_editions(folder)
    copied = [edition for edition in kept if edition.name == published]
    if not copied and _remove_from(warehouse, names):
        return
    for edition in (copied or kept)[-1:]:
        publish(edition, warehouse, keep=len(kept), mode=mode)


def remove_from_slices(folders: Iterable[Path], names: Mapping[str, list[str]]) -> None:
    """Write every slice anew that has a row which `names` (column -> values) tell, without these rows.

    It keeps its name, so that the editions that share it go on reading it. A damaged one goes, as nobody can tell whom it names.

    Raises:
        EditionError: one may not be read.
    """
    with duckdb.connect() as connection:
        _keep_values(connection, names)
        for file in (file for folder in folders for file in slice_files(folder)):
            try:
                _remove_from_slice(connection, file, names)
            except duckdb.Error as error:
                _refuse_no_damage(error)
                if _can_be_read(connection, file):
                    raise
                shutil.rmtree(file.parent)


def _can_be_read(connection: duckdb.DuckDBPyConnection, file: Path) -> bool:
    """Whether every row of a file of a slice can be read."""
    try:
        connection.execute(f"select sum(hash(rows)) from read_parquet({literal(file)}) as rows").fetchall()
    except duckdb.Error:
        return False
    return True


def _remove_from_slice(connection: duckdb.DuckDBPyConnection, file: Path, names: Mapping[str, list[str]]) -> None:
    rows = f"read_parquet({literal(file)}, hive_partitioning = false)"
    columns = connection.execute(f"describe select * from {rows}").fetchall()
    is_theirs = " or ".join(_holds_any(column, kind, names) for column, kind, *_ in columns if column in names)
    if not is_theirs or not _count(connection, f"{rows} where {is_theirs}"):
        return
    new = unfinished(file)
    connection.execute(
        f"copy (select * from {rows} where not ({is_theirs})) to {literal(new)} (format parquet, compression zstd)"
    )
    shutil.copymode(file, new)
    sync(new)
    new.replace(file)


def remove_reports(folder: Path, warehouse: Path) -> None:
    """Delete all pages that tell of editions: they name customers, and can be made anew."""
    beside = report_of(warehouse)
    kept = (*folder.glob(f"*{REPORT_SUFFIX}"), *folder.glob(f".*{REPORT_SUFFIX}.new"))
    published = [beside] if is_report(beside) else []
    for page in (*kept, *published, unfinished(beside)):
        page.unlink(missing_ok=True)


def _remove_from(file: Path, names: Mapping[str, list[str]]) -> bool:
    """Write a published file anew where it has to be, and delete it where it is damaged; returns whether it is still there."""
    concern = concern_of(file, names)
    new = file.with_name(f".{file.name}.new")
    if concern is Concern.DAMAGED or (concern is Concern.NAMES and not _written_without(file, new, names)):
        _unlink_database(file)
        return False
    if concern is Concern.NAMES:
        shutil.copymode(file, new)
        new.replace(file)
    return True


def _written_without(source: Path, new: Path, names: Mapping[str, list[str]]) -> bool:
    """Write a published file anew without some rows; false where it is damaged in its body."""
    try:
        write_without(source, new, names)
    except duckdb.Error:
        if _is_whole(source):
            raise
        return False
    return True


def write_without(source: Path, new: Path, values: Mapping[str, list[str]]) -> None:
    """Copy an edition, compacted, without the rows that have one of the values (column -> values).

    Column types, constraints and the comments of tables and columns go along.

    Raises:
        AuditError: a table of the copy does not have the rows that were to be copied.
    """
    _unlink_database(new)
    with duckdb.connect() as connection:
        connection.execute(_attach_new(new))
        connection.execute(f"attach {literal(source)} as source (read_only)")
        tables = connection.execute(
            """select schema_name, table_name, sql, comment from duckdb_tables()
            where database_name = 'source' order by all"""
        ).fetchall()
        _keep_values(connection, values)
        # The former name of a column is computed from it.
        of_tables = connection.execute(
            """select schema_name, table_name, list(column_name order by column_index) from duckdb_columns()
            where database_name = 'source' and not is_generated group by all"""
        ).fetchall()
        stored = {(schema, table): columns for schema, table, columns in of_tables}
        connection.execute("use edition")
        for schema, table, definition, comment in tables:
            name = f'{schema}."{table}"'
            connection.execute(f"create schema if not exists edition.{schema}")
            connection.execute(definition.replace(f"CREATE TABLE source.{schema}.", f"CREATE TABLE {schema}.", 1))
            kept = f"source.{name} where not ({_is_one_of(connection, name, values)})"
            columns = ", ".join(map(quoted, stored[schema, table]))
            added = _held_in_added(connection, name, values)
            selected = ", ".join(
                f"case when not {added[column]} then {quoted(column)} end" if column in added else quoted(column)
                for column in stored[schema, table]
            )
            connection.execute(f"insert into edition.{name} ({columns}) select {selected} from {kept}")
            if _count(connection, f"edition.{name}") != _count(connection, kept):
                raise AuditError(f"{source}: {schema}.{table} cannot be copied without some rows; the file stays")
            if comment:
                connection.execute(f"comment on table edition.{name} is {literal(comment)}")
        for schema, view, definition, comment in views_in(connection, "source"):
            connection.execute(f"create schema if not exists edition.{schema}")
            connection.execute(definition)
            if comment:
                connection.execute(f'comment on view edition.{schema}."{view}" is {literal(comment)}')
        comments = connection.execute(
            """select schema_name, table_name, column_name, comment from duckdb_columns()
            where database_name = 'source' and comment is not null"""
        ).fetchall()
        # Together: each of them alone would wait for the disk.
        connection.execute("begin")
        for schema, table, column, comment in comments:
            connection.execute(f'comment on column edition.{schema}."{table}".{quoted(column)} is {literal(comment)}')
        connection.execute("commit; use memory; detach source; detach edition")


def _is_whole(file: Path) -> bool:
    """Whether every row of a file can be read."""
    try:
        with duckdb.connect() as connection:
            connection.execute(f"attach {literal(file)} as source (read_only)")
            for schema, table in _tables(connection, "source"):
                connection.execute(f'select sum(hash(rows)) from source.{schema}."{table}" as rows').fetchall()
    except duckdb.Error:
        return False
    return True


def _has_any(file: Path, names: Mapping[str, list[str]]) -> bool:
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(file)} as source (read_only)")
        tables = _tables(connection, "source")
        _keep_values(connection, names)
        found = (
            _count(connection, f"source.{name} where {' or '.join(conditions)}")
            for schema, table in tables
            for name in [f'{schema}."{table}"']
            for conditions in [[_is_one_of(connection, name, names), *_held_in_added(connection, name, names).values()]]
        )
        return any(found)


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    """Schema and name of every table of a database."""
    query = "select schema_name, table_name from duckdb_tables() where database_name = ? order by all"
    return connection.execute(query, [database]).fetchall()


def _is_one_of(connection: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, list[str]]) -> str:
    """The condition that a row of a table of `source` has one of the values in one of its columns.

    In a table of the user's own a column with a name of ours holds what ours does. What another one is called says nothing: any
    text there that is one of the values counts, in a list or a structure too.
    """
    columns = {row[0]: row[1] for row in connection.execute(f"describe source.{name}").fetchall()}
    is_own = name.startswith(f"{OWN_SCHEMA}.")
    tests = [
        _holds_any(column, kind, values)
        for column, kind in columns.items()
        if column in values or (is_own and _can_name(column, kind, values))
    ]
    return " or ".join(tests) or "false"


def _can_name(column: str, kind: str, values: Mapping[str, list[str]]) -> bool:
    """Whether a value can stand in a column of the user's own."""
    return column.lower() not in NOBODYS and (column.lower() in values or bool(HOLDS_TEXT.search(kind)))


def _held_in_added(connection: duckdb.DuckDBPyConnection, name: str, values: Mapping[str, list[str]]) -> dict[str, str]:
    """Of the columns that the user's own model adds to a mart of `source` the conditions that they hold one of the values.

    Somebody else's row there stays, as it is ours, and loses what names the person.
    """
    if name != f'marts."{EXTENDED}"' or (OWN_SCHEMA, EXTRA) not in _tables(connection, "source"):
        return {}
    columns = {row[0]: row[1] for row in connection.execute(f'describe source.{OWN_SCHEMA}."{EXTRA}"').fetchall()}
    return {
        column: _holds_any(column, kind, values)
        for column, kind in columns.items()
        if column.lower() not in ("customer_id", *NOBODYS) and HOLDS_TEXT.search(kind)
    }


def _holds_any(column: str, kind: str, values: Mapping[str, list[str]]) -> str:
    """The condition that a column is one of the values of its name, or of any where it is no name of ours; or has one in it where it
    is a list, a structure or JSON."""
    is_of = f"where is_of = {literal(column.lower())}" if column.lower() in values else ""
    if kind in ("VARCHAR", *NUMBERS) or kind.startswith("ENUM("):
        return f"coalesce({quoted(column)}::varchar in (select named from {VALUES} {is_of}), false)"
    standing = f"regexp_extract_all(to_json({quoted(column)})::varchar, {literal(TEXT_IN_JSON)})"
    return f"coalesce(list_has_any({standing}, (select list(to_json(named)::varchar) from {VALUES} {is_of})), false)"


def _keep_values(connection: duckdb.DuckDBPyConnection, values: Mapping[str, list[str]]) -> None:
    """Put the values in a table for `_is_one_of`: a reseller has a hundred thousand orders, and as text of each query that takes
    minutes.
    """
    rows = [(column, value) for column, named in values.items() for value in named]
    given = pl.DataFrame(rows, schema={"is_of": pl.String, "named": pl.String}, orient="row").to_arrow()
    connection.register("given_values", given)
    connection.execute(f"create temp table {VALUES.removeprefix('temp.')} as from given_values")
    connection.unregister("given_values")


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    return int(connection.execute(f"select count(*) from {name}").fetchall()[0][0])


def _attach_new(edition: Path) -> str:
    return f"attach {literal(edition)} as edition (storage_version {literal(STORAGE_VERSION)}, block_size {BLOCK_SIZE})"


def _unlink_database(path: Path) -> None:
    for stale in (path, path.with_name(f"{path.name}.wal")):
        stale.unlink(missing_ok=True)
