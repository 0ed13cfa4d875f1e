"""The lake: Delta tables as `schemas.registry` lists them. What a row means, or when it is written, does not belong here."""

import hashlib
import io
import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import ColumnProperties, CommitProperties, DeltaTable, Schema, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction
from polars.io.partition import FileProviderArgs

from pipeline.core.ingest.quarantine import SOURCE_ID
from pipeline.errors import LakeError, SourceShapeError
from pipeline.lake_rows import (
    AS_OF,
    DELETED_AT,
    EXPORTED_AT,
    MONTH,
    ORIGIN,
    ORIGIN_ROW,
    PLACE,
    VERSION,
    is_changed,
    is_older,
    keep_deleted,
    looked_up,
    partition_columns,
    stored_schema,
    with_technical_columns,
)
from pipeline.lake_seals import (
    LOG,
    damage_of,
    leaving,
    may_shrink,
    n_rows,
    rows_by_file,
    seal,
    shortfall_of,
    unreadable_file,
)
from pipeline.sources.object_stores import Prefix, RemoteFile, put, read_object
from pipeline.whole_files import sync, write_whole
from schemas.registry import Table

ROWS_PER_MERGE = 2_000_000
FILE_BYTES = 128 * 1024 * 1024
"""A file of about this size is read fast, and still replaced fast."""
ROWS_PER_FILE, ROWS_PER_GROUP = 2_000_000, 20_000
"""About as many orders are in such a file; and so many rows of each month wait in memory to be written."""

CONFIGURATION = {"delta.dataSkippingNumIndexedCols": "0"}
"""Delta's log holds no lowest and highest values: nothing reads them, and an erased customer could be among them."""
WRITTEN = WriterProperties(
    compression="SNAPPY",
    column_properties={ORIGIN_ROW: ColumnProperties(dictionary_enabled=False, encoding="DELTA_BINARY_PACKED")},
)
"""Row numbers mostly follow each other: storing the steps between them takes an eighth of the room."""


COMMIT_FILE = re.compile(r"/\d{20}\.json$")
"""The address of a commit in a table's log, beside which are sums of many."""


@dataclass(frozen=True)
class Merged:
    """What a merge changed, in rows."""

    inserted: int
    updated: int
    unchanged: int
    deleted: int = 0


@dataclass(frozen=True)
class Stored:
    """Rows of one date of a dated table in a file of its folder."""

    name: str
    """In the folder."""
    digest: str
    """SHA-256 of the file."""
    n_bytes: int
    n_rows: int

    def added(self) -> AddAction:
        """What puts it into the table."""
        return _added(self.name, self.n_bytes, self.n_rows)


class _LocalTable(DeltaTable):
    """A table in a local folder. Delta gives files as addresses, in which a folder with a blank in its name is not found."""

    def file_uris(self, *args: Any, **kwargs: Any) -> list[str]:
        """Paths of the files, as the file system names them."""
        return [unquote(uri) for uri in super().file_uris(*args, **kwargs)]


@dataclass(frozen=True)
class _Opened:
    """A table that was opened, for as long as its log says the same and its files are as they were."""

    delta: DeltaTable
    after: Path
    """The file of the commit after its newest."""
    files: dict[str, tuple[int, ...] | None]
    """What tells the file of its newest commit, and each file of rows, from another in its place."""

    @classmethod
    def of(cls, delta: DeltaTable, folder: Path) -> "_Opened | None":
        """The table as it is now; null where a file is not there, as that of its newest commit once Delta has summed it up."""
        newest, after = (_log_file(folder, delta.version() + more) for more in (0, 1))
        files = {file: _state_of(file) for file in (str(newest), *delta.file_uris())}
        return cls(delta, after, files) if all(files.values()) else None

    @property
    def is_newest(self) -> bool:
        """Whether it is still the newest version, and whole."""
        return not self.after.exists() and all(_state_of(file) == state for file, state in self.files.items())


@dataclass(frozen=True)
class _OpenedThere:
    """The same in an object store, which keeps files as they are by itself: only its log can say something else."""

    delta: DeltaTable
    commits: Callable[[], list[RemoteFile]]
    """Its newest commit and all after it, as the store has them now."""
    newest: list[RemoteFile]

    @classmethod
    def of(cls, delta: DeltaTable, commits_from: Callable[[int], list[RemoteFile]]) -> "_OpenedThere | None":
        """The table as it is now; null where its newest commit is not there, or no longer the newest."""
        commits = partial(commits_from, delta.version())
        newest = commits()
        is_its_own = [file.address.endswith(f"/{delta.version():020}.json") for file in newest] == [True]
        return cls(delta, commits, newest) if is_its_own else None

    @property
    def is_newest(self) -> bool:
        """Whether it is still the newest version."""
        return self.commits() == self.newest


