"""The assets that dbt builds: groups `intermediate`, `marts`, `quality` and `custom`. What they hold is written in dbt_project."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from pipeline import asset_keys
from pipeline.assets.code_links import at_file
from pipeline.assets.common import newest, row_count, shown_columns
from pipeline.errors import AuditError
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.warehouse.build_file import build_date, opened
from pipeline.warehouse.dbt import DBT_PROJECT, FAULT_EVENTS, RESULT_EVENTS, Dbt, Node, Nodes, Project
from pipeline.warehouse.editions import OWN_SCHEMA, PUBLISHED_SCHEMAS, continue_edition, drop_others
from pipeline.warehouse.slices import begin_slices, settle_slices
from schemas.columns import warehouse_type
from schemas.marts import Mart
from schemas.registry import KNOWN, MARTS, TABLES

CALLED_FROM = " > in macro "
"""What dbt says after the reason why a macro failed: the macros of its own that were under way."""
BUILT = "success"
"""What dbt says of a model that was built."""
PASSED, WARNED, FAILED = "pass", "warn", "fail"
"""What dbt says of a test that ran."""


def _key(node: Node) -> dg.AssetKey:
    """As of every asset: [layer, noun], where the layer of a model is its schema."""
    name = node["name"]
    if node["resource_type"] == "model":
        return dg.AssetKey([node["schema"], name])
    if name in KNOWN:
        return asset_keys.known(name)
    return asset_keys.table(name) if name in TABLES else asset_keys.RUN_CONTEXT


def _spec(node: Node, nodes: Nodes, own: Path | None) -> dg.AssetSpec:
    """A model: what it is, its SQL, and the columns of its contract."""
    metadata = {
        "dagster/table_name": node["relation_name"].replace('"', ""),
        **at_file(sql_of(node["original_file_path"], own)),
    }
    mart = MARTS.get(node["name"])
    if mart:
        types = {name: warehouse_type(column) for name, column in mart.columns.items()}
        metadata |= {**shown_columns(mart.columns, types, key=mart.key), **_lineage(mart)}
    return dg.AssetSpec(
        _key(node),
        deps=[newest(_key(parent)) for parent in nodes.parents(node)],
        description=f"{node['description']}\n\n#### SQL\n```sql\n{node['raw_code']}\n```",
        group_name=node["schema"],
        kinds={"dbt", "duckdb"},
        code_version=node["checksum"]["checksum"],
        metadata=metadata,
        skippable=True,
    )


def _check(test: Node, about: Node, nodes: Nodes) -> dg.AssetCheckSpec:
    """A test, as a check of the model that it is about; what else it reads it waits for."""
    return dg.AssetCheckSpec(
        test["name"],
        asset=_key(about),
        description=test["config"]["meta"].get("description") or test["description"] or None,
        additional_deps=[_key(read) for read in nodes.parents(test) if read is not about],
        blocking=test["config"]["severity"].lower() == "error",
    )


def sql_of(model: str, own: Path | None) -> Path:
    """The file of a model: ours, or the user's own, of which the home has a copy."""
    theirs = Path("models", OWN_SCHEMA)
    if own and Path(model).is_relative_to(theirs):
        return own / Path(model).relative_to(theirs)
    return DBT_PROJECT / model


def _lineage(mart: Mart) -> dict[str, Any]:
    """Which column of the lake, or of what is known at the edition's date, a column of a mart is."""
    deps = {
        name: [dg.TableColumnDep(asset_keys.known(table) if table in KNOWN else asset_keys.table(table), column)]
        for name, (table, column) in mart.origins.items()
    }
    return {"dagster/column_lineage": dg.TableColumnLineage(deps)} if deps else {}


