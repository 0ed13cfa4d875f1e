"""The marts say the same as the data contracts: every column described, typed, and in the contract's own words."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.registry import TABLES

PROJECT = Path(__file__).parents[2] / "dbt_project"
FOLDERS = ("marts", "quality")

CONTRACTS = {
    "construct_reliability": ("construct_reliability",),
    "construct_scores": ("construct_scores",),
    "abandoned_carts": ("abandoned_carts",),
    "channel_consistency": ("channel_consistency",),
    "churn_calibration": ("churn_calibration",),
    "churn_model_card": ("churn_model_card",),
    "churn_outcomes": ("churn_outcomes",),
    "comment_themes": ("comment_themes",),
    "customer_360": ("customers", "rfm", "sci", "churn_risk", "loyalty", "customer_pillars"),
    "customer_churn_risk": ("churn_risk",),
    "customer_journey": ("customer_journey",),
    "customer_loyalty": ("loyalty",),
    "customer_next_action": ("next_action",),
    "customer_nps": ("nps",),
    "customer_rfm": ("rfm",),
    "customer_say_do": ("say_do",),
    "customer_sci": ("sci",),
    "customer_segment_history": ("segment_changes",),
    "dim_customers": ("customers", "rfm"),
    "driver_importance": ("driver_importance",),
    "fct_order_lines": ("order_lines", "orders"),
    "fct_orders": ("orders",),
    "fct_reviews": ("reviews", "review_flags"),
    "fct_survey_responses": ("survey_responses", "nps_responses"),
    "fct_touchpoints": ("touchpoints",),
    "identity": ("identity",),
    "inputs_read": ("inputs_read",),
    "lake_versions": ("lake_reads",),
    "cohort_retention": ("cohort_retention",),
    "repeat_purchase": ("repeat_purchase",),
    "customer_preferences": ("customer_preferences",),
    "customer_categories": ("customer_categories",),
    "customer_pillars": ("customer_pillars",),
    "convenience_pillars": ("convenience_pillars",),
    "match_rates": (),
    "notices": ("notices",),
    "nps_by": ("nps_index",),
    "nps_themes": ("nps_themes",),
    "nps_trend": ("nps_index",),
    "points_ledger": ("points_ledger",),
    "promise_impact": ("promise_impact",),
    "rejected_rows": ("rejected_rows",),
    "review_care": ("review_care",),
    "rfm_cut_points": ("rfm_cut_points",),
    "run_summary": ("batches",),
    "say_do_cells": ("say_do_cells",),
    "sci_trend": ("sci_index",),
    "segment_migration": ("segment_migration",),
    "stage_conversion": ("stage_conversion",),
}
"""Model -> the contracts its columns come from; the first one that has a column describes it."""

OTHER_MEANING = {
    ("customer_360", "accepts_marketing"): "over all accounts of a customer",
    ("customer_360", "customer_id"): "the person, not the account",
    ("customer_360", "registered_at"): "over all accounts of a customer",
    ("customer_segment_history", "segment"): "never null: there is no row while a customer has no segment",
    ("dim_customers", "accepts_marketing"): "over all accounts of a customer",
    ("dim_customers", "customer_id"): "the person, not the account",
    ("dim_customers", "registered_at"): "over all accounts of a customer",
    ("fct_orders", "refund_amount"): "counts refunds given by the edition's date",
    ("fct_orders", "delivered_at"): "a delivery after the edition's date has not happened",
    ("fct_reviews", "customer_id"): "null when unknown, and taken from the order when not named",
    ("fct_reviews", "order_id"): "null when unknown",
    ("fct_reviews", "replied_at"): "a reply after the edition's date has not happened",
    ("fct_survey_responses", "customer_id"): "null when unknown",
    ("fct_survey_responses", "is_counted"): "null without a Net Promoter answer",
    ("fct_survey_responses", "not_counted_reason"): "null without a Net Promoter answer",
    ("fct_survey_responses", "nps_class"): "null without a Net Promoter answer",
    ("fct_survey_responses", "nps_score"): "null without a Net Promoter answer",
    ("fct_survey_responses", "order_id"): "null when unknown",
    ("fct_touchpoints", "customer_id"): "null when unknown",
    ("fct_touchpoints", "order_id"): "null when unknown",
    ("fct_touchpoints", "replied_at"): "a reply after the edition's date has not happened",
    ("rfm_cut_points", "dimension"): "money in units of currency, not minor units",
}
"""Columns that mean something else than the contract's column of that name, and why."""

DUCKDB_TYPES = {
    "String": "varchar",
    "Int64": "bigint",
    "Float64": "double",
    "Boolean": "boolean",
    "Date": "date",
    "Datetime(time_unit='us', time_zone='UTC')": "timestamp with time zone",
}
MONEY = {
    ("orders", "gross_amount"),
    ("orders", "discount_amount"),
    ("orders", "refund_amount"),
    ("orders", "net_amount"),
    ("order_lines", "line_amount"),
    ("touchpoints", "cart_amount"),
    ("abandoned_carts", "cart_amount"),
    ("rfm", "monetary"),
    ("churn_risk", "expected_spend_h"),
    ("churn_risk", "value_at_risk"),
    ("churn_risk", "expected_value_365d"),
    ("loyalty", "net_spend"),
    ("loyalty", "amount_to_keep_tier"),
    ("loyalty", "amount_to_next_tier"),
    ("loyalty", "referred_net_value"),
    ("loyalty", "tier_value"),
    ("next_action", "reason_amount"),
    ("next_action", "expected_value"),
    ("say_do", "net_value"),
    ("say_do_cells", "net_value"),
    ("cohort_retention", "cumulative_value_per_customer"),
    ("cohort_retention", "cumulative_net_value"),
    ("cohort_retention", "net_value"),
}
"""Minor units in the lake, decimal(18, 2) in the marts."""

