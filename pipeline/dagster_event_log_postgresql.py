"""Where Dagster keeps the events of runs in PostgreSQL: its own storage, held open. What an event is does not belong here."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster import EventLogEntry, StringSource
from dagster._config.config_schema import UserConfigSchema
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres import PostgresEventLogStorage
from dagster_postgres.utils import create_pg_engine

from pipeline.run_log import write_event


class EventLog(PostgresEventLogStorage):
    """Dagster's event log in PostgreSQL, in the same tables.

    Dagster connects anew for every statement, of which a night has thousands. Here a connection stays open.
    """

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url, inst_data=inst_data)
        # The server may have been started again meanwhile.
        self._engine = create_pg_engine(postgres_url, isolation_level="AUTOCOMMIT", pool_size=1, pool_pre_ping=True)

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """The address of the database."""
        return {"postgres_url": StringSource}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> "EventLog":
        """The log in the database at `postgres_url`."""
        return cls(config_value["postgres_url"], inst_data)

    def store_event(self, event: EventLogEntry) -> None:
        """As Dagster's own, plus a line in the log of the home, whichever process the run is in."""
        super().store_event(event)
        dagster_home = Path(self._instance.root_directory)
        if dagster_home.name == "dagster":
            write_event(dagster_home.parent, event)

    def delete_events(self, run_id: str) -> None:
        """As Dagster's own, plus the results of checks, which Dagster keeps."""
        super().delete_events(run_id)
        with self.index_connection() as connection:
            connection.execute(AssetCheckExecutionsTable.delete().where(AssetCheckExecutionsTable.c.run_id == run_id))
