"""What a page of an explanation is made of, and how values are written on it. Where they come from does not belong here."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

NOTHING = "-"
FROM = "from"
"""The column with the line of an export."""
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
"""Characters that could move the cursor of a terminal, or change the direction of a text."""


@dataclass(frozen=True)
class Grid:
    """A table; `numbers` are the columns to be set flush right."""

    caption: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Section:
    """A heading, the lines under it, and the tables."""

    title: str
    lines: list[str] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """All of it."""

    title: str
    about: str
    sections: list[Section]


def text(value: Any) -> str:
    """A value for reading: a hyphen for nothing, whole numbers with commas, and no invisible characters."""
    match value:
        case None:
            return NOTHING
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.4g}" if abs(value) < 1 else f"{value:,.1f}".removesuffix(".0")
        case Decimal():
            return f"{value:,.2f}"
        case date():
            return f"{value:%Y-%m-%d}"
    return CONTROL.sub(" ", str(value)).strip() or NOTHING


def grid(caption: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, numbers: Sequence[str] = ()) -> Grid:
    """A table of values; `numbers` are the names of the columns that are set flush right."""
    right = frozenset(place for place, name in enumerate(header) if name in numbers)
    return Grid(caption, tuple(header), [tuple(map(text, row)) for row in rows], right)


def money(amount: Decimal | float | None, currency: str | None) -> str:
    """An amount with its currency."""
    return NOTHING if amount is None else f"{amount:,.2f} {currency}"


def percent(share: float | None) -> str:
    """A share of 0 to 1 in percent."""
    return NOTHING if share is None else f"{100 * share:.1f}%"


def count(n: int, one: str, more: str | None = None) -> str:
    """How many of something there are."""
    return f"{n:,} {one if n == 1 else more or one + 's'}"
