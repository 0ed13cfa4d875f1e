"""Turning mapped text into the types of a contract, with a reason for every value that cannot be. Checks of values do not belong here."""

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import polars as pl

from pipeline.core.attitude.dimensions import ALL, NOT_ALL

FAULT_SCHEMA = {"row": pl.UInt32, "column": pl.String, "reason": pl.String}

LOCAL_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
)
OFFSET_FORMATS = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M%#z",
)
DATE_FORMAT = "%Y-%m-%d"
TIME_FORMATS = (*LOCAL_FORMATS, DATE_FORMAT, *OFFSET_FORMATS)
UTC_TIME = pl.Datetime("us", "UTC")

EARLIEST, AFTER_LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""No time of a shop is outside: 05-03-26 taken literally is in the year 5, 0001-01-01 and 9999-12-31 mean no date."""

TRUE_WORDS = ("true", "t", "yes", "y", "1")
FALSE_WORDS = ("false", "f", "no", "n", "0")

MINOR_UNITS = 100
"""Minor units in one unit of any currency: money is kept in hundredths."""

NOTHING = ("null", "none", "nan", "n/a", "na", "<na>", "#n/a", "undefined")
"""Words that programs write for a missing value. As an id, one would make everybody without an id the same customer."""
NOBODYS = {"email": r"(?i)[@.]invalid\.?\s*$", "person_name": r"^\s*(?:\[[^\]]*\]\s*)+$"}
"""Column -> what a shop system writes in place of whom it has erased: an address under the top-level domain `.invalid`, which
nobody can have (RFC 2606), and `[deleted]` in any language. As a person, it would make all of them the same customer."""

NOISE = 1e-9
"""How far off arithmetic with doubles can put an amount below a million: 0.1 + 0.2 is 0.30000000000000004."""
NOISY_DIGITS = (15, 17)
"""How many significant digits a double with such noise has."""
EXACT_INTEGERS = 2**53
"""Below it a double holds every integer; beyond, a value could change silently on the way."""
AN_AMOUNT = "an amount with at most two decimals"
TOO_LARGE = f"is above {Decimal(EXACT_INTEGERS - 1) / MINOR_UNITS:,}, the largest amount that is kept"
DIGITS_OF_A_DOUBLE = 15
"""Digits that every double keeps."""
SWALLOWED = "has a line break in it; is a quote before it never closed?"
"""What is wrong with several lines outside free text: two stray quotes can hold a thousand rows between them."""
SHORT_FLOATS = 100_000
"""Below it a float of four bytes, which holds seven digits, holds every cent."""


@dataclass(frozen=True)
class Conformed:
    """`frame`: one row per given row, the contract's columns and types; `faults`: one row per value that could not be cast."""

    frame: pl.DataFrame
    faults: pl.DataFrame


def conform(
    rows: pl.DataFrame, schema: pl.Schema, *, time_zone: str, free_texts: Collection[str] | None = None
) -> Conformed:
    """Cast every column of `schema` found in `rows`; a column not found is null.

    Text is trimmed and empty text is null. Columns named `*_amount` are money: read in whole currency units with at most two
    decimals, returned in integer hundredths. Times without an offset are local times of `time_zone`: one that the clock
    shows twice is the first, one that it skips is moved on by the hour skipped; one outside 1900 to 2199 is a fault.
    A value that cannot be cast is null and a fault.
    """
    columns: list[pl.Series] = []
    faults = [pl.DataFrame(schema=FAULT_SCHEMA)]
    for name, dtype in schema.items():
        given = rows[name] if name in rows.columns else _nulls(rows.height, pl.String()).alias(name)
        cast, kind = _cast(given, dtype, time_zone)
        if given.dtype == pl.String:
            # Looking for blanks costs as much as casting: of numbers and times only what could not be cast is trimmed.
            if dtype == pl.String:
                given = cast = _trimmed(given)
            elif (is_left := given.is_not_null() & cast.is_null()).any():
                at = is_left.arg_true()
                left = _trimmed(given.gather(at))
                given = given.scatter(at, left)
                cast = cast.scatter(at, _cast(left, dtype, time_zone)[0])
        is_wrong = given.is_not_null() & cast.is_null()
        if kind == AN_AMOUNT and is_wrong.any():
            is_too_large = is_wrong & _is_too_large(given)
            faults.append(faults_at(is_too_large, name, TOO_LARGE))
            is_wrong &= ~is_too_large
        faults.append(faults_at(is_wrong, name, f"is not {kind}"))
        if isinstance(dtype, pl.Datetime):
            is_outside = ~cast.is_between(EARLIEST, AFTER_LATEST, closed="left").fill_null(True)
            faults.append(faults_at(is_outside, name, "is not a date from 1900 to 2199"))
            cast = cast.set(is_outside, None)
        if dtype == pl.String and free_texts is not None and name not in free_texts:
            has_break = cast.str.contains(r"[\r\n]").fill_null(False)
            faults.append(faults_at(has_break, name, SWALLOWED))
            cast = cast.set(has_break, None)
        if given.dtype == pl.Float32 and name.endswith("_amount"):
            is_rounded = cast.is_not_null() & (given.abs() >= SHORT_FLOATS)
            faults.append(faults_at(is_rounded, name, "has lost its cents in a FLOAT; make its column DECIMAL"))
            cast = cast.set(is_rounded, None)
        columns.append(cast.alias(name))
    return Conformed(pl.DataFrame(columns), pl.concat(faults))


