"""Shops cut into subsets of whole customers: what a function says of a customer must not depend on the others. No expected value belongs here."""

from collections.abc import Callable, Iterator, Mapping

import polars as pl
from polars.testing import assert_frame_equal

NUMBERS_OF_SUBSETS = (1, 7, 64)

Tables = Mapping[str, pl.DataFrame]


def subsets(tables: Tables, n: int) -> Iterator[dict[str, pl.DataFrame]]:
    """The tables of each of `n` subsets of customers that is not empty; what names an order goes with its customer."""
    named = [table.select("customer_id") for table in tables.values() if "customer_id" in table.columns]
    customers = pl.concat(named).unique().drop_nulls().sort("customer_id").with_row_index("number")
    for _, part in customers.group_by(pl.col("number") % n):
        found = {
            name: table.join(part, on="customer_id", how="semi")
            for name, table in tables.items()
            if "customer_id" in table.columns
        }
        orders = found["orders"]
        yield found | {
            name: table.join(orders, on="order_id", how="semi")
            for name, table in tables.items()
            if "customer_id" not in table.columns
        }


def assert_customers_stand_alone(compute: Callable[[Tables], pl.DataFrame], tables: Tables, *key: str) -> None:
    """The rows of all customers together are those of the subsets, to the last digit."""
    whole = compute(tables).sort(key)
    for n in NUMBERS_OF_SUBSETS:
        parts = [compute(part) for part in subsets(tables, n)]
        assert_frame_equal(pl.concat(parts).sort(key) if parts else whole.clear(), whole, check_exact=True)
