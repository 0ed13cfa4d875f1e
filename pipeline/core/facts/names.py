"""Numbers in place of names: joins and groups by integers take a fraction of the time and memory of those by text.

In facts and in the core a customer or an order goes by its number, in the column of the same name (`customer_id`). Numbers
never leave the pipeline: where a table is written its names are put back. Which files hold the names does not belong here.
"""

from functools import partial
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
import polars as pl

from pipeline.core.frames import Frame

Names = TypeVar("Names", pl.LazyFrame, pl.DataFrame)

CUSTOMER_COLUMNS = ("customer_id", "referred_customer_id")
ORDER_COLUMNS = ("order_id", "recovered_order_id")
UNKNOWN = -1
"""The number of a name that no order has; it joins nothing and has no name to put back."""
STRANGERS = 2**52
"""Numbers for names that no customer has: two of a hundred thousand names get the same one once in a million times."""
NAMES_AT_ONCE = 2**23
"""Names that are sorted together."""
SAMPLE = 100_000
"""Names that tell where the others are to be divided."""
LAST = 2**53
"""Numbers are below it: floats hold every whole number up to it."""
STEP = 2**12
"""At most so far from the one before is the number of a name that comes later."""


def number_customers(names: Frame, identity: Frame) -> Frame:
    """One row per identifier that names a customer. Key: `name`.

    `names` has every name in a column `name`, any number of times; `identity` follows the contract Identity. Has only
    these columns:

    - `name`: an id or a pseudonym.
    - `customer_id`: the name of the customer it belongs to.
    - `number`: of that customer, from 0 in the order of the customers' names.
    """
    people = identity.select("customer_id", name="identifier")
    identifiers = pl.concat([names.select("name"), people.select("name"), people.select(name="customer_id")])
    named = (
        identifiers.drop_nulls()
        .unique()
        .join(people, on="name", how="left")
        .with_columns(pl.coalesce("customer_id", "name").alias("customer_id"))
    )
    return named.select("name", "customer_id", number=pl.col("customer_id").rank("dense").cast(pl.Int64) - 1)


class OrderNumbers(NamedTuple):
    """The numbers of orders, from 0 in the order of their names.

    `names` has one row per order of the lake, and per order known only by name. Key: `name`; its other column is
    `number`. `of_orders` has the number of each order in the order of the rows that were numbered.
    """

    names: Frame
    of_orders: pl.Series


def number_orders(orders: Frame, references: Frame) -> OrderNumbers:
    """Orders numbered by name.

    `orders` are those of the lake, `references` has the names of orders elsewhere in a column `name`, any number of times.
    """
    own = orders.select("order_id").collect(engine="streaming")["order_id"]
    others = references.drop_nulls().unique().collect(engine="streaming").lazy()
    # A join holds its right side in memory, so it should be the smaller: first only the orders that are referred to.
    known = own.to_frame("name").lazy().join(others, on="name", how="semi")
    strangers = others.join(known, on="name", how="anti").collect(engine="streaming")["name"]
    of_orders, sorted_names, n_before = np.empty(own.len(), np.int64), [], 0
    for first, after in pairwise([None, *_ways_to_divide(own), None]):
        rows = _between(own, first, after).arg_true()
        names = pl.concat([own.gather(rows), strangers.filter(_between(strangers, first, after))])
        order = names.arg_sort()
        numbers = np.empty(names.len(), np.int64)
        numbers[order.to_numpy()] = np.arange(n_before, n_before + names.len())
        of_orders[rows.to_numpy()] = numbers[: rows.len()]
        sorted_names.append(names.gather(order).alias("name"))
        n_before += names.len()
    named = pl.LazyFrame({"name": pl.concat(sorted_names), "number": pl.int_range(n_before, eager=True)})
    return OrderNumbers(named, pl.Series("order_id", of_orders))


