"""In which order DuckDB is told the Parquet files of a table. What the files hold does not belong here."""

from collections.abc import Mapping
from typing import TypeVar

File = TypeVar("File")


def likeliest_first(sizes: Mapping[File, int]) -> list[File]:
    """The files, by their sizes in bytes, with the smallest one that is no smaller than their mean first.

    DuckDB takes every file of a list to have as many rows as the first. Taken for small, as where the last night's few rows come
    first, a large table is held in memory whole to be joined.
    """
    mean = sum(sizes.values()) / max(len(sizes), 1)
    first = min((file for file in sizes if sizes[file] >= mean), key=sizes.__getitem__, default=None)
    return sorted(sizes, key=lambda file: file != first)
