"""Making the files of the facts: all of them, or of the large tables the months that have changed. When belongs to `pipeline.facts`."""

import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

import polars as pl

from pipeline.core.attitude.comments import read_texts, with_themes
from pipeline.core.attitude.lexicon import Theme
from pipeline.core.facts.customers import customer_facts
from pipeline.core.facts.money import RATES, Money, convert_amounts, currencies_of
from pipeline.core.facts.names import (
    CUSTOMER_COLUMNS,
    ORDER_COLUMNS,
    UNKNOWN,
    far_apart,
    number_customers,
    number_orders,
    numbers_between,
    with_numbers,
)
from pipeline.core.facts.orders import order_facts, with_buyers
from pipeline.core.facts.responses import response_facts
from pipeline.core.facts.reviews import review_facts, review_text
from pipeline.core.local_dates import with_local_dates
from pipeline.core.numbers import sort_rows
from pipeline.errors import ConfigError
from pipeline.fact_files import (
    ACCOUNTS,
    CUSTOMER_NAMES,
    CUSTOMERS,
    FACTS,
    NAMES,
    ORDER_NAMES,
    OWNER,
    TEXTS,
    Facts,
    owner_column,
)
from pipeline.lake_rows import MONTH
from pipeline.sources.rates import read_rates
from schemas.registry import ENTITIES, RECORDS

COMMENTS: Mapping[str, pl.Expr] = {"survey_responses": pl.col("comment"), "reviews": review_text()}
"""Entities with comments -> the text of a comment."""
OF_ORDERS = ("orders", "order_lines")
"""Entities with as many rows as there are orders, or more."""
WITH_AMOUNTS = ("orders", "order_lines", "touchpoints")
"""Entities with amounts in a currency of their own."""
LEFT_OUT = ("email_hash", "batch_id", "updated_at", "source_id")
"""Columns that nothing after the ingest needs."""
UNREAD = {
    "orders": ["source"],
    "order_lines": ["source", "currency", "ordered_at"],
    "survey_responses": ["comment", "letters"],
    "reviews": ["title", "body"],
}
"""Columns of large tables that no function of the core reads."""


@dataclass(frozen=True)
class Rules:
    """The settings that facts depend on: other rules make other facts."""

    time_zone: str
    valid_statuses: Sequence[str]
    sci_boxes: Mapping[str, Sequence[int]]
    count_free: bool = False
    language: str = "en"
    themes: Mapping[str, Theme] = field(default_factory=dict)
    currency: str | None = None
    """The shop's; without one all amounts count as in it."""
    rates: str | None = None
    """The file of exchange rates."""
    rates_digest: str | None = None
    max_rate_age_days: int = 0


Months: TypeAlias = Mapping[str, Collection[str]]
"""Months of tables that are kept by month."""


class NoRoomError(Exception):
    """No number is left between two names."""


@dataclass(frozen=True)
class Kept:
    """Facts of the lake as it was, by the same rules, and the months of each table of which the lake has the same files."""

    facts: Facts
    months: Months


def make_facts(facts: Facts, rules: Rules, months: Months, known_texts: pl.DataFrame, kept: Kept | None) -> None:
    """Make the files of `facts`, in a folder of their own; `months` are those of the tables that are kept by month.

    What `kept` has is not computed again: its numbers stay, and names that came since are numbered between them.

    Raises:
        NoRoomError: there is no number for them.
        ConfigError: no amount is in the shop's currency or in one with rates.
    """
    lake = facts.lake
    tables = {name: lake.scan(ENTITIES[name]) for name in FACTS}
    stale = {name: set(now) - set(kept.months.get(name, ()) if kept else ()) for name, now in months.items()}
    customers = _customer_names(facts, tables, months, stale, kept)
    for name, moved in _months_of_moved(facts, customers, months, kept).items():
        stale[name] |= moved
    rows = tables | {name: lake.scan(ENTITIES[name], months=stale[name]) for name in months}
    # A line of an unknown order belongs to nobody, so it needs no number.
    references = _names([table for name, table in rows.items() if name not in OF_ORDERS], ("order_id",))
    if kept is None:
        rows["orders"] = _number_all_orders(facts, rows["orders"], references, has_room=bool(months))
    else:
        arrived = _number_new_orders(facts, rows["orders"], references, kept)
        for name in months:
            stale[name] |= _months_of_arrived(facts, name, arrived, kept)
            rows[name] = lake.scan(ENTITIES[name], months=stale[name])
    _keep(facts, TEXTS, _texts(tables, rules, known_texts))
    rule_of = _rules_of_rows(facts, rules, tables)
    # Orders first: responses look their channel up in them, and rows that name an order alone are its buyer's.
    resold = pl.Series(dtype=pl.Int64)
    for name, table in sorted(rows.items(), key=lambda each: each[0] != "orders"):
        if name in months and (more := _months_of_resold(name, resold, kept) & set(months[name]) - stale[name]):
            stale[name] |= more
            table = lake.scan(ENTITIES[name], months=stale[name])
        is_account = name == CUSTOMERS
        given = table.with_columns(account_id="customer_id") if is_account else table.drop(LEFT_OUT, strict=False)
        rule = rule_of.get(name, partial(with_local_dates, time_zone=rules.time_zone))
        made = rule(_numbered(facts, name, given, is_whole=kept is None))
        if name in COMMENTS:
            made = with_themes(made, COMMENTS[name], facts.scan(TEXTS))
        made = made.drop(UNREAD.get(name, []))
        if months and owner_column(name) == OWNER:
            is_many = kept is None and name in OF_ORDERS
            made = _with_owner(made, facts.scan("orders"), is_many=is_many)
        if name in months:
            _keep_months(facts, name, made, kept, set(months[name]) - stale[name])
            for month in stale[name]:
                _sort_by_owner(facts.folder / name / f"{month}.parquet", owner_column(name))
        else:
            _keep(facts, ACCOUNTS if is_account else name, made)
        if name == "orders" and kept:
            resold = _resold(facts, stale, kept)
    _keep(facts, CUSTOMERS, customer_facts(facts.scan(ACCOUNTS), facts.scan("orders")))


