"""The graph that Dagster shows: its shape, and what every asset must say of itself."""

import json
import os
from collections import Counter
from functools import cache
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.freshness import CronFreshnessPolicy

from pipeline.assets.catalogue import SUBJECTS
from pipeline.assets.code_links import CODE, at_file, on_the_web
from pipeline.assets.marts import sql_of
from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from schemas.registry import KNOWN, SEGMENTS, TABLES
from tests.scenario import ROOT

SNAPSHOT = Path(__file__).parent / "graph.json"
LAYERS = ["sources", "lake", "facts", "segments", "scores", "intermediate", "marts", "quality", "publish", "bi"]


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs(load_settings(ROOT / "loyalty.yaml"))


@pytest.fixture(scope="module")
def specs(defs: dg.Definitions) -> dict[str, dg.AssetSpec]:
    return {spec.key.to_user_string(): spec for spec in defs.resolve_all_asset_specs()}


def graph(defs: dg.Definitions) -> dict[str, dict[str, list[str]]]:
    """Asset -> what it depends on and its checks; a check that blocks ends in '!'."""
    assets = defs.resolve_asset_graph()
    checks: dict[str, list[str]] = {}
    for key in assets.asset_check_keys:
        node = assets.get(key)
        checks.setdefault(key.asset_key.to_user_string(), []).append(f"{key.name}{'!' if node.blocking else ''}")
    return {
        key.to_user_string(): {
            "after": sorted(parent.to_user_string() for parent in assets.get(key).parent_keys),
            "checks": sorted(checks.get(key.to_user_string(), [])),
        }
        for key in sorted(assets.get_all_asset_keys())
    }


def test_the_graph_is_the_one_that_was_reviewed(defs: dg.Definitions) -> None:
    """Set UPDATE_SNAPSHOTS=1 to accept a change after looking at its diff."""
    found = graph(defs)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(json.dumps(found, indent=1) + "\n")
    assert found == json.loads(SNAPSHOT.read_text())


def test_every_asset_has_group_kind_owner_and_description(specs: dict[str, dg.AssetSpec]) -> None:
    for name, spec in specs.items():
        assert str(spec.group_name).split("_")[0] == name.split("/")[0], name
        assert spec.kinds, name
        assert spec.owners, name
        assert spec.description, name
        # Markdown takes an indented line for code.
        assert "\n    " not in spec.description.split("####")[0], name


def test_no_group_has_more_assets_than_can_be_read(specs: dict[str, dg.AssetSpec]) -> None:
    sizes = Counter(spec.group_name for spec in specs.values())
    # What a shop reads, and its records, is as long as it is.
    assert max(n for group, n in sizes.items() if group not in ("sources", "lake")) <= 16, sizes


def test_every_dated_table_and_mart_is_in_the_group_of_its_subject(specs: dict[str, dg.AssetSpec]) -> None:
    assert sorted(table for tables in SUBJECTS.values() for table in tables) == sorted(SEGMENTS)
    groups = {name: spec.group_name for name, spec in specs.items()}
    assert groups["segments/nps_index"] == "segments_attitude"
    assert groups["marts/nps_by"] == groups["marts/nps_trend"] == "marts_attitude"
    assert groups["marts/repeat_purchase_by_cohort_month"] == "marts_history"
    assert groups["segments/orders_known"] == "segments"
    assert groups["marts/fct_orders"] == groups["marts/customer_360"] == "marts"
    assert groups["scores/churn_risk"] == "scores"
    assert (groups["lake/orders"], groups["lake/run_context"]) == ("lake", "lake_records")


def test_every_asset_says_what_it_holds_of_persons_and_how_much_hangs_on_it(specs: dict[str, dg.AssetSpec]) -> None:
    said = {name: (spec.tags["pii"], spec.tags["importance"]) for name, spec in specs.items()}
    assert said["sources/shop_orders"] == ("as-delivered", "step")
    assert said["lake/reviews"] == ("free-text", "truth")
    assert said["lake/orders"] == ("pseudonymous", "truth")
    assert said["segments/nps_index"] == ("none", "step")
    assert said["marts/nps_by"] == ("none", "published")
    assert said["marts/customer_360"] == ("pseudonymous", "published")
    assert said["publish/warehouse"] == ("free-text", "published")
    texts = {name for name, (pii, _) in said.items() if pii == "free-text"}
    assert {f"lake/{name}" for name, table in TABLES.items() if table.free_texts} <= texts


