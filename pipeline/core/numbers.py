"""Sorting, counting and looking up many rows by integers, as customers, orders and dates are: what polars gives for any
columns, in a fraction of the time. No business rule belongs here."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Self, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

Whole: TypeAlias = NDArray[np.int64]

MOST = 2**62
"""Packed numbers stay below it: they are Int64."""


def sort_rows(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The rows as `rows.sort(columns)` gives them, nulls first; equal rows come in any order."""
    n_places = 1 << rows.height.bit_length()
    digits = [digit if digit.size * n_places < MOST else digit.ranked() for digit in _digits(rows, columns)]
    if not digits or max(digit.size for digit in digits) * n_places >= MOST:
        return rows.sort(columns)
    order: Whole | None = None
    # As many digits at once as there is room for, the last ones first: a later sort leaves equals in the order of those before.
    while digits:
        together = [digits.pop()]
        while digits and prod(digit.size for digit in (digits[-1], *together)) * n_places < MOST:
            together.insert(0, digits.pop())
        # With the place of its row in the last bits a key is sorted alone.
        keys = _packed(together) if order is None else _packed(together)[order]
        keys *= n_places
        keys += np.arange(rows.height)
        keys.sort()
        keys &= n_places - 1
        order = keys if order is None else order[keys]
    chosen = pl.Series(order, dtype=pl.UInt32)
    # One column after the other, as each is copied whole.
    return pl.DataFrame([column.rechunk().gather(chosen) for column in rows])


def count_rows(rows: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """One row per combination of values: the columns and `n` rows, sorted by the columns, nulls first."""
    digits = _packable(_digits(rows, columns))
    if not digits:
        return rows.group_by(columns).agg(pl.len().cast(pl.Int64).alias("n")).sort(columns)
    packed = _packed(digits)
    packed.sort()
    runs = pl.Series(packed).rle().struct.unnest()
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
    n, known = len(among), among.cast(pl.Int64).to_numpy()
    shift = max(0, (high - low).bit_length() - n.bit_length() - 1)
    slots, numbers = (known - low) >> shift, np.arange(n, dtype=np.uint32)
    table = np.full(((high - low) >> shift) + 1, n, dtype=np.uint32)
    table[slots] = numbers
    is_inside = ids.is_between(low, high).fill_null(False)
    asked = _whole(ids, ~is_inside, low)
    asked_slots = asked - low
    asked_slots >>= shift
    found = table[asked_slots]
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
    """The values of a column as numbers from 1 in their order, 0 for null, all below `size`: `values` less `below`.

    A number is the distance from just below the lowest value, or the place among `distinct` values.
    """

    values: Whole
    below: int
    size: int
    distinct: pl.Series | None = None

    def back(self, numbers: pl.Series) -> pl.Series:
        """The values of some numbers."""
        known = numbers.set(numbers == 0, None)
        return known + self.below if self.distinct is None else self.distinct.gather(known - 1)

    def ranked(self) -> Self:
        """The same values by their place among each other."""
        values = pl.Series(self.values)
        distinct = values.filter(values != self.below).unique().sort()
        at = places(values, distinct)
        return type(self)(_whole(at, at.is_null(), -1), -1, len(distinct) + 1, distinct)


def _digits(rows: pl.DataFrame, columns: Sequence[str]) -> list[_Digit]:
    """The columns as digits of a number; none where a column has no whole numbers."""
    if not all(rows.schema[name].is_integer() or rows.schema[name] == pl.Date for name in columns):
        return []
    return [_by_distance(rows[name].to_physical()) for name in columns]


def _packable(digits: list[_Digit]) -> list[_Digit]:
    """The digits of a number below MOST, with the widest by rank where they need be; none where that is not enough."""
    for wide in sorted(range(len(digits)), key=lambda place: -digits[place].size):
        if prod(digit.size for digit in digits) < MOST:
            break
        digits[wide] = digits[wide].ranked()
    return digits if prod(digit.size for digit in digits) < MOST else []


def _by_distance(values: pl.Series) -> _Digit:
    low, high = _bounds(values)
    return _Digit(_whole(values, values.is_null(), low - 1), low - 1, high - low + 2)


def _packed(digits: Sequence[_Digit]) -> Whole:
    """One number per row, which sorts as the columns do. In place, as memory that is asked for costs more than counting."""
    keys = np.zeros(len(digits[0].values), np.int64)
    for digit in digits:
        keys *= digit.size
        keys += digit.values
        keys -= digit.below
    return keys


def _whole(values: pl.Series, is_other: pl.Series, other: int) -> Whole:
    """The whole numbers, with another where there is none; no copy where there is nothing to change."""
    numbers = values.cast(pl.Int64)
    return (numbers.set(is_other, other) if is_other.any() else numbers).to_numpy()


def _bounds(values: pl.Series) -> tuple[int, int]:
    """The lowest and the highest number; 0 and -1 where there is none."""
    if not values.dtype.is_integer():
        return 0, -1
    low, high = values.min(), values.max()
    return (0, -1) if low is None or high is None else (int(low), int(high))  # type: ignore[arg-type]
