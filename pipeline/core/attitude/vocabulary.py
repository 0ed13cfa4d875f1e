"""What is known of a language: the shipped words of its themes, how it denies, and where a clause ends.

Which words a theme has in a language belongs to `lexicons`, what they are searched in to `comments`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


def listed(words: str) -> list[str]:
    """Words separated by commas."""
    return [word for part in words.split(",") if (word := " ".join(part.split()))]


@dataclass(frozen=True)
class Vocabulary:
    """The shipped words of one language, as lists separated by commas."""

    words: Mapping[str, str]
    """Theme -> its words."""
    negations: str
    """Words that deny what follows them in the clause."""
    conjunctions: str
    """Words that begin another clause, as a comma does."""
    unless_denied: Mapping[str, str] = field(default_factory=dict)
    """Theme -> words that count only where the clause does not deny them."""
    if_alone: Mapping[str, str] = field(default_factory=dict)
    """Theme -> words that count only where the clause names no other theme."""
    lemmas: Mapping[str, str] = field(default_factory=dict)
    """Form -> lemma, where the lemmatiser takes one word for another."""
    sayings: str = ""
    """Words that name no theme, and hide those that they are made of: at all costs is nothing about the price."""
    things: str = ""
    """What a shop sells: a verdict on it is about quality."""
    verdicts: str = ""
    """Words that judge: a good bag, the bag is perfect."""
