"""What all asset modules need to declare an asset. Apart from dates, nothing that runs in an asset belongs here."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast, get_args

import dagster as dg

from pipeline import asset_keys
from pipeline.core.as_of_dates import Every, dates_between
from pipeline.core.options import not_one_of
from pipeline.errors import ConfigError
from pipeline.run_records import NIGHTLY
from pipeline.settings import Settings
from schemas.columns import constraints, is_money, row_constraints
from schemas.registry import TABLES

FROM_TAG, EVERY_TAG = "loyalty/from", "loyalty/every"
"""Tags of a run that computes dates before its own: the first date, and which from there on (day, week or month)."""
FORCE_TAG = "loyalty/force"
"""A run with this tag computes dates again even if they are up to date."""
NEWEST = dg.LastPartitionMapping()
"""How an edition depends on dated tables: on the newest date. (The default, all dates, also costs a second of CPU.)"""


def daily_partitions(settings: Settings) -> dg.DailyPartitionsDefinition:
    """One partition per as_of date, in the shop's time zone; a date becomes available once it has ended."""
    return dg.DailyPartitionsDefinition(start_date=str(settings.shop.first_date), timezone=settings.shop.time_zone)


def as_of_date(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> date:
    """The date of the run's partition.

    Raises:
        ConfigError: the run was started without one.
    """
    run = context.op_execution_context
    if not run.has_partition_key:
        raise ConfigError("the run has no as_of date; start it for a partition, or with the tag dagster/partition")
    return date.fromisoformat(run.partition_key)


def dates_of_run(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> list[date]:
    """The dates that a run computes, oldest first: that of its partition, and before it those from FROM_TAG on.

    Raises:
        ConfigError: a tag has an impossible date or interval.
    """
    as_of, tags = as_of_date(context), context.op_execution_context.run.tags
    if FROM_TAG not in tags:
        return [as_of]
    given, every = tags[FROM_TAG], tags.get(EVERY_TAG, "day")
    if every not in get_args(Every):
        raise ConfigError(f"tag {EVERY_TAG}: {not_one_of(every, get_args(Every))}")
    try:
        first = date.fromisoformat(given)
    except ValueError:
        raise ConfigError(f"tag {FROM_TAG}: '{given}' is not a date like 2026-01-31") from None
    if first > as_of:
        raise ConfigError(f"tag {FROM_TAG}: {first} is after {as_of}, the run's date")
    return dates_between(first, as_of, cast("Every", every))


def is_night(context: dg.AssetExecutionContext) -> bool:
    """Whether a run computes everything of its dates, up to what an edition is built from: not some assets alone."""
    run = context.op_execution_context.run
    return run.job_name == NIGHTLY and (not run.asset_selection or asset_keys.RUN_CONTEXT in run.asset_selection)


def table_spec(name: str, *, kinds: set[str], deps: list[dg.AssetKey]) -> Mapping[str, Any]:
    """The arguments that describe the asset of a lake table: its contract gives the description and the columns."""
    table = TABLES[name]
    types = {
        name: f"{column.dtype.type} in minor units" if is_money(column) else str(column.dtype.type)
        for name, column in table.columns.items()
    }
    return {
        "key": asset_keys.table(name),
        "kinds": kinds,
        "deps": [newest(dep) for dep in deps] if not table.is_dated else deps,
        "description": table.grain,
        "metadata": shown_columns(table.columns, types, key=table.key, of_rows=row_constraints(table.model)),
    }


def shown_columns(
    columns: Mapping[str, Any], types: Mapping[str, str], *, key: Sequence[str], of_rows: Sequence[str] = ()
) -> dict[str, Any]:
    """Metadata of a table: the columns of its contract, with every constraint."""
    return {
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn(
                    name=name,
                    type=types[name],
                    description=column.description,
                    constraints=dg.TableColumnConstraints(
                        nullable=bool(column.nullable), unique=tuple(key) == (name,), other=constraints(column)
                    ),
                )
                for name, column in columns.items()
            ],
            constraints=dg.TableConstraints(other=[f"one row per {', '.join(key)}", *of_rows]),
        )
    }


def is_dated(key: dg.AssetKey) -> bool:
    """Whether an asset has one partition per as_of date."""
    name = key.path[-1]
    return name in TABLES and TABLES[name].is_dated and key == asset_keys.table(name)


def newest(key: dg.AssetKey) -> dg.AssetDep:
    """A dependency of something without dates: on the newest date of a dated table, or on all of any other."""
    return dg.AssetDep(key, partition_mapping=NEWEST if is_dated(key) else None)


def row_count(rows: int, **more: object) -> dict[str, Any]:
    """Metadata of a materialisation: its row count, and anything else worth seeing."""
    return {"dagster/row_count": rows, **more}