def mart_assets(project: Project, own: Path | None) -> dg.AssetsDefinition:
    """Every model of a dbt project, with its tests as checks, built in one step. `own`: the folder of the user's own models."""
    nodes = project.nodes()
    models = {node["unique_id"]: _key(node) for node in nodes.models}
    tests = {test["unique_id"]: _check(test, about, nodes) for test in nodes.tests if (about := nodes.tested(test))}
    kept = {models[model]: tests[test["unique_id"]] for model, test in nodes.kept_while_made().items()}

    @dg.multi_asset(
        name="dbt",
        specs=[_spec(node, nodes, own) for node in nodes.models],
        check_specs=list(tests.values()),
        can_subset=True,
        pool=POOL,
    )
    def dbt_models(context: dg.AssetExecutionContext, dbt: Dbt, home: Home) -> Iterator[Any]:
        assets, checks = context.selected_asset_keys, context.selected_asset_check_keys
        names: set[str] = set()
        kept_now = {check.name for key, check in kept.items() if key in assets}
        if assets != dbt_models.keys or checks != dbt_models.check_keys:
            if continue_edition(home.built_edition, home.editions, build_date(home.build_file)):
                drop_others(home.built_edition, OWN_SCHEMA, {key.path[-1] for key in dbt_models.keys})
                names = {key.path[-1] for key in assets} | {check.name for check in checks}
            else:
                context.log.info("no edition of this date is built yet: all tables are built")
                kept_now = {check.name for check in kept.values()}
        large = [mart.name for mart in MARTS.values() if mart.slice_by]
        slices = begin_slices(home.slices, large) if home.has_slices else None
        events, failure = dbt.build(home.build_file, home.built_edition, names, without=kept_now, slices=slices)
        if slices:
            settle_slices(home.built_edition, home.slices, mode=home.published_mode)
        shapes = _shapes(home)
        for event in (event for event in events if event["info"]["name"] in RESULT_EVENTS):
            node = event["data"]["node_info"]
            key, check = models.get(node["unique_id"]), tests.get(node["unique_id"])
            if key and key in assets and node["node_status"] == BUILT:
                yield dg.MaterializeResult(asset_key=key, metadata=_seconds(event) | shapes[key])
            if key in kept and node["node_status"] == BUILT and kept[key].key in checks:
                yield dg.AssetCheckResult(
                    asset_key=key, check_name=kept[key].name, passed=True, metadata={"failed_rows": 0}
                )
            if check and check.key in checks and node["node_status"] in (PASSED, WARNED, FAILED):
                yield check_result(check, event)
        if failure is not None:
            raise AuditError(f"dbt build failed, the published warehouse stays: {why_failed(events) or failure}")

    return dbt_models


def check_result(check: dg.AssetCheckSpec, event: Mapping[str, Any]) -> dg.AssetCheckResult:
    """What dbt's event says of a test that ran: one that warns has not passed, and stops nothing."""
    status = event["data"]["node_info"]["node_status"]
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=status == PASSED,
        severity=dg.AssetCheckSeverity.WARN if status == WARNED else dg.AssetCheckSeverity.ERROR,
        metadata=_seconds(event) | {"failed_rows": int(event["data"].get("num_failures", 0))},
    )


def _seconds(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"seconds": round(event["data"].get("execution_time", 0.0), 3)}


def why_failed(events: list[dict[str, Any]]) -> str:
    """The first model or test that failed, and why."""
    faults = [
        " ".join(event["info"]["msg"].split()).partition(CALLED_FROM)[0]
        for event in events
        if event["info"]["name"] in FAULT_EVENTS
    ]
    return "; ".join(faults[:2])


def mart_keys(marts: dg.AssetsDefinition) -> list[dg.AssetKey]:
    """The assets that an edition publishes."""
    return sorted(key for key in marts.keys if key.path[0] in PUBLISHED_SCHEMAS)


def _columns_of(mart: str) -> list[str]:
    """The columns of one of our marts as its file has them; none of any other."""
    if mart not in MARTS:
        return []
    return [*MARTS[mart].columns, *(former.name for former in MARTS[mart].former_names.values())]


def _shapes(home: Home) -> dict[dg.AssetKey, dict[str, Any]]:
    """Rows and columns of every built relation as metadata; marts describe their own columns."""
    with opened(home.build_file, home.built_edition) as connection:
        relations = connection.execute(
            """select table_catalog, table_schema, table_name, list((column_name, data_type) order by ordinal_position)
            from information_schema.columns where table_schema <> 'lake' group by all"""
        ).fetchall()
        shapes = {}
        for file, schema, name, columns in relations:
            rows = connection.execute(f'select count(*) from {file}.{schema}."{name}"').fetchall()[0][0]
            shape = shapes[dg.AssetKey([schema, name])] = row_count(rows)
            if [column for column, _ in columns] != _columns_of(name):
                table = dg.TableSchema([dg.TableColumn(column, str(kind).lower()) for column, kind in columns])
                shape["dagster/column_schema"] = table
        return shapes
