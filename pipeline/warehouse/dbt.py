"""dbt, run inside this process, and its parsed project. No knowledge of any table belongs here."""

import json
import os
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import dagster as dg
import duckdb

from pipeline.warehouse.editions import begin_edition
from schemas.generate import write_generated
from schemas.registry import MARTS, TABLES

DBT_PROJECT = Path(__file__).parents[2] / "dbt_project"


CONTRACTS = DBT_PROJECT.parent / "schemas"


BUILD_FILE_VARIABLE = "LOYALTY_BUILD_FILE"
EDITION_FILE_VARIABLE = "LOYALTY_EDITION_FILE"
MEMORY_VARIABLE = "LOYALTY_MEMORY"
SLICES_VARIABLE = "LOYALTY_SLICES"
"""The folder that large marts are written to as slices; without it they are tables, as all are."""


FAULT_EVENTS = ("RunResultError", "RunResultFailure", "MainEncounteredError")
"""What dbt says of a model or test that failed: which one, then why."""


RESULT_EVENTS = ("LogModelResult", "LogTestResult")
"""What dbt says of each model and test that ended."""


KEPT_EVENTS = (*RESULT_EVENTS, *FAULT_EVENTS)


VIEWS = "config.materialized:view"
CONTRACT, MART = "contract", "mart"
"""Our generic test, and our materialization, which keeps it."""
QUICK = ("--log-level", "none", "--log-level-file", "none", "--no-write-json", "--no-use-colors")
"""Nothing is read from dbt's artifacts and log: what it did is in Dagster, where a colour would be unreadable signs."""


@dataclass(frozen=True)
class Exposed:
    """What is made of published tables outside, and of which."""

    description: str
    tables: list[str]


Node: TypeAlias = Mapping[str, Any]
"""A model, source or test, as dbt's manifest has it."""


@dataclass(frozen=True)
class Nodes:
    """What a parsed project is made of: models, sources and tests by their ids."""

    by_id: dict[str, Node]

    @property
    def models(self) -> list[Node]:
        """The models that are built: an ephemeral one is part of those that read it."""
        return [node for node in self.by_id.values() if node["resource_type"] == "model" and not _is_ephemeral(node)]

    @property
    def tests(self) -> list[Node]:
        """The tests."""
        return [node for node in self.by_id.values() if node["resource_type"] == "test"]

    def parents(self, node: Node) -> list[Node]:
        """The models and sources that a node reads, those of an ephemeral model in its place."""
        found: dict[str, Node] = {}
        for one in node["depends_on"]["nodes"]:
            parent = self.by_id[one]
            more = self.parents(parent) if _is_ephemeral(parent) else [parent]
            found |= {each["unique_id"]: each for each in more}
        return list(found.values())

    def tested(self, test: Node) -> Node | None:
        """The model that a test is about: the one it was written for, else the first it reads; null where it reads none."""
        written_for = self.by_id.get(test.get("attached_node") or "")
        about = [*([written_for] if written_for else []), *self.parents(test)]
        return next((node for node in about if node["resource_type"] == "model" and not _is_ephemeral(node)), None)

    def kept_while_made(self) -> dict[str, Node]:
        """The tests that a table keeps while it is made, by the id of its model: whatever breaks its contract is not made."""
        tested = [
            (test, self.tested(test)) for test in self.tests if test.get("test_metadata", {}).get("name") == CONTRACT
        ]
        return {model["unique_id"]: test for test, model in tested if model and model["config"]["materialized"] == MART}


def _is_ephemeral(node: Node) -> bool:
    return bool(node.get("config", {}).get("materialized") == "ephemeral")


@dataclass(frozen=True)
class Project:
    """A dbt project, and what parsing it leaves."""

    folder: Path

    @property
    def target(self) -> Path:
        """Where dbt writes."""
        return self.folder / "target"

    @property
    def manifest(self) -> Path:
        """What is parsed, for Dagster."""
        return self.target / "manifest.json"

    @property
    def parsed(self) -> Path:
        """The same for dbt."""
        return self.target / "partial_parse.msgpack"

    def files(self) -> list[Path]:
        """What the project is made of."""
        return sorted(file for file in self.folder.rglob("*") if file.is_file() and self.target not in file.parents)

    def nodes(self) -> Nodes:
        """What it is made of."""
        parsed = json.loads(self.manifest.read_text(encoding="utf-8"))
        return Nodes(parsed["nodes"] | parsed["sources"])

    def models(self, folder: str) -> list[dict[str, Any]]:
        """The parsed models of a folder."""
        nodes = json.loads(self.manifest.read_text(encoding="utf-8"))["nodes"].values()
        return [node for node in nodes if node["resource_type"] == "model" and node["path"].startswith(f"{folder}/")]

    def dashboards(self) -> dict[str, Exposed]:
        """The exposures that are dashboards, by name."""
        parsed = json.loads(self.manifest.read_text(encoding="utf-8"))
        return {
            node["name"]: Exposed(
                node["description"], [parsed["nodes"][one]["name"] for one in node["depends_on"]["nodes"]]
            )
            for node in parsed["exposures"].values()
            if node["type"] == "dashboard"
        }


