"""What a text of SQL is before it is run: one SELECT, or more than that. What it reads does not belong here."""

import re

import duckdb

from pipeline.errors import SourceShapeError


def refuse_all_but_one_select(text: str, what: str) -> None:
    """Stop before a text is run that is more than one SELECT, or changes something.

    Raises:
        SourceShapeError: it says what the text is; the caller names it.
    """
    must_be = f"{what} must be one SELECT"
    with duckdb.connect(":memory:") as connection:
        try:
            kinds = [statement.type.name for statement in connection.extract_statements(text)]
        except duckdb.ParserException as error:
            raise SourceShapeError(first_words(error)) from None
        tree = connection.execute("select json_serialize_sql(?)", [text]).fetchall()[0][0]
    if not kinds:
        raise SourceShapeError(f"is empty; {must_be}")
    if len(kinds) > 1:
        raise SourceShapeError(f"has {len(kinds)} statements ({', '.join(kinds)}); {must_be}")
    if kinds == ["MULTI"]:
        raise SourceShapeError("has a PIVOT that looks for its values by itself; list them with in (…)")
    # A common table expression can change a table too.
    change = re.search(r'"type":"(\w+)_QUERY_NODE"', tree)
    if kinds != ["SELECT"] or change:
        raise SourceShapeError(f"has a statement of kind {change[1] if change else kinds[0]}; {must_be}")


VALUE = re.compile(r"'.*'|\".*\"|[0-9]{5,}", re.DOTALL)
FROM_A_QUOTE_ON = re.compile(r"(?<!\w)['\"].*", re.DOTALL)
OF_VALUES = (duckdb.ConversionException, duckdb.OutOfRangeException, duckdb.InvalidInputException)
"""Errors that show a value of a row, which can be a person's."""


def first_words(error: duckdb.Error) -> str:
    """What DuckDB says, without the SQL that it shows, and without values."""
    words = re.split(r" LINE \d+:| Possible fixes| Candidate", " ".join(str(error).split()))[0]
    return without_values(words) if isinstance(error, OF_VALUES) else words


def without_values(words: str) -> str:
    """A message without what it quotes and without long numbers, and without its rest where a quote is never closed."""
    # An apostrophe within a word is no quote.
    is_open = any(len(re.findall(rf"(?<!\w){quote}|{quote}(?!\w)", words)) % 2 for quote in "'\"")
    return VALUE.sub("'…'", FROM_A_QUOTE_ON.sub("'…'", words) if is_open else words)
