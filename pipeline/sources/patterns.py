"""Paths that DuckDB and polars would take for patterns: they would read other files than the one that was found, or more."""

import glob
import re
from pathlib import Path

SIGNS = re.compile(r"[*?\[\]]")


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
