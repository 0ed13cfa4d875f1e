"""The walls of the house: who may import whom, where the clock is read, what is installed, and what no file may name.

Every rule is a function that finds what breaks it. It is asked of the project, and of a made-up tree that breaks it.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("pipeline", "schemas")
Modules = Mapping[str, ast.Module]
"""Path of a file -> what is in it."""
MODULES: Modules = {
    file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
    for package in PACKAGES
    for file in sorted((ROOT / package).rglob("*.py"))
}

LAYERS: tuple[tuple[str, ...], ...] = (
    ("schemas",),
    ("pipeline.errors", "pipeline.core.options", "pipeline.core.frames", "pipeline.core.numbers"),
    ("pipeline.core.as_of_dates", "pipeline.core.local_dates", "pipeline.core.statistics"),
    ("pipeline.core.facts",),
    ("pipeline.core.attitude",),
    (
        *("pipeline.core.behaviour", "pipeline.core.ingest", "pipeline.core.loyalty", "pipeline.core.notices"),
        *("pipeline.core.outlook", "pipeline.core.report", "pipeline.core.settings_used"),
    ),
    ("pipeline.sources",),
    ("pipeline.settings",),
    ("pipeline.configuration_faults",),
    ("pipeline.whole_files",),
    (
        *("pipeline.causes", "pipeline.command_log", "pipeline.home_version", "pipeline.lake_rows"),
        *("pipeline.lake_seals", "pipeline.private_files"),
    ),
    ("pipeline.configuration", "pipeline.run_log"),
    (
        *("pipeline.asset_keys", "pipeline.charts", "pipeline.dagster_event_log", "pipeline.dagster_home"),
        *("pipeline.dagster_event_log_postgresql", "pipeline.interruption", "pipeline.lake", "pipeline.progress"),
        *("pipeline.run_lock", "pipeline.sizes", "pipeline.unchanged"),
    ),
    ("pipeline.fact_files",),
    ("pipeline.fact_rows",),
    ("pipeline.fact_making",),
    ("pipeline.facts",),
    ("pipeline.parts",),
    ("pipeline.spark",),
    ("pipeline.computed", "pipeline.warehouse", "pipeline.run_records"),
    ("pipeline.targets",),
    ("pipeline.resources",),
    ("pipeline.commands",),
    ("pipeline.alerts",),
    ("pipeline.assets",),
    ("pipeline.checks", "pipeline.jobs"),
    ("pipeline.definitions",),
    ("pipeline.nightly_run",),
    ("pipeline.ui",),
    ("pipeline.cli",),
)
"""The rooms, bottom to top: a module imports its own room and those of lower layers, never a neighbour on its own."""
WITHOUT_ROOM = {"pipeline", "pipeline.core"}
"""Packages that only hold rooms."""

CORE_MAY_IMPORT = {
    *("polars", "pydantic", "numpy", "scipy", "sklearn", "threadpoolctl"),
    *("simplemma", "lingua", "phonenumbers"),
    *("pipeline", "schemas"),
}
KNOW_DBT = {"pipeline/warehouse/dbt.py"}
NOT_IN_ASSETS = {"pandera", "numpy", "scipy", "sklearn"}
CLOCKS = {"today", "now", "utcnow", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}
CLOCK_OWNERS = {"date", "datetime", "time", "dt"}
FILES_AND_NETWORK = {"os", "io", "pathlib", "shutil", "tempfile", "subprocess", "socket", "urllib", "http", "sqlite3"}
DECISIONS = (ast.If, ast.For, ast.While, ast.Try, ast.IfExp, ast.BoolOp, ast.Match, ast.comprehension)

NOT_IMPORTED = {
    "dbt-duckdb": "the adapter that dbt loads by the profile's type",
    "pandas": "pyspark-client needs it, and warns of the next one",
    "pytz": "DuckDB needs it to hand over a time with a zone",
    "tzdata": "the time zones where the system has none",
}
"""Requirements that no module imports by their own name -> why they are there."""


def imported(tree: ast.AST) -> Iterator[str]:
    """Full names of what a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def packages(tree: ast.AST) -> set[str]:
    return {name.split(".")[0] for name in imported(tree)}


def calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(owner, name) of every call of an attribute: `datetime.now()` is ("datetime", "now")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value).split(".")[-1], node.func.attr


