"""The folder in which Dagster records runs, and its settings. What is run does not belong here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import ConfigError

DAGSTER_YAML = """\
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
event_log_storage:
  module: pipeline.dagster_event_log
  class: EventLog
  config:
    base_dir:
      env: DAGSTER_HOME
"""
"""New settings go at the end: so an unchanged older version can be told from a user's own, and is renewed."""


FORMER_MODULE, MODULE = "module: pipeline.event_log\n", "module: pipeline.dagster_event_log\n"
"""Where the event log used to be; homes made then name it, even if a user has changed the settings since."""


DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")
SQLITE = b"SQLite format 3\0"
"""What a database begins with; a new one is empty."""
DAMAGED = ("file is not a database", "database disk image is malformed")
"""How SQLite says so."""


def prepare_dagster_home(home: Path) -> None:
    """Make the folder of Dagster in a home, with its settings, and name both in the environment.

    Raises:
        ConfigError: one of its databases is damaged.
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
    if DAGSTER_YAML.startswith(wanted):
        wanted = DAGSTER_YAML
    if text != wanted:
        # Under a name of its own, as the web server and the daemon start at the same time.
        new = folder / f".{file.name}.{os.getpid()}"
        new.write_text(wanted)
        new.replace(file)
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ["LOYALTY_HOME"] = str(home)


@contextmanager
def telling_damage(home: Path) -> Iterator[None]:
    """Say in one line that one of Dagster's databases is damaged, when only reading shows it.

    Raises:
        ConfigError: one is.
    """
    try:
        yield
    except Exception as error:
        if not any(words in str(error) for words in DAMAGED):
            raise
        raise _is_damaged(home / "dagster" / "history", home / "dagster") from error


def _is_damaged(place: Path, folder: Path) -> ConfigError:
    return ConfigError(
        f"{place} is damaged: move {folder} away and run again; only the record of earlier runs is in it"
    )
