"""How the columns of an input differ from those of the batch before. What follows from it does not belong here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
FLOATS = {"FLOAT", "DOUBLE"}


@dataclass(frozen=True)
class Drift:
    """Columns that came, went, or changed their type (before, after)."""

    new: list[str]
    gone: list[str]
    retyped: dict[str, tuple[str, str]]

    def in_words(self) -> str:
        """One line; empty when nothing differs."""
        parts = [
            *(f"column {name} is new" for name in self.new),
            *(f"column {name} is gone" for name in self.gone),
            *(f"column {name} was {before} and is {after}" for name, (before, after) in self.retyped.items()),
        ]
        return ", ".join(parts)


def find_drift(before: Mapping[str, str], after: Mapping[str, str]) -> Drift:
    """Compare columns, name -> DuckDB type. A wider type of the same kind is no change."""
    return Drift(
        new=[name for name in after if name not in before],
        gone=[name for name in before if name not in after],
        retyped={
            name: (before[name], kind)
            for name, kind in after.items()
            if name in before and _kind(before[name]) != _kind(kind)
        },
    )


def _kind(dtype: str) -> str:
    if dtype in INTEGERS:
        return "integer"
    if dtype in FLOATS:
        return "float"
    decimal = re.fullmatch(r"DECIMAL\(\d+,\s*(\d+)\)", dtype)
    return f"decimal with {decimal[1]} places" if decimal else dtype
