"""Where Dagster keeps the events of runs: its SQLite storage, held open. What an event is does not belong here."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy import event as sql_events

from pipeline.run_log import write_event

OPEN_RUNS = 4
"""How many databases of runs, each a file, stay open: beyond it the oldest is closed."""


class EventLog(SqliteEventLogStorage):
    """Dagster's default event log, in the same files.

    Dagster compiles every statement anew and opens and closes a file for it; a night has thousands, and closing waits
    for the disk. Here engines keep compiled statements and a connection. A killed process loses nothing; a power cut
    may lose the last events of a run, never the database (`synchronous = normal` in SQLite's documentation of WAL).
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._found: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "EventLog":
        """The log below `base_dir`, Dagster's home, in the folder of Dagster's default."""
        return cls(str(Path(config_value["base_dir"]) / "history" / "runs"), inst_data)

    def has_table(self, table_name: str) -> bool:
        """Whether a table exists; once found it is not looked for again, while Dagster looks for every event."""
        return self._is_found(table_name, lambda: super(EventLog, self).has_table(table_name))

    def has_secondary_index(self, name: str) -> bool:
        """Whether a migration of Dagster's tables is done; looked for until it is."""
        return self._is_found(name, lambda: super(EventLog, self).has_secondary_index(name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        look = super()._has_asset_key_col_on_connection
        return self._is_found(f"asset_keys.{column_name}", lambda: look(conn, column_name))

    def _is_found(self, name: str, look: Callable[[], bool]) -> bool:
        if name not in self._found and look():
            self._found.add(name)
        return name in self._found

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            engine = create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            )
            sql_events.listen(
                engine, "connect", lambda connection, _: connection.execute("pragma synchronous = normal")
            )
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        for name in [name for name in self._engines if name != INDEX_SHARD_NAME][:-OPEN_RUNS]:
            self._engines.pop(name).dispose()
        return self._engines[shard]

    def store_event(self, event: EventLogEntry) -> None:
        """As Dagster's own, plus a line in the log of the home, whichever process the run is in."""
        super().store_event(event)
        dagster_home = Path(self._base_dir).parents[1]
        if dagster_home.name == "dagster":
            write_event(dagster_home.parent, event)

    def delete_events(self, run_id: str) -> None:
        """As Dagster's own, plus the results of checks and the file of the run, which Dagster keeps."""
        with self._db_lock:
            if engine := self._engines.pop(run_id, None):
                engine.dispose()
            self._initialized_dbs.discard(run_id)
        with self.index_connection() as connection:
            self.delete_events_for_run(connection, run_id)
            connection.execute(AssetCheckExecutionsTable.delete().where(AssetCheckExecutionsTable.c.run_id == run_id))
        if self.supports_global_concurrency_limits:
            self.free_concurrency_slots_for_run(run_id)
        file = Path(self.path_for_shard(run_id))
        for ending in ("-shm", "-wal", ""):
            file.with_name(f"{file.name}{ending}").unlink(missing_ok=True)

    def dispose(self) -> None:
        """Close every database."""
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
