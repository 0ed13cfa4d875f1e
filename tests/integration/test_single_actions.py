"""Materialize of an asset and Execute of a check, each alone, as Dagster's UI starts them after a night: one of each kind.

`python -m tests.bench.every_action` starts every one of them.
"""

import pytest

from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from schemas.registry import MARTS
from tests.bench.every_action import failing_actions
from tests.integration.conftest import DAY
from tests.scenario import Shop

KINDS = (
    "facts/",
    "lake/orders",
    "lake/inputs_read",
    "segment_map of segments/rfm",
    "marts/fct_orders",
    "publish/",
)
"""A step of many assets, tables without a batch, a check of a date, a mart with three kinds of checks, the warehouse."""


@pytest.fixture(scope="module")
def failing(night: Shop) -> list[tuple[str, str]]:
    defs = build_defs(load_settings(night.config, home=night.home))
    return list(failing_actions(defs, DAY, KINDS))


def test_an_asset_or_a_check_alone_can_be_started_and_does_what_it_says(failing: list[tuple[str, str]]) -> None:
    assert failing == []


def test_a_warehouse_of_which_one_mart_was_built_anew_has_all_others_too(
    night: Shop, failing: list[tuple[str, str]]
) -> None:
    tables = night.query("select schema_name, table_name from duckdb_tables()")
    assert failing == []
    assert set(tables) == {(mart.schema, mart.name) for mart in MARTS.values()}
    assert night.query("select count(*) > 0, count(*) = count(distinct order_id) from marts.fct_orders") == [
        (True, True)
    ]
