"""The folder in which Dagster records runs, and its settings. What is run does not belong here."""

import os
from pathlib import Path

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
"""A new setting is added at the end: so an older version that is unchanged is told from a user's own, and renewed."""


def prepare_dagster_home(home: Path) -> None:
    """Make the folder of Dagster in a home, with its settings, and name both in the environment."""
    folder = home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dagster.yaml"
    text = file.read_text() if file.exists() else ""
    if text != DAGSTER_YAML and DAGSTER_YAML.startswith(text):
        new = folder / f".{file.name}.{os.getpid()}"
        new.write_text(DAGSTER_YAML)
        new.replace(file)
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ["LOYALTY_HOME"] = str(home)
