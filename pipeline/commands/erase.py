"""Erasing a person from everything the pipeline has written. Whether the shop must do so is not decided here.

The shop's own exports are not touched: rows in them that still name the person are left out when they come again.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.commands.erased_names import prefixes_of
from pipeline.core.ingest.identity import count_kinds, resolve
from pipeline.core.ingest.ids import AS_FLOAT
from pipeline.core.ingest.personal import ADDRESS, KINDS, fingerprints, key_print
from pipeline.core.ingest.quarantine import row_key
from pipeline.errors import ConfigError
from pipeline.lake import Lake
from pipeline.resources import Home
from pipeline.sources.entity_rows import NAMES
from pipeline.sources.settings import SourceSettings
from pipeline.targets.up_to_date import note_erasure
from pipeline.unchanged import ERASING
from pipeline.warehouse.editions import (
    Concern,
    concern_of,
    identities_in,
    list_editions,
    published_edition,
    remove_from_editions,
    remove_from_slices,
    remove_reports,
)
from pipeline.warehouse.slices import NEW
from pipeline.whole_files import write_whole
from schemas.registry import ENTITIES, RECORDS, TABLES, WITH_ADDRESSES
from schemas.types import PSEUDONYM_PATTERN, Table

LETTERS_PER_PATTERN = 50_000
"""A pattern has a highest size, and a reseller has a hundred thousand orders."""
MOST_IDENTIFIERS = 5
"""More are seldom those of one person."""
Names = dict[str, list[str]]
"""Column -> values that make a row the person's, in whatever table it is."""


