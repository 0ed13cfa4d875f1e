"""The folder in which Dagster records runs, and its settings. What is run does not belong here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import ConfigError, DiskFullError, LoyaltyError
from pipeline.private_files import FULL_DISK, disk_is_full

SETTINGS = """\
telemetry:
  enabled: false
nux:
  enabled: false
# No step prints anything: what it says is in its events. Capturing its output would start two processes per step.
compute_logs:
  module: dagster._core.storage.noop_compute_log_manager
  class: NoOpComputeLogManager
# All assets are in one pool: a run that would write the home beside another one is queued.
concurrency:
  pools:
    granularity: run
    default_limit: 1
# Frees the queue of runs that never started or never ended; sensor lost_runs finds those that were killed between.
run_monitoring:
  enabled: true
  poll_interval_seconds: 30
  max_runtime_seconds: 86400
"""
IN_SQLITE = """\
event_log_storage:
  module: pipeline.dagster_event_log
  class: EventLog
  config:
    base_dir:
      env: DAGSTER_HOME
"""
IN_POSTGRESQL = """\
event_log_storage:
  module: pipeline.dagster_event_log_postgresql
  class: EventLog
  config: &records
    postgres_url:
      env: LOYALTY_RECORDS_URL
run_storage:
  module: dagster_postgres.run_storage
  class: PostgresRunStorage
  config: *records
schedule_storage:
  module: dagster_postgres.schedule_storage
  class: PostgresScheduleStorage
  config: *records
"""
RETRIES = """\
# A run that the daemon started and whose process was killed is started again, once; one that failed by itself is not.
run_retries:
  enabled: true
  max_retries: 1
  retry_on_asset_or_op_failure: false
"""
LOGS = """\
# The console of the UI shows what went wrong and what a step has to say; all events of a run are in the UI.
python_logs:
  python_log_level: INFO
"""
DAGSTER_YAML, DAGSTER_YAML_POSTGRESQL = (SETTINGS + storage + RETRIES + LOGS for storage in (IN_SQLITE, IN_POSTGRESQL))
"""New settings go at the end: so an unchanged older version can be told from a user's own, and is renewed."""
RECORDS_URL = "LOYALTY_RECORDS_URL"
"""The variable with the address of the database, which holds a password."""
DRIVER = "postgresql+psycopg2://"
"""What the address begins with: Dagster needs this driver, and without its name SQLAlchemy takes another."""


FORMER_MODULE, MODULE = "module: pipeline.event_log\n", "module: pipeline.dagster_event_log\n"
"""Where the event log used to be; homes made then name it, even if a user has changed the settings since."""


DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
SQLITE = b"SQLite format 3\0"
"""What a database begins with; a new one is empty."""
DAMAGED = ("file is not a database", "database disk image is malformed")
"""How SQLite says so."""
UNOPENED = (*FULL_DISK, "attempt to write a readonly database", "unable to open database file")
"""How it says that the disk takes nothing, which it needs for reading too."""
UNREACHABLE = ("too many retries for DB connection", "connection to server at", "could not translate host name")
"""How Dagster and PostgreSQL's driver say so."""


def prepare_dagster_home(home: Path) -> None:
    """Make the folder of Dagster in a home, with its settings, and name both in the environment.

    Raises:
        ConfigError: one of its databases is damaged, or the address of one in PostgreSQL is missing or wrong.
    """
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    for name in DATABASES:
        with suppress(FileNotFoundError), (folder / name).open("rb") as stream:
            if (start := stream.read(len(SQLITE))) and start != SQLITE:
                raise _is_damaged(folder / name, folder)
    file = folder / "dagster.yaml"
    text = file.read_text() if file.exists() else ""
    wanted = text.replace(FORMER_MODULE, MODULE)
    ours = DAGSTER_YAML_POSTGRESQL if os.environ.get(RECORDS_URL) else DAGSTER_YAML
    if DAGSTER_YAML.startswith(wanted) or ours.startswith(wanted):
        wanted = ours
    refuse_without_address(wanted)
    if text != wanted:
        # Under a name of its own, as the web server and the daemon start at the same time.
        new = folder / f".{file.name}.{os.getpid()}"
        new.write_text(wanted)
        new.replace(file)
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ["LOYALTY_HOME"] = str(home)


def refuse_without_address(settings: str) -> None:
    """Refuse settings that name a database in PostgreSQL without its address; `settings` is the text of dagster.yaml.

    Raises:
        ConfigError: the address is missing, or begins with another driver.
    """
    if f"env: {RECORDS_URL}\n" not in settings:
        return
    address = os.environ.get(RECORDS_URL)
    if not address:
        raise ConfigError(f"Dagster's records of this home are in PostgreSQL: set {RECORDS_URL} to the address")
    if not address.startswith(DRIVER):
        raise ConfigError(f"{RECORDS_URL} must begin with {DRIVER}")


@contextmanager
def telling_damage(home: Path) -> Iterator[None]:
    """Say in one line that one of Dagster's databases is damaged or out of reach, when only reading shows it.

    Raises:
        ConfigError: one is.
        DiskFullError: the disk is full, or read-only.
    """
    try:
        yield
    except Exception as error:
        if any(words in str(error) for words in UNREACHABLE):
            raise ConfigError(f"the database of {RECORDS_URL} does not answer, or refuses name or password") from error
        if said := next((words for words in UNOPENED if words in str(error)), None):
            raise error if isinstance(error, LoyaltyError) else _is_unopened(home, said) from error
        if not any(words in str(error) for words in DAMAGED):
            raise
        raise _is_damaged(home / "dagster" / "history", home / "dagster") from error


def _is_unopened(home: Path, said: str) -> DiskFullError:
    if os.access(home, os.W_OK):
        return disk_is_full(home, said)
    return DiskFullError(f"home {home} is read-only, and SQLite reads no records there: {said}; mount it for writing")


def _is_damaged(place: Path, folder: Path) -> ConfigError:
    return ConfigError(
        f"{place} is damaged: move {folder} away and run again; only the record of earlier runs is in it"
    )
