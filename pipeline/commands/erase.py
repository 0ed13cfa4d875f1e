"""Erasing a person from everything the pipeline has written. Whether the shop must do so is not decided here.

The shop's own exports are not touched: rows of theirs that still name the person are left out when they come again.
"""

import json
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from pipeline.core.ingest.identity import resolve
from pipeline.core.ingest.personal import fingerprints
from pipeline.lake import Lake
from pipeline.resources import Home
from pipeline.warehouse.editions import remove_from_editions
from schemas.registry import ENTITIES, RECORDS, TABLES

LAST = ("orders", "survey_responses", "touchpoints", "customers", "identity")
"""Tables that tell which rows are the person's; they go last, so that an erasure that was cut off can be done again."""

FINGERPRINTED = ("customer_id", "order_id", "response_id", "session_id")
"""Whose names are known again when they come back."""

Names = dict[str, list[str]]
"""Column -> values that make a row the person's, in whatever table it is."""


@dataclass(frozen=True)
class Receipt:
    """What an erasure removed; nothing in it says whose data it was."""

    erased_at: str
    rows_by_table: dict[str, int]
    editions: int


def erase(home: Home, identifier: str, *, key: bytes | None, erased_at: datetime) -> Receipt:
    """Remove a person, named by a customer id or the pseudonym of an e-mail address, from lake, quarantine and editions.

    `key` is that of all pseudonyms, which the names that may not come back are fingerprinted with.

    Every identifier that belongs to the same customer goes along, and all orders, reviews, survey responses and sessions
    of theirs. Old versions of all lake tables go too, as do batches set aside and everything half done. Counts over many
    customers stay as they were published.
    """
    lake = home.lake
    names = find_names(lake, identifier)
    fingerprint = fingerprints(pl.Series(sorted({name for column in FINGERPRINTED for name in names[column]})), key)
    erased = pl.LazyFrame({"fingerprint": fingerprint}, schema={"fingerprint": pl.String}).with_columns(
        erased_at=pl.lit(erased_at).cast(pl.Datetime("us", "UTC"))
    )
    # First of all, so that no run in between can bring them back.
    lake.merge(RECORDS["erased"], erased.join(lake.scan(RECORDS["erased"]), on="fingerprint", how="anti"))
    editions = remove_from_editions(home.editions, home.warehouse, names)
    rows = {}
    for name in (*(name for name in TABLES if name not in LAST), *LAST):
        table = TABLES[name]
        owned = [pl.col(column).is_in(values) for column, values in names.items() if column in table.polars_schema]
        if owned and (removed := lake.remove(table, pl.any_horizontal(owned))):
            rows[name] = removed
    for table in TABLES.values():
        lake.vacuum(table)
    shutil.rmtree(home.aside, ignore_errors=True)
    for folder in (home.path / "work" / "staged", home.known, *home.facts.parent.glob(f"{home.facts.name}*")):
        shutil.rmtree(folder, ignore_errors=True)
    for file in home.build_file.parent.glob(f"{home.build_file.name}*"):
        file.unlink()
    return Receipt(erased_at.isoformat(), rows, editions)


def find_names(lake: Lake, identifier: str) -> Names:
    """Everything in the lake that names the person whom an identifier names."""
    identity = lake.scan(RECORDS["identity"])
    customer = resolve(pl.LazyFrame({"customer_id": [identifier]}), identity).collect().item()
    joined = identity.filter(pl.col("customer_id") == customer).select("identifier").collect().to_series()
    customers = {identifier, customer, *joined}
    tables = [table for table in ENTITIES.values() if "email_hash" in table.polars_schema]
    pairs = pl.concat([lake.scan(table, with_deleted=True).select("customer_id", "email_hash") for table in tables])
    customers |= {name for pair in pairs.filter(_named(customers)).unique().collect().rows() for name in pair if name}
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
    # What a visitor did before logging in stands under the session only; on a shared screen it can be anybody's.
    touchpoints = lake.scan(ENTITIES["touchpoints"], with_deleted=True)
    named = sorted(customers)
    is_of_others = pl.col("customer_id").is_not_null() & ~pl.col("customer_id").is_in(named)
    sessions = _values("session_id", is_theirs, rejected)
    sessions |= _values("session_id", _named(customers) | pl.col("order_id").is_in(sorted(orders)), touchpoints)
    for rows in (touchpoints, rejected):
        sessions -= _values("session_id", is_of_others, rows)
    return {
        "customer_id": named,
        "referred_customer_id": named,
        "email_hash": named,
        "identifier": named,
        "order_id": sorted(orders),
        "response_id": sorted(responses),
        "session_id": sorted(sessions),
        "raw": _broken_lines(rejected, {*named, *orders, *responses, *sessions}),
    }


def write_receipt(folder: Path, receipt: Receipt) -> Path:
    """Keep the receipt as a JSON file named after its time; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{receipt.erased_at[:19].replace(':', '')}.json"
    file.write_text(json.dumps(asdict(receipt), indent=1) + "\n", encoding="utf-8")
    return file


def _named(customers: set[str]) -> pl.Expr:
    return pl.any_horizontal(pl.col("customer_id", "email_hash").is_in(sorted(customers)).fill_null(False))


def _values(column: str, is_wanted: pl.Expr, rows: pl.LazyFrame) -> set[str]:
    found = rows.filter(is_wanted.fill_null(False)).select(pl.col(column).drop_nulls().unique())
    return set(found.collect().to_series())


def _broken_lines(rejected: pl.LazyFrame, names: set[str]) -> list[str]:
    """Texts of broken lines and rejected referrals in which one of the names stands as a word.

    Nothing else tells whose a broken line is, or whom a rejected referral says was referred.
    """
    words = "|".join(re.escape(name) for name in sorted(names))
    lines = rejected.filter(pl.col("reasons").str.starts_with("broken line") | (pl.col("entity") == "referrals"))
    found = lines.filter(pl.col("raw").str.contains(rf"(?:^|\W)(?:{words})(?:\W|$)")).select("raw").unique()
    return sorted(found.collect().to_series())