def faults_at(is_fault: pl.Series, column: str, what: str) -> pl.DataFrame:
    """Row, column and reason of each fault in a column. A reason never shows the value: it could be a name in the wrong place."""
    at = is_fault.arg_true().cast(pl.UInt32)
    if at.is_empty():
        # The usual case: a plan for each would cost more than the check.
        return pl.DataFrame(schema=FAULT_SCHEMA)
    return pl.DataFrame({"row": at}).with_columns(column=pl.lit(column), reason=pl.lit(f"{column}: {what}"))


def without_placeholders(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with null in place of a word of NOTHING in ids and e-mail addresses, and of what stands for an erased person."""
    # Every spelling, as changing the case of every id would cost as much as reading it.
    words = [*NOTHING, *(word.upper() for word in NOTHING), *(word.capitalize() for word in NOTHING), "NaN"]
    names = pl.col("^(email|.+_id)$")
    rows = rows.with_columns(pl.when(~(names.cast(pl.String).is_in(words)).fill_null(False)).then(names).name.keep())
    for name in NOBODYS.keys() & {*rows.columns}:
        is_nobody = rows[name].cast(pl.String).str.contains(NOBODYS[name]).fill_null(False)
        rows = rows.with_columns(rows[name].set(is_nobody, None))
    return rows


def without_reserved_channels(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with NOT_ALL in place of ALL as a channel: tables by channel have a row ALL of their own."""
    names = pl.col("^(.+_)?channel$")
    return rows.with_columns(pl.when(names == ALL).then(pl.lit(NOT_ALL)).otherwise(names).name.keep())


def _nulls(n: int, dtype: pl.DataType) -> pl.Series:
    return pl.repeat(None, n, dtype=dtype, eager=True)


def _trimmed(given: pl.Series) -> pl.Series:
    given = given.str.strip_chars()
    return given.set(given == "", None)


def _cast(given: pl.Series, dtype: pl.DataType, time_zone: str) -> tuple[pl.Series, str]:
    """The values as `dtype`, null where impossible, and what a value should have been."""
    if dtype == pl.String:
        return given.cast(pl.String), "text"
    if isinstance(dtype, pl.Datetime):
        return _to_utc(given, time_zone), "a date" if given.dtype == pl.String else "a time"
    if dtype == pl.Boolean:
        return _to_boolean(given), "yes or no"
    if dtype == pl.Int64 and given.name.endswith("_amount"):
        return _to_minor_units(given), AN_AMOUNT
    number = given.cast(pl.Float64, strict=False)
    number = number.set(~number.is_finite(), None)
    if dtype == pl.Float64:
        return number, "a number"
    is_whole = (number == number.round()) & (number.abs() < EXACT_INTEGERS)
    if given.dtype == pl.String and (is_long := given.str.len_bytes() > DIGITS_OF_A_DOUBLE).any():
        is_whole &= ~is_long | given.str.contains(r"^[-+]?[0-9]+(\.0*)?$")
    return number.set(~is_whole, None).cast(pl.Int64), "a whole number"


def _to_utc(given: pl.Series, time_zone: str) -> pl.Series:
    if given.dtype == pl.String:
        return _parse_times(given, time_zone)
    if isinstance(given.dtype, pl.Datetime) and given.dtype.time_zone is not None:
        return given.cast(UTC_TIME)
    if given.dtype in (pl.Date, pl.Datetime):
        return _local_to_utc(given.cast(pl.Datetime("us")), time_zone)
    return given.is_null().replace_strict({True: None, False: None}, return_dtype=UTC_TIME)


def _parse_times(given: pl.Series, time_zone: str) -> pl.Series:
    """Try the formats in turn, each on what those before it could not read. Files are nearly uniform, so the format of the first
    value comes first, and nearly always is the last."""
    moments, left = _nulls(len(given), UTC_TIME), given.is_not_null().arg_true()
    first = given.gather(left.head(1))
    fitting = (form for form in TIME_FORMATS if _read_times(first, form, time_zone).null_count() < len(first))
    for form in (*itertools.islice(fitting, 1), *TIME_FORMATS):
        if left.is_empty():
            break
        read = _read_times(given.gather(left), form, time_zone)
        moments, left = moments.scatter(left, read), left.filter(read.is_null())
    return moments


def _read_times(given: pl.Series, form: str, time_zone: str) -> pl.Series:
    """The moments of the values that have this format, null for others."""
    if form == DATE_FORMAT:
        return _local_to_utc(given.str.to_date(form, strict=False).cast(pl.Datetime("us")), time_zone)
    # Times hardly repeat: a cache of them costs more than it saves.
    read = given.str.to_datetime(form, time_unit="us", strict=False, cache=False)
    return read.dt.convert_time_zone("UTC") if form in OFFSET_FORMATS else _local_to_utc(read, time_zone)


def _local_to_utc(local: pl.Series, time_zone: str) -> pl.Series:
    moment = local.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    if moment.null_count() > local.null_count():
        skipped = (moment.is_null() & local.is_not_null()).arg_true()
        later = local.gather(skipped).dt.offset_by("1h")
        later = later.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
        moment = moment.scatter(skipped, later)
    return moment.dt.convert_time_zone("UTC")


def _to_boolean(given: pl.Series) -> pl.Series:
    words = given.cast(pl.String).str.to_lowercase()
    known = dict.fromkeys(TRUE_WORDS, True) | dict.fromkeys(FALSE_WORDS, False)
    return words.replace_strict(known, default=None, return_dtype=pl.Boolean)


def _to_minor_units(given: pl.Series) -> pl.Series:
    # Via text, which shows a double as it was meant, to decimals, as doubles change large amounts.
    text = given.cast(pl.String)
    amount = text.str.to_decimal(scale=6)
    units = amount.round(2)
    is_exact = (amount == units) & (amount.abs() < Decimal(EXACT_INTEGERS) / MINOR_UNITS)
    # Seven decimals or an exponent: what six places of a decimal do not show.
    if (may_be_rounded := text.str.contains(r"\.[0-9]{7}|[eE]").fill_null(False)).any():
        at = may_be_rounded.arg_true()
        is_exact = is_exact.scatter(at, (is_exact.gather(at) & _is_noise(text.gather(at), units.gather(at))))
    return (units.set(~is_exact.fill_null(False), None) * MINOR_UNITS).cast(pl.Int64)


def _is_too_large(given: pl.Series) -> pl.Series:
    """Whether a value is a number from the first amount on that would not be exact."""
    size = given.cast(pl.Float64, strict=False).abs()
    return (size.is_finite() & (size >= EXACT_INTEGERS / MINOR_UNITS)).fill_null(False)


def _is_noise(text: pl.Series, units: pl.Series) -> pl.Series:
    """Whether an amount is exactly `units`, or differs from it by no more than the noise of a double."""
    number, exact = text.cast(pl.Float64, strict=False), units.cast(pl.Float64)
    n_digits = text.str.replace("[eE].*", "").str.replace_all("[^0-9]", "").str.strip_chars("0").str.len_bytes()
    is_near = (number - exact).abs() <= NOISE * pl.select(pl.max_horizontal(exact.abs() / 1e6, 1.0)).to_series()
    is_same = (number == exact) & (n_digits <= DIGITS_OF_A_DOUBLE)
    return is_same | (is_near & n_digits.is_between(*NOISY_DIGITS))
