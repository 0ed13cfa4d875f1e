"""dbt, run inside this process, and its parsed project. No knowledge of any table belongs here."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline.warehouse.editions import begin_edition
from schemas.generate import write_generated
from schemas.registry import MARTS, TABLES

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"


DBT_TARGET = DBT_PROJECT / "target"
CONTRACTS = DBT_PROJECT.parent / "schemas"


DBT_MANIFEST = DBT_TARGET / "manifest.json"


DBT_PARSED = DBT_TARGET / "partial_parse.msgpack"


BUILD_FILE_VARIABLE = "LOYALTY_BUILD_FILE"
EDITION_FILE_VARIABLE = "LOYALTY_EDITION_FILE"


FAULT_EVENTS = ("RunResultError", "RunResultFailure", "MainEncounteredError")
"""What dbt says of a model or test that failed: which one, then why."""


KEPT_EVENTS = ("LogModelResult", "LogTestResult", *FAULT_EVENTS)


VIEWS = "config.materialized:view"
QUICK = ("--quiet", "--no-use-colors", "--no-write-json", "--log-level-file", "none")
"""Nothing is read from dbt's artifacts and log: what it did is in Dagster."""


class Dbt(dg.ConfigurableResource):  # type: ignore[type-arg]
    """dbt, run inside this process with the prebuilt manifest: no second start of Python, nothing parsed."""

    def build(
        self, build_file: Path, edition: Path, names: Collection[str] = ()
    ) -> tuple[list[dict[str, Any]], BaseException | None]:
        """Build and test all models from the build file; returns dbt's events as it would log them, and why it failed if so.

        What is published is built in `edition`, which is begun anew: a table replaced in a file leaves its place empty. Of
        `names` (models and tests), where some are given, only these are built in the edition that stands there, and the views
        that they read.
        """
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
        if not names:
            begin_edition(edition)
        chosen = ["--indirect-selection", "empty", "--select", VIEWS, *sorted(names)] if names else []
        with _dbt_surroundings(build_file, edition):
            result = runner.invoke(
                [*QUICK, "build", "--exclude-resource-type", "unit_test", *chosen, *_places(target)],
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
    with _dbt_surroundings(DBT_TARGET / "build.duckdb", DBT_TARGET / "edition.duckdb"):
        result = dbtRunner().invoke(["--quiet", "parse", *_places(DBT_TARGET)])
    if not result.success:
        raise RuntimeError(f"the dbt project cannot be parsed: {result.exception}")
    # dbt leaves it as it is when a newer file changed nothing.
    DBT_PARSED.touch()


def _places(target: Path) -> list[str]:
    places = {"project-dir": DBT_PROJECT, "profiles-dir": DBT_PROJECT, "target-path": target, "log-path": target}
    return [part for name, place in places.items() for part in (f"--{name}", str(place))]


@contextmanager
def _dbt_surroundings(build_file: Path, edition: Path) -> Iterator[None]:
    """dbt reads the files' places from the environment, changes the working folder and keeps its connection: undo all three."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    folder = Path.cwd()
    places = {BUILD_FILE_VARIABLE: str(build_file), EDITION_FILE_VARIABLE: str(edition)}
    os.environ.update(places)
    try:
        yield
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        for variable in places:
            os.environ.pop(variable, None)
        os.chdir(folder)