class Lake:
    """All lake tables under one folder or address; every call has a table at its newest version."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._whole: dict[str, int] = {}
        """The version of each table that has all the rows its newest commit counts."""
        self._todays: dict[str, int] = {}
        """The version of each table that has the columns of its contract."""
        self._opened: dict[str, _Opened | _OpenedThere] = {}
        """The tables as they were opened last."""

    def __reduce__(self) -> tuple[type["Lake"], tuple[str]]:
        """Where it is pickled, what it remembers of the tables stays behind."""
        return type(self), (self.root,)

    @property
    def is_remote(self) -> bool:
        """Whether the tables are in an object store."""
        return "://" in self.root

    def is_made(self, table: Table) -> bool:
        """Whether the table is there."""
        with self._told():
            return DeltaTable.is_deltatable(f"{self.root}/{table.name}")

    def open(self, table: Table) -> DeltaTable:
        """The table as it is, which must exist; makes and changes nothing, and reads no file of rows.

        Raises:
            LakeError: it is damaged.
        """
        with self._told():
            delta = self._kind(f"{self.root}/{table.name}")
            self._refuse_damage(table, delta, damage_of)
            self._refuse_shortfall(table, delta)
            return delta

    def drop(self, table: Table) -> None:
        """Remove a table of a local lake with all its versions: by one rename, so that no stop leaves half of it.

        Raises:
            LakeError: the lake is in an object store.
        """
        if self.is_remote:
            raise LakeError(f"lake {self.root}: delete {table.name}/ in the object store, and run again")
        for known in (self._whole, self._todays, self._opened):
            known.pop(table.name, None)
        folder, dropped = Path(self.root, table.name), self._dropped(table)
        shutil.rmtree(dropped, ignore_errors=True)
        if folder.exists():
            folder.rename(dropped)
        shutil.rmtree(dropped, ignore_errors=True)

    def _dropped(self, table: Table) -> Path:
        """Where a dropped table is until it is deleted."""
        return Path(self.root, f".{table.name}.dropped")

    def ensure(self, table: Table) -> DeltaTable:
        """The table, made empty if it does not exist yet, with the columns that its contract has gained since.

        Raises:
            LakeError: its object store cannot be reached, or refuses, or the table is damaged.
        """
        uri = f"{self.root}/{table.name}"
        with self._told():
            try:
                delta = self._kind(uri)
            except TableNotFoundError:
                if not self.is_remote:
                    shutil.rmtree(self._dropped(table), ignore_errors=True)
                empty = pl.DataFrame(schema=stored_schema(table))
                write_deltalake(
                    uri,
                    empty,
                    partition_by=partition_columns(table),
                    configuration=CONFIGURATION,
                    commit_properties=leaving(0),
                )
                delta = self._kind(uri)
                self._seal(table, delta)
                return self._kind(uri)
            for look in (damage_of, unreadable_file):
                self._refuse_damage(table, delta, look)
            self._refuse_shortfall(table, delta)
            if self._todays.get(table.name) == delta.version():
                return delta
            if _has_todays_columns(delta, table):
                self._todays[table.name] = delta.version()
                return delta
            self._may_shrink(table)
            _write_todays_columns(delta, table)
            self._seal(table, delta)
            return self._kind(uri)

    def _newest(self, table: Table) -> DeltaTable:
        """As `ensure`, to be read only: whatever writes through it would change what others that have it are still to read.

        Opening a table reads its log and its seal, and a night asks for each many times between two commits.
        """
        known = self._opened.get(table.name)
        if known and known.is_newest:
            return known.delta
        delta = self.ensure(table)
        self._remember(table, delta)
        return delta

    def _refuse_damage(self, table: Table, delta: DeltaTable, look: Callable[[Path, DeltaTable], str | None]) -> None:
        if not self.is_remote and (damage := look(Path(self.root, table.name), delta)):
            raise self._damaged(table, damage)

    def _refuse_shortfall(self, table: Table, delta: DeltaTable) -> None:
        version = delta.version()
        if self._whole.get(table.name) == version:
            return
        if shortfall := shortfall_of(delta, partial(self._log_entry, table)):
            raise self._damaged(table, shortfall)
        self._whole[table.name] = version

    def _log_entry(self, table: Table, version: int) -> bytes | None:
        if self.is_remote:
            return read_object(f"{self.root}/{table.name}/{LOG}/{version:020}.json")
        file = _log_file(Path(self.root, table.name), version)
        return file.read_bytes() if file.exists() else None

    def _damaged(self, table: Table, damage: str) -> LakeError:
        way_out = f", or run with --rebuild {table.name}" if table.is_delivered and not self.is_remote else ""
        return LakeError(
            f"lake {self.root}: table {table.name} is damaged or an old copy: it {damage}; put back a copy of the whole "
            f"lake{way_out}"
        )

    def _seal(self, table: Table, delta: DeltaTable, durable: Mapping[str, str] | None = None) -> None:
        """Make the newest version durable, and note what it has. An object store keeps both by itself.

        `delta` is what was written through, which is not written through again; `durable` as `seal` takes it.
        """
        delta.update_incremental()
        if not self.is_remote:
            seal(Path(self.root, table.name), delta, durable or {})
        self._remember(table, delta)

    def _remember(self, table: Table, delta: DeltaTable) -> None:
        opened: _Opened | _OpenedThere | None
        if self.is_remote:
            opened = _OpenedThere.of(delta, partial(self._commits_from, table))
        else:
            opened = _Opened.of(delta, Path(self.root, table.name))
        if opened:
            self._opened[table.name] = opened

    @cached_property
    def _objects(self) -> Prefix:
        return Prefix.at(f"{self.root}/")

    def _commits_from(self, table: Table, version: int) -> list[RemoteFile]:
        """The commits of a table in an object store from a version on; none where the store does not say, as whoever opens the
        table is told why."""
        try:
            found = self._objects.after(f"{table.name}/{LOG}/", f"{version:020}")
        except SourceShapeError:
            return []
        return [file for file in found if COMMIT_FILE.search(file.address)]

    def _may_shrink(self, table: Table) -> None:
        if not self.is_remote:
            may_shrink(Path(self.root, table.name))

    @property
    def _kind(self) -> type[DeltaTable]:
        return DeltaTable if self.is_remote else _LocalTable

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in one line what is wrong with an object store or a table; other errors in a local folder are the disk's."""
        try:
            yield
        except (OSError, DeltaError) as error:
            words = re.sub(r"\x1b\[\d+m", "", " ".join(str(error).split()))
            if not self.is_remote:
                if isinstance(error, OSError):
                    raise
                raise LakeError(f"lake {self.root}: {words}; put back a copy of the whole lake") from error
            words = words[:200]
            raise LakeError(
                f"lake {self.root}: {words}; check lake in the configuration and the store's variables "
                "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL; GOOGLE_*; AZURE_*)"
            ) from error

    def scan(
        self,
        table: Table,
        *,
        with_deleted: bool = False,
        with_origin: bool = False,
        months: Collection[str] | None = None,
    ) -> pl.LazyFrame:
        """The rows of the newest version, with the contract's columns; on request deleted rows and origins too.

        With `months` only the rows of these UTC months, with their MONTH.
        """
        rows = pl.scan_delta(self._newest(table))
        if table.is_delivered and not with_deleted:
            rows = rows.filter(pl.col(DELETED_AT).is_null())
        if months is not None:
            rows = rows.filter(pl.col(MONTH).is_in(list(months)))
        beside = (*(ORIGIN if with_origin else ()), *(() if months is None else (MONTH,)))
        return rows.select(*table.polars_schema.names(), *beside)

    def deleted(self, table: Table) -> pl.LazyFrame:
        """The rows that are marked as deleted: key columns, and the file of each, as PLACE."""
        rows = pl.scan_delta(self._newest(table)).filter(pl.col(DELETED_AT).is_not_null())
        return rows.select(*table.key, *PLACE)

    def source_ids(self, table: Table) -> pl.LazyFrame | None:
        """Key and source_id of the live rows that have one; null if none has. Makes and changes nothing."""
        with self._told():
            try:
                delta = self._kind(f"{self.root}/{table.name}")
            except TableNotFoundError:
                return None
        if SOURCE_ID not in {field.name for field in delta.schema().fields}:
            return None
        rows = pl.scan_delta(delta).filter(pl.col(SOURCE_ID).is_not_null() & pl.col(DELETED_AT).is_null())
        return rows.select(*table.key, SOURCE_ID)

    def earlier(self, table: Table) -> Iterator[pl.DataFrame]:
        """The rows of the versions before the newest, as far as their files are still there."""
        uri = f"{self.root}/{table.name}"
        for version in range(self.version(table) - 1, -1, -1):
            try:
                rows = pl.scan_delta(self._kind(uri, version=version))
                yield rows.select(*table.polars_schema.names()).collect()
            except (OSError, DeltaError, pl.exceptions.PolarsError):
                # Deleted by the upkeep, or written before a column was there.
                continue

    def scan_as_of(self, table: Table, as_of: date) -> pl.LazyFrame:
        """The partition of one as_of date."""
        return self.scan(table).filter(pl.col(AS_OF) == as_of)

    def files_of(self, table: Table, as_of: date | None = None) -> list[str]:
        """The Parquet files of a dated table, of all dates or of one."""
        files = self._newest(table).file_uris()
        return [file for file in files if as_of is None or _place_of(file)[0] == _folder_of(as_of)]

    def scan_files(self, table: Table, files: list[str], *, file_column: str | None = None) -> pl.LazyFrame:
        """The rows of some of the files of a dated table, on request with the file of each."""
        rows = pl.scan_parquet(
            files,
            glob=False,
            hive_partitioning=True,
            hive_schema={AS_OF: pl.Date()},
            include_file_paths=file_column,
            # As of a table, the environment tells.
            credential_provider=None,
        )
        return rows.select(*table.polars_schema.names(), *([file_column] if file_column else []))

    def version(self, table: Table) -> int:
        """The newest version."""
        return self._newest(table).version()

    def state(self, table: Table) -> str:
        """The newest version, made distinct for a table that was made anew, whose versions begin again."""
        delta = self._newest(table)
        return f"{delta.metadata().id}:{delta.version()}"

    def active_files(self, table: Table, *, without: Collection[date] = ()) -> list[str]:
        """The Parquet files of the newest version, but those of some as_of dates; partition columns are in their paths, deleted rows are
        marked."""
        left_out = {*map(_folder_of, without)}
        return [file for file in self._newest(table).file_uris() if _place_of(file)[0] not in left_out]

    def merge(self, table: Table, rows: pl.LazyFrame, *, anew: pl.DataFrame | None = None) -> Merged:
        """Insert new keys and update changed rows.

        `rows` has the contract's columns and at most one row per key; rows of a delivered table can have `exported_at`,
        when their file was last changed, `deleted_at`, when a later full snapshot no longer had them, and the columns
        of ORIGIN, which stay with their version. Of two versions of a delivered row the one with the greater
        `updated_at` wins, then the greater `exported_at` (null is the least), then the arriving one: merges give the
        same lake in any order. A row is changed when anything but its batch and origin differs, a newer file says the
        same, or the stored one has no origin yet. Without changes there is no new version.

        `anew`: the files that the rows were read from under other rules than the last time, as PLACE. What such a file gave the
        last time counts no more: an arriving row takes its place, whatever the two say of when they were updated.
        """
        known = self._newest(table)
        rows = with_technical_columns(table, rows)
        if not known.file_uris():
            inserted = rows.select(pl.len()).collect(engine="streaming").item()
            if inserted:
                delta = self.ensure(table)
                self._append(table, delta, rows, leaving(inserted))
                self._seal(table, delta)
            return Merged(inserted=inserted, updated=0, unchanged=0)
        parts: list[Merged] = []
        for part in _in_parts(table, rows):
            parts.append(self._merge_part(table, self._newest(table) if parts else known, part, anew))
        if not self.is_remote:
            # Equal rows may have been committed just before a stop, and not sealed.
            self._seal(table, self._newest(table))
        return Merged(
            inserted=sum(part.inserted for part in parts),
            updated=sum(part.updated for part in parts),
            unchanged=sum(part.unchanged for part in parts),
        )

    def _merge_part(self, table: Table, known: DeltaTable, rows: pl.LazyFrame, anew: pl.DataFrame | None) -> Merged:
        anew = pl.DataFrame() if anew is None else anew
        arriving = looked_up(table, rows, anew).collect(engine="streaming")
        stored = looked_up(table, pl.scan_delta(known), anew)
        pairs = stored.join(arriving.lazy(), on=table.key, how="inner", suffix="_arriving").collect(engine="streaming")
        changed = pairs.filter(is_changed(table, with_places=not anew.is_empty()))
        new = arriving.height - pairs.height
        merged = Merged(inserted=new, updated=changed.height, unchanged=pairs.height - changed.height)
        if not new and changed.is_empty():
            return merged
        delta = self.ensure(table)
        left = leaving(n_rows(delta) + new)
        if changed.is_empty():
            self._append(table, delta, rows.join(pairs.lazy(), on=table.key, how="anti"), left)
            return merged
        settled = pairs.join(changed, on=table.key, how="anti")
        moved = rows.join(settled.lazy(), on=table.key, how="anti")
        if table.is_delivered:
            moved = keep_deleted(moved, changed.lazy(), table)
        source = moved.collect(engine="streaming")
        months = sorted({*source[MONTH], *changed[MONTH]}) if table.month_of else []
        merger = delta.merge(
            source,
            _match(table, months, "arriving"),
            source_alias="arriving",
            target_alias="stored",
            writer_properties=WRITTEN,
            commit_properties=left,
        )
        merger.when_matched_update_all().when_not_matched_insert_all().execute()
        return merged

    def _append(self, table: Table, delta: DeltaTable, rows: pl.LazyFrame, left: CommitProperties) -> None:
        """Add rows to a table. They are never in memory whole, as a first load brings all that a shop has."""
        if self.is_remote:
            write_deltalake(
                delta, _arrow_stream(rows, table), mode="append", writer_properties=WRITTEN, commit_properties=left
            )
            return
        # Delta's own writer takes a quarter more time, and three times the memory.
        folder, names = Path(self.root, table.name), list[str]()
        by = partition_columns(table)

        def next_file(file: FileProviderArgs) -> Path:
            places = [f"{column}={file.partition_keys[column].item()}/" for column in by]
            name = f"{''.join(places)}part-{uuid.uuid4().hex}.parquet"
            # Threads ask at once.
            names.append(name)
            return folder / name

        files = pl.PartitionBy(
            folder,
            file_path_provider=next_file,
            key=by or None,
            include_key=False if by else None,
            max_rows_per_file=ROWS_PER_FILE,
        )
        rows.cast(stored_schema(table)).sink_parquet(
            files,
            compression="zstd",
            compression_level=1,
            statistics=False,
            row_group_size=ROWS_PER_GROUP,
            mkdir=True,
        )
        _commit(table, delta, [_added(name, *_size_of(folder / name)) for name in sorted(names)], left)

    def vanished(self, table: Table, source: str, present: pl.LazyFrame, *, exported_at: datetime) -> pl.DataFrame:
        """The live rows of a source that its full snapshot of `exported_at` no longer has: key columns, and month.

        `present` holds the keys in the snapshot.
        """
        rows = pl.scan_delta(self._newest(table)).filter(
            (pl.col("source") == source) & (pl.col(EXPORTED_AT) < exported_at) & pl.col(DELETED_AT).is_null()
        )
        columns = [*table.key, *([MONTH] if table.month_of else [])]
        return rows.join(present, on=table.key, how="anti").select(columns).collect(engine="streaming")

    def returned(self, table: Table, present: pl.LazyFrame, *, exported_at: datetime) -> pl.DataFrame:
        """The rows marked as deleted that the newest full snapshot of a source, of `exported_at`, has: key columns, month, and no
        `deleted_at`. Whether a row is there only the snapshot says, not when the row was updated.

        `present`: the valid rows in the snapshot.
        """
        rows = pl.scan_delta(self._newest(table)).filter(pl.col(DELETED_AT) <= exported_at)
        columns = [*table.key, *partition_columns(table)]
        found = rows.join(present, on=table.key, how="semi").select(columns).collect(engine="streaming")
        return found.with_columns(pl.lit(None).alias(DELETED_AT))

    def left_empty(self, table: Table, parents: Table, arriving: pl.LazyFrame) -> pl.DataFrame:
        """The rows whose mark must change, of the parents in `arriving`: key columns, and the right `deleted_at`.

        Rows of `table` come with a row of `parents`, whose key they hold. A row older than its parent was not in the
        parent's newest version: it is deleted, as of that version. Any other is live.
        """
        newest = pl.scan_delta(self._newest(parents)).join(arriving, on=parents.key, how="semi")
        return _marks(table, pl.scan_delta(self._newest(table)), newest.select(*parents.key, *VERSION), on=parents.key)

    def left_out(self, table: Table, arriving: pl.LazyFrame, *, of: str) -> pl.DataFrame:
        """The same for rows that come in one file with all others of their `of`: one that only an older file has is deleted.

        A row with an update time of its own has its own version, and is left alone.
        """
        rows = (
            pl.scan_delta(self._newest(table)).filter(pl.col("updated_at").is_null()).join(arriving, on=of, how="semi")
        )
        return _marks(table, rows, rows.group_by(of).agg(pl.max(*VERSION)), on=(of,))

    def replaced_by(self, table: Table, left_out: pl.LazyFrame) -> pl.DataFrame:
        """The live rows of which the newest version is left out on purpose: key columns, and the right `deleted_at`.

        `left_out`: the keys of such versions, with `updated_at` and `exported_at`. Of one version the arriving reading counts, as in
        `merge`: the mapping has changed. It is deleted as of a moment before its file, which brings it back once it is left out
        no more.
        """
        newest = left_out.group_by(table.key).agg(pl.col(*VERSION).sort_by(*VERSION).last().name.suffix("_arriving"))
        columns = [*table.key, *partition_columns(table)]
        return (
            pl.scan_delta(self._newest(table))
            .filter(pl.col(DELETED_AT).is_null())
            .select(*columns, *VERSION)
            .join(newest, on=table.key)
            .filter(is_older(or_equal=True))
            .select(*columns, (pl.col(f"{EXPORTED_AT}_arriving") - pl.duration(microseconds=1)).alias(DELETED_AT))
            .collect(engine="streaming")
        )

    def mark_deleted(self, table: Table, rows: pl.DataFrame) -> None:
        """Mark rows as deleted at their `deleted_at`, or as live again where it is null.

        `rows`: key columns, month and `deleted_at`. Deleted rows stay in the lake and nothing reads them.
        """
        if rows.is_empty():
            return
        months = sorted(set(rows[MONTH])) if table.month_of else []
        gone = rows.select(*table.key, pl.col(DELETED_AT).cast(pl.Datetime("us", "UTC")))
        delta = self.ensure(table)
        merger = delta.merge(
            gone,
            _match(table, months, "gone"),
            source_alias="gone",
            target_alias="stored",
            writer_properties=WRITTEN,
            commit_properties=leaving(n_rows(delta)),
        )
        merger.when_matched_update({DELETED_AT: f"gone.{DELETED_AT}"}).execute()
        self._seal(table, delta)

    def store(self, table: Table, rows: pl.DataFrame) -> Stored:
        """Write rows of one date of a dated table to a file in its folder, which nothing reads before `replace_dates` commits it.

        Equal rows are in a file of the same name. `vacuum` deletes one that was never committed.
        """
        (day,) = rows[AS_OF].unique()
        written = io.BytesIO()
        # Zstandard takes at most three quarters of the room of Snappy, in the same time.
        own = rows.sort(table.key).drop(AS_OF)
        own.write_parquet(written, compression="zstd", compression_level=1, statistics=False)
        content = written.getvalue()
        digest = hashlib.sha256(content).hexdigest()
        stored = Stored(f"{_folder_of(day)}/part-{digest[:32]}.parquet", digest, len(content), rows.height)
        self._put(table, stored, content)
        return stored

    def _put(self, table: Table, stored: Stored, content: bytes) -> None:
        if self.is_remote:
            put(f"{self.root}/{table.name}/{stored.name}", content)
            return
        file = Path(self.root, table.name, stored.name)
        file.parent.mkdir(parents=True, exist_ok=True)
        if not (file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == stored.digest):
            write_whole(file, content, is_durable=True)

    def replace_as_of(self, table: Table, as_of: date, rows: pl.DataFrame) -> bool:
        """Put `rows` in place of the partition of one as_of date; equal rows add no version. Returns whether it wrote."""
        return self.replace_dates(table, {as_of: rows})

    def replace_dates(self, table: Table, rows_by_date: Mapping[date, pl.DataFrame | Sequence[Stored]]) -> bool:
        """The same for several as_of dates in one commit, of rows or of what `store` has written. Returns whether it wrote."""
        delta = self.ensure(table)
        held = rows_by_file(delta)
        arriving: dict[str, Stored] = {}
        for rows in rows_by_date.values():
            parts = rows if not isinstance(rows, pl.DataFrame) else [self.store(table, rows)] if rows.height else []
            arriving |= {part.name: part for part in parts}
        folders = {*map(_folder_of, rows_by_date)}
        leaving_now = {name for name in held if _place_of(name)[0] in folders} - arriving.keys()
        new = [part for name, part in arriving.items() if name not in held]
        if new or leaving_now:
            left = sum(held.values()) + sum(part.n_rows for part in new) - sum(held[name] for name in leaving_now)
            self._may_shrink(table)
            _commit(table, delta, [*(part.added() for part in new), *map(_removed, sorted(leaving_now))], leaving(left))
        # Equal rows may have been committed just before a stop, and not sealed.
        self._seal(table, delta, {part.name: part.digest for part in new})
        return bool(new or leaving_now)

    def dates(self, table: Table) -> list[date]:
        """The as_of dates of a dated table's rows, oldest first."""
        return sorted(_dates_of(self._newest(table)))

    def files_by_date(self, table: Table) -> tuple[int, dict[date, list[str]]]:
        """The version of a dated table, and the file names of each date: changed rows are in other files."""
        delta = self._newest(table)
        files = _files_apart(delta, AS_OF)
        return delta.version(), {date.fromisoformat(day): names for day, names in files.items()}

    def files_by_month(self, table: Table) -> dict[str, list[str]]:
        """The file names of each UTC month of a table with months: changed rows are in other files."""
        return _files_apart(self._newest(table), MONTH)

    def rows_by_month(self, table: Table) -> dict[str, int]:
        """The rows of each UTC month of a table with months, those marked as deleted too, without reading them."""
        found: dict[str, int] = {}
        for file, rows in rows_by_file(self._newest(table)).items():
            month = _place_of(file)[0].removeprefix(f"{MONTH}=")
            found[month] = found.get(month, 0) + rows
        return found

    def n_stored(self, table: Table) -> int:
        """Rows of the newest version, those marked as deleted too, without reading them."""
        return n_rows(self._newest(table))

    def drop_dates(self, table: Table, dates: Collection[date]) -> None:
        """Remove the partitions of as_of dates from a dated table; older versions keep them until `vacuum`."""
        if dates:
            delta = self.ensure(table)
            gone = pl.scan_delta(delta).filter(pl.col(AS_OF).is_in(list(dates))).select(pl.len()).collect().item()
            self._may_shrink(table)
            delta.delete(_on_dates(dates), commit_properties=leaving(n_rows(delta) - gone))
            self._seal(table, delta)

    def replace(self, table: Table, rows: pl.DataFrame) -> bool:
        """Put `rows` in place of all rows; equal rows add no version. Returns whether it wrote."""
        delta = self.ensure(table)
        rows = rows.select(table.polars_schema.names()).sort(table.key)
        if self.scan(table).collect().sort(table.key).equals(rows):
            self._seal(table, delta)
            return False
        stored = with_technical_columns(table, rows.lazy()).collect().select(stored_schema(table).names())
        self._may_shrink(table)
        write_deltalake(delta, stored, mode="overwrite", commit_properties=leaving(stored.height))
        self._seal(table, delta)
        return True

    def count(self, table: Table, is_counted: pl.Expr) -> int:
        """How many rows of the newest version, deleted ones included, meet a condition."""
        rows = pl.scan_delta(self._newest(table)).filter(is_counted.fill_null(False))
        return int(rows.select(pl.len()).collect().item())

    def remove(self, table: Table, is_removed: pl.Expr) -> int:
        """Remove rows, deleted ones included, from the newest version; returns how many. `vacuum` removes the older versions."""
        delta = self.ensure(table)
        rows = pl.scan_delta(delta)
        is_removed = is_removed.fill_null(False)
        removed: int = rows.filter(is_removed).select(pl.len()).collect().item()
        if removed:
            self._may_shrink(table)
            # No predicate, as Delta would write it into its log.
            stream = _arrow_stream(rows.filter(~is_removed), table)
            write_deltalake(
                delta,
                stream,
                mode="overwrite",
                writer_properties=WRITTEN,
                commit_properties=leaving(n_rows(delta) - removed),
            )
        self._seal(table, delta)
        return removed

    def compact(self, table: Table) -> int:
        """Join small files of a partition into files of about FILE_BYTES; returns how many were joined.

        Rows stay as they are, and joined files stay until `vacuum`. With nothing to join there is no new version.
        """
        delta = self.ensure(table)
        joined = int(
            delta.optimize.compact(
                target_size=FILE_BYTES, writer_properties=WRITTEN, commit_properties=leaving(n_rows(delta))
            )["numFilesRemoved"]
        )
        self._seal(table, delta)
        return joined

    def vacuum(self, table: Table, *, older_than_hours: int = 0) -> int:
        """Delete every file that is not in the newest version; returns how many. First makes a seal that a stop left out.

        Files that were in it, or were written, in the last `older_than_hours` stay, so that whoever is reading an older
        version still finds its files.
        """
        delta = self.ensure(table)
        deleted = delta.vacuum(
            retention_hours=older_than_hours,
            dry_run=False,
            enforce_retention_duration=False,
            full=True,
            commit_properties=leaving(n_rows(delta)),
        )
        self._seal(table, delta)
        return len(deleted)

    def shorten_log(self, table: Table) -> None:
        """Sum up the log in one file, and delete its entries of more than a month ago.

        A night opens a table for every write to it, each time with every entry since; Delta itself sums up after a hundred.
        """
        delta = self.ensure(table)
        delta.create_checkpoint()
        delta.cleanup_metadata()
        if not self.is_remote:
            log = Path(self.root, table.name, LOG)
            for place in (*log.glob(f"{delta.version():020}.checkpoint*"), log / "_last_checkpoint", log):
                sync(place)