def _ways_to_divide(names: pl.Series) -> list[str]:
    """Names between which there are about NAMES_AT_ONCE of the names, in their order: sorting all of a hundred million takes twice the
    memory that they take."""
    n_parts = -(-names.len() // NAMES_AT_ONCE)
    if n_parts < 2:
        return []
    sample = names.gather_every(-(-names.len() // SAMPLE)).sort()
    return sample.gather([sample.len() * place // n_parts for place in range(1, n_parts)]).unique().sort().to_list()


def _between(names: pl.Series, first: str | None, after: str | None) -> pl.Series:
    """Whether each is one of the names from the first on and before the one after; null where there is no bound."""
    is_one = pl.repeat(True, names.len(), eager=True) if first is None else names >= first
    return is_one if after is None else is_one & (names < after)


def far_apart(numbers: pl.Series, *, count: int) -> pl.Series:
    """The numbers 0 to `count` - 1 in the same order, so far apart that names that come later fit between."""
    return (numbers + 1) * (LAST // 2 // (count + 1))


def numbers_between(names: pl.Series, known: pl.DataFrame) -> pl.DataFrame | None:
    """One row per new name: a number for it among those of the known names, so that all numbers go by the names. Key: `name`.

    `names` are distinct and none is known; `known` has `name` and `number`, and is sorted. None where there is no room left
    between two known names. Has these columns alone:

    - `name`: a new name; sorted.
    - `number`: its number.
    """
    new = names.sort()
    at = known["name"].search_sorted(new)
    bounds = pl.concat([pl.Series([0]), known["number"].rename(""), pl.Series([LAST])])
    placed = pl.DataFrame({"name": new, "low": bounds.gather(at), "high": bounds.gather(at + 1)}).with_columns(
        place=pl.int_range(1, pl.len() + 1).over("low"), count=pl.len().cast(pl.Int64).over("low")
    )
    # Names mostly come in their order: close to the one before there is room for many after them.
    step = pl.min_horizontal((pl.col("high") - pl.col("low")) // (pl.col("count") + 1), STEP)
    numbered = placed.select("name", step=step, number=pl.col("low") + pl.col("place") * step)
    return numbered.select("name", "number") if (numbered["step"] > 0).all() else None


def with_numbers(rows: Frame, customers: Frame, orders: Frame | None) -> Frame:
    """The rows, as many as before, with numbers in place of the names of customers and orders.

    Columns are those of CUSTOMER_COLUMNS and ORDER_COLUMNS that the rows have. `customers` come from `number_customers`, `orders`
    from `number_orders`. Without `orders` these have their numbers already. A name that no order has is UNKNOWN; one that no
    customer has gets a number below it, of its own, as strangers are not one person. Neither joins anything.
    """
    for column, names in _by_column(rows, customers, orders).items():
        known = names.select("number", print=fingerprint("name"))
        stranger = UNKNOWN - 1 - (pl.col("print") % STRANGERS).cast(pl.Int64)
        unknown = stranger if column in CUSTOMER_COLUMNS else UNKNOWN
        number = pl.when(column).then(pl.col("number").fill_null(unknown)).alias(column)
        # Rows without their text join in three quarters of the time.
        rows = rows.with_columns(pl.col(column).is_not_null(), print=fingerprint(column))
        rows = rows.join(known, on="print", how="left").with_columns(number).drop("number", "print")
    return rows


def names_by_number(names: Frame, *, name: str = "name") -> pl.DataFrame:
    """The `number` and `name` of each row of `number_customers` or `number_orders`, sorted by number.

    Of customers `name="customer_id"` gives the name of the person, not of an account.
    """
    found: pl.DataFrame = names.select("number", name=name).collect(engine="streaming")
    # Those of orders come in their order, and sorting millions of them would hold them twice.
    return found if found["number"].is_sorted() else found.sort("number")


def with_names(rows: Frame, people: pl.DataFrame, orders: pl.DataFrame | None) -> Frame:
    """The rows, as many as before, with names in place of numbers, in the columns of `with_numbers`; that of an unknown name becomes null.

    `people` and `orders` come from `names_by_number`. Without `orders` these have their names already. Looked up instead of joined: there can be as many names as rows, of
    which a join would hold a table.
    """
    return rows.with_columns(
        pl.col(column).map_batches(partial(_looked_up, known=known), return_dtype=pl.String, is_elementwise=True)
        for column, known in _by_column(rows, people, orders).items()
    )


def _by_column(rows: Frame, customers: Names, orders: Names | None) -> dict[str, Names]:
    """The columns of CUSTOMER_COLUMNS and ORDER_COLUMNS that the rows have, each with its names where there are any."""
    columns = rows.collect_schema().names()
    by_column = dict.fromkeys(CUSTOMER_COLUMNS, customers) | dict.fromkeys(ORDER_COLUMNS, orders)
    return {column: names for column, names in by_column.items() if column in columns and names is not None}


def _looked_up(numbers: pl.Series, *, known: pl.DataFrame) -> pl.Series:
    """The name of each number, from `number` and `name` sorted by number; null where none has it."""
    if known.is_empty():
        return pl.repeat(None, len(numbers), dtype=pl.String, eager=True)
    at = known["number"].search_sorted(numbers).clip(upper_bound=known.height - 1)
    is_known = (known["number"].gather(at) == numbers).fill_null(False)
    return known["name"].gather(at.set(~is_known, None))


def fingerprint(column: str) -> pl.Expr:
    """126 bits of hashes of a text: as good as the text to join on (two of a billion names agree once in 10^20), at half the cost."""
    high, low = (pl.col(column).hash(seed=seed).cast(pl.Int128) for seed in (1, 2))
    return high * 2**62 + low