@dataclass(frozen=True)
class Receipt:
    """What an erasure removed; nothing in it says whose data it was.

    `editions`: published files written anew; `damaged_editions`: unreadable ones, which are deleted; `batches_aside`:
    batches set aside, which are deleted whoever is in them.
    """

    erased_at: str
    rows_by_table: dict[str, int]
    editions: int
    damaged_editions: int = 0
    batches_aside: int = 0
    accounts: int = 0
    emails: int = 0
    orders: int = 0
    """Names of the person: account ids, e-mail addresses, and orders."""

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to remove."""
        return not (self.rows_by_table or self.editions or self.damaged_editions or self.batches_aside)


@dataclass(frozen=True)
class Erasure:
    """An erasure under way, kept in the home until it is done, so that one that is cut off can be finished.

    The person's names are found once, as the erasure empties the tables they are found in.
    """

    identifier: str
    names: Names
    published: str | None
    """The edition that is published."""
    receipt: Receipt
    key_print: str
    """Of the key that its fingerprints are made with."""
    id_prefixes: str
    """Of the sources, when it began."""


def as_pseudonym(text: str) -> str:
    """The pseudonym of an address as the lake writes it. What is none is not repeated: it can be the address.

    Raises:
        ConfigError: it is none, which would name nobody.
    """
    found = text.strip().lower()
    if not re.fullmatch(PSEUDONYM_PATTERN, found):
        raise ConfigError(
            "--email-hash is no pseudonym of an address: give its 64 hexadecimal digits and nothing else, as the README makes them"
        )
    return found


def refuse_address(customer: str) -> str:
    """A customer's id as it is.

    Raises:
        ConfigError: it is an e-mail address, by which the lake names nobody.
    """
    if re.fullmatch(ADDRESS, customer.strip()):
        raise ConfigError(
            "--customer is an e-mail address, by which nobody is named; give its pseudonym with --email-hash"
        )
    return customer


def erase(
    home: Home,
    identifier: str,
    sources: Sequence[SourceSettings],
    *,
    key: bytes | None,
    erased_at: datetime,
    identifiers: int | None = None,
) -> Receipt:
    """Remove a person, named by a customer id or the pseudonym of an e-mail address, from lake, quarantine and editions.

    `key` is that of all pseudonyms; it also makes the fingerprints of names that may not come back, which the prefixes of
    `sources` are kept with.

    Every identifier of the same customer is removed too, with all their orders, reviews, survey responses and
    sessions. Old versions of all lake tables go too, as do batches set aside and everything half done. Counts over many
    customers stay as they were published. The receipt is kept in the home, unless it is empty.

    Raises:
        ConfigError: more than MOST_IDENTIFIERS are joined, and `identifiers` does not say how many.
    """
    names = find_names(home.lake, identifier, _former_identities(home))
    _refuse_many(names, identifiers)
    published = published_edition(home.editions, home.warehouse)
    receipt = _counted(home, names, erased_at.isoformat())
    begun = Erasure(
        identifier, names, published.name if published else None, receipt, key_print(key), prefixes_of(sources)
    )
    return _carry_out(home, begun, key)


def finish_erasure(home: Home, sources: Sequence[SourceSettings], *, key: bytes | None) -> Receipt | None:
    """Finish an erasure that was cut off; null where there is none. Its receipt also counts what was removed before.

    Raises:
        ConfigError: what is kept of it cannot be read, or it was begun with another key.
    """
    file = _kept_in(home)
    if not file.exists():
        return None
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        now = {"key_print": key_print(key), "id_prefixes": prefixes_of(sources)}
        before = Erasure(**{**now, **kept, "receipt": Receipt(**kept["receipt"])})
    except (ValueError, TypeError, KeyError):
        raise ConfigError(f"{file} cannot be read; delete it and erase the person again") from None
    if before.key_print != key_print(key):
        raise ConfigError(
            "an erasure was cut off that another LOYALTY_PII_KEY was set for; put that key back to finish it"
        )
    again = find_names(home.lake, before.identifier, _former_identities(home))
    names = {column: sorted({*before.names.get(column, []), *values}) for column, values in again.items()}
    there = _counted(home, names, before.receipt.erased_at)
    return _carry_out(home, replace(before, names=names, receipt=_larger(before.receipt, there)), key)


def _counted(home: Home, names: Names, erased_at: str) -> Receipt:
    """What is there to remove."""
    rows = {}
    for name, table in TABLES.items():
        if (is_theirs := _owned(table, names)) is not None and (found := home.lake.count(table, is_theirs)):
            rows[name] = found
    files = [*list_editions(home.editions), *([home.warehouse] if home.warehouse.is_file() else [])]
    concerns = [concern_of(file, names) for file in files]
    aside = len(list(home.aside.glob("*/*")))
    n_accounts, n_emails = count_kinds(names["customer_id"])
    return Receipt(
        *(erased_at, rows, concerns.count(Concern.NAMES), concerns.count(Concern.DAMAGED), aside),
        accounts=n_accounts,
        emails=n_emails,
        orders=len(names["order_id"]),
    )


def _refuse_many(names: Names, identifiers: int | None) -> None:
    """Stop before several people are erased for one: nothing brings them back."""
    n_accounts, n_emails = count_kinds(names["customer_id"])
    n_all = n_accounts + n_emails
    if n_all > MOST_IDENTIFIERS and identifiers != n_all:
        raise ConfigError(
            f"this would erase {n_all:,} identifiers for good (accounts: {n_accounts:,}, e-mail addresses: {n_emails:,}), with "
            f"{len(names['order_id']):,} orders, as rows join them (marts.identity): if they are one person, add --identifiers {n_all}; "
            "if not, such as the shop's own address in orders by phone, mend the mapping and run first"
        )


def _larger(before: Receipt, now: Receipt) -> Receipt:
    """What was counted before an erasure was cut off, or is there now if more: a table loses its rows all at once."""
    tables = {**before.rows_by_table, **now.rows_by_table}
    return Receipt(
        before.erased_at,
        {name: max(before.rows_by_table.get(name, 0), now.rows_by_table.get(name, 0)) for name in tables},
        max(before.editions, now.editions),
        max(before.damaged_editions, now.damaged_editions),
        max(before.batches_aside, now.batches_aside),
        max(before.accounts, now.accounts),
        max(before.emails, now.emails),
        max(before.orders, now.orders),
    )


def _carry_out(home: Home, erasure: Erasure, key: bytes | None) -> Receipt:
    """Remove all of it; wherever it is stopped, it can be done again."""
    lake, names, file = home.lake, erasure.names, _kept_in(home)
    _write(file, asdict(erasure))
    kept = [fingerprints(pl.Series(names[column], dtype=pl.String), KINDS[column], key) for column in NAMES]
    erased = pl.LazyFrame({"fingerprint": pl.concat(kept).unique(maintain_order=True)})
    erased_at = pl.lit(datetime.fromisoformat(erasure.receipt.erased_at)).cast(pl.Datetime("us", "UTC"))
    # First, so that no run in between can bring them back.
    new = erased.join(lake.scan(RECORDS["erased"]), on="fingerprint", how="anti")
    new = new.with_columns(
        erased_at=erased_at, key_print=pl.lit(erasure.key_print), id_prefixes=pl.lit(erasure.id_prefixes)
    )
    lake.merge(RECORDS["erased"], new)
    home.drop_former_warehouse()
    note_erasure(home.path / "work", erasure.receipt.erased_at)
    remove_reports(home.editions, home.warehouse)
    # Before the editions, as one whose slice turns out to be damaged is damaged too.
    remove_from_slices(home.slice_folders(), names)
    remove_from_editions(home.editions, home.warehouse, names, published=erasure.published, mode=home.published_mode)
    for table in TABLES.values():
        if (is_theirs := _owned(table, names)) is not None:
            lake.remove(table, is_theirs)
    for table in TABLES.values():
        lake.vacuum(table)
    _remove_half_done(home)
    if not erasure.receipt.is_empty:
        write_receipt(home.erasures, erasure.receipt)
    file.unlink()
    return erasure.receipt


def _remove_half_done(home: Home) -> None:
    """Delete what a run has set aside, staged, derived or left half-written: the lake can give it all again."""
    derived = home.facts.parent.glob(f"{home.facts.name}*")
    work = home.path / "work"
    for folder in (
        home.aside,
        work / "staged",
        work / "targets",
        work / "dbt_projects",
        home.api_pages,
        home.known,
        home.parts,
        home.past,
        home.slices / NEW,
        *derived,
    ):
        shutil.rmtree(folder, ignore_errors=True)
    for file in (
        *home.build_file.parent.glob(f"{home.build_file.name}*"),
        *home.built_edition.parent.glob(f"{home.built_edition.name}*"),
        *home.editions.glob(".*"),
        *home.warehouse.parent.glob(f".{home.warehouse.name}.new*"),
    ):
        file.unlink()


def _owned(table: Table, names: Names) -> pl.Expr | None:
    """The condition that a row of a table is the person's; null where no column can tell."""
    owned = [pl.col(column).is_in(values) for column, values in names.items() if column in table.polars_schema]
    return pl.any_horizontal(owned) if owned else None