def _log_file(folder: Path, version: int) -> Path:
    return folder / LOG / f"{version:020}.json"


def _state_of(file: str) -> tuple[int, ...] | None:
    try:
        found = os.stat(file)  # noqa: PTH116 - a table has a file per date, and each is looked at many times a night
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _files_apart(delta: DeltaTable, column: str) -> dict[str, list[str]]:
    """The names of the files by the value of the column that partitions the table, in order."""
    found: dict[str, list[str]] = {}
    for folder, name in sorted(map(_place_of, delta.file_uris())):
        found.setdefault(folder.removeprefix(f"{column}="), []).append(name)
    return found


def _commit(
    table: Table, delta: DeltaTable, actions: Sequence[AddAction | RemoveAction], left: CommitProperties
) -> None:
    """Add files to a table and take others out of it, in one version."""
    delta.create_write_transaction(
        [*actions],
        mode="append",
        schema=delta.schema(),
        partition_by=partition_columns(table),
        commit_properties=left,
    )


def _removed(name: str) -> RemoveAction:
    return RemoveAction(name, data_change=True, deletion_timestamp=_now(), partition_values=_partition_of(name))


def _added(name: str, n_bytes: int, n_rows: int) -> AddAction:
    stats = json.dumps({"numRecords": n_rows})
    return AddAction(name, n_bytes, _partition_of(name), _now(), data_change=True, stats=stats)