OURS = Project(DBT_PROJECT)


class Dbt(dg.ConfigurableResource):  # type: ignore[type-arg]
    """dbt, run inside this process with the prebuilt manifest: no second start of Python, nothing parsed."""

    project: str = str(DBT_PROJECT)
    memory: str | None = None
    """What DuckDB takes at most, where it is said."""

    def build(
        self,
        build_file: Path,
        edition: Path,
        names: Collection[str] = (),
        *,
        without: Collection[str] = (),
        slices: Path | None = None,
    ) -> tuple[list[dict[str, Any]], BaseException | None]:
        """Build and test all models from the build file; returns dbt's events as it would log them, and why it failed if so.

        What is published is built in `edition`, which is begun anew: a table replaced in a file leaves its place empty. Of
        `names` (models and tests), where some are given, only these are built in the edition that stands there, and the views
        that they read; of all or of these none of `without`. Large marts are written to the folder `slices`, where one is given.
        """
        from dbt.cli.main import dbtRunner
        from dbt.contracts.graph.manifest import Manifest
        from google.protobuf.json_format import MessageToDict

        events: list[dict[str, Any]] = []

        def keep(event: Any) -> None:
            if event.info.name in KEPT_EVENTS:
                events.append(MessageToDict(event, preserving_proto_field_name=True))

        project = Project(Path(self.project))
        manifest = Manifest.from_msgpack(project.parsed.read_bytes())
        # Named to dbt, each would be looked for among all others.
        manifest.nodes = {key: node for key, node in manifest.nodes.items() if node.name not in without}
        # What a test knows of the table that it is about.
        manifest.build_flat_graph()  # type: ignore[no-untyped-call]
        runner = dbtRunner(manifest=manifest, callbacks=[keep])
        target = build_file.parent / "dbt"
        if not names:
            begin_edition(edition)
        chosen = ["--indirect-selection", "empty", "--select", VIEWS, *sorted(names)] if names else []
        with _dbt_surroundings(build_file, edition, slices, self.memory or memory_to_take()):
            result = runner.invoke(
                [
                    *QUICK,
                    "build",
                    "--exclude-resource-type",
                    "unit_test",
                    *chosen,
                    *_places(project, target),
                ],
            )
        return events, None if result.success else result.exception or RuntimeError("a model or test failed")


LEAST_MEMORY = 1_200_000_000
"""Of ten million orders DuckDB makes the tables with it as fast as with twice as much, and with less slower."""


def memory_to_take() -> str:
    """What DuckDB takes at most where nothing is said: a twentieth of the memory of this machine, or of its container, but at least
    LEAST_MEMORY, where that is no more than half."""
    twentieth, half = (_bytes_of(share) for share in ("5%", "50%"))
    return f"{max(twentieth, min(half, LEAST_MEMORY))}B"


def _bytes_of(share: str) -> int:
    """A share of the memory that DuckDB sees."""
    with duckdb.connect(config={"memory_limit": share}) as connection:
        ((told,),) = connection.execute("select current_setting('memory_limit')").fetchall()
    amount, unit = told.split()
    return int(float(amount) * 1024 ** ("bytes", "KiB", "MiB", "GiB", "TiB").index(unit))


def prepare_dbt() -> None:
    """Write what comes from the contracts, and parse the dbt project, when its manifest is older than a file of either."""
    newest = max(file.stat().st_mtime for file in (*OURS.files(), *CONTRACTS.glob("*.py")))
    if OURS.parsed.is_file() and OURS.manifest.is_file() and OURS.parsed.stat().st_mtime >= newest:
        return
    write_generated(TABLES.values(), MARTS.values())
    parse(OURS)


def parse(project: Project) -> None:
    """Parse a dbt project.

    Raises:
        RuntimeError: it cannot be parsed, and why.
    """
    from dbt.cli.main import dbtRunner

    begun = time.time()
    with _dbt_surroundings(project.target / "build.duckdb", project.target / "edition.duckdb"):
        result = dbtRunner().invoke(["--log-level", "none", "parse", *_places(project, project.target)])
    if not result.success:
        raise RuntimeError(str(result.exception))
    # dbt leaves it as it is when a newer file changed nothing; and a file that changed meanwhile is newer than it.
    os.utime(project.parsed, (begun, begun))


def _places(project: Project, target: Path) -> list[str]:
    places = {
        "project-dir": project.folder,
        "profiles-dir": project.folder,
        "target-path": target,
        "log-path": target,
    }
    return [part for name, place in places.items() for part in (f"--{name}", str(place))]


@contextmanager
def _dbt_surroundings(build_file: Path, edition: Path, slices: Path | None = None, memory: str = "") -> Iterator[None]:
    """dbt reads the files' places from the environment, changes the working folder and keeps its connection: undo all three."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    folder = Path.cwd()
    places = {
        BUILD_FILE_VARIABLE: str(build_file),
        EDITION_FILE_VARIABLE: str(edition),
        SLICES_VARIABLE: str(slices or ""),
        **({MEMORY_VARIABLE: memory} if memory else {}),
    }
    os.environ.update(places)
    try:
        yield
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        for variable in places:
            os.environ.pop(variable, None)
        os.chdir(folder)
