"""The faults a contract finds in a frame, one by one, in words. What happens to a faulty row does not belong here."""

import re

import pandera.errors
import polars as pl

from schemas.types import Contract

WORDS = (
    (r"not_nullable", "is missing"),
    (r"isin\([\[(](?P<values>.*?),?[\])]\)", "is not one of {values}"),
    (r"greater_than_or_equal_to\((?P<value>.*)\)", "is below {value}"),
    (r"less_than\((?P<value>.*)\)", "is not below {value}"),
    (r"greater_than\((?P<value>.*)\)", "is not above {value}"),
    (r"less_than_or_equal_to\((?P<value>.*)\)", "is above {value}"),
    (r"str_length\(1, None\)", "is missing"),
    (r"str_matches\('\^\[A-Z\]\{3\}\$'\)", "is not a three-letter currency code"),
    (r"str_matches\('\^\(all\|.*Q\[1-4\]\)\$'\)", "is not all or a quarter such as 2026-Q1"),
    (r"str_matches\('\^\[0-9a-f\]\{64\}\$'\)", "is not a pseudonym"),
)


def find_faults(frame: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """One row per value of `frame` that breaks the contract: row (position), column, reason, which never shows the value.

    `frame` must already have the contract's columns and types; it is validated eagerly, because pandera checks only the
    schema of a lazy frame.

    Raises:
        TypeError: the columns or types differ from the contract's: a bug, not a fault of the data.
    """
    schema = contract.to_schema()
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases: pl.DataFrame = errors.failure_cases
        if cases["index"].null_count():
            raise TypeError(
                f"{contract.__name__}: {cases.filter(pl.col('index').is_null())['check'].to_list()}"
            ) from None
        is_row_check = pl.col("schema_context") == "DataFrameSchema"
        # A check of a whole row is named after the column to blame and worded in its `error`.
        blamed = {str(check.error): str(check.name) for check in schema.checks}
        words = {check: _in_words(check) for check in cases["check"].unique()}
        return cases.select(
            pl.col("index").cast(pl.UInt32).alias("row"),
            pl.when(is_row_check)
            .then(pl.col("check").replace_strict(blamed, default=None))
            .otherwise(pl.col("column"))
            .alias("column"),
            pl.col("check").replace_strict(words).alias("words"),
        ).select("row", "column", pl.format("{}: {}", "column", "words").alias("reason"))
    return pl.DataFrame(schema={"row": pl.UInt32, "column": pl.String, "reason": pl.String})


def _in_words(check: str) -> str:
    for pattern, words in WORDS:
        if match := re.fullmatch(pattern, check):
            return words.format(**{name: value.replace("'", "") for name, value in match.groupdict().items()})
    return check
