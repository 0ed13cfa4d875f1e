"""The assets of group `publish`: the edition that everyone reads, its report, its copies elsewhere, and what is exported from it; and of
group `bi`: the dashboards that read it."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from pipeline import asset_keys
from pipeline.assets.common import row_count
from pipeline.commands.report.write import words_of, write_report
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from pipeline.targets.parquet import ParquetTarget
from pipeline.targets.up_to_date import Target, bring_up_to_date, fault_of, targets_of
from pipeline.warehouse.build_file import newest_as_of
from pipeline.warehouse.dbt import Project
from pipeline.warehouse.editions import edition_name, last_built, list_editions, publish, rows_per_table
from pipeline.warehouse.slices import drop_slices, slices_of


def publish_assets(settings: Settings, published: list[dg.AssetKey]) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The warehouse, made of the published marts, its report, its copies, and what is exported from it."""

    @dg.asset(pool=POOL, key=asset_keys.WAREHOUSE, kinds={"duckdb"}, deps=published)
    def warehouse(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        """The published DuckDB file: one table per mart and quality table, or a view over files beside it, swapped in with one rename. With nothing built since, the
        edition that was built last."""
        built = last_built(home.built_edition, home.editions)
        is_new = built == home.built_edition
        name = edition_name(home.editions, datetime.now(UTC), context.run.run_id)
        edition = home.editions / name if is_new else built
        rows = rows_per_table(built)
        folders, replaced = home.slice_folders(), slices_of(home.warehouse)
        publish(
            edition,
            home.warehouse,
            keep=settings.retention.editions,
            mode=home.published_mode,
            built=built if is_new else None,
        )
        home.drop_former_warehouse()
        # Whoever has the replaced file open goes on with it.
        drop_slices(folders, replaced.union(*map(slices_of, list_editions(home.editions))))
        shutil.rmtree(home.path / "work" / "staged", ignore_errors=True)
        return dg.MaterializeResult(
            metadata=row_count(
                sum(rows.values()),
                as_of_date=str(newest_as_of(home.lake)),
                warehouse=str(home.warehouse),
                edition=edition.name,
                editions_kept=len(list_editions(home.editions)),
                rows_per_table=rows,
            )
        )

    @dg.asset(pool=POOL, key=asset_keys.REPORT, kinds={"html"}, deps=[warehouse])
    def report(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        """One HTML page of what the published edition says: sentences with their n, pictures, customers at risk. Its rows are the sentences. It is kept beside the
        edition, and stands beside the published file."""
        written = write_report(home, settings)
        return dg.MaterializeResult(
            metadata=row_count(
                written.n_sentences,
                report=dg.MetadataValue.path(str(written.page)),
                language=words_of(settings).language,
                bytes=written.page.stat().st_size,
            )
        )

    exported = dg.AssetSpec(
        asset_keys.ACTIONS_EXPORT,
        kinds={"csv"},
        deps=[warehouse],
        description="What `loyalty export actions` has written last for a mail tool, of the next actions of the published edition.",
    )
    copies = [_copy(name, target) for name, target in targets_of(settings.publish).items()]
    return [warehouse, report, *copies, exported]


def dashboard_assets(project: Project) -> list[dg.AssetSpec]:
    """The dashboards that read the published file, each with the marts that it shows; nothing here makes them."""
    return [
        dg.AssetSpec(
            asset_keys.dashboard(name),
            kinds={name},
            deps=[asset_keys.WAREHOUSE, *map(asset_keys.mart, dashboard.tables)],
            description=dashboard.description,
        )
        for name, dashboard in project.dashboards().items()
    ]


def _copy(name: str, target: Target) -> dg.AssetsDefinition:
    key = dg.AssetKey(["publish", name])
    is_current = dg.AssetCheckSpec(
        "is_current", asset=key, description="Whether the copy is of the published edition; the next run tries again."
    )

    @dg.asset(
        pool=POOL,
        key=key,
        kinds={"parquet" if isinstance(target, ParquetTarget) else "postgres"},
        deps=[asset_keys.WAREHOUSE],
        check_specs=[is_current],
        output_required=False,
        description=f"A copy of the published edition: {target.words}. Where it fails, it stays as it was, and so does the warehouse.",
    )
    def copy(home: Home) -> Iterator[Any]:
        try:
            edition, is_new = bring_up_to_date(name, target, home.warehouse, home.path / "work")
        except Exception as error:
            words = fault_of(target, error)
            yield dg.AssetCheckResult(
                passed=False, severity=dg.AssetCheckSeverity.WARN, check_name="is_current", description=words
            )
            return
        yield dg.MaterializeResult(
            metadata={"edition": edition, "is_new": is_new},
            check_results=[dg.AssetCheckResult(passed=True, check_name="is_current")],
        )

    return copy