def _now() -> int:
    """In milliseconds, as Delta has it."""
    return round(time.time() * 1000)


def _size_of(file: Path) -> tuple[int, int]:
    """The bytes and the rows of a file."""
    return file.stat().st_size, int(pq.read_metadata(file).num_rows)


def _partition_of(name: str) -> dict[str, str | None]:
    """By the folder of a file what its rows have in the column that partitions the table; empty in a table of one part."""
    column, _, value = name.rpartition("/")[0].partition("=")
    return {column: value} if column else {}


def _folder_of(day: date) -> str:
    """The folder of a date in a dated table."""
    return f"{AS_OF}={day}"


def _place_of(file: str) -> list[str]:
    """The folder of a file in a table, and its name. A Path would tell the same in ten times the time."""
    return file.rsplit("/", 2)[-2:]


def _dates_of(delta: DeltaTable) -> set[date]:
    return {date.fromisoformat(partition[AS_OF]) for partition in delta.partitions()}


def _on_dates(dates: Collection[date]) -> str:
    return f"{AS_OF} in ({', '.join(repr(str(day)) for day in sorted(dates))})"


def _has_todays_columns(delta: DeltaTable, table: Table) -> bool:
    renamed, kept = _columns_to_keep(delta, table)
    return not renamed and kept == stored_schema(table).names()


