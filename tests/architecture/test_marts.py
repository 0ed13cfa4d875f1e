"""The published tables and the dbt project: what is written from the contracts, and what is left to a hand."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.columns import constraints, is_moment, warehouse_type
from schemas.generate import ROOT, generated_files
from schemas.marts import date_name, shown
from schemas.registry import KNOWN, MARTS, TABLES
from schemas.to_dbt import FOLDER
from schemas.types import Table

PROJECT = ROOT / "dbt_project"
MODELS = PROJECT / "models"
SCHEMAS = ("marts", "quality")
BY_HAND = {name for name, mart in MARTS.items() if mart.shows is None and mart.known_as is None}
FILES = generated_files(TABLES.values(), MARTS.values())
COLUMNS = [
    *((name, column) for name, table in TABLES.items() for column in table.columns.values()),
    *((name, column) for name, mart in MARTS.items() for column in mart.columns.values()),
]


def read_yml(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def unit_tests() -> list[dict[str, Any]]:
    files = [file for schema in SCHEMAS for file in sorted((MODELS / schema / "tests").glob("*.yml"))]
    return [test for file in files for test in read_yml(file)["unit_tests"]]


@pytest.mark.parametrize("place", FILES, ids=str)
def test_a_generated_file_is_what_the_contracts_say(place: Path) -> None:
    """`make setup` and every run write them anew; commit what they write."""
    assert (ROOT / place).read_text(encoding="utf-8") == FILES[place]


def test_nothing_else_stands_among_the_generated_files() -> None:
    found = {file.relative_to(ROOT) for file in (ROOT / FOLDER).rglob("*") if file.is_file()}
    assert found == {place for place in FILES if FOLDER in place.parents}


def test_a_mart_that_shows_no_lake_table_has_a_query_written_by_hand_and_no_other_has() -> None:
    queries = {(schema, file.stem) for schema in SCHEMAS for file in (MODELS / schema).glob("*.sql")}
    assert queries == {(MARTS[name].schema, name) for name in BY_HAND}


def test_a_mart_written_by_hand_decides_something_that_a_unit_test_shows() -> None:
    # inputs_read leaves two columns out and decides nothing.
    assert BY_HAND - {test["model"] for test in unit_tests()} == {"inputs_read"}


def test_a_unit_test_shows_both_ways_to_show_a_lake_table() -> None:
    shown = {MARTS[test["model"]].shows for test in unit_tests()} - {None}
    assert {table.shows_history for table in shown if table} == {True, False}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_marts_are_tables_of_the_edition_as_their_contracts_say(schema: str) -> None:
    models = read_yml(PROJECT / "dbt_project.yml")["models"]["loyalty"]
    for settings in (models[schema], models["generated"][schema]):
        assert settings["+schema"] == schema
        assert settings["+database"] == "edition"
        assert settings["+materialized"] == "mart"
        assert settings["+contract"] == {"enforced": True}


def test_every_intermediate_model_has_one_yml_of_its_name_that_says_its_grain() -> None:
    queries = {file.stem for file in (MODELS / "intermediate").glob("*.sql")}
    described = {file.stem: read_yml(file)["models"] for file in (MODELS / "intermediate").glob("*.yml")}
    assert queries
    assert queries == set(described)
    for name, models in described.items():
        assert [model["name"] for model in models] == [name]
        assert models[0]["description"].startswith("One row")


@pytest.mark.parametrize("table", [*TABLES.values(), *MARTS.values()], ids=lambda table: table.name)
def test_a_table_says_what_a_row_is_and_its_key_is_among_its_columns(table: Any) -> None:
    said = table.description if table in MARTS.values() else table.grain
    assert said.startswith("One row per ")
    assert table.key
    assert set(table.key) <= set(table.columns)


def test_every_column_is_described() -> None:
    for name, column in COLUMNS:
        assert column.description, f"{name}.{column.name}"


def test_no_key_is_ever_missing() -> None:
    for table in (*TABLES.values(), *MARTS.values()):
        part = table.split_by if isinstance(table, Table) else None
        assert [name for name in table.key if table.columns[name].nullable] == ([part] if part else []), table.name


def test_the_name_of_a_table_belongs_to_one_table() -> None:
    published = [mart.name for table in TABLES.values() if table.published_as for mart in shown(table)]
    assert len(MARTS) == len(published) + len(KNOWN) + len(BY_HAND)


def test_a_moment_that_people_group_by_has_its_local_date_beside_it() -> None:
    for mart in (mart for mart in MARTS.values() if mart.schema == "marts"):
        names = list(mart.columns)
        for name in (name for name, column in mart.columns.items() if is_moment(column)):
            assert names[names.index(name) + 2] in ("local_date", date_name(name)), f"{mart.name}.{name}"


def test_every_moment_has_its_local_time_beside_it_for_tools_without_time_zones() -> None:
    for mart in MARTS.values():
        names = list(mart.columns)
        for name in mart.moments:
            beside = mart.columns[names[names.index(name) + 1]]
            assert (beside.name, warehouse_type(beside)) == (f"{name}_local", "timestamp"), f"{mart.name}.{name}"
            assert beside.nullable == mart.columns[name].nullable


def test_a_percentage_is_0_to_100_and_a_month_is_a_date() -> None:
    for name, column in COLUMNS:
        if str(column.name).startswith("pct"):
            assert constraints(column) == ["at least 0", "at most 100"], f"{name}.{column.name}"
        if str(column.name).split("_")[-1] == "month":
            assert warehouse_type(column) == "date", f"{name}.{column.name}"


def test_personal_text_is_marked_wherever_it_is_published() -> None:
    marked = {(name, column.name) for name, column in COLUMNS if (column.metadata or {}).get("is_personal_text")}
    lake = {column for name, column in marked if name in TABLES}
    assert lake == {"title", "body", "comment"}
    for name, column in COLUMNS:
        assert (column.name not in lake) or (name, column.name) in marked
