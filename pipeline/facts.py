"""The facts of a home: what is true of every row of the lake whatever the date, kept as files until the lake changes.

They can be deleted: whatever needs them next makes them anew. What is true of a row belongs to `pipeline.core.facts`.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import polars as pl

from pipeline.core import attitude as core_attitude
from pipeline.core import facts as core_facts
from pipeline.core.attitude.comments import TEXT_SCHEMA, read_texts, with_themes
from pipeline.core.attitude.lexicon import Theme
from pipeline.core.facts.customers import customer_facts, customers_known, may_market
from pipeline.core.facts.money import RATES, Money, convert_amounts, currencies_of
from pipeline.core.facts.names import (
    CUSTOMER_COLUMNS,
    ORDER_COLUMNS,
    number_customers,
    number_orders,
    with_names,
    with_numbers,
)
from pipeline.core.facts.orders import numbered_orders, order_facts, orders_as_of
from pipeline.core.facts.responses import response_facts
from pipeline.core.facts.reviews import review_facts, review_text
from pipeline.core.local_dates import with_local_dates
from pipeline.errors import ConfigError
from pipeline.lake import Lake
from pipeline.lake_seals import is_parquet
from pipeline.sources.rates import read_rates
from schemas.registry import ENTITIES, KNOWN, RECORDS

LOOKED_UP = ("survey_answers",)
"""Entities that name neither a customer nor an order and have no date of their own: read from the lake as they are."""
FACTS = tuple(name for name in ENTITIES if name not in LOOKED_UP)
"""Entities that have facts."""
ACCOUNTS, CUSTOMERS, CUSTOMER_NAMES, ORDER_NAMES = "accounts", "customers", "customer_names", "order_names"
TEXTS = "texts"
FILES = (ACCOUNTS, CUSTOMERS, CUSTOMER_NAMES, ORDER_NAMES, TEXTS, *(name for name in FACTS if name != CUSTOMERS))
"""The files of the facts."""
OF_TEXTS = ("language", "themes")
"""Rules for what a text says, beside the rules of rows."""
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
    "survey_responses": ["comment"],
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


@dataclass(frozen=True)
class Facts:
    """The files of the facts, all of one version of the lake."""

    folder: Path
    lake: Lake
    made_of: str = ""
    """A fingerprint of the lake and the rules they were made from."""

    def scan(self, name: str) -> pl.LazyFrame:
        """The facts of an entity, of `accounts` (every row of the customers) or of `customers` (every person)."""
        return self.lake.scan(ENTITIES[name]) if name in LOOKED_UP else pl.scan_parquet(self.folder / f"{name}.parquet")

    def numbered(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows of another table with the numbers of customers and orders in place of their names."""
        return with_numbers(rows, self.scan(CUSTOMER_NAMES), self._orders_of(rows, "name"))

    def named(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows with names in place of the numbers, as tables are written."""
        return with_names(rows, self.scan(CUSTOMER_NAMES), self._orders_of(rows, "number"))

    def names_of(self, customers: pl.Series) -> pl.Series:
        """The names of numbered customers, in their order."""
        named = self.named(pl.LazyFrame({"customer_id": customers}).with_row_index())
        return named.sort("index").select("customer_id").collect().to_series()

    def _orders_of(self, rows: pl.LazyFrame, by: str) -> pl.LazyFrame:
        """The names of the orders that a table refers to, which are few of all orders: a join holds its right side."""
        columns = [name for name in ORDER_COLUMNS if name in rows.collect_schema()]
        names = self.scan(ORDER_NAMES)
        if not columns:
            return names
        spoken_of = pl.concat([rows.select(pl.col(name).alias(by)) for name in columns])
        return names.join(spoken_of, on=by, how="semi")


def facts_of(folder: Path, lake: Lake, rules: Rules) -> Facts:
    """The facts of the lake as it is now: those in `folder` if they are up to date, else made anew."""
    made_of = {name: lake.state(table) for name, table in ENTITIES.items()}
    made_of |= {"identity": lake.state(RECORDS["identity"])}
    of_texts = _fingerprint_of_texts(rules)
    of_rows = {name: value for name, value in vars(rules).items() if name not in OF_TEXTS}
    made_by = {
        "lake": lake.root,
        "read": made_of,
        "rules": of_rows,
        "program": _program(core_facts),
        "texts": of_texts,
    }
    stamp = folder / "made_of.json"
    fingerprint = json.dumps(made_by)
    facts = Facts(folder, lake, fingerprint)
    before = stamp.read_text(encoding="utf-8") if stamp.is_file() else "{}"
    is_sound = {name for name in FILES if is_parquet(folder / f"{name}.parquet")}
    if before == fingerprint and len(is_sound) == len(FILES):
        return facts
    stamped = json.loads(before)
    is_known = isinstance(stamped, dict) and stamped.get("texts") == of_texts and TEXTS in is_sound
    known = pl.read_parquet(folder / f"{TEXTS}.parquet") if is_known else pl.DataFrame(schema=TEXT_SCHEMA)
    building = folder.with_name(f"{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    _make(Facts(building, lake), rules, known)
    (building / stamp.name).write_text(fingerprint, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
    return facts


def write_known(folder: Path, facts: Facts, *, as_of: date, consent_without_flag: bool) -> None:
    """Write what is known of orders and customers at a date, by name, as the marts of `schemas.registry.KNOWN` show it."""
    orders = numbered_orders(orders_as_of(facts.scan("orders"), as_of=as_of)).rename({"ordered_date": "local_date"})
    is_refunded_later = (pl.col("refunded_date") > as_of).fill_null(False)
    orders = orders.cast({"promise_status": pl.String}).with_columns(
        original_net_amount=pl.col("original_net_amount")
        + pl.when(is_refunded_later).then("original_refund_amount").otherwise(0),
        valid_net_amount=pl.when("is_valid").then("net_amount"),
    )
    names = (
        facts.scan(CUSTOMER_NAMES).group_by(customer_id="number").agg(pl.len().cast(pl.Int64).alias("n_identifiers"))
    )
    people = facts.scan(CUSTOMERS)
    people = may_market(people, people, without_flag=consent_without_flag)
    customers = customers_known(people, orders.rename({"local_date": "ordered_date"}), as_of=as_of)
    customers = customers.join(names, on="customer_id", how="left")
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("orders_known", orders), ("customers_known", customers)):
        shown = facts.named(rows.select(KNOWN[name].judged.keys()))
        shown.sink_parquet(folder / f"{name}.parquet", compression="zstd", compression_level=1, maintain_order=False)


def _make(facts: Facts, rules: Rules, known_texts: pl.DataFrame) -> None:
    tables = {name: facts.lake.scan(table) for name, table in ENTITIES.items() if name in FACTS}
    customers = _names([rows for name, rows in tables.items() if name != "order_lines"], CUSTOMER_COLUMNS)
    _keep(facts, CUSTOMER_NAMES, number_customers(customers, facts.lake.scan(RECORDS["identity"])))
    # A line of an unknown order belongs to nobody, so it needs no number.
    references = _names([rows for name, rows in tables.items() if name not in OF_ORDERS], ("order_id",))
    numbers = number_orders(tables["orders"], references)
    _keep(facts, ORDER_NAMES, numbers.names)
    # Numbered in place: joining all orders with all of their names would take as long as everything else done with them.
    tables["orders"] = pl.concat(
        [tables["orders"].drop("order_id"), numbers.of_orders.to_frame().lazy()], how="horizontal"
    )
    _keep(facts, TEXTS, _texts(tables, rules, known_texts))
    zone, answers = rules.time_zone, facts.scan("survey_answers")
    money = {name: _money(tables[name], rules) for name in WITH_AMOUNTS}
    rule_of: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {
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
    # Orders first: responses look their channel up in them.
    for name, rows in sorted(tables.items(), key=lambda table: table[0] != "orders"):
        is_account = name == CUSTOMERS
        rows = rows.with_columns(account_id="customer_id") if is_account else rows.drop(LEFT_OUT, strict=False)
        rule = rule_of.get(name, partial(with_local_dates, time_zone=zone))
        made = rule(_numbered(facts, name, rows))
        if name in COMMENTS:
            made = with_themes(made, COMMENTS[name], facts.scan(TEXTS))
        _keep(facts, ACCOUNTS if is_account else name, made.drop(UNREAD.get(name, [])))
    _keep(facts, CUSTOMERS, customer_facts(facts.scan(ACCOUNTS), facts.scan("orders")))


def _numbered(facts: Facts, name: str, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of an entity with the numbers of customers and orders; orders have theirs already."""
    if name not in OF_ORDERS:
        return facts.numbered(rows)
    return with_numbers(rows, facts.scan(CUSTOMER_NAMES), None if name == "orders" else facts.scan(ORDER_NAMES))


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


def _texts(tables: Mapping[str, pl.LazyFrame], rules: Rules, known: pl.DataFrame) -> pl.LazyFrame:
    """What every text of the lake says; texts known from the facts before are not read again."""
    texts = pl.concat([tables[name].select(text=text) for name, text in COMMENTS.items()])
    wanted = texts.filter(pl.col("text").str.len_chars() > 0).unique().collect(engine="streaming")
    unread = wanted.join(known, on="text", how="anti")["text"].sort().to_list()
    read = read_texts(unread, themes=rules.themes, language=rules.language)
    return pl.concat([known.join(wanted, on="text", how="semi"), read]).lazy()


def _keep(facts: Facts, name: str, rows: pl.LazyFrame) -> None:
    rows.sink_parquet(facts.folder / f"{name}.parquet", compression="lz4", statistics=False, maintain_order=False)


def _fingerprint_of_texts(rules: Rules) -> str:
    """Fingerprint of everything that decides what a text says."""
    libraries = [version("simplemma"), version("lingua-language-detector")]
    said = [rules.language, rules.themes, libraries, _program(core_attitude)]
    # By its fields, as copying the thousands of words of a theme is slow: every step of a night needs this.
    return _short_hash(json.dumps(said, default=vars).encode())


@cache
def _program(room: ModuleType) -> str:
    """Fingerprint of the modules of a room, as this process has loaded them."""
    files = sorted(Path(str(room.__file__)).parent.rglob("*.py"))
    return _short_hash(b"".join(file.read_bytes() for file in files))


def _short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
