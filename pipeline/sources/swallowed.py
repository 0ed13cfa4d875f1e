"""Rows that two stray quotes have made part of one value: whether a record holds lines that are rows of its file.

A comment can have lines, and commas in them. A line is a row when it has as many cells as the header, and those of the columns
that have a form (ids, dates, scores, e-mail addresses) have that of their column. How a file is read does not belong here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

LINE_BREAKS = "[\\r\\n]+"
WORD, FORMED = re.compile(r"[^\W_]+"), re.compile("[0-9@]")
MOST_SHAPES = 8
"""Free text has more."""
MIN_SHARE = 0.95
"""Of a column's values those with a digit or an @, where the column has a form: a few can be `n/a`."""
TELLING_COLUMNS, TELLING_LENGTH = 2, 8
"""So many cells in the form of their columns make a row, or one of a column whose values are so long."""
HINTING_LENGTH = 4
"""One of a column with shorter values hints at a row: a comment can begin a line with the number of an order, but not all lines."""

Values = Sequence[str | None]


class Likeness(IntEnum):
    """How much a line is like a row."""

    NONE, HINT, SURE = range(3)


@dataclass(frozen=True)
class Form:
    """What the values of a column look like: their punctuation and their length."""

    shapes: frozenset[str]
    shortest: int
    longest: int
    can_be_empty: bool

    def fits(self, cell: str) -> bool:
        """Whether a cell can be of the column."""
        is_long_enough = self.shortest - 1 <= len(cell) <= self.longest + 1
        return is_long_enough and FORMED.search(cell) is not None and _shape(cell) in self.shapes


def find_forms(rows: Sequence[Values]) -> list[Form | None]:
    """The form of each column in some rows of a file; null for one that has none, as free text."""
    return [_form(values) for values in zip(*rows, strict=True)]


def swallows(values: Values, forms: Sequence[Form | None], delimiter: str) -> bool:
    """Whether one of a record's values holds rows of the file."""
    return any(_holds_rows(value, place, forms, delimiter) for place, value in enumerate(values) if value)


def _holds_rows(value: str, place: int, forms: Sequence[Form | None], delimiter: str) -> bool:
    first, *inner = (line.split(delimiter) for line in re.split(LINE_BREAKS, value))
    if not inner:
        return False
    # The row of the first line would have ended in it; the last begins one that the values behind this one complete.
    last, n_behind = inner.pop(), len(forms) - place - 1
    ended = first[-n_behind:] if 0 < n_behind < len(first) else []
    like = [_likeness(cells, forms) for cells in inner]
    like.append(max(_likeness(last, forms[: place + 1]), _likeness([*last, *ended], forms)))
    return max(like) == Likeness.SURE or min(like) == Likeness.HINT


def _form(values: Values) -> Form | None:
    given = [value for value in values if value and not re.search(LINE_BREAKS, value)]
    formed = [value for value in given if FORMED.search(value)]
    shapes = frozenset(map(_shape, formed))
    if not formed or len(formed) < MIN_SHARE * len(given) or len(shapes) > MOST_SHAPES:
        return None
    lengths = [len(value) for value in formed]
    return Form(shapes, min(lengths), max(lengths), can_be_empty=not all(values))


def _likeness(cells: Sequence[str], forms: Sequence[Form | None]) -> Likeness:
    if len(cells) != len(forms):
        return Likeness.NONE
    told = [(cell, form) for cell, form in zip(cells, forms, strict=True) if form and (cell or not form.can_be_empty)]
    if not all(form.fits(cell) for cell, form in told):
        return Likeness.NONE
    longest = max((form.shortest for _, form in told), default=0)
    if len(told) >= TELLING_COLUMNS or longest >= TELLING_LENGTH:
        return Likeness.SURE
    # Who writes puts a blank behind a comma.
    is_hint = longest >= HINTING_LENGTH and not any(cell.startswith(" ") for cell in cells)
    return Likeness.HINT if is_hint else Likeness.NONE


def _shape(value: str) -> str:
    return WORD.sub("x", value)
