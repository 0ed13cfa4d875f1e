"""Customers in buckets: what is computed per customer must not depend on who else is computed with them. No expected value."""

from collections.abc import Callable, Iterator, Sequence
from zlib import crc32

import polars as pl
from polars.testing import assert_frame_equal

from pipeline.core.frames import add_up

BUCKETS = (7, 64)


def assert_buckets_agree(function: Callable[..., pl.DataFrame], *tables: pl.DataFrame, by: list[str]) -> None:
    """The function of all rows gives the same as of 7 and of 64 subsets of whole customers, put together.

    Rows are those of their `customer_id`; a table without that column goes whole to each. Empty subsets are one.
    """
    whole = function(*tables).sort(by)
    for n in BUCKETS:
        parts = [function(*part) for part in _parts(tables, n)]
        assert_frame_equal(pl.concat(parts).sort(by), whole, check_column_order=False)


def assert_counts_add_up(function: Callable[..., pl.DataFrame], *tables: pl.DataFrame, by: Sequence[str]) -> None:
    """The counts of all rows are those of 7 and of 64 subsets of whole customers, as of `assert_buckets_agree`, added up."""
    whole = function(*tables).sort(by)
    for n in BUCKETS:
        added = add_up((function(*part) for part in _parts(tables, n)), by=by)
        assert_frame_equal(added.sort(by), whole, check_column_order=False, rel_tol=1e-12)


def _parts(tables: tuple[pl.DataFrame, ...], n: int) -> Iterator[list[pl.DataFrame]]:
    named = [rows["customer_id"] for rows in tables if "customer_id" in rows.columns]
    buckets = {_bucket(name, n) for names in named for name in names}
    for bucket in [*sorted(buckets), n]:
        yield [rows.filter(_is_in(rows, bucket, n)) if "customer_id" in rows.columns else rows for rows in tables]


def _is_in(rows: pl.DataFrame, bucket: int, n: int) -> pl.Series:
    return pl.Series([_bucket(name, n) == bucket for name in rows["customer_id"]], dtype=pl.Boolean)


def _bucket(name: str | None, n: int) -> int:
    return crc32((name or "").encode()) % n