Model = dict[str, Any]


def read_yml(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def read_models(folder: str) -> dict[str, Model]:
    """Every model described in a folder of the project, by name."""
    files = sorted((PROJECT / "models" / folder).glob("*.yml"))
    return {model["name"]: model for file in files for model in read_yml(file).get("models", [])}


def columns(model: Model) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in model["columns"]}


def origin(model: str, column: str) -> str | None:
    """The contract that describes a column of a model, if one does."""
    return next((table for table in CONTRACTS[model] if column in TABLES[table].polars_schema), None)


MARTS = {name: model for folder in FOLDERS for name, model in read_models(folder).items()}
every_mart = pytest.mark.parametrize("name", MARTS)


@pytest.mark.parametrize("folder", ["staging", "intermediate", *FOLDERS])
def test_every_model_has_one_yml_of_its_name_with_a_description(folder: str) -> None:
    queries = {file.stem for file in (PROJECT / "models" / folder).glob("*.sql")}
    described = {file.stem for file in (PROJECT / "models" / folder).glob("*.yml") if not file.stem.startswith("_")}
    models = read_models(folder)
    assert queries
    assert queries == described == set(models)
    for model in models.values():
        assert model["description"].startswith("One row"), model["name"]


def test_every_contract_of_the_lake_is_a_described_source() -> None:
    (source,) = read_yml(PROJECT / "models/staging/_lake__sources.yml")["sources"]
    assert {table["name"] for table in source["tables"]} == {*TABLES, "run_context"}
    assert all(table["description"] for table in source["tables"])


def test_the_mapping_names_every_mart() -> None:
    assert set(CONTRACTS) == set(MARTS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_marts_are_tables_with_an_enforced_contract_and_documented_in_the_file(folder: str) -> None:
    settings = read_yml(PROJECT / "dbt_project.yml")["models"]["loyalty"][folder]
    assert settings["+materialized"] == "table"
    assert settings["+contract"] == {"enforced": True}
    assert settings["+persist_docs"] == {"relation": True, "columns": True}


@every_mart
def test_every_column_of_a_mart_has_a_description_and_a_type(name: str) -> None:
    for column in MARTS[name]["columns"]:
        assert column.get("description"), column["name"]
        assert column.get("data_type"), column["name"]


@every_mart
def test_a_mart_has_a_primary_key_test_on_its_own_columns(name: str) -> None:
    keys = [test["primary_key"]["arguments"]["columns"] for test in MARTS[name]["data_tests"] if "primary_key" in test]
    assert len(keys) == 1
    assert set(keys[0]) <= set(columns(MARTS[name]))


@pytest.mark.parametrize("name", read_models("marts"))
def test_a_mart_has_a_unit_test(name: str) -> None:
    tests = read_yml(PROJECT / "models/marts" / f"{name}.yml").get("unit_tests", [])
    assert {test["model"] for test in tests} == {name}


@every_mart
def test_a_column_of_a_contract_keeps_its_description(name: str) -> None:
    for column, entry in columns(MARTS[name]).items():
        table = origin(name, column)
        if table is None:
            continue
        same = entry["description"] == TABLES[table].model.to_schema().columns[column].description
        assert same != ((name, column) in OTHER_MEANING), f"{name}.{column} against {table}.{column}"


@every_mart
def test_a_column_of_a_contract_keeps_its_type_and_money_becomes_decimal(name: str) -> None:
    for column, entry in columns(MARTS[name]).items():
        table = origin(name, column)
        if table is None:
            continue
        lake_type = DUCKDB_TYPES[str(TABLES[table].polars_schema[column])]
        expected = "decimal(18, 2)" if (table, column) in MONEY else lake_type
        assert entry["data_type"] == expected, f"{name}.{column}"


@every_mart
def test_a_closed_list_is_the_one_of_the_contract(name: str) -> None:
    lists = [test["closed_lists"]["arguments"]["lists"] for test in MARTS[name]["data_tests"] if "closed_lists" in test]
    for column, members in [item for entry in lists for item in entry.items()]:
        table = origin(name, column)
        if table is None:
            continue
        (check,) = TABLES[table].model.to_schema().columns[column].checks
        assert set(members) == set(check.statistics["allowed_values"]), f"{name}.{column}"


@every_mart
def test_personal_text_is_marked_as_in_the_contract(name: str) -> None:
    for column, entry in columns(MARTS[name]).items():
        table = origin(name, column)
        metadata = {} if table is None else TABLES[table].model.to_schema().columns[column].metadata or {}
        assert entry.get("config", {}).get("meta", {}) == metadata, f"{name}.{column}"


def test_every_other_meaning_belongs_to_a_column_of_a_mart() -> None:
    for name, column in OTHER_MEANING:
        assert column in columns(MARTS[name]), f"{name}.{column}"
        assert origin(name, column), f"{name}.{column}"
