"""dbt's files, written from the contracts: its sources, every mart's yml, and the SQL of marts that show a lake table."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandera.polars as pa
import yaml

from schemas.columns import closed_list, warehouse_type
from schemas.marts import Mart, month_dimensions
from schemas.types import Table

FOLDER = Path("dbt_project/models/generated")
WRITTEN_BY = "Written from schemas/ before dbt parses; a change belongs there."
CALENDAR, CALENDAR_KEY = "dim_date", "calendar_date"
"""The calendar that metrics over time are joined to."""
CONTRACT_HOLDS = "No key occurs twice, and no value is outside its closed list."
DATE_RANGES = "One row per mart with dates of its own: the first and the last of them; null if all are null."
RUN_CONTEXT = "One row for the run that builds this edition: its date, and the shop's time zone and currency."


def dbt_files(tables: Iterable[Table], marts: Iterable[Mart]) -> dict[Path, str]:
    """The text of every generated file of the dbt project, by its place in the repository."""
    marts = list(marts)
    files = {FOLDER / "sources.yml": _yml({"sources": [_source(tables, marts)]})}
    for mart in marts:
        place = FOLDER / mart.schema / mart.name
        files[place.with_suffix(".yml")] = _yml({"models": [_model(mart)]})
        if mart.known_as is not None:
            files[place.with_suffix(".sql")] = f"-- {WRITTEN_BY}\n{_undated(mart.known_as, mart)}\n"
        if mart.shows is not None:
            files[place.with_suffix(".sql")] = f"-- {WRITTEN_BY}\n{_query(mart, mart.shows)}\n"
    if ranges := _date_ranges(marts):
        place = FOLDER / "intermediate" / "int_date_ranges"
        model = {"name": place.name, "description": DATE_RANGES, "config": {"materialized": "ephemeral"}}
        files[place.with_suffix(".yml")] = _yml({"models": [model]})
        files[place.with_suffix(".sql")] = f"-- {WRITTEN_BY}\n{ranges}\n"
    return files


def _date_ranges(marts: Iterable[Mart]) -> str:
    """The query of the first and the last date of every mart with dates of its own; computed dates and months follow others."""
    queries = []
    for mart in marts:
        dates = [
            name
            for name, column in mart.columns.items()
            if warehouse_type(column) == "date" and name != "as_of_date" and not name.endswith("month")
        ]
        if dates and mart.schema == "marts" and mart.name != CALENDAR:
            first, last = (", ".join(f"{of}({name})" for name in dates) for of in ("min", "max"))
            queries.append(
                f"select least({first}) as first_date, greatest({last}) as last_date from {{{{ ref('{mart.name}') }}}}"
            )
    return "\nunion all\n".join(queries)


def _yml(content: dict[str, Any]) -> str:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    return f"# {WRITTEN_BY}\n{text}"


def _source(tables: Iterable[Table], marts: Iterable[Mart]) -> dict[str, Any]:
    described = [{"name": table.name, "description": table.grain} for table in tables]
    described += [{"name": mart.known_as, "description": mart.description} for mart in marts if mart.known_as]
    return {"name": "lake", "tables": [*described, {"name": "run_context", "description": RUN_CONTEXT}]}


def _model(mart: Mart) -> dict[str, Any]:
    return {
        "name": mart.name,
        "description": mart.description,
        "config": {"meta": _key_and_lists(mart)},
        **({"constraints": [{"type": "primary_key", "columns": list(mart.key)}]} if mart.has_primary_key else {}),
        **({"time_spine": {"standard_granularity_column": CALENDAR_KEY}} if mart.name == CALENDAR else {}),
        "data_tests": [{"contract": _test(f"contract_{mart.name}", CONTRACT_HOLDS)}],
        "columns": [_column(column, mart) for column in mart.columns.values()],
    }


def _key_and_lists(mart: Mart) -> dict[str, Any]:
    lists = {name: list(members) for name, column in mart.columns.items() if (members := closed_list(column))}
    slices = {"slice_by": mart.slice_by} if mart.slice_by else {}
    return {"key": list(mart.key), **({"lists": lists} if lists else {}), **slices}


def _column(column: pa.Column, mart: Mart) -> dict[str, Any]:
    metadata = column.metadata or {}
    entry = {"name": column.name, "data_type": warehouse_type(column), "description": column.description}
    if (mart.name, column.name) == (CALENDAR, CALENDAR_KEY):
        entry["granularity"] = "day"
    if column.name in mart.never_null:
        entry["constraints"] = [{"type": "not_null"}]
    meta: dict[str, Any] = {}
    if metadata.get("is_personal_text"):
        meta["is_personal_text"] = True
    if former := mart.former_names.get(str(column.name)):
        meta["former_name"], meta["goes_with"] = former
    if meta:
        entry["config"] = {"meta": meta}
    if other := metadata.get("references"):
        arguments = {"to": f"ref('{other}')", "field": column.name}
        words = f"Every {column.name} is one of {other}, or null."
        entry["data_tests"] = [{"relationships": _test(f"{column.name}_of_{mart.name}", words, arguments)}]
    return entry


def _test(name: str, description: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A test as dbt knows it and Dagster shows it. dbt would name it after all its arguments, which are long."""
    given = {"arguments": dict(arguments)} if arguments else {}
    return {"name": name, **given, "config": {"meta": {"description": description}}}


def _undated(table: str, mart: Mart) -> str:
    if mart.moments:
        return f"{{{{ with_local_times('{table}', {mart.moments}) }}}}"
    return f"select * from {{{{ source('lake', '{table}') }}}}"


def _query(mart: Mart, table: Table) -> str:
    if not table.is_dated:
        return _undated(table.name, mart)
    macro = "up_to_edition" if table.shows_history else "at_edition"
    more = mart.columns.keys() - table.columns.keys()
    options = [
        f"'{table.name}'",
        *(["with_currency=true"] if "currency" in more else []),
        *([f"moments={mart.moments}"] if mart.moments else []),
        *([f"months_of={months}"] if (months := month_dimensions(table)) else []),
    ]
    rows = f"{{{{ {macro}({', '.join(options)}) }}}}"
    if (part := table.split_by) is None:
        return rows
    if part in mart.columns:
        return f"select * from ({rows}) where {part} is not null"
    return f"select * exclude ({part}) from ({rows}) where {part} is null"
