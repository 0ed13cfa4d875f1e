"""Making the files of the facts: all of them, or of the large tables the months that have changed. When belongs to `pipeline.facts`."""

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import polars as pl

from pipeline.core.facts.customers import customer_facts
from pipeline.core.facts.names import (
    CUSTOMER_COLUMNS,
    ORDER_COLUMNS,
    UNKNOWN,
    far_apart,
    number_customers,
    number_orders,
    numbers_between,
)
from pipeline.fact_files import (
    ACCOUNTS,
    CUSTOMER_NAMES,
    CUSTOMERS,
    FACTS,
    NAMES,
    ORDER_NAMES,
    ORDER_NAMES_ELSEWHERE,
    OWNER,
    TEXTS,
    Facts,
)
from pipeline.fact_rows import (
    COMMENTS,
    ORDER_NUMBERS,
    READ_TEXTS,
    UNREAD_TEXTS,
    WITH_AMOUNTS,
    Making,
    Rules,
    in_groups,
    keep,
    make_rows,
    money_of,
    name_months,
    read_texts_of,
    sort_file,
)
from pipeline.lake_rows import MONTH
from schemas.registry import ENTITIES, RECORDS

OF_ORDERS = ("orders", "order_lines")
"""Entities with as many rows as there are orders, or more."""


Months: TypeAlias = Mapping[str, Collection[str]]
"""Months of tables that are kept by month."""


class NoRoomError(Exception):
    """No number is left between two names."""


@dataclass(frozen=True)
class Kept:
    """Facts of the lake as it was, by the same rules, and the months of each table of which the lake has the same files."""

    facts: Facts
    months: Months


def make_facts(
    facts: Facts, rules: Rules, months: Months, known_texts: pl.DataFrame, kept: Kept | None, *, rows_at_once: int
) -> None:
    """Make the files of `facts`, in a folder of their own; `months` are those of the tables that are kept by month.

    What `kept` has is not computed again: its numbers stay, and names that came since are numbered between them. Months are made
    some at a time, those that have about `rows_at_once`; on the engine of the facts, where they have one.

    Raises:
        NoRoomError: there is no number for them.
        ConfigError: no amount is in the shop's currency or in one with rates.
    """
    lake = facts.lake
    tables = {name: lake.scan(ENTITIES[name]) for name in FACTS}
    n_rows = {name: lake.rows_by_month(ENTITIES[name]) for name in months}
    stale = {name: set(now) - set(kept.months.get(name, ()) if kept else ()) for name, now in months.items()}

    def in_parts(name: str) -> list[list[str]]:
        return in_groups(stale[name], n_rows[name], at_once=rows_at_once)

    def make(names: Iterable[str]) -> None:
        by_month = [name for name in names if name in months]
        for name in by_month:
            (facts.folder / name).mkdir()
        whole: list[list[str] | None] = [None]
        parts = {name: [*in_parts(name)] if name in months else whole for name in names}
        for _ in facts.each(make_rows, [(making, name, part) for name in parts for part in parts[name]]):
            pass
        for name in by_month:
            _keep_same(facts, name, set(months[name]) - stale[name], kept)

    moved_by_name = _months_of_moved(facts, _customer_names(facts, tables, months, stale, in_parts, kept), months, kept)
    for name, moved in moved_by_name.items():
        stale[name] |= moved
    # A line of an unknown order belongs to nobody, so it needs no number.
    speaking = [table for name, table in tables.items() if name not in {*OF_ORDERS, *months}]
    speaking += [lake.scan(ENTITIES[name], months=stale[name]) for name in months if name not in OF_ORDERS]
    references = _names(speaking, ("order_id",))
    if kept is None:
        _number_all_orders(facts, references, sorted(months["orders"]) if "orders" in months else None)
    else:
        orders = lake.scan(ENTITIES["orders"], months=stale.get("orders"))
        arrived = _number_new_orders(facts, orders, references, kept)
        for name in months:
            stale[name] |= _months_of_arrived(facts, name, arrived, kept)
    _keep_texts(facts, tables, rules, known_texts)
    money = {name: money_of(tables[name], rules) for name in WITH_AMOUNTS}
    making = Making(facts, rules, money, has_owners=bool(months), are_all=kept is None)
    # Orders first: responses look their channel up in them, and rows that name an order alone are its buyer's.
    make(["orders"])
    resold = _resold(facts, stale, kept) if kept else pl.Series(dtype=pl.Int64)
    others = [name for name in FACTS if name != "orders"]
    for name in others:
        if name in months:
            stale[name] |= _months_of_resold(name, resold, kept) & set(months[name])
    make(others)
    if months:
        _keep_names_elsewhere(facts)
    for aside in (ORDER_NUMBERS, UNREAD_TEXTS, READ_TEXTS):
        shutil.rmtree(facts.folder / aside, ignore_errors=True)
    keep(facts, CUSTOMERS, customer_facts(facts.scan(ACCOUNTS), facts.scan("orders")))
    if months:
        sort_file(facts.folder / f"{CUSTOMERS}.parquet", "customer_id")