def _rules_of_rows(
    facts: Facts, rules: Rules, tables: Mapping[str, pl.LazyFrame]
) -> dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]]:
    """What makes the facts of an entity; the others only need local dates."""
    zone, answers = rules.time_zone, facts.scan("survey_answers")
    money = {name: _money(tables[name], rules) for name in WITH_AMOUNTS}
    return {
        "orders": lambda rows: order_facts(
            rows,
            time_zone=zone,
            valid_statuses=rules.valid_statuses,
            count_free=rules.count_free,
            money=money["orders"],
        ),
        "order_lines": lambda rows: convert_amounts(
            with_local_dates(rows, zone), money["order_lines"], ["line_amount"], day="ordered_date"
        ),
        "touchpoints": lambda rows: convert_amounts(
            with_local_dates(rows, zone), money["touchpoints"], ["cart_amount"], day="occurred_date"
        ),
        "survey_responses": lambda rows: response_facts(
            rows, answers, facts.scan("orders"), boxes=rules.sci_boxes, time_zone=zone
        ),
        "reviews": lambda rows: review_facts(rows, time_zone=zone),
    }


def _customer_names(
    facts: Facts, tables: Mapping[str, pl.LazyFrame], months: Months, stale: Months, kept: Kept | None
) -> pl.DataFrame:
    """Write the names of customers with their numbers, and of each month those that it has. The frame of `number_customers`."""
    by_month = {name: _columns(name, CUSTOMER_COLUMNS) for name in months}
    found = [_names([rows for name, rows in tables.items() if name not in by_month], CUSTOMER_COLUMNS)]
    for name, columns in by_month.items():
        if columns:
            rows = facts.lake.scan(ENTITIES[name], months=stale[name])
            named = pl.concat([rows.select(MONTH, name=column) for column in columns]).drop_nulls().unique()
            _keep_months(facts, f"{NAMES}/{name}", named, kept, set(months[name]) - set(stale[name]))
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
    _keep(facts, CUSTOMER_NAMES, numbered.lazy())
    return numbered


def _number_all_orders(facts: Facts, orders: pl.LazyFrame, references: pl.LazyFrame, *, has_room: bool) -> pl.LazyFrame:
    """Write the names of orders with their numbers; the orders, with numbers in place of names."""
    numbers = number_orders(orders, references)
    names, of_orders = numbers.names.collect(), numbers.of_orders
    if has_room:
        count = names.height
        names = names.with_columns(far_apart(names["number"], count=count))
        of_orders = far_apart(of_orders, count=count)
    _keep(facts, ORDER_NAMES, names.lazy(), is_sorted=True)
    # Numbered in place: joining all orders with all of their names would take as long as everything else done with them.
    numbered = pl.concat([orders.drop("order_id"), of_orders.to_frame().lazy()], how="horizontal")
    return numbered.select(orders.collect_schema().names())


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
    _keep(facts, ORDER_NAMES, names, is_sorted=True)
    return new.select("name")


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


def _numbered(facts: Facts, name: str, rows: pl.LazyFrame, *, is_whole: bool) -> pl.LazyFrame:
    """The rows of an entity with the numbers of customers and orders; where all are made, orders have theirs already."""
    if is_whole and name in OF_ORDERS:
        return with_numbers(rows, facts.scan(CUSTOMER_NAMES), None if name == "orders" else facts.scan(ORDER_NAMES))
    return facts.numbered(rows)


