"""The table or query of a database input as SQL reads from it. What is read belongs to `databases`."""

import re

from pipeline.sources.settings import DatabaseInput

NAME = re.compile(r'"((?:[^"]|"")+)"(?=\.|$)|([^.]+)')
"""A part of a table's name; in quotes it may have dots in it."""
END = re.compile(r"(?:\s|;|(?:--|#)[^\n]*|/\*.*?\*/)*", re.DOTALL)
"""What may stand behind a statement."""
TOKEN = r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/|[^;]"""
# MySQL takes a backslash for an escape, and more for a comment.
TOKEN_OF_MYSQL = rf"""'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|\#[^\n]*|{TOKEN}"""


def relation_of(place: DatabaseInput) -> str:
    """The table, each part of its name quoted, or the query as a table."""
    is_mysql = place.database.startswith("mysql:")
    quote = "`" if is_mysql else '"'
    if place.table:
        parts = (quoted.replace('""', '"') or plain for quoted, plain in NAME.findall(place.table))
        return ".".join(f"{quote}{part.replace(quote, quote * 2)}{quote}" for part in parts)
    # On lines of its own, as it may end in a comment.
    return f"(\n{_without_end(str(place.query), is_mysql=is_mysql)}\n) as input"


def _without_end(query: str, *, is_mysql: bool) -> str:
    """A query without the semicolon behind it and what follows that; one of more statements stays as it is."""
    statement = re.match(f"(?:{TOKEN_OF_MYSQL if is_mysql else TOKEN})*", query, re.DOTALL)
    assert statement is not None
    return statement[0].strip() if END.fullmatch(query, statement.end()) else query.strip().rstrip(";")