def _customer_names(
    facts: Facts,
    tables: Mapping[str, pl.LazyFrame],
    months: Months,
    stale: Months,
    in_parts: Callable[[str], list[list[str]]],
    kept: Kept | None,
) -> pl.DataFrame:
    """Write the names of customers with their numbers, and of each month those that it has. The frame of `number_customers`."""
    by_month = {name: columns for name in months if (columns := _columns(name, CUSTOMER_COLUMNS))}
    found = [_names([rows for name, rows in tables.items() if name not in months], CUSTOMER_COLUMNS)]
    for name in by_month:
        (facts.folder / NAMES / name).mkdir(parents=True)
    parts = [(facts, name, part, columns) for name, columns in by_month.items() for part in in_parts(name)]
    for _ in facts.each(name_months, parts):
        pass
    for name in by_month:
        _keep_same(facts, f"{NAMES}/{name}", set(months[name]) - set(stale[name]), kept)
        found.append(facts.scan(f"{NAMES}/{name}"))
    numbered = number_customers(pl.concat(found), facts.lake.scan(RECORDS["identity"])).collect(engine="streaming")
    if kept:
        before = kept.facts.scan(CUSTOMER_NAMES).select("number", name="customer_id").unique().sort("name").collect()
        people = numbered.select(name="customer_id").unique()
        new = numbers_between(people.join(before, on="name", how="anti")["name"], before)
        if new is None:
            raise NoRoomError
        numbers = pl.concat([before.select("name", "number"), new]).rename({"name": "customer_id"})
        numbered = numbered.drop("number").join(numbers, on="customer_id")
    elif months:
        numbered = numbered.with_columns(far_apart(numbered["number"], count=numbered["number"].n_unique()))
    keep(facts, CUSTOMER_NAMES, numbered.lazy())
    if months:
        sort_file(facts.folder / f"{CUSTOMER_NAMES}.parquet", "number")
    return numbered


def _number_all_orders(facts: Facts, references: pl.LazyFrame, months: Sequence[str] | None) -> None:
    """Write the names of orders with their numbers, and the ORDER_NUMBERS of the rows: of the whole table, or of each month."""
    table = ENTITIES["orders"]
    parts = [facts.lake.scan(table, months=[month]) for month in months] if months else [facts.lake.scan(table)]
    numbers = number_orders(pl.concat([part.select("order_id") for part in parts]), references)
    names, of_orders = numbers.names.collect(), numbers.of_orders
    if months:
        count = names.height
        names = names.with_columns(far_apart(names["number"], count=count))
        of_orders = far_apart(of_orders, count=count)
    keep(facts, ORDER_NAMES, names.lazy(), is_sorted=True)
    (facts.folder / ORDER_NUMBERS).mkdir()
    start = 0
    for month, part in zip(months or ["all"], parts, strict=True):
        n_rows = part.select(pl.len()).collect(engine="streaming").item()
        own = of_orders.slice(start, n_rows).to_frame().lazy()
        keep(facts, f"{ORDER_NUMBERS}/{month}", own, is_sorted=True)
        start += n_rows


def _number_new_orders(facts: Facts, orders: pl.LazyFrame, references: pl.LazyFrame, kept: Kept) -> pl.DataFrame:
    """Write the names of orders with their numbers, in which new ones are put between; the new names in a column `name`."""
    before = kept.facts.scan(ORDER_NAMES).collect()
    told = pl.concat([orders.select(name="order_id"), references]).drop_nulls().unique().collect(engine="streaming")
    # A join holds its right side, which is to be the few.
    known = before.lazy().select("name").join(told.lazy(), on="name", how="semi").collect(engine="streaming")
    new = numbers_between(told.join(known, on="name", how="anti")["name"], before)
    if new is None:
        raise NoRoomError
    names = before.lazy().merge_sorted(new.lazy(), key="name") if new.height else before.lazy()
    keep(facts, ORDER_NAMES, names, is_sorted=True)
    return new.select("name")


def _keep_names_elsewhere(facts: Facts) -> None:
    """Write the ORDER_NAMES_ELSEWHERE."""
    naming = [name for name in FACTS if name not in OF_ORDERS and _columns(name, ("order_id",))]
    rows = [pl.scan_parquet(facts.files(name), glob=False).select("order_id", OWNER) for name in naming]
    told = pl.concat(rows).drop_nulls("order_id").unique().collect(engine="streaming")
    # A join holds its right side, which is to be the few.
    there = facts.scan("orders").select("order_id", "customer_id", is_there=True)
    spoken_of = there.join(told.lazy(), on="order_id", how="semi").collect(engine="streaming")
    is_buyers = pl.col("is_there").fill_null(False) & pl.col(OWNER).eq_missing(pl.col("customer_id"))
    elsewhere = told.join(spoken_of, on="order_id", how="left").filter(~is_buyers).select(number="order_id").lazy()
    names = facts.scan(ORDER_NAMES).join(elsewhere, on="number", how="semi")
    keep(facts, ORDER_NAMES_ELSEWHERE, names)


