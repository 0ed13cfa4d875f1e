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


def as_table(name: str) -> str:
    """The statement that makes an empty table of a mart, under its name in the published file."""
    mart = MARTS[name]
    columns = ", ".join(f"{column} {warehouse_type(rules)}" for column, rules in mart.columns.items())
    return f"create schema if not exists {mart.schema}; create table {mart.schema}.{name} ({columns})"


def sql_of_list(params: dict[str, Any], mart: str) -> str:
    """What Superset asks for a chart that lists rows."""
    filters = " and ".join(f"{one['subject']} {one['operator']} {one['comparator']}" for one in params["adhoc_filters"])
    order = ", ".join(
        f"{column} {'asc' if is_ascending else 'desc'}"
        for column, is_ascending in map(yaml.safe_load, params["order_by_cols"])
    )
    columns = ", ".join(params["all_columns"])
    return f"select {columns} from marts.{mart} where {filters} order by {order} limit {params['row_limit']}"


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


def test_the_list_of_customers_has_those_with_the_most_value_at_risk_as_the_report_has() -> None:
    chart = CHARTS["customers_at_risk"]
    assert DATASET_OF[chart["dataset_uuid"]]["table_name"] == "customer_360"
    rows = [
        ("a", "at_risk", 20),
        ("b", "lost", 90),
        ("c", "active", 30),
        ("d", "lost", None),
        ("e", "lost", 30),
        ("f", "lost", 0),
    ]
    with duckdb.connect() as connection:
        connection.execute(as_table("customer_360"))
        connection.executemany(
            "insert into marts.customer_360 (customer_id, churn_band, value_at_risk) values (?, ?, ?)", rows
        )
        listed = [
            [row[0] for row in connection.execute(query, given).fetchall()]
            for query, given in ((sql_of_list(chart["params"], "customer_360"), []), (AT_RISK, [20]))
        ]
    assert listed == [["b", "c", "e", "a"]] * 2


def test_drivers_are_those_of_the_date_of_the_edition() -> None:
    """A construct without a row on it, as after a change of the survey, is not shown with what it was."""
    dataset = DATASET_OF[CHARTS["drivers"]["dataset_uuid"]]
    metrics = ", ".join(f'{one["expression"]} as "{one["metric_name"]}"' for one in dataset["metrics"])
    rows = [
        *(("2026-11-26", "s", "care", 30.0, 60.0), ("2026-11-26", "s", "price", 20.0, 50.0)),
        ("2026-11-27", "s", "care", 50.0, 61.0),
    ]
    with duckdb.connect() as connection:
        for name in ("driver_importance", "lake_versions"):
            connection.execute(as_table(name))
        connection.execute("insert into quality.lake_versions (as_of_date) values ('2026-11-26'), ('2026-11-27')")
        connection.executemany(
            "insert into marts.driver_importance (as_of_date, survey_id, construct, importance_pct, performance) "
            "values (?, ?, ?, ?, ?)",
            rows,
        )
        asked = f"select survey_id, construct, {metrics} from ({dataset['sql']}) group by all"
        assert connection.execute(asked).fetchall() == [("s", "care", 50.0, 61.0)]
        # On a date without enough answers nothing is shown.
        connection.execute("insert into quality.lake_versions (as_of_date) values ('2026-11-28')")
        assert connection.execute(asked).fetchall() == []


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
    also = {
        table
        for dataset in DATASETS.values()
        for table in re.findall(r"(?:marts|quality)\.(\w+)", dataset.get("sql", ""))
    }
    assert tables_of_exposure("superset") == sorted({*DATASETS, *also})
    assert tables_of_exposure("report") == sorted({*read, "lake_versions", "notices"})
