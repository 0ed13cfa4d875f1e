"""dbt's files, written from the contracts: its sources, every mart's yml, and the SQL of marts that show a lake table."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandera.polars as pa
import yaml

from schemas.columns import closed_list, is_moment, warehouse_type
from schemas.marts import Mart, date_name
from schemas.types import Table

FOLDER = Path("dbt_project/models/generated")
WRITTEN_BY = "Written from schemas/ before dbt parses; a change belongs there."
RUN_CONTEXT = "One row for the run that builds this edition: its date, and the shop's time zone and currency."


def dbt_files(tables: Iterable[Table], marts: Iterable[Mart]) -> dict[Path, str]:
    """The text of every generated file of the dbt project, by its place in the repository."""
    marts = list(marts)
    files = {FOLDER / "sources.yml": _yml({"sources": [_source(tables, marts)]})}
    for mart in marts:
        place = FOLDER / mart.schema / mart.name
        files[place.with_suffix(".yml")] = _yml({"models": [_model(mart)]})
        if mart.known_as is not None:
            files[place.with_suffix(".sql")] = (
                f"-- {WRITTEN_BY}\nselect * from {{{{ source('lake', '{mart.known_as}') }}}}\n"
            )
        if mart.shows is not None:
            files[place.with_suffix(".sql")] = f"-- {WRITTEN_BY}\n{_query(mart, mart.shows)}\n"
    return files


def _yml(content: dict[str, Any]) -> str:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    return f"# {WRITTEN_BY}\n{text}"


def _source(tables: Iterable[Table], marts: Iterable[Mart]) -> dict[str, Any]:
    described = [{"name": table.name, "description": table.grain} for table in tables]
    described += [{"name": mart.known_as, "description": mart.description} for mart in marts if mart.known_as]
    return {"name": "lake", "tables": [*described, {"name": "run_context", "description": RUN_CONTEXT}]}


def _model(mart: Mart) -> dict[str, Any]:
    lists = {name: members for name, column in mart.columns.items() if (members := closed_list(column))}
    arguments: dict[str, Any] = {"key": list(mart.key)}
    if lists:
        arguments["lists"] = {name: list(members) for name, members in lists.items()}
    return {
        "name": mart.name,
        "description": mart.description,
        **({"constraints": [{"type": "primary_key", "columns": list(mart.key)}]} if mart.has_primary_key else {}),
        # dbt would name it after all its arguments, which are long.
        "data_tests": [{"contract": {"name": f"contract_{mart.name}", "arguments": arguments}}],
        "columns": [_column(column) for column in mart.columns.values()],
    }


def _column(column: pa.Column) -> dict[str, Any]:
    metadata = column.metadata or {}
    entry = {"name": column.name, "data_type": warehouse_type(column), "description": column.description}
    if not column.nullable:
        entry["constraints"] = [{"type": "not_null"}]
    if metadata.get("is_personal_text"):
        entry["config"] = {"meta": {"is_personal_text": True}}
    if mart := metadata.get("references"):
        arguments = {"to": f"ref('{mart}')", "field": column.name}
        entry["data_tests"] = [{"relationships": {"arguments": arguments}}]
    return entry


def _query(mart: Mart, table: Table) -> str:
    if not table.is_dated:
        return f"select * from {{{{ source('lake', '{table.name}') }}}}"
    macro = "up_to_edition" if table.shows_history else "at_edition"
    more = mart.columns.keys() - table.columns.keys()
    moments = [name for name, column in table.columns.items() if is_moment(column) and date_name(name) in more]
    options = [
        f"'{table.name}'",
        *(["with_currency=true"] if "currency" in more else []),
        *([f"dates_of={moments}"] if moments else []),
    ]
    rows = f"{{{{ {macro}({', '.join(options)}) }}}}"
    if (part := table.split_by) is None:
        return rows
    if part in mart.columns:
        return f"select * from ({rows}) where {part} is not null"
    return f"select * exclude ({part}) from ({rows}) where {part} is null"
