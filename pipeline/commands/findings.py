"""What a check finds, in words. How it looks on a screen does not belong here."""

import re
from dataclasses import dataclass, field
from typing import Literal

from pipeline.core.ingest.personal import ADDRESS, HIDDEN

Mark = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Fact:
    """One thing found: its subject, its words, and whether a run would accept it, warn of it, or fail over it."""

    subject: str
    words: str
    mark: Mark = "ok"


@dataclass
class Finding:
    """What was found of one source, or of the home."""

    name: str
    what: str
    facts: list[Fact] = field(default_factory=list)
    examples: list[tuple[str, ...]] = field(default_factory=list)
    """The first mapped rows, transposed: per column its name, its type, and its value in each row."""

    @property
    def mark(self) -> Mark:
        """The worst of its facts."""
        marks = {fact.mark for fact in self.facts}
        return "fail" if "fail" in marks else "warn" if "warn" in marks else "ok"


def one_line(text: object) -> str:
    """One line without e-mail addresses."""
    return re.sub(ADDRESS, HIDDEN, " ".join(str(text).split()))
