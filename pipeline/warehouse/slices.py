"""Slices: the rows of large marts as Parquet files in a folder beside the published file, which its editions share. Which marts have
slices, and how their rows are divided, is said in `schemas`; what is in them is dbt's.

A slice is a folder named after its part of the mart and after its content (the macro `mart`): one whose rows stay is not written
again. An edition has a view over its slices in the place of the table.
"""

import re
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import EditionError
from pipeline.sources.inputs import literal, quoted
from pipeline.warehouse.file_order import likeliest_first
from pipeline.whole_files import sync

NEW, KNOWN = ".new", "known.parquet"
"""In the folder of slices: what dbt writes, until all of it is there; and what slices there are, for dbt to read."""
WRITTEN, NO_ROWS = "slice=", "none"
"""How dbt names the folder of a slice, and that of the slice without rows, with a file named after the columns of the mart."""
FILES = "*.parquet"
READ = re.compile(rf"'((?:[^']|'')+)/{re.escape(FILES)}'")
"""In the query of a view: a folder whose files it reads."""
SLICE = re.compile(r"[\w-]+-[0-9a-f]{16}(-again)*")
"""The name of a slice: by it one is told from what else a user keeps in a folder, which is never touched."""


def begin_slices(folder: Path, marts: Iterable[str]) -> Path:
    """Make room for the marts that dbt writes, and say where; what a night that was killed has left there goes."""
    new = folder / NEW
    shutil.rmtree(new, ignore_errors=True)
    for mart in marts:
        (new / mart / f"{WRITTEN}{NO_ROWS}").mkdir(parents=True)
    known = [(place.parent.name, place.name, _rows_in(place), str(place)) for place in _slices_in(folder)]
    schema = {"mart": pl.String, "name": pl.String, "n_rows": pl.Int64, "place": pl.String}
    pl.DataFrame(known, schema=schema, orient="row").write_parquet(new / KNOWN)
    return new


def settle_slices(edition: Path, folder: Path, *, mode: int) -> None:
    """Give the slices that dbt has written their places, and have the views of an edition read them there.

    `mode` says who may read the files. Killed half-way, it leaves views over what dbt wrote, which `missing_slices` does not take for
    slices.
    """
    new = folder / NEW
    with duckdb.connect(str(edition)) as connection:
        connection.execute("begin")
        for schema, name, query, comment in views_in(connection):
            read = _read_in(query)
            kept = [place for place in read if not place.is_relative_to(new)]
            if len(kept) == len(read):
                continue
            written = [_settled(place, folder / name) for place in sorted((new / name).iterdir())]
            for place in (*kept, *written):
                for file in place.iterdir():
                    file.chmod(mode)
                _let_in(place, mode)
            _let_in(folder / name, mode)
            _point(connection, schema, name, comment, [*kept, *written])
        connection.execute("commit")
    _let_in(folder, mode)
    shutil.rmtree(new)


def _settled(written: Path, mart: Path) -> Path:
    """Put a slice in its place, unless it is there; returns the place.

    One of that name with other rows has lost some, as an erasure takes them out of it: editions go on reading it.
    """
    name, n_rows = written.name.removeprefix(WRITTEN), _rows_in(written)
    place = mart / (name if name != NO_ROWS else f"{NO_ROWS}-{next(written.iterdir()).stem}")
    while place.is_dir() and _rows_in(place) != n_rows:
        place = place.with_name(f"{place.name}-again")
    if not place.is_dir():
        for file in written.iterdir():
            sync(file)
        mart.mkdir(exist_ok=True)
        written.replace(place)
    return place


def _rows_in(place: Path) -> int | None:
    """How many rows a slice has; null where its files cannot be read."""
    try:
        return sum(int(pq.read_metadata(file).num_rows) for file in place.glob(FILES))
    except (OSError, pa.ArrowException):
        return None


def slices_of(edition: Path) -> set[Path]:
    """The slices that an edition reads; none of a file that cannot be read."""
    try:
        with duckdb.connect(str(edition), read_only=True) as connection:
            return {slice_ for _, _, query, _ in views_in(connection) for slice_ in _read_in(query)}
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
    """Delete the slices that nobody uses; a folder that is empty then goes too."""
    for folder in folders:
        unused = [slice_ for slice_ in _slices_in(folder) if slice_ not in used]
        for slice_ in unused:
            shutil.rmtree(slice_)
        for place in (*{slice_.parent for slice_ in unused}, *([folder] if unused else [])):
            if not any(place.iterdir()):
                place.rmdir()


def slice_files(folder: Path) -> list[Path]:
    """The files of all slices in a folder, used or not."""
    return [file for slice_ in _slices_in(folder) for file in sorted(slice_.glob(FILES))]


def _slices_in(folder: Path) -> list[Path]:
    return sorted(place for place in folder.glob("[!.]*/*") if SLICE.fullmatch(place.name) and place.is_dir())


def views_in(
    connection: duckdb.DuckDBPyConnection, database: str | None = None
) -> list[tuple[str, str, str, str | None]]:
    """Schema, name, definition and comment of every view of a database: by default of the one in use."""
    return connection.execute(
        """select schema_name, view_name, sql, comment from duckdb_views()
        where not internal and database_name = coalesce(?, current_database()) order by all""",
        [database],
    ).fetchall()


def _read_in(query: str) -> list[Path]:
    """The slices that a query reads, and the folder of what dbt has just written for it."""
    places = [Path(found.replace("''", "'")) for found in READ.findall(query)]
    return [place for place in places if SLICE.fullmatch(place.name) or place.parent.parent.name == NEW]


def _point(
    connection: duckdb.DuckDBPyConnection, schema: str, name: str, comment: str | None, slices: Iterable[Path]
) -> None:
    """Have a view read other slices; its columns and all comments stay."""
    columns = connection.execute(
        """select column_name, comment from duckdb_columns()
        where database_name = current_database() and schema_name = ? and table_name = ? order by column_index""",
        [schema, name],
    ).fetchall()
    view = f"{schema}.{quoted(name)}"
    sizes = {slice_: sum(file.stat().st_size for file in slice_.glob(FILES)) for slice_ in sorted(slices)}
    files = ", ".join(literal(slice_ / FILES) for slice_ in likeliest_first(sizes))
    connection.execute(
        f"""create or replace view {view} as select {", ".join(quoted(column) for column, _ in columns)}
        from read_parquet([{files}], hive_partitioning = false)"""
    )
    for what, words in [("view " + view, comment), *((f"column {view}.{quoted(each)}", of) for each, of in columns)]:
        if words:
            connection.execute(f"comment on {what} is {literal(words)}")


def _let_in(folder: Path, mode: int) -> None:
    """Whoever may read a file of that mode may enter the folder; and the names in it are durable."""
    folder.chmod(mode | (mode & 0o444) >> 2)
    sync(folder)