def _former_identities(home: Home) -> list[pl.DataFrame]:
    """Who was whom before, as far as the home still says: identifier and customer, a frame for each time."""
    files = [*list_editions(home.editions), *([home.warehouse] if home.warehouse.is_file() else [])]
    frames = [*home.lake.earlier(RECORDS["identity"]), *identities_in(files)]
    found: list[pl.DataFrame] = []
    for one in frames:
        pairs = one.select(pl.col("identifier", "customer_id").cast(pl.String)).sort("identifier")
        # Most nights change nothing.
        if pairs.height and not any(pairs.equals(other) for other in found):
            found.append(pairs)
    return found


def former_names(names: set[str], former: Sequence[pl.DataFrame], living: Callable[[set[str]], set[str]]) -> set[str]:
    """Names that a person had before and that nobody has now, as an address that the shop has since replaced.

    `names`: those of now; `living`: which of some names are in rows of the lake. A former name of a customer whom others who are
    still there belonged to as well, as after a mended mapping, can be any of theirs and is left alone.
    """
    found = set(names)
    while True:
        groups = [
            {customer, *part["identifier"]}
            for one in former
            for (customer,), part in one.join(
                one.filter(pl.any_horizontal(pl.all().is_in(sorted(found)))).select("customer_id").unique(),
                on="customer_id",
            ).group_by("customer_id")
        ]
        others = living(set().union(*groups) - names) if groups else set()
        more = set().union(*(group for group in groups if group.isdisjoint(others))) - found
        if not more:
            return found - names
        found |= more


def find_names(lake: Lake, identifier: str, former: Sequence[pl.DataFrame] = ()) -> Names:
    """Everything in the lake that names the person whom an identifier names; `former`: who was whom before."""
    identity = lake.scan(RECORDS["identity"])
    customer = resolve(pl.LazyFrame({"customer_id": [identifier]}), identity).collect().item()
    joined = identity.filter(pl.col("customer_id") == customer).select("identifier").collect().to_series()
    customers = {identifier, customer, *joined}
    pairs, live = (
        pl.concat(
            [lake.scan(table, with_deleted=is_any).select("customer_id", "email_hash") for table in WITH_ADDRESSES]
        )
        for is_any in (True, False)
    )
    customers |= {name for pair in pairs.filter(_named(customers)).unique().collect().rows() for name in pair if name}
    customers |= former_names(
        customers,
        former,
        lambda some: some & {name for pair in live.filter(_named(some)).unique().collect().rows() for name in pair},
    )
    rejected = lake.scan(RECORDS["rejected_rows"])
    is_theirs = pl.col("customer_id").is_in(sorted(customers))
    orders = _values("order_id", _named(customers), lake.scan(ENTITIES["orders"], with_deleted=True))
    orders |= _values("order_id", is_theirs, rejected)
    is_theirs |= pl.col("order_id").is_in(sorted(orders))
    responses = _values(
        "response_id",
        _named(customers) | pl.col("order_id").is_in(sorted(orders)),
        lake.scan(ENTITIES["survey_responses"], with_deleted=True),
    )
    responses |= _values("response_id", is_theirs, rejected)
    # What a visitor did before logging in has only the session; on a shared device it can be anybody's.
    touchpoints = lake.scan(ENTITIES["touchpoints"], with_deleted=True)
    named = sorted(customers)
    is_of_others = pl.col("customer_id").is_not_null() & ~pl.col("customer_id").is_in(named)
    sessions = _values("session_id", is_theirs, rejected)
    sessions |= _values("session_id", _named(customers) | pl.col("order_id").is_in(sorted(orders)), touchpoints)
    for rows in (touchpoints, rejected):
        sessions -= _values("session_id", is_of_others, rows)
    names = {
        "customer_id": named,
        "referred_customer_id": named,
        "email_hash": named,
        "identifier": named,
        "order_id": sorted(orders),
        "response_id": sorted(responses),
        "session_id": sorted(sessions),
        "raw": _nobodys(rejected, set(named), orders | responses | sessions),
    }
    return names | {"row_id": _row_ids(lake, names)}