def within(modules: Modules, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    yield from ((path, tree) for path, tree in modules.items() if path.startswith(folders))


def name_of(path: str) -> str:
    """The module of a file: `pipeline/core/__init__.py` is pipeline.core."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def arrows(modules: Modules) -> dict[str, set[str]]:
    """Module -> the project's own modules that it imports."""
    names = {name_of(path) for path in modules}

    def owner(name: str) -> str:
        while name and name not in names:
            name = name.rpartition(".")[0]
        return name

    return {
        name_of(path): {found for name in imported(tree) if (found := owner(name))} - {name_of(path)}
        for path, tree in modules.items()
    }


def room_of(module: str) -> tuple[int, str] | None:
    """The layer and the room that a module is in."""
    for layer, rooms in enumerate(LAYERS):
        for room in rooms:
            if module == room or module.startswith(f"{room}."):
                return layer, room
    return None


# Rules


def homeless(modules: Modules) -> list[str]:
    return [name for path in modules if (name := name_of(path)) not in WITHOUT_ROOM and room_of(name) is None]


def upward_arrows(modules: Modules) -> list[str]:
    """Imports of a higher layer, or of another room of the same one."""
    found = []
    for module, others in arrows(modules).items():
        for other in others:
            here, there = room_of(module), room_of(other)
            if here and there and here[1] != there[1] and there[0] >= here[0]:
                found.append(f"{module} imports {other}")
    return sorted(found)


def circles(modules: Modules) -> list[str]:
    """Modules from which imports lead back to themselves."""
    graph = arrows(modules)

    def reached(module: str) -> set[str]:
        seen: set[str] = set()
        waiting = list(graph[module])
        while waiting:
            if (one := waiting.pop()) not in seen:
                seen.add(one)
                waiting += graph[one]
        return seen

    return sorted(module for module in graph if module in reached(module))


def foreign_in_core(modules: Modules) -> list[str]:
    """What the core imports beside frames, numbers and the standard library without files and network."""
    allowed = (CORE_MAY_IMPORT | set(sys.stdlib_module_names)) - FILES_AND_NETWORK
    return [
        f"{path}: {name}"
        for path, tree in within(modules, "pipeline/core/")
        for name in imported(tree)
        if name.split(".")[0] not in allowed or (name.startswith("pipeline.") and not name.startswith("pipeline.core."))
    ]


def clocks_in_core(modules: Modules) -> list[str]:
    found = []
    for path, tree in within(modules, "pipeline/core/"):
        found += [f"{path}: {name}" for name in imported(tree) if name.split(".")[0] == "time"]
        found += [f"{path}: {owner}.{call}" for owner, call in calls(tree) if owner in CLOCK_OWNERS and call in CLOCKS]
    return found


def pipeline_in_schemas(modules: Modules) -> list[str]:
    return [path for path, tree in within(modules, "schemas/") if "pipeline" in packages(tree)]


def computing_assets(modules: Modules) -> list[str]:
    return [path for path, tree in within(modules, "pipeline/assets/") if packages(tree) & NOT_IN_ASSETS]


def strangers_that_know_dbt(modules: Modules) -> list[str]:
    return [path for path, tree in modules.items() if "dbt" in packages(tree) and path not in KNOW_DBT]


def dagster_below_assets(modules: Modules) -> list[str]:
    return [
        f"{path}: {name}"
        for path, tree in within(modules, "pipeline/core/", "pipeline/sources/")
        for name in imported(tree)
        if name.split(".")[0] == "dagster" or name.startswith("pipeline.assets.")
    ]


def decisions_in_definitions(modules: Modules) -> list[str]:
    nodes = ast.walk(modules["pipeline/definitions.py"])
    return [ast.unparse(node) for node in nodes if isinstance(node, DECISIONS)]


def strange_csv_writers(modules: Modules) -> list[str]:
    return [
        f"{path}: {owner}"
        for path, tree in modules.items()
        for owner, name in calls(tree)
        if name == "write_csv" and owner != "without_formulas(rows)" and not path.startswith("pipeline/sources/demo/")
    ]


def modules_without_words(modules: Modules) -> list[str]:
    return [path for path, tree in modules.items() if not ast.get_docstring(tree)]


RULES: dict[Callable[[Modules], list[str]], tuple[dict[str, str], list[str]]] = {
    homeless: ({"pipeline/attic.py": "", "pipeline/lake.py": "", "pipeline/core/__init__.py": ""}, ["pipeline.attic"]),
    upward_arrows: (
        {
            "schemas/a.py": "",
            "pipeline/core/facts/b.py": "from schemas.a import A\nimport pipeline.core.attitude.c",
            "pipeline/core/attitude/c.py": "from pipeline.core.facts import b\nfrom pipeline.core.attitude import d",
            "pipeline/core/attitude/d.py": "def f():\n    from pipeline.sources.f import F",
            "pipeline/core/loyalty/e.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pipeline.core.outlook.g",
            "pipeline/core/outlook/g.py": "from pipeline.core.attitude.c import C",
            "pipeline/sources/f.py": "from pipeline.core.outlook.g import G",
        },
        [
            "pipeline.core.attitude.d imports pipeline.sources.f",
            "pipeline.core.facts.b imports pipeline.core.attitude.c",
            "pipeline.core.loyalty.e imports pipeline.core.outlook.g",
        ],
    ),
    circles: (
        {
            "pipeline/sources/a.py": "from pipeline.sources.b import B",
            "pipeline/sources/b.py": "def f():\n    from pipeline.sources import c",
            "pipeline/sources/c.py": "import pipeline.sources.a",
            "pipeline/sources/d.py": "import pipeline.sources.a",
        },
        ["pipeline.sources.a", "pipeline.sources.b", "pipeline.sources.c"],
    ),
    foreign_in_core: (
        {
            "pipeline/core/a.py": "import re\nimport polars as pl\nimport pipeline.core.b\nimport duckdb",
            "pipeline/core/b.py": "import os.path\nfrom pipeline.errors import LoyaltyError",
            "pipeline/lake.py": "import os, deltalake",
        },
        [
            "pipeline/core/a.py: duckdb",
            "pipeline/core/b.py: os.path",
            "pipeline/core/b.py: pipeline.errors.LoyaltyError",
        ],
    ),
    clocks_in_core: (
        {
            "pipeline/core/a.py": "from time import sleep\nimport datetime\ndatetime.datetime.now()\nrow.now()",
            "pipeline/core/b.py": "from datetime import date\ndate.today()\ndate.fromisoformat(text)",
            "pipeline/jobs.py": "date.today()",
        },
        ["pipeline/core/a.py: time.sleep", "pipeline/core/a.py: datetime.now", "pipeline/core/b.py: date.today"],
    ),
    pipeline_in_schemas: (
        {"schemas/a.py": "import polars", "schemas/b.py": "from pipeline.errors import LoyaltyError"},
        ["schemas/b.py"],
    ),
    computing_assets: (
        {"pipeline/assets/a.py": "import polars", "pipeline/assets/b.py": "def f():\n    import numpy as np"},
        ["pipeline/assets/b.py"],
    ),
    strangers_that_know_dbt: (
        {"pipeline/warehouse/dbt.py": "import dbt.version", "pipeline/jobs.py": "from dbt.cli.main import dbtRunner"},
        ["pipeline/jobs.py"],
    ),
    dagster_below_assets: (
        {
            "pipeline/sources/a.py": "import dagster as dg",
            "pipeline/core/b.py": "from pipeline.assets.common import newest",
            "pipeline/assets/c.py": "import dagster as dg",
        },
        ["pipeline/sources/a.py: dagster", "pipeline/core/b.py: pipeline.assets.common.newest"],
    ),
    decisions_in_definitions: (
        {
            "pipeline/definitions.py": "assets = list(found) or empty\nwith here:\n    pass",
            "pipeline/jobs.py": "a or b",
        },
        ["list(found) or empty"],
    ),
    strange_csv_writers: (
        {
            "pipeline/a.py": "without_formulas(rows).write_csv(file)",
            "pipeline/b.py": "def f():\n    rows.write_csv(file)",
            "pipeline/sources/demo/c.py": "rows.write_csv()",
        },
        ["pipeline/b.py: rows"],
    ),
    modules_without_words: (
        {"pipeline/a.py": '"""Words."""', "pipeline/b.py": "# No words.\na = 1"},
        ["pipeline/b.py"],
    ),
}
"""Rule -> a tree that breaks it beside what is right, and what the rule finds there."""
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)


