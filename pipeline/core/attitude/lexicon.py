"""A theme of the lexicon: its words as one regular expression. Which themes are shipped belongs to `shipped_themes`."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import polars as pl

from pipeline.core.attitude.dimensions import ALL

Construct = Literal[
    "customisation",
    "contact_interactivity",
    "cultivation",
    "care",
    "community",
    "choice",
    "convenience",
    "character",
]
"""The eight Cs of e-loyalty: Srinivasan, Anderson & Ponnavolu (2002), Journal of Retailing 78, 41-50."""


Pillar = Literal["reliability", "availability", "personal_attention", "situation"]
"""The four pillars of convenience (definitions, section 6)."""


UNMATCHED = "unmatched"


MATCHED = "matched"


RESERVED = (ALL, MATCHED, UNMATCHED)
"""Names of the rows over all comments, those with a theme and those without one."""


ACCENTED = {"a": "àáâãäå", "c": "ç", "e": "èéêë", "i": "ìíîï", "n": "ñ", "o": "òóôõö", "u": "ùúûü", "y": "ýÿ"}


COMBINING_MARKS = r"[\x{0300}-\x{036f}]"
"""Accents that stand as characters of their own behind their letter."""


ANY = "*"
# Not \b: it also counts the underscore as a letter.
START, END = r"(?:^|[^\p{L}\p{N}])", r"(?:$|[^\p{L}\p{N}])"


@dataclass(frozen=True)
class Theme:
    """Words of a theme by language, and the construct and the pillar of convenience that it speaks of.

    A word is found as a whole word whatever its case and accents; `*` at its start or end stands for any letters, a space
    for any white space, and `/…/` is a regular expression taken as it is, but for its case.
    """

    # Read by pydantic when the configuration holds a theme: unknown keys are refused.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    words: Mapping[str, list[str]]
    construct: Construct | None = None
    pillar: Pillar | None = None

    @property
    def pattern(self) -> str:
        """The regular expression that finds the theme, the same for the engines of polars and DuckDB."""
        given = [word for words in self.words.values() for word in words]
        # An open end needs no look at what stands there. Few of these large classes of characters keep it quick to compile.
        shapes = {
            (starts_open, ends_open): "|".join(
                _expression(word)
                for word in given
                if (word.startswith(ANY), word.endswith(ANY)) == (starts_open, ends_open)
            )
            for starts_open in (False, True)
            for ends_open in (False, True)
        }
        return "(?i)" + "|".join(
            f"{'' if starts_open else START}(?:{words}){'' if ends_open else END}"
            for (starts_open, ends_open), words in shapes.items()
            if words
        )

    def prove(self, name: str) -> None:
        """Check that the theme can be searched for.

        Raises:
            ValueError: its name is that of a row over several themes, or a word is empty, or not a regular expression.
        """
        if name in RESERVED:
            raise ValueError(f"theme '{name}' has the name of a row over several themes; take another")
        given = [word for words in self.words.values() for word in words]
        if not given:
            raise ValueError(f"theme '{name}' has no words; give some, or leave it out")
        for word in given:
            if not word.strip("* /"):
                raise ValueError(f"theme '{name}': word '{word}' would be found everywhere; give letters")
            if not _is_regular_expression(word) and ANY in word.strip(ANY):
                raise ValueError(f"theme '{name}': word '{word}' has a * in the middle; give a regular expression")
            try:
                pl.Series([""]).str.contains(_expression(word))
            except pl.exceptions.ComputeError:
                raise ValueError(f"theme '{name}': '{word}' is not a regular expression") from None


def _is_regular_expression(word: str) -> bool:
    return len(word) > 1 and word.startswith("/") and word.endswith("/")


def _expression(word: str) -> str:
    """The regular expression of one word of a theme, without what stands before and behind it."""
    if _is_regular_expression(word):
        return f"(?:{word[1:-1]})"
    plain = unicodedata.normalize("NFKD", word.strip(ANY).lower())
    letters = [char for char in plain if not unicodedata.combining(char)]
    return r"\s+".join("".join(_letter(char) for char in part) for part in "".join(letters).split())


def _letter(char: str) -> str:
    """A letter in all its accents; any other character as itself."""
    return f"[{char}{ACCENTED[char]}]" if char in ACCENTED else re.escape(char)
