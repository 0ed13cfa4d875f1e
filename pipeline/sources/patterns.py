"""Paths that DuckDB and polars would take for patterns: they would read other files than the one that was found, or more."""

import glob
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

SIGNS = re.compile(r"[*?\[\]]")
WILDCARD = re.compile(r"[*?\[]")
ALL_FOLDERS = "**"


def is_pattern(path: Path | str) -> bool:
    """Whether a path has a sign of a pattern in it, such as the brackets of `orders[1].csv`."""
    return glob.escape(str(path)) != str(path)


def under_plain_name(file: Path, folder: Path, table: str) -> Path:
    """The file itself, or a link to it in `folder` where its path is a pattern; `table` makes the link's name its own."""
    if not is_pattern(file):
        return file
    link = folder / f"{table}-{SIGNS.sub('_', file.name)}"
    link.symlink_to(file.absolute())
    return link


def matches(path: str, pattern: str) -> bool:
    """Whether a path is one of a pattern or the pattern itself, by the rules of a glob on disk.

    `**` is all folders below, and no wildcard matches a hidden name.
    """
    return path == pattern or _match(path.split("/"), pattern.split("/"))


def _match(names: Sequence[str], patterns: Sequence[str]) -> bool:
    if not patterns:
        return not names
    if patterns[0] == ALL_FOLDERS:
        # None of them, or one and more below.
        return _match(names, patterns[1:]) or bool(names and _is_of(names[0], "*") and _match(names[1:], patterns))
    return bool(names and _is_of(names[0], patterns[0]) and _match(names[1:], patterns[1:]))


def _is_of(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) and (pattern.startswith(".") or not name.startswith("."))
