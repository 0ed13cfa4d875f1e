"""The dashboard in bi/superset against the contracts: what a chart names is a column or a metric of its dataset, and a dataset has the
columns of its mart. What Superset makes of it is tried by `make test-superset`."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from pipeline.commands.report.reading import AT_RISK, QUERIES
from schemas.columns import warehouse_type
from schemas.registry import MARTS

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "bi" / "superset"
EXPOSURES = yaml.safe_load((ROOT / "dbt_project/models/exposures.yml").read_text(encoding="utf-8"))["exposures"]
NAMING = ("x_axis", "groupby", "all_columns", "series", "entity")
MEASURING = ("metric", "metrics", "x", "y", "size")


def read_all(folder: str) -> dict[str, Any]:
    files = sorted((BUNDLE / folder).rglob("*.yaml"))
    return {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


DATASETS, CHARTS = read_all("datasets"), read_all("charts")
DASHBOARD = read_all("dashboards")["loyalty"]
DATASET_OF = {dataset["uuid"]: dataset for dataset in DATASETS.values()}


def columns_of_contract(name: str) -> list[dict[str, Any]]:
    types = {column: warehouse_type(rules).upper() for column, rules in MARTS[name].columns.items()}
    return [
        {"column_name": column, "type": kind, **({"is_dttm": True} if kind.startswith(("DATE", "TIMESTAMP")) else {})}
        for column, kind in types.items()
    ]


def named(params: dict[str, Any], keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        value = params.get(key, [])
        yield from [value] if isinstance(value, str) else value


def tables_of_exposure(name: str) -> list[str]:
    (found,) = [exposure for exposure in EXPOSURES if exposure["name"] == name]
    return [re.sub(r"ref\('(\w+)'\)", r"\1", table) for table in found["depends_on"]]


@pytest.mark.parametrize("name", DATASETS)
def test_a_dataset_has_the_columns_of_its_mart(name: str) -> None:
    """Set UPDATE_SNAPSHOTS=1 to take them from the contract."""
    dataset = DATASETS[name]
    computed = [column for column in dataset["columns"] if "expression" in column]
    expected = [*columns_of_contract(name), *computed]
    if os.environ.get("UPDATE_SNAPSHOTS"):
        text = yaml.safe_dump(dataset | {"columns": expected}, sort_keys=False, width=120, default_flow_style=None)
        (BUNDLE / f"datasets/loyalty/{name}.yaml").write_text(text, encoding="utf-8")
    assert (dataset["table_name"], dataset["schema"]) == (name, MARTS[name].schema)
    assert dataset["columns"] == expected


@pytest.mark.parametrize("name", DATASETS)
def test_every_expression_of_a_dataset_is_sql_on_its_mart(name: str) -> None:
    columns = ", ".join(f"{column} {warehouse_type(rules)}" for column, rules in MARTS[name].columns.items())
    dataset = DATASETS[name]
    expressions = [one["expression"] for one in (*dataset["metrics"], *dataset["columns"]) if "expression" in one]
    with duckdb.connect() as connection:
        connection.execute(f"create table mart ({columns})")
        for expression in expressions:
            connection.execute(f"select {expression} from mart")


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_names_only_what_its_dataset_has(name: str) -> None:
    params, dataset = CHARTS[name]["params"], DATASET_OF[CHARTS[name]["dataset_uuid"]]
    columns = {column["column_name"] for column in dataset["columns"]}
    metrics = {metric["metric_name"] for metric in dataset["metrics"]}
    filtered = {one["subject"] for one in params["adhoc_filters"]}
    ordered = {yaml.safe_load(one)[0] for one in params.get("order_by_cols", [])}
    assert {*named(params, NAMING), *filtered, *ordered} <= columns
    assert set(named(params, MEASURING)) <= metrics
    assert set(named(params, NAMING)) | set(named(params, MEASURING))
    assert params["viz_type"] == CHARTS[name]["viz_type"]


def test_the_dashboard_shows_every_chart_once_and_no_other() -> None:
    places = [place for place in DASHBOARD["position"].values() if isinstance(place, dict) and place["type"] == "CHART"]
    shown = sorted((place["meta"]["uuid"], place["meta"]["sliceName"]) for place in places)
    assert shown == sorted((chart["uuid"], chart["slice_name"]) for chart in CHARTS.values())
    assert len({place["meta"]["chartId"] for place in places}) == len(places)


def test_the_bundle_reads_one_database_whose_address_is_a_placeholder() -> None:
    (database,) = read_all("databases").values()
    assert database["sqlalchemy_uri"] == "duckdb:////folder/warehouse.duckdb?access_mode=READ_ONLY"
    assert {dataset["database_uuid"] for dataset in DATASETS.values()} == {database["uuid"]}


def test_the_exposures_are_of_the_tables_that_the_dashboard_and_the_report_read() -> None:
    read = {table for query in (*QUERIES.values(), AT_RISK) for table in re.findall(r"marts\.(\w+)", query)}
    assert tables_of_exposure("superset") == sorted(DATASETS)
    assert tables_of_exposure("report") == sorted({*read, "lake_versions", "notices"})