def _row_ids(lake: Lake, names: Names) -> list[str]:
    """The ids of the person's rows in the table of origins of an edition."""
    found: set[str] = set()
    for table in ENTITIES.values():
        if (is_theirs := _owned(table, names)) is not None:
            rows = lake.scan(table, with_deleted=True)
            named = rows.with_columns(row_id=pl.format("{} {}", pl.lit(table.name), row_key(table.key)))
            found |= _values("row_id", is_theirs, named)
    # Under a former name an older edition has a customer whom the lake no longer has.
    customers = ENTITIES["customers"]
    theirs = pl.LazyFrame({"customer_id": names["customer_id"]}, schema={"customer_id": pl.String})
    origins = theirs.with_columns(row_id=pl.format("{} {}", pl.lit(customers.name), row_key(customers.key)))
    found |= _values("row_id", pl.lit(True), origins)
    return sorted(found)


def write_receipt(folder: Path, receipt: Receipt) -> Path:
    """Keep the receipt as a JSON file named after its time; returns it."""
    file = receipt_file(folder, receipt)
    _write(file, asdict(receipt))
    return file


def receipt_file(folder: Path, receipt: Receipt) -> Path:
    """Where the receipt is kept."""
    return folder / f"{receipt.erased_at[:26].replace(':', '')}.json"


def _kept_in(home: Home) -> Path:
    return home.path / "work" / ERASING


def _write(file: Path, content: dict[str, Any]) -> None:
    """Write a JSON file whole or not at all, even in a power cut."""
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(content, indent=1) + "\n", is_durable=True)


def _named(customers: set[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col("customer_id", "email_hash").is_in(sorted(customers)).fill_null(False))


def _values(column: str, is_wanted: pl.Expr, rows: pl.LazyFrame) -> set[str]:
    found = rows.filter(is_wanted.fill_null(False)).select(pl.col(column).drop_nulls().unique())
    return set(found.collect().to_series())


def _nobodys(rejected: pl.LazyFrame, customers: set[str], others: set[str]) -> list[str]:
    """Texts of rejected rows that name nobody, in which one of the names stands; and of referrals, whom it says was referred.

    Nothing else tells whose a broken line is, or a row with an invalid number, or who was referred.
    """
    nobodys = rejected.filter(pl.all_horizontal(pl.col(NAMES).is_null()))
    referrals = rejected.filter(pl.col("entity") == "referrals")
    # An id that a program has written as 4711.00 is no amount.
    is_float = pl.col("reasons").str.contains(AS_FLOAT, literal=True)
    found: set[str] = set()
    for rows, names in ((nobodys, customers | others), (referrals, customers)):
        for some in _in_parts(names):
            standing, as_words = (pl.col("raw").str.contains(pattern(some)) for pattern in (_standing, _as_words))
            found |= _values("raw", pl.when(is_float).then(as_words).otherwise(standing), rows)
    return sorted(found)


def _in_parts(names: set[str]) -> Iterator[set[str]]:
    """The names, a pattern's worth at a time."""
    part: set[str] = set()
    n_letters = 0
    for name in sorted(names):
        if part and n_letters + len(name) > LETTERS_PER_PATTERN:
            yield part
            part, n_letters = set(), 0
        part.add(name)
        n_letters += len(name)
    yield part


def _standing(names: set[str]) -> str:
    """Pattern of a text in which one of the names stands.

    A number of digits alone is none of the date, time or amount that it is a part of: 3 is not in 3.00, 10:03 or 2026-11-03. A
    comma parts two cells. 3.0 is 3 as a program writes it that takes numbers for floats.
    """
    numbers = {name for name in names if name.isdigit()}
    before, after = r"(?:^|[^\w.:/-]|(?:^|\D)[.:/-])", r"(?:\.0)?(?:$|[^\w.:/-]|[.:/-](?:\D|$))"
    of_numbers = [f"{before}(?:{'|'.join(sorted(numbers))}){after}"] if numbers else []
    return "|".join([*of_numbers, *([_as_words(names - numbers)] if names - numbers else [])])


def _as_words(names: set[str]) -> str:
    """Pattern of a text that has one of the names as a word."""
    return rf"(?:^|\W)(?:{'|'.join(re.escape(name) for name in sorted(names))})(?:\W|$)"
