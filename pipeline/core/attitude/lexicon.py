"""A theme of the lexicon: its words by language, and how a word is written. Which themes are shipped belongs to
`shipped_themes`, how words are found in a comment to `comments`.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
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


ANY, GAP, AS_WRITTEN = "*", "~", "="
PLAIN = re.compile(r"=?\*?[^\W_][\w\s~'\u2019-]*\*?")
"""A word or words that are searched word by word; anything else is searched as a regular expression, letter by letter."""
# Not \b: it also counts the underscore as a letter.
START, END = r"(?:^|[^\p{L}\p{N}])", r"(?:$|[^\p{L}\p{N}])"
Words = Mapping[str, list[str]]
"""Language -> words of a theme."""
When = Literal["always", "unless_denied", "if_alone"]
"""When a word of a theme counts."""


@dataclass(frozen=True)
class Theme:
    """Words of a theme by language, and the construct and the pillar of convenience that it speaks of.

    A word is found in all its inflected forms, in any case, with or without accents; words with a space between them follow
    each other, and `~` stands for up to three others. `*` at its start or end stands for any letters, `=` before it finds
    only the form as written, and `/…/` is a regular expression, used as written but in any case.
    """

    # Read by pydantic when the configuration holds a theme: unknown keys are refused.
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    words: Words
    construct: Construct | None = None
    pillar: Pillar | None = None
    unless_denied: Words = field(default_factory=dict)
    """Words that count only where no negation stands before them in their clause: no complaints, nothing broken."""
    if_alone: Words = field(default_factory=dict)
    """Words that count only where their clause names no other theme: a voucher and a product can both "not work"."""

    @property
    def given(self) -> Iterator[tuple[str, str, When]]:
        """Every word with its language, and when it counts."""
        lists: tuple[tuple[When, Words], ...] = (
            ("always", self.words),
            ("unless_denied", self.unless_denied),
            ("if_alone", self.if_alone),
        )
        for when, by_language in lists:
            for language, words in by_language.items():
                yield from ((language, word, when) for word in words)

    @property
    def pattern(self) -> str | None:
        """One regular expression, as polars reads it, of what cannot be searched word by word; None where there is none."""
        expressions = [_expression(word) for _, word, _ in self.given if not is_plain(word)]
        return "(?i)" + "|".join(f"{START}(?:{words}){END}" for words in expressions) if expressions else None

    def prove(self, name: str) -> None:
        """Check that the theme can be searched for.

        Raises:
            ValueError: its name is that of a row over several themes, or a word is empty, or not a regular expression.
        """
        if name in RESERVED:
            raise ValueError(f"theme '{name}' has the name of a row over several themes; take another")
        given = [word for _, word, _ in self.given]
        if not given:
            raise ValueError(f"theme '{name}' has no words; give some, or leave it out")
        for word in given:
            if not word.strip("*~=/ "):
                raise ValueError(f"theme '{name}': word '{word}' would be found everywhere; give letters")
            if not _is_regular_expression(word) and any(ANY in part.strip(ANY) for part in word.split()):
                raise ValueError(f"theme '{name}': word '{word}' has a * in the middle; give a regular expression")
            if word.split()[0] == GAP or word.split()[-1] == GAP:
                raise ValueError(f"theme '{name}': word '{word}' has a {GAP} at its end; put words on both sides of it")
            try:
                pl.Series([""]).str.contains(_expression(word))
            except pl.exceptions.ComputeError:
                raise ValueError(f"theme '{name}': '{word}' is not a regular expression") from None


@lru_cache(maxsize=100_000)
def is_plain(word: str) -> bool:
    """Whether a word is searched word by word."""
    return all(PLAIN.fullmatch(part) or part == GAP for part in word.split()) and bool(word.split())


@lru_cache(maxsize=100_000)
def folded(text: str, language: str | None = None) -> str:
    """The text in lower case without accents; in German an umlaut stays: it tells große from Größe."""
    plain = text.lower().replace("ß", "ss")
    if language == "de":
        plain = plain.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))


def _is_regular_expression(word: str) -> bool:
    return len(word) > 1 and word.startswith("/") and word.endswith("/")


def _expression(word: str) -> str:
    """A word as a regular expression, without its START and END."""
    return f"(?:{word[1:-1]})" if _is_regular_expression(word) else r"\s+".join(map(re.escape, word.lower().split()))
