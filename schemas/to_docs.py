"""The data dictionary, written from the contracts: what an edition publishes, table by table."""

from collections.abc import Collection, Iterator
from pathlib import Path

import pandera.polars as pa

from schemas.columns import closed_list, constraints, unit, warehouse_type
from schemas.marts import Mart

PLACE = Path("docs/data-dictionary.md")
HEAD = """<!-- Written from schemas/ before dbt parses; a change belongs there. -->
# Data dictionary

Every table of `warehouse.duckdb`. The file itself holds the same descriptions, as comments on tables and columns.

- Money is `decimal(18, 2)` in the currency beside it; the means in `promise_impact` and the cut points of money are `double`.
- `pct_…` is 0 to 100. Rates, probabilities and ratios have names of their own and state their range.
- A moment `x_at` is `timestamp with time zone`; `x_at_local` is the same on the shop's clock, and every date is in the shop's time zone.
- Ids are text. What starts with `is_` is a flag, with `n_` a count.
- A key is unique. A *primary key* is a constraint of the file too, and so is every column that is never null. In tables with rows of earlier
  nights, or of whatever a night has merged, only the columns of the key are declared: a version that had no such column yet left it empty.
- A figure that rests on too few cases is null, and a column `is_…suppressed` beside it says so.
- Below a table stands which columns are those of which table of the lake (or, where it ends in `_known`, of what is known at the edition's
  date); SQL computes the others. A table that shows one of them adds only dates, local times and the currency.
"""


def data_dictionary(marts: Collection[Mart]) -> str:
    """The page."""
    contents = "\n".join(f"- [`{_full(mart)}`](#{_anchor(mart)})" for mart in sorted(marts, key=_full))
    sections = "\n".join("\n".join(_section(mart)) for mart in sorted(marts, key=_full))
    return f"{HEAD}\n{contents}\n\n{sections}"


def _full(mart: Mart) -> str:
    return f"{mart.schema}.{mart.name}"


def _anchor(mart: Mart) -> str:
    """The link target of a heading: lower case, without its point."""
    return _full(mart).replace(".", "")


def _section(mart: Mart) -> Iterator[str]:
    yield f"## {_full(mart)}\n"
    yield f"{mart.description}\n"
    kind = "Primary key" if mart.has_primary_key else "Key"
    yield f"{kind}: {', '.join(f'`{name}`' for name in mart.key)}.\n"
    yield "| column | type | unit | null | range | what it is |"
    yield "|---|---|---|---|---|---|"
    for column in mart.columns.values():
        cells = [f"`{column.name}`", warehouse_type(column), unit(column) or "", "yes" if column.nullable else ""]
        yield f"| {' | '.join([*cells, _range(column), _cell(column.description or '')])} |"
    yield ""
    if former := [f"`{old}` of `{new}` (goes with {goes})" for new, (old, goes) in mart.former_names.items()]:
        yield f"Former names, still columns: {', '.join(former)}.\n"
    lists: dict[tuple[object, ...], list[str]] = {}
    for name, column in mart.columns.items():
        if members := closed_list(column):
            lists.setdefault(members, []).append(f"`{name}`")
    yield from (f"- {', '.join(names)}: {', '.join(map(str, members))}" for members, names in lists.items())
    taken = list(_taken(mart))
    yield from taken
    if lists or taken:
        yield ""


def _taken(mart: Mart) -> Iterator[str]:
    """Which columns are those of other tables, by table; a mart that shows one table says so in a line."""
    if mart.shows or mart.known_as:
        yield f"- Shows `{mart.shows.name if mart.shows else mart.known_as}`."
        return
    by_table: dict[str, list[str]] = {}
    for name, (table, there) in mart.origins.items():
        by_table.setdefault(table, []).append(f"`{name}`" if name == there else f"`{name}` (its `{there}`)")
    for table, names in by_table.items():
        yield f"- Columns of `{table}`: {', '.join(names)}."


def _range(column: pa.Column) -> str:
    """All constraints except the closed list, which is too long for a cell."""
    return _cell(", ".join(words for words in constraints(column) if not words.startswith("one of ")))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
