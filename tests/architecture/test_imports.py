"""The walls of the house: who may import whom, where the clock is read, and what no file may name."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("pipeline", "schemas")
MODULES = {
    file.relative_to(ROOT).as_posix(): ast.parse(file.read_text(encoding="utf-8"))
    for package in PACKAGES
    for file in sorted((ROOT / package).rglob("*.py"))
}
CORE_MAY_IMPORT = {"polars", "pydantic", "numpy", "scipy", "sklearn", "pipeline", "schemas"}
KNOW_DBT = {"pipeline/warehouse/dbt.py", "pipeline/assets/marts.py"}
NOT_IN_ASSETS = {"pandera", "numpy", "scipy", "sklearn"}
CLOCKS = {"today", "now", "utcnow", "time", "time_ns", "monotonic", "perf_counter", "localtime", "gmtime"}
CLOCK_OWNERS = {"date", "datetime", "time", "dt"}
FILES_AND_NETWORK = {"os", "io", "pathlib", "shutil", "tempfile", "subprocess", "socket", "urllib", "http", "sqlite3"}


def modules(folder: str) -> dict[str, ast.Module]:
    found = {name: tree for name, tree in MODULES.items() if name.startswith(folder)}
    assert found
    return found


def imported(tree: ast.AST, *, at_run_time: bool = False) -> Iterator[str]:
    """Full names of the modules that a module imports; with `at_run_time`, not those for the type checker only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif at_run_time and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        else:
            yield from imported(node, at_run_time=at_run_time)


def packages(tree: ast.AST) -> set[str]:
    return {name.split(".")[0] for name in imported(tree)}


def calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(owner, name) of every call of an attribute: `datetime.now()` is ("datetime", "now")."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value).split(".")[-1], node.func.attr


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


# Layers


@pytest.mark.parametrize("name", modules("pipeline/core/"))
def test_core_imports_frames_numbers_and_the_standard_library_only(name: str) -> None:
    allowed = CORE_MAY_IMPORT | sys.stdlib_module_names
    assert packages(MODULES[name]) <= allowed
    assert not packages(MODULES[name]) & FILES_AND_NETWORK


@pytest.mark.parametrize("name", modules("pipeline/core/"))
def test_core_imports_nothing_of_the_pipeline_but_itself(name: str) -> None:
    for module in imported(MODULES[name]):
        assert not module.startswith("pipeline.") or module.startswith("pipeline.core."), module


@pytest.mark.parametrize("name", modules("pipeline/core/"))
def test_core_never_reads_the_clock(name: str) -> None:
    tree = MODULES[name]
    read = {(owner, call) for owner, call in calls(tree) if owner in CLOCK_OWNERS and call in CLOCKS}
    assert not read
    assert not {module for module in imported(tree) if module == "time" or module.startswith("time.")}


@pytest.mark.parametrize("name", modules("schemas/"))
def test_schemas_import_nothing_of_the_pipeline(name: str) -> None:
    assert "pipeline" not in packages(MODULES[name])


@pytest.mark.parametrize("name", modules("pipeline/assets/"))
def test_assets_do_not_compute(name: str) -> None:
    assert not packages(MODULES[name]) & NOT_IN_ASSETS


def test_dbt_is_known_in_two_places_only() -> None:
    assert {name for name, tree in MODULES.items() if packages(tree) & {"dbt", "dagster_dbt"}} <= KNOW_DBT


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith(("pipeline/core/", "pipeline/sources/"))])
def test_what_is_below_the_assets_knows_no_dagster(name: str) -> None:
    assert not packages(MODULES[name]) & {"dagster", "dagster_dbt"}
    assert not {module for module in imported(MODULES[name]) if module.startswith("pipeline.assets.")}


def test_the_walls_see_what_they_shall_keep_out() -> None:
    tree = ast.parse(
        "import os.path\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pipeline.settings import Settings\n"
        "def f():\n    import duckdb\n    return datetime.datetime.now(), date.today()\n"
    )
    assert packages(tree) == {"os", "typing", "pipeline", "duckdb"}
    assert "pipeline.settings.Settings" not in set(imported(tree, at_run_time=True))
    assert set(calls(tree)) == {("datetime", "now"), ("date", "today")}


def test_definitions_decide_nothing() -> None:
    tree = MODULES["pipeline/definitions.py"]
    decisions = (ast.If, ast.For, ast.While, ast.Try, ast.IfExp, ast.BoolOp, ast.Match, ast.comprehension)
    assert not [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, decisions)]


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_belongs_in_it(name: str) -> None:
    assert ast.get_docstring(MODULES[name])


# Files


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
