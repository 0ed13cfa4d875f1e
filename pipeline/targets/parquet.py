"""A folder of Parquet files, on disk or in an object store: a folder for each edition, and a file that says which one is published.

No reader sees half an edition: the file that names it is written last, and whole or not at all.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.errors import SourceShapeError, TargetError
from pipeline.sources.inputs import literal, quoted
from pipeline.sources.object_stores import delete_below, folders_below, is_remote, names_below, put, read_object
from pipeline.sources.statements import first_words
from pipeline.targets.content import EDITION, Content, Table
from pipeline.whole_files import sync, write_whole

EDITIONS = "editions"
POINTER = "current.json"
WIDE = ("HUGEINT", "UHUGEINT")
LINK = "current"
"""Beside the pointer in a folder on disk: a symbolic link to the edition."""


@dataclass(frozen=True)
class ParquetTarget:
    """A folder or an address of an object store; `mode` says who may read the files of a folder on disk."""

    place: str
    mode: int

    @property
    def words(self) -> str:
        """The place as people may see it."""
        return self.place

    def current(self) -> str | None:
        """The edition that is published there, with all its files; null where none is."""
        with _told(self.place):
            text = read_object(self._at(POINTER)) if is_remote(self.place) else _read(Path(self.place) / POINTER)
            try:
                pointer = json.loads(text or b"")
                edition, files = str(pointer["edition"]), set(map(str, pointer["tables"].values()))
            except (ValueError, KeyError, TypeError, AttributeError):
                return None
            return edition if self._has(edition, files) else None

    def publish(self, content: Content, work: Path) -> None:
        """Write an edition and then point to it; `work` is a folder for what is on its way."""
        with _told(self.place):
            if is_remote(self.place):
                self._publish_remote(content, work)
            else:
                self._publish_on_disk(content)

    def drop_others(self) -> None:
        """Delete every edition but the current one, those half written too."""
        current = self.current()
        with _told(self.place):
            for name in self._editions():
                if name == current or not re.fullmatch(rf"\.?{EDITION}(\.new)?", name):
                    continue
                if is_remote(self.place):
                    delete_below(self._at(f"{EDITIONS}/{name}/"))
                else:
                    shutil.rmtree(Path(self.place) / EDITIONS / name)

    def _has(self, edition: str, files: set[str]) -> bool:
        """Whether all files of an edition are there, and on disk the link to it, as far as their names tell."""
        if is_remote(self.place):
            return files <= {f"{EDITIONS}/{edition}/{name}" for name in names_below(self._at(f"{EDITIONS}/{edition}/"))}
        root = Path(self.place)
        is_linked = (root / LINK).resolve() == (root / EDITIONS / edition).resolve()
        return is_linked and all((root / file).is_file() for file in files)

    def _editions(self) -> list[str]:
        if is_remote(self.place):
            return folders_below(self._at(f"{EDITIONS}/"))
        folder = Path(self.place) / EDITIONS
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def _publish_remote(self, content: Content, work: Path) -> None:
        work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=work) as folder:
            file = Path(folder) / "table.parquet"
            for table in content.tables:
                _write(content, table, file)
                put(self._at(f"{EDITIONS}/{content.edition}/{_place(table)}"), file)
        put(self._at(POINTER), _pointer(content).encode())

    def _publish_on_disk(self, content: Content) -> None:
        root = Path(self.place)
        edition = root / EDITIONS / content.edition
        new = edition.with_name(f".{edition.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        for table in content.tables:
            file = new / _place(table)
            _make_folder(file.parent, self.mode)
            _write(content, table, file)
            file.chmod(self.mode)
            sync(file)
        new.rename(edition)
        link = root / f".{LINK}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(Path(EDITIONS) / edition.name)
        link.replace(root / LINK)
        write_whole(root / POINTER, _pointer(content), mode=self.mode, is_durable=True)

    def _at(self, key: str) -> str:
        return f"{self.place.rstrip('/')}/{key}"


def _make_folder(folder: Path, mode: int) -> None:
    """Make a folder, and those above it, for whoever may read a file of this mode; one that is there stays as it is.

    A command writes all else for its owner alone, so that the mode has to be set.
    """
    if folder.is_dir():
        return
    _make_folder(folder.parent, mode)
    folder.mkdir()
    folder.chmod(mode | (mode & 0o444) >> 2 | 0o300)


def _place(table: Table) -> str:
    return f"{table.schema}/{table.name}.parquet"


def _pointer(content: Content) -> str:
    tables = {
        f"{table.schema}.{table.name}": f"{EDITIONS}/{content.edition}/{_place(table)}" for table in content.tables
    }
    told = {"edition": content.edition, "as_of_date": str(content.as_of), "tables": tables}
    return json.dumps(told, indent=1) + "\n"


def _write(content: Content, table: Table, file: Path) -> None:
    """A table as a file, with its comments as metadata."""
    comments = {column.name: column.comment for column in table.columns if column.comment}
    told = {"edition": content.edition, "comment": table.comment or "", "column_comments": json.dumps(comments)}
    metadata = ", ".join(f"{name}: {literal(value)}" for name, value in told.items())
    columns = ", ".join(_column(column.name, column.kind) for column in table.columns)
    try:
        content.connection.execute(
            f"copy (select {columns} from {table.source}) to {literal(file)} "
            f"(format parquet, compression zstd, kv_metadata {{{metadata}}})"
        )
    except duckdb.Error as error:
        raise TargetError(f"table {table.schema}.{table.name} cannot be written: {first_words(error)}") from None


def _column(name: str, kind: str) -> str:
    column = quoted(name)
    if kind in WIDE:
        # DuckDB would write it as a floating-point number.
        return f"{column}::decimal(38, 0) as {column}"
    if kind == "INTERVAL":
        # Parquet has none below zero, and few tools read one.
        return f"{column}::varchar as {column}"
    return column


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def _told(place: str) -> Iterator[None]:
    """Say in one line what is wrong with the place."""
    try:
        yield
    except SourceShapeError as error:
        raise TargetError(str(error)) from None
    except TargetError as error:
        raise TargetError(f"{place}: {error}") from None
    except OSError as error:
        raise TargetError(f"{place}: {error.strerror or error}") from None
