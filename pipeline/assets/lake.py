"""The assets of group `lake`: the canonical tables, the quarantine, the records of the batches, and the context of a build."""

from datetime import UTC, datetime

import dagster as dg
import polars as pl

from pipeline import keys
from pipeline.assets.common import OWNERS, newest, row_count, table_spec
from pipeline.build_file import make_build_file, newest_as_of
from pipeline.lake import Merged
from pipeline.resources import Home
from pipeline.settings import Settings
from schemas.registry import ENTITIES, RECORDS, SEGMENTS, TABLES


def lake_assets(settings: Settings) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The tables that sources fill, whether a source for them is configured or not, and the records."""
    entities = [_entity(name, settings) for name in ENTITIES if name != "customers"]
    reads = dg.AssetSpec(**table_spec("lake_reads", kinds={"deltalake"}, deps=[keys.table(name) for name in SEGMENTS]))
    return [
        *entities,
        _customers(settings),
        _rejected_rows(settings),
        _batches(settings),
        reads,
        _run_context(settings),
    ]


def _sources_of(entity: str, settings: Settings) -> list[str]:
    delivered = "surveys" if entity.startswith("survey_") else entity
    return [source.name for source in settings.sources if source.entity == delivered]


def _merge_staged(entity: str, settings: Settings, home: Home) -> list[Merged]:
    table = ENTITIES[entity]
    return [home.lake.merge(table, home.staged(source).valid(table)) for source in _sources_of(entity, settings)]


def _merged(entity: str, home: Home, merged: list[Merged]) -> dg.MaterializeResult:  # type: ignore[type-arg]
    rows = home.lake.scan(TABLES[entity]).select(pl.len()).collect().item()
    return dg.MaterializeResult(
        metadata=row_count(
            rows,
            inserted=sum(part.inserted for part in merged),
            updated=sum(part.updated for part in merged),
            unchanged=sum(part.unchanged for part in merged),
            version=home.lake.version(TABLES[entity]),
        )
    )


def _entity(name: str, settings: Settings) -> dg.AssetsDefinition:
    deps = [keys.source(source) for source in _sources_of(name, settings)]

    @dg.asset(**table_spec(name, kinds={"polars", "deltalake"}, deps=deps))
    def entity(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        return _merged(name, home, _merge_staged(name, settings, home))

    return entity


def _customers(settings: Settings) -> dg.AssetsDefinition:
    deps = [*(keys.source(source) for source in _sources_of("customers", settings)), keys.table("orders")]

    @dg.asset(**table_spec("customers", kinds={"polars", "deltalake"}, deps=deps))
    def customers(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        merged = _merge_staged("customers", settings, home)
        table = ENTITIES["customers"]
        known = home.lake.scan(table).select("customer_id")
        ordering = home.lake.scan(ENTITIES["orders"]).filter(pl.col("customer_id").is_not_null())
        new = (
            ordering.join(known, on="customer_id", how="anti")
            .group_by("customer_id")
            .agg(pl.col("source", "batch_id").sort_by("ordered_at", "order_id").first())
        )
        missing = set(table.polars_schema) - {"customer_id", "source", "batch_id"}
        new = new.with_columns(pl.lit(None, dtype=table.polars_schema[name]).alias(name) for name in missing)
        return _merged("customers", home, [*merged, home.lake.merge(table, new)])

    return customers


def _rejected_rows(settings: Settings) -> dg.AssetsDefinition:
    deps = [keys.source(source.name) for source in settings.sources]

    @dg.asset(**table_spec("rejected_rows", kinds={"polars", "deltalake"}, deps=deps))
    def rejected_rows(home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        table = RECORDS["rejected_rows"]
        merged = [home.lake.merge(table, home.staged(source.name).rejected()) for source in settings.sources]
        return _merged("rejected_rows", home, merged)

    return rejected_rows


def _batches(settings: Settings) -> dg.AssetsDefinition:
    deps = [keys.source(source.name) for source in settings.sources]

    @dg.asset(**table_spec("batches", kinds={"polars", "deltalake"}, deps=deps))
    def batches(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        rows = [batch for source in settings.sources for batch in home.staged(source.name).batches()]
        table = RECORDS["batches"]
        records = pl.DataFrame([batch.as_record(context.run.run_id) for batch in rows], schema=table.polars_schema)
        return _merged("batches", home, [home.lake.merge(table, records.lazy())])

    return batches


def _run_context(settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        key=keys.RUN_CONTEXT,
        group_name="lake",
        kinds={"duckdb"},
        owners=OWNERS,
        deps=[newest(keys.table(name)) for name in TABLES],
    )
    def run_context(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:  # type: ignore[type-arg]
        """One row: what dbt needs to know of the run, in the build file beside the views over the lake."""
        as_of = newest_as_of(home.lake)
        if as_of is None:
            raise dg.Failure("the lake has no segments yet; materialise segments/rfm for a date first")
        make_build_file(
            home.build_file, home.lake, settings, as_of=as_of, run_id=context.run.run_id, started_at=datetime.now(UTC)
        )
        return dg.MaterializeResult(metadata=row_count(1, as_of_date=str(as_of), build_file=str(home.build_file)))

    return run_context