def _columns_to_keep(delta: DeltaTable, table: Table) -> tuple[dict[str, str], list[str]]:
    """Former name -> today's name of columns, and today's columns that the table has."""
    wanted = stored_schema(table)
    stored = {field.name: field.type for field in delta.schema().fields}
    renamed = {old: new for new, old in table.former_names.items() if old in stored and new not in stored}
    stored = {renamed.get(name, name): dtype for name, dtype in stored.items()}
    types = _types_today(table)
    return renamed, [name for name in stored if name in wanted and (not table.is_dated or stored[name] == types[name])]


@cache
def _types_today(table: Table) -> dict[str, Any]:
    """The columns of a table as Delta calls their types."""
    empty = pl.DataFrame(schema=stored_schema(table)).to_arrow()
    return {field.name: field.type for field in Schema.from_arrow(empty.schema).fields}


def _write_todays_columns(delta: DeltaTable, table: Table) -> None:
    """Write a table with the columns of today's contract: under their new names, and null in rows that had none.

    Such a table is written anew, once, so that all of its files have the same columns. A computed column of another
    type counts as missing. Rows without a column of today's key have another grain and go, as only computed tables ever
    change theirs.
    """
    wanted = stored_schema(table)
    renamed, kept = _columns_to_keep(delta, table)
    missing = {name: dtype for name, dtype in wanted.items() if name not in kept}
    is_of_this_grain = not table.is_dated or missing.keys().isdisjoint(table.key)
    rows = pl.scan_delta(delta).rename(renamed).filter(is_of_this_grain)
    rows = rows.with_columns(pl.lit(None, dtype).alias(name) for name, dtype in missing.items())
    stream = _arrow_stream(rows.select(wanted.names()), table)
    write_deltalake(
        delta,
        stream,
        mode="overwrite",
        schema_mode="overwrite",
        partition_by=partition_columns(table),
        commit_properties=leaving(n_rows(delta) if is_of_this_grain else 0),
    )


