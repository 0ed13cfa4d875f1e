"""The assets of group `facts`: what is true of every row of the lake whatever the date, in one step. Nothing is judged by date here."""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipeline import asset_keys
from pipeline.assets.common import OWNERS, row_count
from pipeline.assets.dated import facts_now
from pipeline.facts import FACTS
from pipeline.resources import Home
from pipeline.run_lock import POOL
from pipeline.settings import Settings
from schemas.registry import TABLES

DESCRIPTION = (
    "{grain} With the local date of every moment, and numbers in place of the names of customers and orders; made anew "
    "when the lake has changed."
)


def fact_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """The facts of every entity that names a customer or an order, or has a date."""
    specs = [
        dg.AssetSpec(
            key=asset_keys.fact(name),
            group_name="facts",
            kinds={"polars", "parquet"},
            owners=OWNERS,
            deps=[asset_keys.table(name), asset_keys.table("identity"), asset_keys.table("orders")],
            description=DESCRIPTION.format(grain=" ".join(str(TABLES[name].model.__doc__).split())),
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

    return [facts]
