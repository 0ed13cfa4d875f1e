"""Who is one customer: account ids and e-mail addresses that stand together in a row. How either is read does not belong here."""

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

import polars as pl

from pipeline.core.frames import Frame
from schemas.types import PSEUDONYM_PATTERN

PAIR = {"customer_id": pl.String, "email_hash": pl.String}


def find_identities(pairs: pl.LazyFrame) -> pl.DataFrame:
    """Identifiers that belong to a customer of another name; the contract is `schemas.quarantine.Identity`.

    `pairs` has customer_id and email_hash of every row of every entity that has both. Identifiers in one row are one
    customer, and so are all that are linked that way (connected components, found by passing the least name on until
    nothing changes, each round twice as far). The customer's name is the first account id of the component by length
    and then text, so that the older of two running numbers stays, whatever the order of the rows.
    """
    edges = (
        pairs.drop_nulls(list(PAIR))
        .filter(pl.col("customer_id") != pl.col("email_hash"))
        .group_by(list(PAIR))
        .agg(pl.len().alias("n_rows"))
        .collect(engine="streaming")
    )
    both_ways = pl.concat(
        [
            edges.select(pl.col(one).alias("identifier"), pl.col(other).alias("neighbour"), "n_rows")
            for one, other in (("customer_id", "email_hash"), ("email_hash", "customer_id"))
        ]
    )
    nodes = both_ways.group_by("identifier").agg(pl.col("n_rows").sum(), pl.col("neighbour"))
    is_email = pl.col("identifier").str.contains(PSEUDONYM_PATTERN)
    nodes = nodes.sort(is_email, pl.col("identifier").str.len_chars(), "identifier").with_row_index("rank")
    ranks = nodes.select("identifier", "rank")
    links = both_ways.join(ranks, on="identifier").join(
        ranks.rename({"rank": "neighbour_rank"}), left_on="neighbour", right_on="identifier"
    )
    least = _least_of_component(nodes.height, links)
    names = nodes["identifier"]
    found = nodes.select(
        "identifier",
        pl.when(is_email).then(pl.lit("email")).otherwise(pl.lit("account")).alias("kind"),
        names.gather(least).alias("customer_id"),
        "neighbour",
        pl.col("n_rows").cast(pl.Int64),
    )
    is_direct = pl.col("neighbour").list.contains(pl.col("customer_id"))
    return (
        found.filter(pl.col("identifier") != pl.col("customer_id"))
        .select(
            "identifier",
            "kind",
            "customer_id",
            pl.when(is_direct).then(pl.lit("same_row")).otherwise(pl.lit("chain")).alias("rule"),
            "n_rows",
        )
        .sort("identifier")
    )


MANY_IDENTIFIERS = 10
"""More of one customer are hardly those of one person: a row of a till or a desk that takes orders can join many."""


class Joined(NamedTuple):
    """Customers with more than MANY_IDENTIFIERS of them, and of the one with most what its identifiers share."""

    n_customers: int
    n_accounts: int
    n_emails: int
    """Of the customer with most, its name included."""
    shared_kind: str
    n_shared: int
    """The identifier that stands in rows with the most others: email or account, and with how many."""


def count_many(identity: Frame) -> pl.DataFrame:
    """One row per customer with remarkably many identifiers: `customer_id`, and `len` of them beside the name.

    `identity` comes from `find_identities`; some customers can be counted after others.
    """
    many = identity.group_by("customer_id").len().filter(pl.col("len") >= MANY_IDENTIFIERS)
    return many.collect(engine="streaming")


def find_joined(sizes: pl.DataFrame, identity: Frame, pairs: Callable[[], Frame]) -> Joined | None:
    """What joins remarkably many identifiers into one customer; null where none has so many, and `pairs` is not asked for.

    `sizes` are those of `count_many` of all; `identity` comes from `find_identities`, as do `pairs`.
    """
    if sizes.is_empty():
        return None
    most = sizes.sort("len", "customer_id", descending=[True, False])["customer_id"][0]
    names = [most, *identity.filter(customer_id=most).select("identifier").collect()["identifier"]]
    linked = pairs().drop_nulls(list(PAIR)).filter(pl.col("customer_id").is_in(names)).unique().collect()
    linked = linked.filter(pl.col("customer_id") != pl.col("email_hash"))
    both_ways = [
        linked.select(pl.col(one).alias("identifier"), pl.col(other).alias("other"))
        for one, other in (("customer_id", "email_hash"), ("email_hash", "customer_id"))
    ]
    others = pl.concat(both_ways).group_by("identifier").agg(pl.col("other").n_unique())
    shared = others.sort("other", "identifier", descending=[True, False]).row(0, named=True)
    kind = "email" if _is_address(shared["identifier"]) else "account"
    return Joined(sizes.height, *count_kinds(names), kind, shared["other"])


def count_kinds(names: Collection[str]) -> tuple[int, int]:
    """How many of some identifiers are accounts, and how many the pseudonyms of addresses."""
    n_emails = sum(map(_is_address, names))
    return len(names) - n_emails, n_emails


def _is_address(name: str) -> bool:
    return re.fullmatch(PSEUDONYM_PATTERN, name) is not None


def resolve(rows: pl.LazyFrame, identity: pl.LazyFrame, *, column: str = "customer_id") -> pl.LazyFrame:
    """The rows with each name in a column replaced by the name of the customer that it belongs to."""
    names = identity.select(pl.col("identifier").alias(column), pl.col("customer_id").alias("person"))
    columns = rows.collect_schema().names()
    return (
        rows.join(names, on=column, how="left")
        .with_columns(pl.coalesce("person", column).alias(column))
        .select(columns)
    )


def _least_of_component(n_nodes: int, links: pl.DataFrame) -> pl.Series:
    """Per node, numbered from 0, the least node that it is linked with."""
    least = pl.Series("least", range(n_nodes), dtype=pl.UInt32)
    while True:
        nearer = (
            links.select("rank", least.gather(links["neighbour_rank"]).alias("least"))
            .group_by("rank")
            .agg(pl.col("least").min())
            .sort("rank")["least"]
        )
        nearer = pl.select(pl.min_horizontal(least, nearer)).to_series()
        nearer = nearer.gather(nearer)
        if nearer.equals(least):
            return least
        least = nearer