def _months_of_moved(facts: Facts, customers: pl.DataFrame, months: Months, kept: Kept | None) -> dict[str, set[str]]:
    """The months with a name that belongs to another person than in the facts that are kept."""
    if kept is None:
        return {}
    before = kept.facts.scan(CUSTOMER_NAMES).select("name", before="number").collect()
    moved = customers.join(before, on="name").filter(pl.col("number") != pl.col("before"))["name"]
    named = [name for name in months if _columns(name, CUSTOMER_COLUMNS)]
    return {name: _months_with(facts.files(f"{NAMES}/{name}"), pl.col("name").is_in(moved.implode())) for name in named}


def _months_of_arrived(facts: Facts, name: str, arrived: pl.DataFrame, kept: Kept) -> set[str]:
    """The months of a table that speak of an order that was not there and is now."""
    found: set[str] = set()
    for column in _columns(name, ORDER_COLUMNS) if name != "orders" else ():
        unknown = _months_with(kept.facts.files(name), pl.col(column) == UNKNOWN)
        spoken_of = facts.lake.scan(ENTITIES[name], months=unknown).select(MONTH, name=column)
        arriving = spoken_of.join(arrived.lazy(), on="name", how="semi").select(MONTH).unique()
        found.update(arriving.collect(engine="streaming")[MONTH])
    return found


def _resold(facts: Facts, stale: Months, kept: Kept) -> pl.Series:
    """The orders that have another customer than in the facts that are kept, or are not there; of these some were, and have come back."""

    def sold(by: Facts) -> pl.LazyFrame:
        files = [file for file in by.files("orders") if "orders" not in stale or file.stem in stale["orders"]]
        rows = pl.scan_parquet(files, glob=False) if files else by.scan("orders").clear()
        return rows.select("order_id", "customer_id")

    pairs = sold(facts).join(sold(kept.facts), on="order_id", how="left", suffix="_before", coalesce=False)
    is_resold = pl.col("order_id_before").is_null() | pl.col("customer_id").ne_missing(pl.col("customer_id_before"))
    return pairs.filter(is_resold).select("order_id").collect(engine="streaming")["order_id"]


def _months_of_resold(name: str, resold: pl.Series, kept: Kept | None) -> set[str]:
    """The months of a table that speak of such an order."""
    if kept is None or resold.is_empty():
        return set()
    return _months_with(kept.facts.files(name), pl.col("order_id").is_in(resold.implode()))


def _months_with(files: list[Path], is_one: pl.Expr) -> set[str]:
    """The months whose files have such a row."""
    rows = pl.scan_parquet(files, glob=False, include_file_paths="file").filter(is_one)
    return {Path(file).stem for file in rows.select("file").unique().collect(engine="streaming")["file"]}


def _columns(name: str, columns: Sequence[str]) -> list[str]:
    return [column for column in columns if column in ENTITIES[name].polars_schema]


def _names(tables: Sequence[pl.LazyFrame], columns: Sequence[str]) -> pl.LazyFrame:
    found = [(rows, column) for rows in tables for column in columns if column in rows.collect_schema()]
    return pl.concat([rows.select(name=column).unique() for rows, column in found])


TEXTS_AT_ONCE = 50_000
"""Texts that are read together: as objects of Python a million of them would take a gigabyte."""


def _keep_texts(facts: Facts, tables: Mapping[str, pl.LazyFrame], rules: Rules, known: pl.DataFrame) -> None:
    """Write what every text of the lake says; texts known from the facts before are not read again."""
    texts = pl.concat([tables[name].select(text=text) for name, text in COMMENTS.items()])
    wanted = texts.filter(pl.col("text").str.len_chars() > 0).unique().collect(engine="streaming")
    unread = wanted.join(known, on="text", how="anti").sort("text")
    for folder in (UNREAD_TEXTS, READ_TEXTS):
        (facts.folder / folder).mkdir()
    parts = {
        f"{start:012}.parquet": unread.slice(start, TEXTS_AT_ONCE) for start in range(0, unread.height, TEXTS_AT_ONCE)
    }
    for file, part in parts.items():
        part.write_parquet(facts.folder / UNREAD_TEXTS / file)
    for _ in facts.each(read_texts_of, [(facts, rules, file) for file in parts]):
        pass
    read = [pl.scan_parquet(facts.folder / READ_TEXTS / file, glob=False) for file in parts]
    keep(facts, TEXTS, pl.concat([known.join(wanted, on="text", how="semi").lazy(), *read]))


def _keep_same(facts: Facts, folder: str, months: Collection[str], kept: Kept | None) -> None:
    """Take the files of months that are the same from the facts that are kept."""
    for month in months:
        file = f"{folder}/{month}.parquet"
        if kept and (kept.facts.folder / file).is_file():
            _link(kept.facts.folder / file, facts.folder / file)


def _link(file: Path, copy: Path) -> None:
    """The same file under another name; where the file system knows no such thing, a copy."""
    try:
        os.link(file, copy)
    except OSError:
        shutil.copyfile(file, copy)
