"""The assets that dbt builds: groups `intermediate`, `marts`, `quality` and `custom`. What they hold is written in dbt_project."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from pipeline import asset_keys
from pipeline.assets.code_links import at_file
from pipeline.assets.common import NEWEST, is_dated, row_count, shown_columns
from pipeline.errors import AuditError
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.warehouse.build_file import build_date, opened
from pipeline.warehouse.dbt import DBT_PROJECT, FAULT_EVENTS, Dbt, Project
from pipeline.warehouse.editions import OWN_SCHEMA, PUBLISHED_SCHEMAS, continue_edition, drop_others
from schemas.columns import warehouse_type
from schemas.marts import Mart
from schemas.registry import KNOWN, MARTS, TABLES

CALLED_FROM = " > in macro "
"""What dbt says after the reason why a macro failed: the macros of its own that were under way."""
BUILT = ("success", "pass", "warn", "fail")


class _Translator(DagsterDbtTranslator):
    """Keys as of every asset: [layer, noun], where the layer is the model's schema. `own`: the folder of the user's own models."""

    def __init__(self, own: Path | None) -> None:
        super().__init__()
        self.own = own

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] == "source":
            if name in KNOWN:
                return asset_keys.known(name)
            return asset_keys.table(name) if name in TABLES else asset_keys.RUN_CONTEXT
        return dg.AssetKey([dbt_resource_props["schema"], name])

    def get_partition_mapping(
        self,
        dbt_resource_props: Mapping[str, Any],  # noqa: ARG002 (the base class passes it)
        dbt_parent_resource_props: Mapping[str, Any],
    ) -> dg.PartitionMapping | None:
        return NEWEST if is_dated(self.get_asset_key(dbt_parent_resource_props)) else None

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        metadata = super().get_metadata(dbt_resource_props)
        if dbt_resource_props["resource_type"] != "model":
            return metadata
        metadata = {**metadata, **at_file(sql_of(dbt_resource_props["original_file_path"], self.own))}
        mart = MARTS.get(dbt_resource_props["name"])
        if mart is None:
            return metadata
        types = {name: warehouse_type(column) for name, column in mart.columns.items()}
        return {**metadata, **shown_columns(mart.columns, types, key=mart.key), **_lineage(mart)}


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
    translator = _Translator(own)

    @dbt_assets(manifest=project.manifest, dagster_dbt_translator=translator, name="dbt", pool=POOL)
    def dbt_models(context: dg.AssetExecutionContext, dbt: Dbt, home: Home) -> Iterator[Any]:
        assets, checks = context.selected_asset_keys, context.selected_asset_check_keys
        names: set[str] = set()
        if assets != dbt_models.keys or checks != dbt_models.check_keys:
            if continue_edition(home.built_edition, home.editions, build_date(home.build_file)):
                drop_others(home.built_edition, OWN_SCHEMA, {key.path[-1] for key in dbt_models.keys})
                names = {key.path[-1] for key in assets} | {check.name for check in checks}
            else:
                context.log.info("no edition of this date is built yet: all tables are built")
        events, failure = dbt.build(home.build_file, home.built_edition, names)
        shapes = _shapes(home)
        for event in events:
            message = DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
            if not message.is_result_event or _status(event) not in BUILT:
                continue
            for dagster_event in message.to_default_asset_events(project.manifest, translator, context):
                if not _is_selected(dagster_event, context):
                    continue
                if isinstance(dagster_event, dg.Output) and dagster_event.output_name in shapes:
                    context.add_output_metadata(shapes[dagster_event.output_name], dagster_event.output_name)
                yield dagster_event
        if failure is not None:
            raise AuditError(f"dbt build failed, the published warehouse stays: {why_failed(events) or failure}")

    return dbt_models


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


def _is_selected(event: Any, context: dg.AssetExecutionContext) -> bool:
    """Whether Dagster has asked for what dbt has done."""
    if isinstance(event, dg.AssetCheckResult):
        return (
            event.asset_key is not None
            and event.check_name is not None
            and (dg.AssetCheckKey(event.asset_key, event.check_name) in context.selected_asset_check_keys)
        )
    return not isinstance(event, dg.Output) or event.output_name in context.op_execution_context.selected_output_names


def _status(event: Mapping[str, Any]) -> str:
    return str(event["data"].get("node_info", {}).get("node_status", ""))


def _shapes(home: Home) -> dict[str, dict[str, Any]]:
    """Rows and columns of every built relation as metadata, by output name; marts describe their own columns."""
    with opened(home.build_file, home.built_edition) as connection:
        relations = connection.execute(
            """select table_catalog, table_schema, table_name, list((column_name, data_type) order by ordinal_position)
            from information_schema.columns where table_schema <> 'lake' group by all"""
        ).fetchall()
        shapes = {}
        for file, schema, name, columns in relations:
            rows = connection.execute(f'select count(*) from {file}.{schema}."{name}"').fetchall()[0][0]
            shapes[f"{schema}__{name}"] = row_count(rows)
            if [column for column, _ in columns] != list(MARTS[name].columns if name in MARTS else ()):
                table = dg.TableSchema([dg.TableColumn(column, str(kind).lower()) for column, kind in columns])
                shapes[f"{schema}__{name}"]["dagster/column_schema"] = table
        return shapes