@every_rule
def test_the_project_keeps_the_rule(rule: Callable[[Modules], list[str]]) -> None:
    assert rule(MODULES) == []


@every_rule
def test_the_rule_finds_what_breaks_it_and_nothing_else(rule: Callable[[Modules], list[str]]) -> None:
    tree, expected = RULES[rule]
    assert rule({path: ast.parse(text) for path, text in tree.items()}) == expected


def test_every_room_of_the_list_is_there() -> None:
    names = {name_of(path) for path in MODULES}
    assert {room for rooms in LAYERS for room in rooms} <= names


# Requirements


def canonical(name: str) -> str:
    """The name of a distribution, as all its spellings are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def required(lines: Iterable[str]) -> set[str]:
    return {canonical(re.split(r"[\[<>=!~; ]", line)[0]) for line in lines}


def requirement_faults(
    modules: Modules, declared: set[str], origins: Mapping[str, list[str]], not_imported: Iterable[str]
) -> list[str]:
    """Packages that are imported and not declared, and declared and not imported; `origins`: package -> distributions."""
    own = {path.split("/")[0] for path in modules} | set(sys.stdlib_module_names)
    used: set[str] = set()
    found = []
    for package in sorted({name for tree in modules.values() for name in packages(tree)} - own):
        names = {canonical(name) for name in origins.get(package, [package])}
        if not names & declared:
            found.append(f"{package} is imported, and {' or '.join(sorted(names))} is not declared")
        used |= names
    excepted = set(not_imported)
    found += [f"{name} is declared and not imported" for name in sorted(declared - used - excepted)]
    return found + [f"{name} is excepted and not declared" for name in sorted(excepted - declared)]


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = required([*project["dependencies"], *project["optional-dependencies"]["spark"]])
    assert requirement_faults(MODULES, declared, packages_distributions(), NOT_IMPORTED) == []


def test_a_package_too_many_or_too_few_is_found() -> None:
    tree = {
        "pipeline/a.py": ast.parse("import os, yaml, dbt.version, attic.x\nfrom schemas import b"),
        "schemas/b.py": ast.Module([], []),
    }
    declared = required(["PyYAML>=6", "dbt_core==1.*", "cellar[wine]>=2", "plugin; python_version > '3'"])
    origins = {"yaml": ["PyYAML"], "dbt": ["dbt-adapters", "dbt-core"]}
    assert requirement_faults(tree, declared, origins, ["plugin", "gone"]) == [
        "attic is imported, and attic is not declared",
        "cellar is declared and not imported",
        "gone is excepted and not declared",
    ]


# Files


def tracked_files() -> list[Path]:
    """The files of the repository, new ones included; none where it is no working copy."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listing.returncode:
        pytest.skip("not a git working copy")
    return [file for name in listing.stdout.split("\0") if name and (file := ROOT / name).is_file()]


