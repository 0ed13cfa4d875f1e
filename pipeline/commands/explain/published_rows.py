"""One customer's rows of a published file, and the lines of exports they came from. What is said of them does not belong here."""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

import duckdb

from pipeline.commands.explain.page import NOTHING, text

Row = dict[str, Any]
NEAR = 5
"""How many ids that look like an unknown one are named."""


class Rows:
    """What a published file has of a customer."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, customer: str = "") -> None:
        self.connection = connection
        self.customer = customer
        self.files: dict[str, set[int | str]] = {}
        """The rows of each file that facts of the page came from; where a row has no number, what came from it."""
        self._names: dict[str, str] = {}

    def of(self, query: str, *values: Any) -> list[Row]:
        """The rows of a query, by column."""
        found = self.connection.execute(query, list(values))
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

    def theirs(self, table: str, *, order: str = "all", where: str = "true") -> list[Row]:
        """The customer's rows of a table."""
        return self.of(f"select * from {table} where customer_id = ? and {where} order by {order}", self.customer)

    def one(self, table: str) -> Row | None:
        """The customer's row of a table with one row per customer."""
        return next(iter(self.theirs(table)), None)

    def setting(self, name: str) -> str | None:
        """A setting of the night."""
        rows = self.of(
            "select value from quality.settings_used where setting = ? order by as_of_date desc limit 1", name
        )
        return rows[0]["value"] if rows else None

    def origins(self, entity: str, keys: Iterable[str]) -> dict[str, str]:
        """Where rows of a table came from, by key: source, file and row in words."""
        ids = {f"{entity} {key}": key for key in keys}
        found = self.of("select * from quality.row_origins where row_id in (select unnest(?::varchar[]))", list(ids))
        told = {ids[row["row_id"]]: self._in_words(row) for row in found}
        return {key: told.get(key, "not in the lake") for key in ids.values()}

    def _in_words(self, row: Row) -> str:
        if row["file"] is None:
            return f"{text(row['source'])}: file not recorded"
        self.files.setdefault(row["file"], set()).update(_numbers(row))
        place = f"{text(row['source'])}: {self._name(row['file'])}"
        if row["row_number"] is None:
            return place
        more = f", {row['more_rows']}" if row["more_rows"] else ""
        return f"{place} row{'s' if more else ''} {row['row_number']}{more}"

    def _name(self, file: str) -> str:
        """The last part of a path; all of it where two files have the same name."""
        name = text(PurePosixPath(file).name)
        return name if self._names.setdefault(name, file) == file else text(file)


def _numbers(row: Row) -> set[int | str]:
    """The rows of a file that a fact came from: its first, and the others, such as 5-7, 9."""
    if row["row_number"] is None:
        return {row["row_id"]}
    spans = [span.split("-") for span in (row["more_rows"] or "").replace(" ", "").split(",") if span]
    return {
        row["row_number"],
        *(number for first, *last in spans for number in range(int(first), int((last or [first])[0]) + 1)),
    }


def who_is(rows: Rows, named: str) -> str | None:
    """The customer whom a name means: as published, another account, or the pseudonym of an address; null if nobody."""
    found = rows.of(
        """select customer_id from marts.dim_customers where customer_id = $1
        union select customer_id from marts.identity where identifier = $1 order by all""",
        named,
    )
    return found[0]["customer_id"] if found else None


def hints(rows: Rows, named: str) -> str:
    """What an unknown name could be, in words: an order, a response, a review, or a mistyped customer."""
    for what, table, key in (
        ("an order", "marts.fct_orders", "order_id"),
        ("a survey response", "marts.fct_survey_responses", "response_id"),
        ("a review", "marts.fct_reviews", "review_id"),
    ):
        for row in rows.of(f"select customer_id from {table} where {key} = ?", named):
            owner = row["customer_id"]
            return f"it is {what} of {f'customer {text(owner)}' if owner else 'nobody known'}"
    near = rows.of(
        """select customer_id from marts.dim_customers
        order by levenshtein(lower(customer_id), lower($1)), customer_id limit $2""",
        named,
        NEAR,
    )
    return f"near: {', '.join(text(row['customer_id']) for row in near)}" if near else NOTHING
