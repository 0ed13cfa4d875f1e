"""How a contract's column appears elsewhere: its type and value in the warehouse, its checks in words."""

from collections.abc import Mapping
from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.api.checks import Check

from schemas.types import MINOR

WAREHOUSE_TYPES: dict[Any, str] = {
    pl.String: "varchar",
    pl.Int64: "bigint",
    pl.Float64: "double",
    pl.Boolean: "boolean",
    pl.Date: "date",
    pl.Datetime("us", "UTC"): "timestamp with time zone",
    pl.Datetime("us"): "timestamp",
}
MONEY_TYPE = "decimal(18, 2)"
NUMBERS = (pl.Int64, pl.Float64)
UNITS = {"pct": "percent", "days": "days", "hours": "hours"}
"""Part of a column's name -> its unit."""


def is_money(column: pa.Column) -> bool:
    """Whether the lake keeps minor units and the warehouse shows units of currency."""
    return (column.metadata or {}).get("unit") == MINOR["unit"]


def is_moment(column: pa.Column) -> bool:
    """Whether it is a moment, whose date depends on the time zone."""
    return bool(column.dtype.type == pl.Datetime("us", "UTC"))


def is_local_time(column: pa.Column) -> bool:
    """Whether it is a moment on the shop's clock; only marts have such columns."""
    return bool(column.dtype.type == pl.Datetime("us"))


def warehouse_type(column: pa.Column) -> str:
    """The type in the warehouse. Money in fractions of minor units, such as a cut point, stays a double."""
    if is_money(column) and column.dtype.type == pl.Int64:
        return MONEY_TYPE
    return WAREHOUSE_TYPES[column.dtype.type]


def warehouse_value(column: pa.Column) -> str:
    """The SQL that turns the lake's value into the warehouse's."""
    name, kind = f'"{column.name}"', warehouse_type(column)
    if not is_money(column):
        return name
    # A division would go through a float; the product stays decimal.
    value = f"cast({name} * 0.01 as {kind})" if kind == MONEY_TYPE else f"{name} / 100"
    if only_where := (column.metadata or {}).get("only_where"):
        other, is_value = only_where
        value = f"case when \"{other}\" = '{is_value}' then {value} else cast({name} as {kind}) end"
    return f"{value} as {name}"


def closed_list(column: pa.Column) -> tuple[Any, ...] | None:
    """The values the column may have, if the contract lists them."""
    lists = [check.statistics["allowed_values"] for check in column.checks if check.name == "isin"]
    return tuple(lists[0]) if lists else None


def unit(column: pa.Column) -> str | None:
    """The unit of the column in the warehouse: for money from the contract, otherwise from the name; a count, n_…, has none."""
    if is_money(column):
        other, is_value = (column.metadata or {}).get("only_where", (None, None))
        return "currency" if other is None else f"currency, where {other} is {is_value}"
    first, *others = str(column.name).split("_")
    parts = {first, *others} if first != "n" else set()
    return next((words for part, words in UNITS.items() if part in parts and column.dtype.type in NUMBERS), None)


def constraints(column: pa.Column) -> list[str]:
    """Every check of the column in words, except whether it may be null."""
    references = (column.metadata or {}).get("references")
    return [*map(_in_words, column.checks), *([f"a key of {references}"] if references else [])]


def row_constraints(contract: type[pa.DataFrameModel]) -> list[str]:
    """Every check across columns of a row, in words."""
    return [f"no {check.name} that {check.error}" for check in contract.to_schema().checks]


def _in_words(check: Check) -> str:
    statistics: Mapping[str, Any] = check.statistics or {}
    match check.name:
        case "isin":
            return "one of " + ", ".join(str(value) for value in statistics["allowed_values"])
        case "greater_than":
            return f"above {statistics['min_value']}"
        case "greater_than_or_equal_to":
            return f"at least {statistics['min_value']}"
        case "less_than":
            return f"below {statistics['max_value']}"
        case "less_than_or_equal_to":
            return f"at most {statistics['max_value']}"
        case "str_length":
            return f"at least {statistics['min_value']} character"
        case "str_matches":
            return f"matches {statistics['pattern']}"
    raise NotImplementedError(f"the check {check.name} has no words; give it some here")
