"""How the report writes numbers, dates and names in a language. The sentences stand in a module of each language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

Number = float | Decimal


@dataclass(frozen=True)
class Words:
    """A language: its texts by key, its names of what the warehouse knows by a code, and how it writes a number."""

    language: str
    texts: Mapping[str, str]
    names: Mapping[str, str]
    months: Sequence[str]
    thousands: str
    decimal: str
    joined_by: str
    """The word before the last of several."""

    def __call__(self, key: str, **values: Any) -> str:
        """A text with its values put in."""
        return self.texts[key].format(**values)

    def name(self, code: str) -> str:
        """What a code of the warehouse is called; a name of the shop's own as it is, without underscores."""
        return self.names.get(code, code.replace("_", " "))

    def number(self, value: Number, decimals: int = 0) -> str:
        """A number with its thousands apart."""
        written = f"{value:,.{decimals}f}"
        if not any(digit in "123456789" for digit in written):
            written = written.lstrip("-")
        signs = {",": self.thousands, ".": self.decimal, "-": "\N{MINUS SIGN}"}
        return "".join(signs.get(character, character) for character in written)

    def signed(self, value: Number, decimals: int = 0) -> str:
        """A difference with its sign."""
        written = self.number(value, decimals)
        return f"+{written}" if value > 0 and written.strip("0.,") else written

    def percent(self, value: Number, decimals: int = 1) -> str:
        """A share of 0 to 100."""
        return f"{self.number(value, decimals)}%"

    def money(self, value: Number, currency: str) -> str:
        """An amount in whole units."""
        return f"{currency} {self.number(value)}"

    def day(self, value: date) -> str:
        """A date in words."""
        return f"{value.day} {self.months[value.month - 1]} {value.year}"

    def month(self, value: date) -> str:
        """The month of a date in words."""
        return f"{self.months[value.month - 1]} {value.year}"

    def probability(self, value: float, decimals: int = 3) -> str:
        """A p-value: three decimals, unless it takes more to tell it from a bound."""
        return f"p < {self.number(0.001, 3)}" if value < 0.001 else f"p = {self.number(value, decimals)}"

    def listed(self, parts: Sequence[str]) -> str:
        """Several in a row."""
        return f" {self.joined_by} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
