"""How `init` writes text: short, on one line, and without e-mail addresses. What is written does not belong here."""

import json
import re
import textwrap

from pipeline.core.ingest.personal import ADDRESS, HIDDEN

NAMED = 5
"""How many things of a long list are named."""
WIDTH = 112


def some(words: list[str], separator: str = ", ") -> str:
    """The first things of a list, and whether there are more."""
    return separator.join([*words[:NAMED], *(["…"] if len(words) > NAMED else [])])


def comment(text: str, indent: str = "") -> str:
    """A text as the lines of a comment in YAML."""
    lines = textwrap.wrap(
        clean(text), WIDTH, break_on_hyphens=False, subsequent_indent="  " if text.startswith("- ") else ""
    )
    return ("\n" if text.startswith("\n") else "") + "".join(f"{indent}# {line}\n" for line in lines)


def clean(text: str) -> str:
    """One line without e-mail addresses: what is taken for a header may be none."""
    return re.sub(ADDRESS, HIDDEN, " ".join(text.split()))


def quoted(text: str | int) -> str:
    """Any text as YAML writes it."""
    return json.dumps(text, ensure_ascii=False)