def test_what_is_published_must_be_there_by_the_hour_at_which_it_is_missed(specs: dict[str, dg.AssetSpec]) -> None:
    for name, spec in specs.items():
        policy = spec.freshness_policy
        assert (policy is not None) == (name.split("/")[0] in ("marts", "quality", "publish")), name
        if isinstance(policy, CronFreshnessPolicy):
            assert (policy.deadline_cron, policy.timezone) == ("0 6 * * *", "Europe/Amsterdam")


def test_the_graph_begins_at_what_is_read_and_ends_at_what_leaves(defs: dg.Definitions) -> None:
    found = graph(defs)
    assert found["sources/shop_orders"]["after"] == ["sources/shop_orders__orders"]
    assert found["sources/shop_orders__orders"]["after"] == ["sources/demo_shop"]
    followed = {parent for node in found.values() for parent in node["after"]}
    published = {name for name in found if name.startswith("publish/")}
    assert published - followed == {"publish/report", "publish/actions_export"}


def test_every_check_has_a_description_and_a_name_that_is_shown_whole(defs: dg.Definitions) -> None:
    assets = defs.resolve_asset_graph()
    for key in assets.asset_check_keys:
        assert assets.get(key).description, key
        assert len(key.name) <= 40, key


def test_every_asset_key_is_a_known_layer_and_a_noun(specs: dict[str, dg.AssetSpec]) -> None:
    assert {len(name.split("/")) for name in specs} == {2}
    assert {name.split("/")[0] for name in specs} == set(LAYERS)


def test_every_table_shows_its_columns(specs: dict[str, dg.AssetSpec]) -> None:
    # Files have no columns; facts and the views of dbt show theirs only once they are made.
    without_table = {"sources", "publish", "bi", "facts", "intermediate"}
    for name, spec in specs.items():
        if name.split("/")[0] in without_table or name == "lake/run_context":
            continue
        schema = spec.metadata.get("dagster/column_schema")
        assert schema, name
        assert all(column.description for column in schema.columns), name


def test_a_column_of_a_mart_says_which_column_of_what_is_before_it_in_the_graph_it_is(
    defs: dg.Definitions, specs: dict[str, dg.AssetSpec]
) -> None:
    assets = defs.resolve_asset_graph()

    @cache
    def before(key: dg.AssetKey) -> set[dg.AssetKey]:
        parents = assets.get(key).parent_keys
        return parents.union(*map(before, parents))

    said = {}
    for name, spec in specs.items():
        lineage = spec.metadata.get("dagster/column_lineage")
        for column, deps in (lineage.deps_by_column if lineage else {}).items():
            (dep,) = deps
            (place, origin) = (dep.asset_key.to_user_string(), dep.column_name)
            noun = place.split("/")[1]
            assert dep.asset_key in before(spec.key), (name, column)
            assert origin in (KNOWN[noun].columns if noun in KNOWN else TABLES[noun].columns), (name, column)
            said[f"{name}.{column}"] = f"{place}.{origin}"
    assert said["marts/customer_360.rfm_state"] == "segments/rfm.state"
    assert said["marts/customer_360.sci_responded_at_local"] == "segments/sci.responded_at"
    assert said["marts/customer_360.churn_model_id"] == "scores/churn_risk.model_id"
    assert said["marts/nps_by.month"] == "segments/nps_index.value"
    assert said["marts/fct_orders.net_amount"] == "segments/orders_known.net_amount"
    assert "marts/customer_rfm.currency" not in said
    assert "marts/customer_360.n_orders" not in said