def _columns(name: str, columns: Sequence[str]) -> list[str]:
    return [column for column in columns if column in ENTITIES[name].polars_schema]


def _money(rows: pl.LazyFrame, rules: Rules) -> Money | None:
    """How amounts of other currencies are converted; null where there are none, which costs nothing.

    Raises:
        ConfigError: no amount is in the shop's currency or in one with rates.
    """
    found = [] if rules.currency is None else currencies_of(rows)
    if rules.currency is None or found in ([], [rules.currency]):
        return None
    rates = read_rates(Path(rules.rates), rules.currency) if rules.rates else RATES.to_frame()
    if not {rules.currency, *rates["currency"]}.intersection(found):
        raise ConfigError(
            f"shop.currency: all amounts are in {', '.join(found)}, and none is in {rules.currency} or has a rate; "
            "set the currency of the shop, or give currency.rates"
        )
    return Money.of(rates, currency=rules.currency, max_age_days=rules.max_rate_age_days)


def _names(tables: Sequence[pl.LazyFrame], columns: Sequence[str]) -> pl.LazyFrame:
    found = [(rows, column) for rows in tables for column in columns if column in rows.collect_schema()]
    return pl.concat([rows.select(name=column).unique() for rows, column in found])


ROWS_PER_GROUP = 50_000
"""Rows of a sorted file that are read together or not at all."""
TEXTS_AT_ONCE = 50_000
"""Texts that are read together: as objects of Python a million of them would take a gigabyte."""


def _texts(tables: Mapping[str, pl.LazyFrame], rules: Rules, known: pl.DataFrame) -> pl.LazyFrame:
    """What every text of the lake says; texts known from the facts before are not read again."""
    texts = pl.concat([tables[name].select(text=text) for name, text in COMMENTS.items()])
    wanted = texts.filter(pl.col("text").str.len_chars() > 0).unique().collect(engine="streaming")
    unread = wanted.join(known, on="text", how="anti")["text"].sort()
    read = [
        read_texts(part.to_list(), themes=rules.themes, language=rules.language)
        for part in (unread[start : start + TEXTS_AT_ONCE] for start in range(0, unread.len(), TEXTS_AT_ONCE))
    ]
    return pl.concat([known.join(wanted, on="text", how="semi"), *read]).lazy()


def _keep(facts: Facts, name: str, rows: pl.LazyFrame, *, is_sorted: bool = False) -> None:
    rows.sink_parquet(facts.folder / f"{name}.parquet", compression="lz4", statistics=False, maintain_order=is_sorted)


def _keep_months(facts: Facts, name: str, rows: pl.LazyFrame, kept: Kept | None, same: Collection[str]) -> None:
    """Write the rows, a file per MONTH of them; those of the months that are the same are the files of `kept`."""
    folder = facts.folder / name
    folder.mkdir(parents=True)
    by_month = pl.PartitionBy(
        folder,
        key=MONTH,
        include_key=False,
        approximate_bytes_per_file=None,
        file_path_provider=lambda file: f"{file.partition_keys.item(0, 0)}.parquet",
    )
    rows.sink_parquet(by_month, compression="lz4", statistics=False, maintain_order=False)
    for month in same:
        file = f"{name}/{month}.parquet"
        if kept and (kept.facts.folder / file).is_file():
            _link(kept.facts.folder / file, facts.folder / file)
    if not any(folder.iterdir()):
        rows.drop(MONTH).clear().sink_parquet(folder / "none.parquet")


def _with_owner(rows: pl.LazyFrame, orders: pl.LazyFrame, *, is_many: bool) -> pl.LazyFrame:
    """The rows with their OWNER. `orders` come from `order_facts`; `is_many`: the rows ask for about all of them."""
    named = pl.col("customer_id") if "customer_id" in rows.collect_schema() else pl.lit(None, pl.Int64)
    return with_buyers(rows.with_columns(named.alias(OWNER)), orders, column=OWNER, are_few=not is_many)


def _sort_by_owner(file: Path, owner: str) -> None:
    """Write a file anew, the rows of a customer together, so that a bucket is read without the others."""
    if file.is_file():
        sort_rows(pl.read_parquet(file), owner).write_parquet(
            file,
            compression="lz4",
            statistics={"min": True, "max": True, "null_count": True},
            row_group_size=ROWS_PER_GROUP,
        )


def _link(file: Path, copy: Path) -> None:
    """The same file under another name; where the file system knows no such thing, a copy."""
    try:
        os.link(file, copy)
    except OSError:
        shutil.copyfile(file, copy)
