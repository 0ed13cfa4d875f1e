"""How the amounts and dates of an export seem to be written, from its first rows. Reading them so does not belong here."""

from collections import Counter
from collections.abc import Iterable, Mapping

import duckdb

from pipeline.sources.inputs import quoted
from pipeline.sources.preset import PresetInput

COMMA, POINT, GROUPS_BY_COMMA, GROUPS_BY_POINT = "comma", "point", "groups by comma", "groups by point"
DAY_FIRST, MONTH_FIRST, EITHER = "day-first", "month-first", "either"
PARTS = r"^\s*([0-9]{1,2})[-/.]([0-9]{1,2})[-/.][0-9]{4}"

COMMA_GROUPS = r"[0-9],[0-9]{3}([,.]|[^0-9]*$)"
POINT_GROUPS = r"^[^0-9]*[1-9][0-9]{0,2}([.][0-9]{3})+[^0-9]*$"
"""`1,234` and `1.234`: thousands, or three decimals."""


def count_notations(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str], told: PresetInput
) -> Counter[str]:
    """How many amounts of the table `file` have a decimal comma or point, and how many dates a day or a month first.

    `columns`: names and types as delivered; only texts can be written in several ways.
    """
    found: Counter[str] = Counter()
    texts = [name for name, kind in columns.items() if kind == "VARCHAR"]
    for name in texts:
        column = told.column_of(name)
        ends = r"[^0-9]*$" if told.is_amount(column) else r"([|;]|$)" if told.is_packed(column) else None
        if ends:
            before = "" if told.is_amount(column) else ":-?[0-9]+"
            n_comma, n_point = _count(
                connection, name, *(f"regexp_matches(value, '{before}[{mark}][0-9]{{1,2}}{ends}')" for mark in ",.")
            )
            found.update({COMMA: n_comma, POINT: n_point})
        if told.is_amount(column):
            by_comma, by_point = (f"regexp_matches(value, '{form}')" for form in (COMMA_GROUPS, POINT_GROUPS))
            n_by_comma, n_by_point = _count(connection, name, by_comma, by_point)
            found.update({GROUPS_BY_COMMA: n_by_comma, GROUPS_BY_POINT: n_by_point})
        if column in told.dates:
            first, second = (f"regexp_extract(value, '{PARTS}', {part})::int > 12" for part in (1, 2))
            is_dated = f"regexp_matches(value, '{PARTS}')"
            n_day, n_month, n = _count(
                connection, name, *(f"case when {is_dated} then {part} end" for part in (first, second)), is_dated
            )
            found.update({DAY_FIRST: n_day, MONTH_FIRST: n_month, EITHER: n - n_day - n_month})
    return found


def notation_lines(counts: Counter[str]) -> Iterable[str]:
    """What a configuration says of a source whose values are written so; nothing where they need no word."""
    if counts[COMMA] and not counts[POINT]:
        yield f'decimal: "," # as {counts[COMMA]:,} amounts of the first rows have it'
    elif counts[COMMA]:
        yield (
            f"# decimal: some amounts have a comma ({counts[COMMA]:,}), some a point ({counts[POINT]:,}); those with a comma "
            "are rejected"
        )
    elif counts[GROUPS_BY_COMMA]:
        yield (
            f"# decimal: {counts[GROUPS_BY_COMMA]:,} amounts have a comma before three digits, which can part thousands or be "
            "decimal; they are rejected"
        )
    elif counts[GROUPS_BY_POINT] and not counts[POINT]:
        yield (
            f"# decimal: {counts[GROUPS_BY_POINT]:,} amounts have a point before three digits; is 1.200 a thousand and two "
            'hundred, set decimal: ",", or it is read as 1.20'
        )
    both = counts[DAY_FIRST] and counts[MONTH_FIRST]
    for order in (DAY_FIRST, MONTH_FIRST):
        if counts[order] and not both:
            yield f"dates: {order} # as {counts[order]:,} dates of the first rows show"
    if both or (counts[EITHER] and not counts[DAY_FIRST] + counts[MONTH_FIRST]):
        yield "# dates: day-first or month-first? The dates seen do not tell; without the right one they are rejected"


def _count(connection: duckdb.DuckDBPyConnection, name: str, *conditions: str) -> tuple[int, ...]:
    counted = ", ".join(f"count(*) filter ({condition})" for condition in conditions)
    rows = connection.execute(f"select {counted} from (select {quoted(name)} as value from file)").fetchall()
    return tuple(rows[0])
