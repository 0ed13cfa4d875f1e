"""Slices: the rows of large marts as Parquet files in a folder beside the published file, which its editions share. Which marts have
slices, and how their rows are divided, is said in `schemas`; what is in them is dbt's.

A slice is a folder named after its part of the mart and after its content: one whose rows stay is not written again. An edition has
a view over its slices in the place of the table.
"""

import hashlib
import re
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb

from pipeline.errors import EditionError
from pipeline.sources.inputs import literal, quoted
from pipeline.whole_files import sync

NEW = ".new"
"""In the folder of slices: what dbt writes, until all of it is there."""
PART, NO_ROWS = "part=", "none"
"""How dbt names the folder of a part, part=2026-03, and the part that says what columns a mart without rows has."""
FILES = "*.parquet"
READ = re.compile(rf"'((?:[^']|'')+)/{re.escape(FILES)}'")
"""In the query of a view: the folder of a slice that it reads."""
OTHER_SIGNS = re.compile(r"[^\w-]")


def begin_slices(folder: Path, marts: Iterable[str]) -> Path:
    """Make room for the marts that dbt writes, and say where; what a night that was killed has left there goes."""
    shutil.rmtree(folder / NEW, ignore_errors=True)
    for mart in marts:
        (folder / NEW / mart / f"{PART}{NO_ROWS}").mkdir(parents=True)
    return folder / NEW


def settle_slices(edition: Path, folder: Path, *, mode: int) -> None:
    """Give what dbt has written the names of its content, and have the views of an edition read it by these.

    A slice that is there already is not put there again. `mode` says who may read the files. Killed half-way, it leaves views over what
    dbt wrote, which `missing_slices` does not take for slices.
    """
    new = folder / NEW
    with duckdb.connect(str(edition)) as connection:
        views = [view for view in views_in(connection) if any(read.is_relative_to(new) for read in _read_in(view[2]))]
        connection.execute("begin")
        for schema, name, _ in views:
            slices = [
                _settled(connection, part, folder / name / content, n_rows, mode)
                for part, content, n_rows in _by_content(connection, new / name)
            ]
            _point(connection, schema, name, slices)
            _let_in(folder / name, mode)
        connection.execute("commit")
    _let_in(folder, mode)
    shutil.rmtree(new)


def _settled(connection: duckdb.DuckDBPyConnection, part: Path, slice_: Path, n_rows: int, mode: int) -> Path:
    """Put a part where its slice is to be, unless it is there; returns where it is.

    One of that name with other rows has lost some, as an erasure takes them out of it: editions go on reading it.
    """
    while slice_.is_dir() and not _has(connection, slice_, n_rows):
        slice_ = slice_.with_name(f"{slice_.name}-again")
    if not slice_.is_dir():
        for file in part.iterdir():
            sync(file)
        slice_.parent.mkdir(exist_ok=True)
        part.replace(slice_)
    for file in slice_.iterdir():
        file.chmod(mode)
    _let_in(slice_, mode)
    return slice_


def _has(connection: duckdb.DuckDBPyConnection, slice_: Path, n_rows: int) -> bool:
    """Whether a slice has so many rows, as far as its files can be read."""
    try:
        ((found,),) = connection.sql(
            f"select sum(num_rows) from parquet_file_metadata({literal(slice_ / FILES)})"
        ).fetchall()
    except duckdb.Error:
        return False
    return bool(found == n_rows)


def slices_of(edition: Path) -> set[Path]:
    """The slices that an edition reads; none of a file that cannot be read."""
    try:
        with duckdb.connect(str(edition), read_only=True) as connection:
            return {slice_ for _, _, query in views_in(connection) for slice_ in _read_in(query)}
    except duckdb.Error:
        return set()


def missing_slices(edition: Path) -> list[Path]:
    """The slices that an edition reads and that are not there."""
    return sorted(slice_ for slice_ in slices_of(edition) if not slice_.is_dir())


