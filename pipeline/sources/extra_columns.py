"""Columns of an export that nothing here computes with, carried along with each row that is made of them."""

from collections.abc import Mapping, Sequence

from pipeline.errors import SourceShapeError
from pipeline.sources.entity_rows import FILE, ROW
from pipeline.sources.inputs import Inputs, columns_of, literal, quoted
from schemas.types import EXTRA


def rows_with_extra(rows: str, returned: Mapping[str, str], inputs: Inputs, wanted: Sequence[str]) -> str:
    """The SELECT `rows` with `extra`: a JSON object of what the `wanted` columns have in the row behind each,
    or in the first of several.

    `returned`: the columns of `rows`, and their types. Null where all are empty.

    Raises:
        SourceShapeError: no input has such a column, or `rows` do not say where they come from.
    """
    names = {name.lower() for name in returned}
    if not {FILE, ROW} <= names:
        raise SourceShapeError(f"extra_columns: the mapping returns no {FILE} and {ROW}; pass them on")
    if EXTRA in names:
        raise SourceShapeError(f"extra_columns: the mapping returns {EXTRA} itself; leave one of the two out")
    selects, found = [], set()
    for name in inputs.names:
        columns = {column.lower(): column for column in columns_of(inputs.connection, f"main.{quoted(name)}")}
        here = {column: columns[column.lower()] for column in wanted if column.lower() in columns}
        if here:
            found |= set(here)
            selects.append(f"select _file, _row, {_object(here)} as {EXTRA} from main.{quoted(name)}")
    if missing := [column for column in wanted if column not in found]:
        raise SourceShapeError(f"extra_columns: no input has column {', '.join(missing)}")
    first_row = f"mapped.{ROW}[1]" if returned[_spelt(returned, ROW)].endswith("[]") else f"mapped.{ROW}"
    return (
        f"select mapped.*, more.{EXTRA} from (\n{rows}\n) as mapped left join ({' union all '.join(selects)}) as more "
        f"on more._file = mapped.{FILE} and more._row = {first_row}"
    )


def _spelt(returned: Mapping[str, str], name: str) -> str:
    return next(column for column in returned if column.lower() == name)


def _object(columns: Mapping[str, str]) -> str:
    """A JSON object in SQL of the columns that have a value, by the name that the configuration gives each."""
    texts = {name: f"nullif({quoted(column)}::varchar, '')" for name, column in columns.items()}
    members = ", ".join(f"{literal(name)}, {text}" for name, text in texts.items())
    return f"case when coalesce({', '.join(texts.values())}) is not null then json_object({members})::varchar end"