def _in_parts(table: Table, rows: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """The rows, whole months together, in parts of about ROWS_PER_MERGE: a merge holds its rows in memory."""
    if not table.month_of:
        yield rows
        return
    sizes = rows.group_by(MONTH).len().sort(MONTH).collect(engine="streaming")
    parts = sizes.group_by(pl.col("len").cum_sum() // ROWS_PER_MERGE, maintain_order=True).agg(MONTH)
    for months in parts[MONTH]:
        yield rows.filter(pl.col(MONTH).is_in(months.to_list())) if parts.height > 1 else rows


def _marks(table: Table, rows: pl.LazyFrame, newest: pl.LazyFrame, *, on: Sequence[str]) -> pl.DataFrame:
    """Key, month and right `deleted_at` of rows whose mark is wrong, by the newest version of what they belong to.

    One left out on purpose was deleted before its own file (`replaced_by`): it stays so.
    """
    since = pl.when(is_older()).then(pl.max_horizontal(f"{name}_arriving" for name in VERSION))
    columns = [*table.key, *partition_columns(table)]
    return (
        rows.select(*columns, *VERSION, DELETED_AT)
        .filter((pl.col(DELETED_AT) >= pl.col(EXPORTED_AT)).fill_null(True))
        .join(newest.rename({name: f"{name}_arriving" for name in VERSION}), on=on)
        .with_columns(since=since)
        .filter(pl.col("since").is_null() != pl.col(DELETED_AT).is_null())
        .select(*columns, pl.col("since").alias(DELETED_AT))
        .collect(engine="streaming")
    )


def _match(table: Table, months: list[str], arriving: str) -> str:
    """The merge's condition: equal keys, in the months that it can touch."""
    keys = " and ".join(f"stored.{column} = {arriving}.{column}" for column in table.key)
    return f"{keys} and stored.{MONTH} in ({', '.join(repr(month) for month in months)})" if months else keys


def _arrow_stream(rows: pl.LazyFrame, table: Table) -> pa.RecordBatchReader:
    """The rows as a stream, so that a first load is never in memory whole."""
    schema = pl.DataFrame(schema=stored_schema(table)).to_arrow().schema

    def batches() -> Iterator[pa.RecordBatch]:
        for chunk in rows.collect_batches(engine="streaming", maintain_order=False):
            yield from chunk.to_arrow().cast(schema).to_batches()

    return pa.RecordBatchReader.from_batches(schema, batches())
