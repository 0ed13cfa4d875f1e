"""The assets of group `facts` (what is true of a row whatever the date), and what is known at the edition's date."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import newest, row_count, shown_columns
from pipeline.assets.dated import facts_now
from pipeline.fact_files import FACTS, known_files, write_known
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from pipeline.warehouse.build_file import edition_date
from schemas.columns import warehouse_type
from schemas.registry import KNOWN, TABLES

DESCRIPTION = (
    "{grain} Every moment has its local date beside it; numbers replace the names of customers and orders. Made anew when "
    "the lake has changed."
)


def fact_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The facts of every entity with a customer, an order or a date; and what is known of orders and customers."""
    specs = [
        dg.AssetSpec(
            key=asset_keys.fact(name),
            kinds={"polars", "parquet"},
            deps=[asset_keys.table(name), asset_keys.table("identity"), asset_keys.table("orders")],
            description=DESCRIPTION.format(grain=TABLES[name].grain),
        )
        for name in FACTS
    ]

    @dg.multi_asset(name="facts", specs=specs, pool=POOL)
    def facts(home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        made = facts_now(home, settings)
        for name in FACTS:
            rows = made.scan(name)
            columns = [dg.TableColumn(column, str(dtype)) for column, dtype in rows.collect_schema().items()]
            metadata = row_count(rows.select(pl.len()).collect().item())
            yield dg.MaterializeResult(
                asset_key=asset_keys.fact(name),
                metadata=metadata | {"dagster/column_schema": dg.TableSchema(columns=columns)},
            )

    known_specs = [
        dg.AssetSpec(
            key=asset_keys.known(name),
            kinds={"polars", "parquet"},
            deps=[asset_keys.fact("orders"), asset_keys.fact("customers"), newest(asset_keys.table("rfm"))],
            description=mart.description,
            metadata=shown_columns(
                mart.judged, {column: warehouse_type(entry) for column, entry in mart.judged.items()}, key=mart.key
            ),
        )
        for name, mart in KNOWN.items()
    ]

    @dg.multi_asset(name="known", specs=known_specs, pool=POOL)
    def known(home: Home) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        as_of = edition_date(home.lake)
        without_flag = settings.actions.consent_without_flag
        write_known(home.known, facts_now(home, settings), as_of=as_of, consent_without_flag=without_flag)
        for name in KNOWN:
            rows = pl.scan_parquet(known_files(home.known, name), glob=False).select(pl.len()).collect().item()
            yield dg.MaterializeResult(
                asset_key=asset_keys.known(name), metadata=row_count(rows, as_of_date=str(as_of))
            )

    return [facts, known]
