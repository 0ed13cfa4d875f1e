"""The files of the facts: reading them, and what was known on a date. Making them belongs to `pipeline.facts`."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import polars as pl

from pipeline.core.facts.customers import consent_is_told, customers_known, may_market
from pipeline.core.facts.names import ORDER_COLUMNS, UNKNOWN, names_by_number, with_names, with_numbers
from pipeline.core.facts.orders import numbered_orders, orders_as_of
from pipeline.lake import Lake
from schemas.registry import ENTITIES, KNOWN, SEGMENTS
from schemas.types import Table

LOOKED_UP = ("survey_answers",)
"""Entities that name neither a customer nor an order and have no date of their own: read from the lake as they are."""
FACTS = tuple(name for name in ENTITIES if name not in LOOKED_UP)
"""Entities that have facts."""
ACCOUNTS, CUSTOMERS, CUSTOMER_NAMES, ORDER_NAMES = "accounts", "customers", "customer_names", "order_names"
ORDER_NAMES_ELSEWHERE = "order_names_elsewhere"
"""File with those of the ORDER_NAMES that a row of anybody but the buyer speaks of, or a row of no order that is there."""
TEXTS = "texts"
NAMES = "names"
"""Folder with the names of customers in each part of a table in parts."""
OWNER = "owner"
"""Column of the files of a large shop: the customer of a row, else the buyer of the order that it names; null of nobody."""
ORDER_NAME = "order_name"
"""Column of the files of orders: the name of the order, whose number is in `order_id`."""
FILES_BY_BUCKET = "files_by_bucket"
"""Folder with what tells which files of a dated table have rows of which bucket."""
UNOWNED = ("products", "referrals")
"""Entities that belong to no one customer."""


Result = TypeVar("Result")
Rows = TypeVar("Rows", pl.LazyFrame, pl.DataFrame)


Kept: TypeAlias = pl.DataFrame | Path
"""Rows that `Facts.keep` has kept, or the file with them."""


def kept_rows(kept: Kept) -> pl.LazyFrame:
    """The rows."""
    return pl.scan_parquet(kept, glob=False) if isinstance(kept, Path) else kept.lazy()


@dataclass(frozen=True)
class Bucket:
    """Customers by number, from `first` on and before `after`; null where there is no bound. Nobody is in the first."""

    first: int | None
    after: int | None

    def holds(self, customer: str) -> pl.Expr:
        """Whether the customer of a column is one of them."""
        number = pl.col(customer)
        if self.first is None:
            return pl.lit(True) if self.after is None else number.is_null() | (number < self.after)
        return number >= self.first if self.after is None else (number >= self.first) & (number < self.after)


class Engine(Protocol):
    """Computes elsewhere."""

    def each(self, facts: "Facts", work: Callable[..., Result], given: Sequence[tuple[Any, ...]]) -> Iterator[Result]:
        """As `Facts.each`, where `work` and what it is given can be pickled."""


@dataclass(frozen=True)
class Facts:
    """The files of the facts, all of one version of the lake: one per table, of a large table a folder with one per month."""

    folder: Path
    lake: Lake
    made_of: str = ""
    """A fingerprint of the lake and the rules they were made from."""
    bounds: tuple[int, ...] = ()
    """The customers at which a bucket begins, but for the first bucket; none in a shop that is computed at once."""
    bucket: Bucket | None = None
    """The customers that are read; null for all."""
    engine: "Engine | None" = None
    """Where parts of them are computed; null for here."""
    aside: Path | None = None
    """The folder for rows that wait in files from one pass over the buckets to the next."""
    held: dict[str, pl.DataFrame] = field(default_factory=dict, compare=False, repr=False)
    """Names of all that were looked up, once for all buckets."""

    def __getstate__(self) -> dict[str, Any]:
        """Where they are pickled, the engine and what was looked up stay behind."""
        return {**vars(self), "engine": None, "held": {}}

    def scan(self, name: str) -> pl.LazyFrame:
        """The facts of an entity, of `accounts` (every row of the customers) or of `customers` (every person)."""
        if name in LOOKED_UP:
            return self.lake.scan(ENTITIES[name])
        return self._rows(name).drop(OWNER, ORDER_NAME, strict=False)

    def named_orders(self) -> pl.LazyFrame:
        """The facts of orders, each with its ORDER_NAME."""
        return self._rows("orders")

    def _rows(self, name: str) -> pl.LazyFrame:
        rows = pl.scan_parquet(self.files(name), glob=False)
        if self.bucket and name in (*FACTS, ACCOUNTS) and name not in UNOWNED:
            rows = rows.filter(self.bucket.holds(owner_column(name)))
        return rows

    def buckets(self) -> list["Facts"]:
        """The facts of some customers after those of others, each customer whole, with the rows of nobody once.

        Of entities that belong to no one customer each has all rows. What is computed of a bucket takes a bucket's memory.
        """
        edges = pairwise([None, *self.bounds, None])
        return [replace(self, bucket=Bucket(*edge)) for edge in edges] if self.bounds else [self]

    def over(self, work: Callable[..., Result], *each: Sequence[Any]) -> Iterator[Result]:
        """What `work` finds in each bucket, in their order; of several buckets the engine computes them, if there is one.

        It is given the facts of the bucket, and of each further sequence the element of its place.
        """
        given = [*zip(self.buckets(), *each, strict=True)]
        return self.each(work, given) if self.bounds else (work(*one) for one in given)

    def each(self, work: Callable[..., Result], given: Sequence[tuple[Any, ...]]) -> Iterator[Result]:
        """What `work` finds of each that it is given, in their order; the engine computes it, if there is one."""
        return self.engine.each(self, work, given) if self.engine else (work(*one) for one in given)

    def keep(self, name: str, rows: pl.LazyFrame) -> Kept:
        """The rows, computed now, for a later pass over the same customers: of a bucket in a file, so that those of all take no memory."""
        if self.bucket is None or self.aside is None:
            return rows.collect(engine="streaming")
        self.aside.mkdir(parents=True, exist_ok=True)
        file = self.aside / f"{name}-{uuid.uuid4().hex}.parquet"
        rows.sink_parquet(file, compression="lz4", statistics=False)
        return file

    def own(self, rows: Rows) -> Rows:
        """The rows of the customers that are read, of a table with their numbers."""
        return rows.filter(self.bucket.holds("customer_id")) if self.bucket else rows

    def own_by_name(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of the customers that are read, of a table with their names, as they were on any date: all names of a person are
        in one bucket.

        Names that are in no fact, such as those of whom the lake has nothing any more, are in the first.
        """
        if not self.bucket:
            return rows
        is_own, is_first = self.bucket.holds("number"), self.bucket.first is None
        told = self.scan(CUSTOMER_NAMES).filter(~is_own if is_first else is_own).select(customer_id="name")
        return rows.join(told, on="customer_id", how="anti" if is_first else "semi")

    def own_dated(self, name: str, as_of: date | None = None) -> pl.LazyFrame:
        """The same of a dated table, of all dates or of one. Only files with such rows are read: most have those of one bucket."""
        table = SEGMENTS[name]
        if not self.bucket:
            return self.lake.scan(table) if as_of is None else self.lake.scan_as_of(table, as_of)
        files = self.lake.files_of(table, as_of)
        if len(files) > 1:
            place = str(self.bounds.index(self.bucket.first) + 1 if self.bucket.first is not None else 0)
            files = self._files_by_bucket(table, files).get(place, [])
        return (
            self.own_by_name(self.lake.scan_files(table, files)) if files else pl.LazyFrame(schema=table.polars_schema)
        )

    def _files_by_bucket(self, table: Table, files: list[str]) -> dict[str, list[str]]:
        """The files with rows of each bucket, by its place; found once, and kept with the facts."""
        told = hashlib.sha256(json.dumps([files, self.bounds]).encode()).hexdigest()[:32]
        file = self.folder / FILES_BY_BUCKET / f"{told}.json"
        if not file.is_file():
            numbers = self.scan(CUSTOMER_NAMES).select("name", "number").collect(engine="streaming")
            bounds = pl.Series(self.bounds, dtype=pl.Int64)
            places = numbers.select(customer_id="name", place=bounds.search_sorted(numbers["number"], side="right"))
            rows = self.lake.scan_files(table, files, file_column="file").select("file", "customer_id")
            found = rows.join(places.lazy(), on="customer_id", how="left").select("file", pl.col("place").fill_null(0))
            by_place = found.unique().sort("place", "file").collect(engine="streaming").group_by("place").agg("file")
            file.parent.mkdir(exist_ok=True)
            # Several tasks can find it at the same time.
            own = file.with_name(uuid.uuid4().hex)
            own.write_text(json.dumps(dict(by_place.iter_rows())), encoding="utf-8")
            own.replace(file)
        return cast("dict[str, list[str]]", json.loads(file.read_text(encoding="utf-8")))

    def files(self, name: str) -> list[Path]:
        """The files of a table: one, or one per month."""
        return sorted((self.folder / name).glob("*.parquet")) or [self.folder / f"{name}.parquet"]

    def numbered(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """Rows of another table with the numbers of customers and orders in place of their names."""
        return with_numbers(rows, self.scan(CUSTOMER_NAMES), self._orders_of(rows, "name"))

    def numbered_own(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The same, of rows of the customers that are read."""
        names = self.scan(CUSTOMER_NAMES)
        names = names.filter(self.bucket.holds("number")) if self.bucket else names
        return with_numbers(rows, names, self._orders_of(rows, "name"))

    def named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with names in place of the numbers, as tables are written."""
        is_of_some = self.bucket is None and self.bounds and "customer_id" in rows.columns
        near = self._around(rows["customer_id"]) if is_of_some else self
        orders = names_by_number(near._orders_of(rows.lazy(), "number"))
        return with_names(rows.lazy(), self.people, orders).collect()

    def _around(self, customers: pl.Series) -> "Facts":
        """The facts of the buckets that customers are in, and of those between."""
        low, high = cast("tuple[int | None, int | None]", (customers.min(), customers.max()))
        first = max((bound for bound in self.bounds if low is not None and bound <= low), default=None)
        after = min((bound for bound in self.bounds if high is None or bound > high), default=None)
        return replace(self, bucket=Bucket(first, after))

    @property
    def people(self) -> pl.DataFrame:
        """The `number` and `name` of the person behind every account, by number; of a bucket those of its customers."""
        if self.bucket:
            own = self.scan(CUSTOMER_NAMES).filter(self.bucket.holds("number"))
            return names_by_number(own, name="customer_id")
        if CUSTOMER_NAMES not in self.held:
            self.held[CUSTOMER_NAMES] = names_by_number(self.scan(CUSTOMER_NAMES), name="customer_id")
        return self.held[CUSTOMER_NAMES]

    def names_of(self, customers: pl.Series) -> pl.Series:
        """The names of numbered customers, in their order."""
        return self.named(pl.DataFrame({"customer_id": customers}))["customer_id"]

    def _orders_of(self, rows: pl.LazyFrame, by: str) -> pl.LazyFrame:
        """The names of the orders that a table refers to, which are few of all orders: a join holds its right side."""
        columns = [name for name in ORDER_COLUMNS if name in rows.collect_schema()]
        names = self.scan(ORDER_NAMES)
        if not columns:
            return names.clear()
        spoken_of = pl.concat([rows.select(pl.col(name).alias(by)) for name in columns])
        if not self.bucket:
            return names.join(spoken_of, on=by, how="semi")
        # Nearly all are orders of the bucket, and nearly all others are few: all names are read for what neither has.
        asked = spoken_of.filter(pl.col(by) != UNKNOWN if by == "number" else pl.col(by).is_not_null())
        left = asked.unique().collect(engine="streaming")
        own = self.named_orders().select(name=ORDER_NAME, number="order_id")
        known = []
        for named in (own, self.scan(ORDER_NAMES_ELSEWHERE), names):
            if left.height:
                known.append(named.join(left.lazy(), on=by, how="semi").collect(engine="streaming"))
                left = left.join(known[-1], on=by, how="anti")
        return pl.concat(known).lazy() if known else names.clear()


def owner_column(name: str) -> str:
    """The column of a table's files that tells whose a row is: of rows that can name an order alone it is OWNER."""
    return (
        OWNER if name in ENTITIES and name != "orders" and "order_id" in ENTITIES[name].polars_schema else "customer_id"
    )


def known_files(folder: Path, name: str) -> list[Path]:
    """The files of a table that `write_known` has written."""
    return sorted((folder / name).glob("*.parquet"))


def write_known(folder: Path, facts: Facts, *, as_of: date, consent_without_flag: bool) -> None:
    """Write what is known of orders and customers at a date, by name, as the marts of `schemas.registry.KNOWN` show it.

    A folder for each of the tables, with a file per bucket of customers, and one for nobody's orders.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name in KNOWN:
        (folder / name).mkdir(parents=True)
    is_told = is_consent_told(facts)
    work = partial(_write_known, folder=folder, as_of=as_of, is_told=is_told, without_flag=consent_without_flag)
    for _ in facts.over(work):
        pass


def is_consent_told(facts: Facts) -> bool:
    """What `consent_is_told` says of all customers, for those who are looked at a bucket at a time."""
    return any(facts.over(_tells_consent))


def _tells_consent(part: Facts) -> bool:
    return bool(part.scan("customers").select(consent_is_told()).collect(engine="streaming").item())


def _write_known(part: Facts, *, folder: Path, as_of: date, is_told: bool, without_flag: bool) -> None:
    """What is known of a bucket, in a file of each table."""
    own = part.scan("customers")
    people = may_market(own, own, without_flag=without_flag, is_told=is_told)
    identifiers = part.scan(CUSTOMER_NAMES).group_by(customer_id="number").agg(n_identifiers=pl.len().cast(pl.Int64))
    orders, is_nobodys = part.named_orders(), pl.col("customer_id").is_null()
    known = orders_as_of(orders.filter(~is_nobodys), as_of=as_of)
    customers = customers_known(people, known, as_of=as_of)
    customers = customers.join(part.own(identifiers), on="customer_id", how="left")
    first = part.bucket.first if part.bucket else None
    tables = [
        ("orders_known", f"{first or 0:020}", _orders_shown(numbered_orders(known), as_of)),
        ("customers_known", f"{first or 0:020}", customers),
    ]
    if first is None:
        # There can be as many of them as of all others. They have no number to find, so apart they take no memory.
        nobodys = orders_as_of(orders.filter(is_nobodys), as_of=as_of).with_columns(order_number=pl.lit(None, pl.Int64))
        tables.append(("orders_known", "nobodys", _orders_shown(nobodys, as_of)))
    for name, file, rows in tables:
        shown = with_names(rows.select(KNOWN[name].judged.keys()), part.people, None)
        shown.sink_parquet(
            folder / name / f"{file}.parquet",
            compression="zstd",
            compression_level=1,
            maintain_order=False,
            statistics=False,
        )


def _orders_shown(orders: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Orders of `numbered_orders` as the table orders_known has them, but for the names of customers."""
    orders = orders.rename({"ordered_date": "local_date"}).with_columns(order_id=ORDER_NAME)
    is_refunded_later = (pl.col("refunded_date") > as_of).fill_null(False)
    return orders.cast({"promise_status": pl.String}).with_columns(
        original_net_amount=pl.col("original_net_amount")
        + pl.when(is_refunded_later).then("original_refund_amount").otherwise(0),
        valid_net_amount=pl.when("is_valid").then("net_amount"),
    )
