"""The names that may not come back: their fingerprints, with which key they were made, and under which prefixes. Removing a
person belongs to `erase`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.core.ingest.personal import key_print
from pipeline.errors import ConfigError
from pipeline.lake import Lake
from pipeline.sources.settings import SourceSettings
from schemas.registry import RECORDS

TABLE = RECORDS["erased"]


@dataclass(frozen=True)
class ErasedNames:
    """Whose rows are left out."""

    fingerprints: list[str]
    prefixes: dict[str, frozenset[str]]
    """Source -> the prefixes that its numbers had when a person was erased, without the one that they have now."""


def prefixes_of(sources: Sequence[SourceSettings]) -> str:
    """The prefix of every source, as it is kept with a fingerprint."""
    return json.dumps({source.name: source.id_prefix for source in sources}, sort_keys=True)


def erased_names(lake: Lake, sources: Sequence[SourceSettings], key: bytes | None) -> ErasedNames:
    """The names that may not come back in `sources`.

    A fingerprint of an older version says neither its key nor its prefixes: those of now are taken for them, and noted.

    Raises:
        ConfigError: as `refuse_other_key`.
    """
    refuse_other_key(lake.scan(TABLE), key)
    erased = lake.scan(TABLE).collect()
    unsaid = erased.filter(pl.col("key_print").is_null())
    if unsaid.height:
        said = unsaid.with_columns(key_print=pl.lit(key_print(key)), id_prefixes=pl.lit(prefixes_of(sources)))
        lake.merge(TABLE, said.lazy())
        erased = lake.scan(TABLE).collect()
    before: dict[str, set[str]] = {}
    for text in erased["id_prefixes"].drop_nulls().unique():
        for name, prefix in json.loads(text).items():
            before.setdefault(name, set()).add(prefix)
    # Sources with one prefix are one shop's: what one of them had, all of them share.
    of_shop: dict[str, set[str]] = {}
    for source in sources:
        of_shop.setdefault(source.id_prefix, set()).update(before.get(source.name, ()))
    former = {source.name: frozenset(of_shop[source.id_prefix] - {source.id_prefix}) for source in sources}
    return ErasedNames(erased["fingerprint"].to_list(), former)


def refuse_other_key(erased: pl.LazyFrame, key: bytes | None) -> None:
    """Stop where erased people would not be recognised, and so come back; `erased` are the names of the lake.

    Raises:
        ConfigError: some of their fingerprints were made with another key than the one in use.
    """
    if n_others := erased.filter(_is_of_other(key)).select(pl.len()).collect().item():
        raise ConfigError(
            f"LOYALTY_PII_KEY is not the key that {n_others:,} names of erased people were fingerprinted with, so these people would "
            "come back: put that key back; or give it up with `loyalty erase --forget-other-keys`, run, and erase these people again"
        )


def forget_other_keys(lake: Lake, key: bytes | None) -> int:
    """Drop the fingerprints made with other keys than the one in use; returns how many there were."""
    n_others: int = lake.scan(TABLE).filter(_is_of_other(key)).select(pl.len()).collect().item()
    if n_others:
        lake.remove(TABLE, _is_of_other(key))
    return n_others


def _is_of_other(key: bytes | None) -> pl.Expr:
    # Without a key names are recognised with any.
    return pl.col("key_print").is_not_null() & ~pl.col("key_print").is_in([key_print(key), key_print(None)])