def test_a_column_shows_every_constraint_of_its_contract(specs: dict[str, dg.AssetSpec]) -> None:
    def column(table: str, name: str) -> dg.TableColumn:
        (found,) = [one for one in specs[table].metadata["dagster/column_schema"].columns if one.name == name]
        return found

    def said(table: str, name: str) -> tuple[bool, bool, list[str]]:
        constraints = column(table, name).constraints
        return constraints.nullable, bool(constraints.unique), list(constraints.other)

    assert said("lake/orders", "order_id") == (False, True, ["at least 1 character"])
    assert said("segments/rfm", "customer_id") == (False, False, ["a key of dim_customers"])
    assert said("segments/rfm", "m_score") == (True, False, ["at least 1"])
    assert said("marts/customer_rfm", "customer_id") == (False, True, ["a key of dim_customers"])
    assert said("marts/customer_360", "rfm_state") == (True, False, ["one of scored, lapsed, prospect"])
    assert column("lake/orders", "net_amount").type == "Int64 in minor units"
    assert column("marts/fct_orders", "net_amount").type == "decimal(18, 2)"
    orders = specs["lake/orders"].metadata["dagster/column_schema"].constraints
    assert orders.other == [
        "one row per order_id",
        "no net_amount that is not gross_amount - discount_amount - refund_amount",
        "no delivered_at that is before ordered_at",
    ]


def test_data_flows_in_one_direction_only(defs: dg.Definitions) -> None:
    for name, node in graph(defs).items():
        layer = LAYERS.index(name.split("/")[0])
        for parent in node["after"]:
            after_segments = name in ("lake/run_context", "lake/lake_reads")
            between_scores = (name.split("/")[0], parent.split("/")[0]) == ("segments", "scores")
            assert LAYERS.index(parent.split("/")[0]) <= layer or after_segments or between_scores, (parent, name)


def test_the_warehouse_waits_for_every_published_table(defs: dg.Definitions) -> None:
    found = graph(defs)
    published = {name for name in found if name.split("/")[0] in ("marts", "quality")}
    assert set(found["publish/warehouse"]["after"]) == published


def test_the_nightly_job_is_daily_in_the_shops_time_zone(defs: dg.Definitions) -> None:
    schedule = defs.resolve_schedule_def("nightly")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Europe/Amsterdam")
    partitions = defs.resolve_job_def("nightly").partitions_def
    assert isinstance(partitions, dg.DailyPartitionsDefinition)
    assert partitions.timezone == "Europe/Amsterdam"


def test_the_steps_run_in_one_process(defs: dg.Definitions) -> None:
    assert defs.resolve_job_def("nightly").executor_def.name == "in_process"


def test_every_asset_that_we_make_leads_to_its_code(specs: dict[str, dg.AssetSpec], defs: dg.Definitions) -> None:
    made = {key.to_user_string() for key in defs.resolve_asset_graph().executable_asset_keys}
    places = {name: specs[name].metadata[CODE].code_references[0] for name in made}
    found = {name: Path(place.file_path).relative_to(ROOT).as_posix() for name, place in places.items()}
    assert all((ROOT / file).is_file() for file in found.values())
    assert found["sources/shop_orders"] == "pipeline/sources/presets/demo/orders.sql"
    assert found["marts/customer_360"] == "dbt_project/models/marts/customer_360.sql"
    assert found["quality/theme_coverage"] == "dbt_project/models/generated/quality/theme_coverage.sql"
    assert found["publish/report"] == "pipeline/assets/publish.py"
    report = (ROOT / found["publish/report"]).read_text().splitlines()
    assert report[places["publish/report"].line_number - 1].strip().startswith("@dg.asset(")
    assert "def report(" in report[places["publish/report"].line_number]


def test_a_place_in_the_repository_has_an_address_where_it_can_be_read_on_the_web() -> None:
    own = sql_of("models/custom/own.sql", Path("/shop/my_models"))
    ours, theirs = at_file(ROOT / "pipeline/cli.py", 3), at_file(own)
    folder = "https://example.org/loyalty/blob/main/"
    assert on_the_web(ours, folder)[CODE].code_references[0].url == f"{folder}pipeline/cli.py#L3"
    assert on_the_web(theirs, folder)[CODE].code_references[0].file_path == "/shop/my_models/own.sql"
