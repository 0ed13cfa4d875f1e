"""What assets share: the home folder with all that the pipeline writes, and the dbt project. No knowledge of any table belongs here."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.lake import Lake
from pipeline.run_lock import hold_lock, lock_holder
from pipeline.settings import Settings
from pipeline.sources.staged import Staged
from schemas.generate import write_generated
from schemas.registry import MARTS, TABLES

DBT_PROJECT = Path(__file__).parents[1] / "dbt_project"
DBT_TARGET = DBT_PROJECT / "target"
CONTRACTS = Path(__file__).parents[1] / "schemas"
DBT_MANIFEST = DBT_TARGET / "manifest.json"
DBT_PARSED = DBT_TARGET / "partial_parse.msgpack"
BUILD_FILE_VARIABLE = "LOYALTY_BUILD_FILE"
HOME_TAG = "loyalty/home"
"""The tag of a run with its home folder: one Dagster may have runs of several."""
WAIT_SECONDS = 3 * 60 * 60
"""How long a run waits for another to end."""
FAULT_EVENTS = ("RunResultError", "RunResultFailure", "MainEncounteredError")
"""What dbt says of a model or test that failed: which one, then why."""
KEPT_EVENTS = ("LogModelResult", "LogTestResult", *FAULT_EVENTS)
QUICK = ("--quiet", "--no-use-colors", "--no-write-json", "--log-level-file", "none")
"""Nothing is read from dbt's artifacts and log: what it did is in Dagster."""


class Home(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The folder with everything the pipeline writes; a run holds its lock from its first step to its end."""

    root: str
    lake_root: str
    is_locked: bool = False
    """Whether the command that starts the run holds the lock already."""

    @classmethod
    def of(cls, settings: Settings, *, is_locked: bool = False) -> "Home":
        """The home of a configuration."""
        return cls(root=str(settings.home), lake_root=settings.lake_root, is_locked=is_locked)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Home"]:
        """Hold the lock for the run; wait for it where another run has it.

        Raises:
            BusyError: it is not free within WAIT_SECONDS.
        """
        run_id = context.run.run_id if context.run else None
        if context.instance and run_id:
            context.instance.add_run_tags(run_id, {HOME_TAG: self.root})
        if self.is_locked:
            yield self
            return
        if (holder := lock_holder(self.path)) and context.log:
            context.log.info(f"waiting for {holder}")
        with hold_lock(self.path, f"run {run_id}", wait_seconds=WAIT_SECONDS):
            yield self

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self.root)

    @property
    def lake(self) -> Lake:
        """The Delta tables."""
        return Lake(self.lake_root)

    def staged(self, source: str) -> Staged:
        """The staged batches of a source."""
        return Staged(self.path / "work" / "staged" / source)

    @property
    def aside(self) -> Path:
        """Batches with too many rejected rows, kept for inspection."""
        return self.path / "aside"

    @property
    def build_file(self) -> Path:
        """The private DuckDB file that dbt builds in."""
        return self.path / "work" / "build.duckdb"

    @property
    def warehouse(self) -> Path:
        """The published file: the only one that others read."""
        return self.path / "warehouse.duckdb"

    @property
    def editions(self) -> Path:
        """The kept editions."""
        return self.path / "editions"


class Dbt(dg.ConfigurableResource):  # type: ignore[type-arg]
    """dbt, run inside this process with the prebuilt manifest: no second start of Python, nothing parsed."""

    def build(self, build_file: Path) -> tuple[list[dict[str, Any]], BaseException | None]:
        """Build and test all models in the build file; returns dbt's events as it would log them, and why it failed if so."""
        from dbt.cli.main import dbtRunner
        from dbt.contracts.graph.manifest import Manifest
        from google.protobuf.json_format import MessageToDict

        events: list[dict[str, Any]] = []

        def keep(event: Any) -> None:
            if event.info.name in KEPT_EVENTS:
                events.append(MessageToDict(event, preserving_proto_field_name=True))

        manifest = Manifest.from_msgpack(DBT_PARSED.read_bytes())
        runner = dbtRunner(manifest=manifest, callbacks=[keep])
        target = build_file.parent / "dbt"
        with _dbt_surroundings(build_file):
            result = runner.invoke(
                [*QUICK, "build", "--exclude-resource-type", "unit_test", *_places(target)],
            )
        return events, None if result.success else result.exception or RuntimeError("a model or test failed")


def prepare_dbt() -> None:
    """Write what comes from the contracts, and parse the dbt project, when its manifest is older than a file of either."""
    ours = (file for file in DBT_PROJECT.rglob("*") if file.is_file() and DBT_TARGET not in file.parents)
    newest = max(file.stat().st_mtime for file in (*ours, *CONTRACTS.glob("*.py")))
    if DBT_PARSED.is_file() and DBT_MANIFEST.is_file() and DBT_PARSED.stat().st_mtime >= newest:
        return
    from dbt.cli.main import dbtRunner

    write_generated(TABLES.values(), MARTS.values())
    with _dbt_surroundings(DBT_TARGET / "build.duckdb"):
        result = dbtRunner().invoke(["--quiet", "parse", *_places(DBT_TARGET)])
    if not result.success:
        raise RuntimeError(f"the dbt project cannot be parsed: {result.exception}")
    # dbt leaves it as it is when a newer file changed nothing.
    DBT_PARSED.touch()


def _places(target: Path) -> list[str]:
    places = {"project-dir": DBT_PROJECT, "profiles-dir": DBT_PROJECT, "target-path": target, "log-path": target}
    return [part for name, place in places.items() for part in (f"--{name}", str(place))]


@contextmanager
def _dbt_surroundings(build_file: Path) -> Iterator[None]:
    """dbt reads the file's place from the environment, changes the working folder and keeps its connection: undo all three."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    folder = Path.cwd()
    os.environ[BUILD_FILE_VARIABLE] = str(build_file)
    try:
        yield
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        os.environ.pop(BUILD_FILE_VARIABLE, None)
        os.chdir(folder)
