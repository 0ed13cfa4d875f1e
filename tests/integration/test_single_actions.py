"""Materialize of an asset and Execute of a check, each alone, as Dagster's UI starts them after a night: one of each kind.

`python -m tests.bench.every_action` starts every one of them.
"""

from pathlib import Path

import dagster as dg
import pytest

from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from schemas.registry import MARTS
from tests.bench.every_action import failing_actions
from tests.integration.conftest import DAY
from tests.scenario import Shop, make_shop

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


def test_the_rows_of_a_source_are_those_that_its_page_says(tmp_path: Path) -> None:
    lines = [f"o{n},c1,2026-06-0{n} 12:00:00,paid,20.00" for n in (1, 2)]
    shop = make_shop(tmp_path, [*lines, "o3,c1,2026-06-31 12:00:00,paid,20.00"], quality={"max_reject_rate": 0.5})
    key = dg.AssetKey(["sources", "csv_orders"])
    (made,) = shop.build(DAY, key.to_user_string()).asset_materializations_for_node("sources__csv_orders")
    assert (made.asset_key, made.metadata["dagster/row_count"].value) == (key, 2)
    graph = build_defs(load_settings(shop.config, home=shop.home)).resolve_asset_graph()
    assert str(graph.get(key).description).endswith("Its rows are those that passed.")