def refuse_missing(edition: Path) -> None:
    """Refuse an edition some of whose rows are gone.

    Raises:
        EditionError: slices that it reads are not there.
    """
    if missing := missing_slices(edition):
        raise EditionError(
            f"{edition} reads {missing[0]}, which is not there; build the marts anew with `loyalty run --force`"
        )


def drop_slices(folders: Iterable[Path], used: Collection[Path]) -> None:
    """Delete the slices that nobody uses; a folder without any goes too."""
    for folder in folders:
        for slice_ in _slices_in(folder):
            if slice_ not in used:
                shutil.rmtree(slice_)
        for place in (*folder.glob("*"), folder):
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def slice_files(folder: Path) -> list[Path]:
    """The files of all slices in a folder, used or not."""
    return [file for slice_ in _slices_in(folder) for file in sorted(slice_.glob(FILES))]


def _slices_in(folder: Path) -> list[Path]:
    return sorted(place for place in folder.glob("[!.]*/*") if place.is_dir())


def views_in(connection: duckdb.DuckDBPyConnection, database: str | None = None) -> list[tuple[str, str, str]]:
    """Schema, name and definition of every view of a database: by default of the one in use."""
    return connection.execute(
        """select schema_name, view_name, sql from duckdb_views()
        where not internal and database_name = coalesce(?, current_database()) order by all""",
        [database],
    ).fetchall()


def _read_in(query: str) -> list[Path]:
    """The slices that a query reads."""
    return [Path(found.replace("''", "'")) for found in READ.findall(query)]


def _by_content(connection: duckdb.DuckDBPyConnection, mart: Path) -> list[tuple[Path, str, int]]:
    """The folder of each part of a mart that dbt has written, the name of the slice that it is, and how many rows it has.

    Slices of one name have the same rows, in whatever order: the name is made of their number and of the sum and the exclusive or
    of their 64-bit hashes.
    """
    rows = f"read_parquet({literal(mart / '*' / FILES)}, hive_partitioning = false, filename = 'slice_file')"
    described = connection.execute(f"describe select * exclude (slice_file) from {rows}").fetchall()
    columns = [(name, kind) for name, kind, *_ in described]
    hashed = f"hash({', '.join(quoted(name) for name, _ in columns)})"
    found = connection.execute(
        f"select parse_dirpath(slice_file), count(*), sum({hashed}), bit_xor({hashed}) from {rows} group by all"
    ).fetchall()
    contents = {Path(place).name: tuple(content) for place, *content in found}
    named = []
    for part in sorted(mart.iterdir()):
        content = contents.get(part.name, (0,))
        digest = hashlib.sha256(repr((columns, content)).encode()).hexdigest()[:16]
        named.append((part, f"{OTHER_SIGNS.sub('-', part.name.removeprefix(PART))}-{digest}", content[0]))
    return named


def _point(connection: duckdb.DuckDBPyConnection, schema: str, name: str, slices: Iterable[Path]) -> None:
    """Have a view read other slices; its columns and all comments stay."""
    place = "database_name = current_database() and schema_name = ?"
    columns = connection.execute(
        f"select column_name, comment from duckdb_columns() where {place} and table_name = ? order by column_index",
        [schema, name],
    ).fetchall()
    ((comment,),) = connection.execute(
        f"select comment from duckdb_views() where {place} and view_name = ?", [schema, name]
    ).fetchall()
    view = f"{schema}.{quoted(name)}"
    files = ", ".join(literal(slice_ / FILES) for slice_ in sorted(slices))
    connection.execute(
        f"""create or replace view {view} as select {", ".join(quoted(column) for column, _ in columns)}
        from read_parquet([{files}], hive_partitioning = false)"""
    )
    commented = [(f"view {view}", comment), *((f"column {view}.{quoted(column)}", words) for column, words in columns)]
    for what, words in commented:
        connection.execute(f"comment on {what} is {literal(words) if words is not None else 'null'}")


def _let_in(folder: Path, mode: int) -> None:
    """Whoever may read a file of that mode may enter the folder; and the names in it are durable."""
    folder.chmod(mode | (mode & 0o444) >> 2)
    sync(folder)
