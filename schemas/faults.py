"""The faults a contract finds in a frame, one by one, in words. What happens to a faulty row does not belong here."""

import re
from functools import reduce
from operator import or_
from typing import Any

import pandera.errors
import polars as pl
from pandera.api.checks import Check
from pandera.api.polars.types import PolarsData
from pandera.backends.polars.register import register_polars_backends
from pandera.constants import CHECK_OUTPUT_KEY

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

BROKEN = "broken"
"""Column that tells whether a row breaks a check."""
FAULT = {"row": pl.UInt32, "column": pl.String, "reason": pl.String}


def passes(frame: pl.DataFrame, contract: type[Contract]) -> bool:
    """Whether a frame has the columns and types of a contract, and every value passes pandera's checks.

    pandera itself collects some plans per column, one after the other, which for small tables is most of its cost; here
    they are collected together. What is wrong, only pandera says.
    """
    if not _has_columns(frame, contract):
        return False
    found = pl.collect_all([rows.select(pl.col(BROKEN).any()) for rows in _broken(frame, contract)])
    return not any(one.item() for one in found)


def _has_columns(frame: pl.DataFrame, contract: type[Contract]) -> bool:
    return dict(frame.schema) == {name: column.dtype.type for name, column in contract.__table__.columns.items()}


def _broken(frame: pl.DataFrame, contract: type[Contract]) -> list[pl.LazyFrame]:
    """Whether each row of a frame that has the contract's columns breaks a check, as the column BROKEN of each check."""
    register_polars_backends()
    columns, rows = contract.__table__.columns, frame.lazy()
    checks = [(check, name) for name, column in columns.items() for check in column.checks]
    checks += [(check, "*") for check in contract.to_schema().checks]
    required = [name for name, column in columns.items() if not column.nullable]
    is_missing = [pl.col(name).is_null() for name in required]
    is_missing += [pl.col(name).is_nan() for name in required if frame.schema[name].is_float()]
    complete = [rows.select(pl.any_horizontal(is_missing).alias(BROKEN))] if is_missing else []
    return [*complete, *(_breaks(check, rows, name) for check, name in checks)]


def _breaks(check: Check, rows: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """Whether each row breaks one check."""
    if check.is_builtin_check(str(check.name)):
        # As pandera does when a check is called: the function of a contract is from before polars was registered.
        check._check_fn = check.get_builtin_check_fn(str(check.name))
    backend: Any = check.get_backend(rows)(check)
    passed: pl.LazyFrame = backend.apply(PolarsData(rows, column))
    return passed.select((~pl.col(CHECK_OUTPUT_KEY).fill_null(check.ignore_na)).alias(BROKEN))


def require(frame: pl.DataFrame, contract: type[Contract]) -> None:
    """Check every value of a frame against a contract.

    Raises:
        pandera.errors.SchemaError: it breaks the contract, and how.
    """
    if not passes(frame, contract):
        contract.validate(frame)


def find_faults(frame: pl.DataFrame, contract: type[Contract]) -> pl.DataFrame:
    """One row per value of `frame` that breaks the contract: row (position), column, reason, which never shows the value.

    `frame` must already have the contract's columns and types; it is validated eagerly, because pandera checks only the
    schema of a lazy frame.

    Raises:
        TypeError: the columns or types differ from the contract's: a bug, not a fault of the data.
    """
    rows = pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
    if _has_columns(frame, contract):
        # pandera looks at all rows several times; those that pass need not be looked at again.
        broken = (found[BROKEN] for found in pl.collect_all(_broken(frame, contract)))
        rows = rows.filter(reduce(or_, broken, pl.repeat(False, frame.height, eager=True)))
        if rows.is_empty():
            return pl.DataFrame(schema=FAULT)
    schema = contract.to_schema()
    try:
        schema.validate(frame[rows], lazy=True)
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
            rows.gather(cases["index"]).alias("row"),
            pl.when(is_row_check)
            .then(pl.col("check").replace_strict(blamed, default=None))
            .otherwise(pl.col("column"))
            .alias("column"),
            pl.col("check").replace_strict(words).alias("words"),
        ).select("row", "column", pl.format("{}: {}", "column", "words").alias("reason"))
    return pl.DataFrame(schema=FAULT)


def _in_words(check: str) -> str:
    for pattern, words in WORDS:
        if match := re.fullmatch(pattern, check):
            return words.format(**{name: value.replace("'", "") for name, value in match.groupdict().items()})
    return check
