"""Making the facts of rows: of a whole table, or of some months of a large one. Which, and the numbers of names, belong to `fact_making`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipeline.core.attitude.comments import read_texts, with_themes
from pipeline.core.attitude.lexicon import Theme
from pipeline.core.facts.money import RATES, Money, convert_amounts, currencies_of
from pipeline.core.facts.names import with_numbers
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
    NAMES,
    ORDER_NAME,
    OWNER,
    TEXTS,
    UNOWNED,
    Facts,
    owner_column,
)
from pipeline.lake_rows import MONTH
from pipeline.sources.rates import read_rates
from schemas.registry import ENTITIES

COMMENTS: Mapping[str, pl.Expr] = {"survey_responses": pl.col("comment"), "reviews": review_text()}
"""Entities with comments -> the text of a comment."""
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
ORDER_NUMBERS = "order_numbers"
"""The numbers of orders in the order of their rows, while all facts are made."""
UNREAD_TEXTS, READ_TEXTS = "unread_texts", "read_texts"
"""Folders of texts, while facts are made."""
ROWS_PER_GROUP = 50_000
"""Rows of a sorted file that are read together or not at all."""


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
class Making:
    """What the facts of rows are made with; the files of names and texts are there already."""

    facts: Facts
    """Those that are being made."""
    rules: Rules
    money: Mapping[str, Money | None]
    has_owners: bool
    """Whether a row that can name an order alone is to tell whose it is."""
    are_all: bool
    """Whether all rows are made, for which the ORDER_NUMBERS are there."""


def make_rows(making: Making, name: str, months: Sequence[str] | None) -> None:
    """Write the facts of an entity's rows: of these months, a file of each, or of the whole table."""
    facts = making.facts
    rows = facts.lake.scan(ENTITIES[name], months=months)
    is_account = name == CUSTOMERS
    if name == "orders":
        rows = rows.with_columns(pl.col("order_id").alias(ORDER_NAME))
    if name == "orders" and making.are_all:
        # Numbered in place: joining all orders with all of their names would take as long as everything else done with them.
        numbered = with_numbers(_all_orders(facts, months), facts.scan(CUSTOMER_NAMES), None)
    else:
        numbered = facts.numbered(rows.with_columns(account_id="customer_id") if is_account else rows)
    made = _judged(making, name, numbered.drop([] if is_account else LEFT_OUT, strict=False))
    if name in COMMENTS:
        made = with_themes(made, COMMENTS[name], facts.scan(TEXTS))
    made = made.drop(UNREAD.get(name, []))
    if making.has_owners and owner_column(name) == OWNER:
        named = pl.col("customer_id") if "customer_id" in made.collect_schema() else pl.lit(None, pl.Int64)
        made = with_buyers(made.with_columns(named.alias(OWNER)), facts.scan("orders"), column=OWNER)
    if months is None:
        kept_as = ACCOUNTS if is_account else name
        keep(facts, kept_as, made)
        if making.has_owners and name not in UNOWNED:
            sort_file(facts.folder / f"{kept_as}.parquet", owner_column(name))
    else:
        _keep_months(facts, name, made, months)
        for month in months:
            sort_file(facts.folder / name / f"{month}.parquet", owner_column(name))


def _all_orders(facts: Facts, months: Sequence[str] | None) -> pl.LazyFrame:
    """The orders of the lake, of these months or all, with their ORDER_NUMBERS, and their names as ORDER_NAME."""
    table = ENTITIES["orders"]
    scans = [facts.lake.scan(table, months=[month]) for month in months] if months else [facts.lake.scan(table)]
    files = [facts.folder / ORDER_NUMBERS / f"{month}.parquet" for month in months] if months else None
    numbers = pl.scan_parquet(files or facts.files(ORDER_NUMBERS), glob=False)
    orders = pl.concat(scans)
    numbered = pl.concat([orders.rename({"order_id": ORDER_NAME}), numbers], how="horizontal")
    return numbered.select(*orders.collect_schema().names(), ORDER_NAME)


def _judged(making: Making, name: str, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows, of which most entities only need local dates."""
    rules, facts = making.rules, making.facts
    zone, money = rules.time_zone, making.money.get(name)
    match name:
        case "orders":
            return order_facts(
                rows, time_zone=zone, valid_statuses=rules.valid_statuses, count_free=rules.count_free, money=money
            )
        case "survey_responses":
            answers, orders = facts.scan("survey_answers"), facts.scan("orders")
            return response_facts(rows, answers, orders, boxes=rules.sci_boxes, time_zone=zone)
        case "reviews":
            return review_facts(rows, time_zone=zone)
        case "order_lines":
            return convert_amounts(with_local_dates(rows, zone), money, ["line_amount"], day="ordered_date")
        case "touchpoints":
            return convert_amounts(with_local_dates(rows, zone), money, ["cart_amount"], day="occurred_date")
        case _:
            return with_local_dates(rows, zone)


def money_of(rows: pl.LazyFrame, rules: Rules) -> Money | None:
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


def name_months(facts: Facts, name: str, months: Sequence[str], columns: Sequence[str]) -> None:
    """Write the names in some columns of an entity, of each of the months those that it has."""
    rows = facts.lake.scan(ENTITIES[name], months=months)
    named = pl.concat([rows.select(MONTH, name=column) for column in columns])
    _keep_months(facts, f"{NAMES}/{name}", named.drop_nulls().unique(), months)


def read_texts_of(facts: Facts, rules: Rules, file: str) -> None:
    """Write what each text of a file of UNREAD_TEXTS says to one of READ_TEXTS."""
    texts = pl.read_parquet(facts.folder / UNREAD_TEXTS / file)["text"].to_list()
    read = read_texts(texts, themes=rules.themes, language=rules.language)
    keep(facts, f"{READ_TEXTS}/{Path(file).stem}", read.lazy())


def keep(facts: Facts, name: str, rows: pl.LazyFrame, *, is_sorted: bool = False) -> None:
    """Write the rows to the file of that name."""
    rows.sink_parquet(facts.folder / f"{name}.parquet", compression="lz4", statistics=False, maintain_order=is_sorted)


def _keep_months(facts: Facts, name: str, rows: pl.LazyFrame, months: Sequence[str]) -> None:
    """Write the rows of some months, a file per MONTH of them, and at least one file."""
    folder = facts.folder / name
    by_month = pl.PartitionBy(
        folder,
        key=MONTH,
        include_key=False,
        approximate_bytes_per_file=None,
        file_path_provider=lambda file: f"{file.partition_keys.item(0, 0)}.parquet",
    )
    rows.sink_parquet(by_month, compression="lz4", statistics=False, maintain_order=False)
    files = [folder / f"{month}.parquet" for month in months]
    if not any(file.is_file() for file in files):
        rows.drop(MONTH).clear().sink_parquet(files[0])


def sort_file(file: Path, customer: str) -> None:
    """Write a file anew, if it is there, the rows of a customer together, so that a bucket is read without the others."""
    if file.is_file():
        sort_rows(pl.read_parquet(file), customer).write_parquet(
            file,
            compression="lz4",
            statistics={"min": True, "max": True, "null_count": True},
            row_group_size=ROWS_PER_GROUP,
        )


def in_groups(months: Collection[str], n_rows: Mapping[str, int], *, at_once: int) -> list[list[str]]:
    """The months in their order, those together that have about so many rows."""
    groups: list[list[str]] = []
    n_together = at_once
    for month in sorted(months):
        if n_together >= at_once:
            groups.append([])
            n_together = 0
        groups[-1].append(month)
        n_together += n_rows.get(month, 0)
    return groups
