"""Sorting, counting and looking up many rows by integers, as customers, orders and dates are: what polars gives for any
columns, in a fraction of the time. No business rule belongs here."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import polars as pl

MOST = 2**62
"""Packed numbers stay below it: they are Int64."""


def sort_rows(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The rows as `rows.sort(columns)` gives them, nulls first; equal rows come in any order."""
    digits = _digits(rows, columns)
    if not digits:
        return rows.sort(columns)
    key, n_places = _packed(digits), 1 << rows.height.bit_length()
    if prod(digit.size for digit in digits) * n_places >= MOST:
        return rows.sort(key)
    # With the place of its row in the last bits a key is sorted alone.
    keys = key * n_places + pl.int_range(rows.height, eager=True)
    order = (keys.sort() & (n_places - 1)).cast(pl.UInt32)
    # One column after the other, as each is copied whole.
    return pl.DataFrame([column.rechunk().gather(order) for column in rows])


def count_rows(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """One row per combination of values: the columns and `n` rows, sorted by the columns, nulls first."""
    digits = _digits(rows, columns)
    if not digits:
        return rows.group_by(columns).agg(pl.len().cast(pl.Int64).alias("n")).sort(columns)
    runs = _packed(digits).sort().rle().struct.unnest()
    keys, found = runs["value"], []
    for name, digit in reversed(list(zip(columns, digits, strict=True))):
        numbers = digit.back(keys % digit.size).cast(rows[name].to_physical().dtype)
        found.append(numbers.cast(rows.schema[name]).alias(name))
        keys = keys // digit.size
    counts = pl.DataFrame([*reversed(found), runs["len"].cast(pl.Int64).alias("n")])
    # Told that it is sorted, polars groups by the first column without looking for equals.
    return counts.with_columns(pl.col(columns[0]).set_sorted())


def places(ids: pl.Series, among: pl.Series) -> pl.Series:
    """The position of each id among unique ids, from 0; null if it is missing."""
    low, high = _bounds(among)
    if not len(among) or not among.dtype.is_integer() or high - low >= MOST:
        return _joined(ids, among)
    # Each number has a slot; where they are wide apart some share one, which the last of them gets.
    n, known = len(among), among.to_numpy()
    shift = max(0, (high - low).bit_length() - n.bit_length() - 1)
    slots, numbers = (known - low) >> shift, np.arange(n, dtype=np.uint32)
    table = np.full(((high - low) >> shift) + 1, n, dtype=np.uint32)
    table[slots] = numbers
    is_inside = ids.is_between(low, high).fill_null(False)
    asked = ids.cast(pl.Int64).set(~is_inside, low).to_numpy()
    found = table[(asked - low) >> shift]
    is_found = is_inside & pl.Series(found < n)
    if not shift:
        return pl.Series("place", found).set(~is_found, None)
    is_found &= pl.Series(known[np.minimum(found, n - 1)] == asked)
    at = pl.Series("place", found).set(~is_found, None)
    missed = (is_inside & ~is_found).arg_true()
    others = pl.Series(numbers[table[slots] != numbers])
    return at.scatter(missed, others.gather(_joined(ids.gather(missed), among.gather(others))))


def _joined(ids: pl.Series, among: pl.Series) -> pl.Series:
    there = pl.DataFrame({"id": among}).with_row_index("place")
    return pl.DataFrame({"id": ids}).join(there, on="id", how="left", maintain_order="left")["place"]


@dataclass(frozen=True)
class _Digit:
    """The values of a column as numbers from 1 in their order, 0 for null, all below `size`.

    A number is the distance from just below the lowest value, or the place among `distinct` values.
    """

    numbers: pl.Series
    size: int
    low: int
    distinct: pl.Series | None = None

    def back(self, numbers: pl.Series) -> pl.Series:
        """The values of some numbers."""
        known = numbers.set(numbers == 0, None) - 1
        return known + self.low if self.distinct is None else self.distinct.gather(known)


def _digits(rows: pl.DataFrame, columns: Sequence[str]) -> list[_Digit]:
    """The columns as digits of one number below MOST; none where a column has no numbers, or too many."""
    if not all(rows.schema[name].is_integer() or rows.schema[name] == pl.Date for name in columns):
        return []
    digits = [_by_distance(rows[name].to_physical()) for name in columns]
    for wide in sorted(range(len(digits)), key=lambda place: -digits[place].size):
        if prod(digit.size for digit in digits) < MOST:
            break
        digits[wide] = _by_rank(rows[columns[wide]].to_physical())
    return digits if prod(digit.size for digit in digits) < MOST else []


def _by_distance(values: pl.Series) -> _Digit:
    low, high = _bounds(values)
    return _Digit((values.cast(pl.Int64) - (low - 1)).fill_null(0), high - low + 2, low)


def _by_rank(values: pl.Series) -> _Digit:
    distinct = values.drop_nulls().unique().sort()
    numbers = (places(values, distinct).cast(pl.Int64) + 1).fill_null(0)
    return _Digit(numbers, len(distinct) + 1, 0, distinct)


def _packed(digits: Sequence[_Digit]) -> pl.Series:
    """One number per row, which sorts as the columns do."""
    first, *rest = digits
    key = first.numbers
    for digit in rest:
        key = key * digit.size + digit.numbers
    return key


def _bounds(values: pl.Series) -> tuple[int, int]:
    """The lowest and the highest number; 0 and -1 where there is none."""
    if not values.dtype.is_integer():
        return 0, -1
    low, high = values.min(), values.max()
    return (0, -1) if low is None or high is None else (int(low), int(high))  # type: ignore[arg-type]
