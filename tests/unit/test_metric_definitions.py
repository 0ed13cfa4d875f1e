"""The metrics of dbt_project by the SQL that they are written in; `tests.bench.metrics` asks MetricFlow itself."""

from typing import Any

import duckdb
import pytest
import yaml

from pipeline.warehouse.dbt import DBT_PROJECT

SHOP = """
attach ':memory:' as edition;
create schema edition.marts;
create schema edition.quality;
create table edition.quality.settings_used as
select * from (values ('cohorts.min_n', '30'), ('pillars.min_n', '20'), ('shop.currency', 'EUR')) as used (setting, value);
create table edition.marts.customer_360 as
select
    case when number <= 30 then 'gold' when number <= 59 then 'silver' end as tier,
    case when number <= 9 or number between 31 and 40 then 2 when number <= 59 then 1 else 0 end as n_valid_orders,
    10 as value_at_risk,
from range(1, 100) as numbers (number);
create table edition.marts.customer_pillars as
select * from (values ('gold', 5, 4), ('gold', 15, 14), ('silver', 19, 10)) as rows (tier, n_otif_known, n_otif);
"""
"""30 customers with an order in tier gold, 29 in silver, 40 without one in none; 20 orders judged in gold, 19 in silver."""


def asked(metric: str, group_by: str = "'all'") -> dict[str, float | None]:
    """A derived metric by group, from the measures that it is made of."""
    read = yaml.safe_load((DBT_PROJECT / "models" / "metrics" / "metrics.yml").read_text(encoding="utf-8"))
    metrics = {row["name"]: row["type_params"] for row in read["metrics"]}
    parts = {name: metrics[name]["measure"] for name in metrics[metric]["metrics"]}
    (model,) = (row for row in read["semantic_models"] if {*parts.values()} <= {it["name"] for it in row["measures"]})
    measures = {row["name"]: row for row in model["measures"]}
    sums = ", ".join(f"{_aggregated(measures[measure])} as {name}" for name, measure in parts.items())
    table = model["model"].removeprefix("ref('").removesuffix("')")
    with duckdb.connect() as connection:
        connection.execute(SHOP)
        sql = f"with sums as (select {group_by} as grouped, {sums} from edition.marts.{table} group by 1) "
        return dict(connection.execute(f"{sql} select grouped, {metrics[metric]['expr']} from sums").fetchall())


def _aggregated(measure: dict[str, Any]) -> str:
    expr = measure.get("expr", measure["name"])
    return (
        f"sum(case when {expr} then 1 else 0 end)" if measure["agg"] == "sum_boolean" else f"{measure['agg']}({expr})"
    )


def test_the_repeat_rate_of_too_few_buyers_is_null() -> None:
    # 9 of 30 in gold and 10 of 29 in silver, together 19 of 59; who has not ordered is in no denominator.
    assert asked("pct_repeat") == {"all": pytest.approx(100 * 19 / 59)}
    assert asked("pct_repeat", "tier") == {"gold": 30.0, "silver": None, None: None}


def test_on_time_in_full_of_too_few_orders_is_null() -> None:
    assert asked("pct_otif") == {"all": pytest.approx(100 * 28 / 39)}
    assert asked("pct_otif", "tier") == {"gold": 90.0, "silver": None}