def test_no_file_names_a_place_on_a_machine_an_index_or_unfinished_work() -> None:
    # Written in parts, so that this file does not find itself.
    forbidden = re.compile(
        "|".join(
            [
                r"(?<![\w.~}/-])/(?:work|root|tmp|home/\w+|Users/\w+)" + r"/",
                r"\b(?:TO" + r"DO|FIX" + r"ME)\b",
                r"--(?:extra-)?index-" + r"url\b|pypi" + r"\.org|/simp" + r"le/",
            ]
        )
    )
    found = []
    for file in tracked_files():
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
            for number, line in enumerate(lines, start=1)
            if forbidden.search(line)
        ]
    assert found == []


def test_every_requirement_is_pinned_and_hashed_without_an_address() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in text
    lines = [
        line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    assert len(lines) > 100
    for line in lines:
        assert re.match(
            r"[A-Za-z0-9._-]+(\[[\w,.-]+\])?==[\w.!+-]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+$", line.rstrip()
        ), line


def test_the_definitions_load_what_only_some_steps_use_when_it_is_used() -> None:
    heavy = {"dbt", "sklearn", "scipy", "altair", "dlt", "apprise", "pandas", "pyspark"}
    code = (
        "import sys; from pathlib import Path; from pipeline.definitions import build_defs, load_settings; "
        f"build_defs(load_settings(Path('loyalty.yaml'))); print(sorted({heavy} & {{*sys.modules}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
