"""Personal data on its way in: pseudonyms take its place. Who belongs together does not belong here."""

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from pipeline.core.ingest.conform import FAULT_SCHEMA
from pipeline.core.ingest.phones import international
from schemas.types import PSEUDONYM_PATTERN

EMAIL, PHONE, PERSON_NAME = "email", "phone", "person_name"
EMAIL_HASH, CUSTOMER, REFERRED = "email_hash", "customer_id", "referred_customer_id"
NAMED_BY = (EMAIL, PHONE, PERSON_NAME)
"""Columns of a mapping that name a person and go no further: pseudonyms take their place."""
LOCAL_PART = r"[^\s@<>,;\"']+(?:'[^\s@<>,;\"']+)*@"
ADDRESS = LOCAL_PART + r"[^\s@<>,;\"']+\.[^\s@<>,;\"']+"
"""An e-mail address wherever it stands in a text, between quotes or with an apostrophe in it."""
NAMES = (CUSTOMER, REFERRED, EMAIL_HASH, "order_id", "response_id", "session_id")
"""Columns that name a person, or something that only one person has."""
HIDDEN = "[personal]"
"""What stands for personal data where there is no key to make a pseudonym with."""

PERSONAL_NAME = re.compile(
    r"mail|phone|telefoon|mobiel|mobile|address|adres|street|straat|postcode|postal|zip|company|bedrijf|"
    r"(first|last|full|family|middle|user|nick|display|customer|client|billing|shipping|recipient|reviewer)[ _-]?name|"
    r"^(name|naam|voornaam|achternaam|ip|iban)$|(^|[ _-])ip([ _-]|$)|ip_?address|user[ _-]?agent|birth|geboorte",
    re.IGNORECASE,
)
"""Column names that tell of personal data, in exports without a preset."""


@dataclass(frozen=True)
class Identified:
    """`frame`: the rows with pseudonyms in place of e-mail addresses; `faults`: row, column, reason of what is none."""

    frame: pl.DataFrame
    faults: pl.DataFrame


def normalise(values: pl.Series) -> pl.Series:
    """One spelling for equal texts: trimmed, lower case, Unicode NFC; empty is null."""
    # In this order, because a small letter can have a composed form where its capital has none.
    texts = values.cast(pl.String).str.strip_chars().str.to_lowercase().str.normalize("NFC")
    return texts.set(texts == "", None)


def pseudonyms(values: pl.Series, key: bytes) -> pl.Series:
    """HMAC-SHA256 (RFC 2104) of each normalised text, in hexadecimal; null stays null and a pseudonym stays itself."""
    texts = normalise(values)
    known = {text: _pseudonym(text, key) for text in texts.drop_nulls().unique()}
    return texts.replace_strict(known, default=None, return_dtype=pl.String)


def identify(rows: pl.DataFrame, key: bytes, country: str | None = None) -> Identified:
    """Put `email_hash` in place of `email`; where a row has no customer_id, the pseudonym is the customer's.

    Where it has neither, the pseudonym of `phone` is, if that is a valid number, read as one of `country`; and where it has
    nothing else, that of `person_name`. A text without the shape of an address is a fault, and so is an address anywhere in an
    id: neither may go further.
    """
    faults = []
    if EMAIL in rows.columns:
        texts = normalise(rows[EMAIL])
        is_pseudonym = texts.str.contains(PSEUDONYM_PATTERN).fill_null(True)
        is_address = texts.str.contains(f"^{ADDRESS}$").fill_null(True)
        faults.append(_faults(~(is_address | is_pseudonym), EMAIL, "email: is not an e-mail address"))
        hashes = pseudonyms(texts.set(~(is_address | is_pseudonym), None), key).alias(EMAIL_HASH)
        rows = rows.drop(EMAIL).with_columns(hashes, _accounts(rows).fill_null(hashes).alias(CUSTOMER))
    if PHONE in rows.columns:
        customer = _accounts(rows)
        numbers = international(rows[PHONE].cast(pl.String).set(customer.is_not_null(), None), country)
        rows = rows.drop(PHONE).with_columns(customer.fill_null(pseudonyms(numbers, key)).alias(CUSTOMER))
    if PERSON_NAME in rows.columns:
        names = pseudonyms(rows[PERSON_NAME], key)
        rows = rows.drop(PERSON_NAME).with_columns(_accounts(rows).fill_null(names).alias(CUSTOMER))
    for column in (name for name in rows.columns if name.endswith("_id") and rows[name].dtype == pl.String):
        if _has_at(rows[column]):
            is_address = rows[column].str.contains(ADDRESS).fill_null(False)
            way_out = "map it as email" if column == CUSTOMER else "map the shop's own number"
            faults.append(_faults(is_address, column, f"{column}: holds an e-mail address; {way_out}"))
            rows = rows.with_columns(rows[column].set(is_address, None))
    return Identified(rows, pl.concat([pl.DataFrame(schema=FAULT_SCHEMA), *faults]))


def _accounts(rows: pl.DataFrame) -> pl.Series:
    """The customer_id of each row, null where it is empty or there is no such column."""
    if CUSTOMER not in rows.columns:
        return pl.Series(CUSTOMER, [None] * rows.height, pl.String)
    texts = rows[CUSTOMER].cast(pl.String).str.strip_chars()
    return texts.set((texts == "").fill_null(False), None)


def fingerprints(names: pl.Series, key: bytes | None) -> pl.Series:
    """HMAC-SHA256 of each name in hexadecimal: enough to know it again, and not the name.

    Without a key the plain SHA-256, from which a running number can be guessed; no export with personal data is read so.
    """
    known = {
        name: hmac.digest(key, f"erased\n{name}".encode(), "sha256").hex()
        if key
        else hashlib.sha256(name.encode()).hexdigest()
        for name in names.drop_nulls().unique()
    }
    return names.replace_strict(known, default=None, return_dtype=pl.String)


def is_erased(rows: pl.DataFrame, erased: Collection[str], key: bytes | None) -> pl.Series:
    """Whether a row names a customer, order, response or session whose fingerprint, with the key or without, is erased."""
    found = pl.Series([False]).new_from_index(0, rows.height)
    for name in (column for column in NAMES if erased and column in rows.columns):
        names = rows[name].cast(pl.String)
        for one in {key, None}:
            found |= fingerprints(names, one).is_in(list(erased)).fill_null(False)
    return found


def is_personal(column: str) -> bool:
    """Whether a column's name tells of personal data."""
    return PERSONAL_NAME.search(column) is not None


def hide_personal(rows: pl.DataFrame, personal: Collection[str], key: bytes | None) -> pl.DataFrame:
    """The rows as text, with pseudonyms in the personal columns and in place of e-mail addresses anywhere else."""
    lower = {name.lower() for name in personal}
    return rows.select(
        (_hidden(rows[name], key) if name.lower() in lower else _without_addresses(rows[name], key)).alias(name)
        for name in rows.columns
    )


def without_addresses(rows: pl.DataFrame, free_texts: Collection[str]) -> pl.DataFrame:
    """The rows with every e-mail address hidden in texts that are neither free nor ids, such as a channel or a product's name."""
    texts = [
        name
        for name, dtype in rows.schema.items()
        if dtype == pl.String and name not in free_texts and name not in NAMES and _has_at(rows[name])
    ]
    return rows.with_columns(hide_addresses(pl.col(texts))) if texts else rows


def _has_at(texts: pl.Series) -> bool:
    """Whether there can be an address at all, which costs little to tell."""
    return bool(texts.str.contains("@", literal=True).any())


def hide_addresses(texts: pl.Expr) -> pl.Expr:
    """Texts in which every e-mail address is hidden, also one whose end was cut off."""
    return texts.str.replace_all(LOCAL_PART + r"[^\s@<>,;\"']*", HIDDEN)


def _hidden(values: pl.Series, key: bytes | None) -> pl.Series:
    if key is not None:
        return pseudonyms(values, key)
    texts = normalise(values)
    return texts.set(texts.is_not_null(), HIDDEN)


def _without_addresses(values: pl.Series, key: bytes | None) -> pl.Series:
    texts = values.cast(pl.String)
    is_address = texts.str.contains(f"^\\s*{ADDRESS}\\s*$").fill_null(False)
    if is_address.any():
        texts = texts.zip_with(~is_address, _hidden(texts.set(~is_address, None), key))
    return texts.str.replace_all(ADDRESS, HIDDEN)


def _pseudonym(text: str, key: bytes) -> str:
    if re.fullmatch(PSEUDONYM_PATTERN, text):
        return text
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _faults(is_fault: pl.Series, column: str, reason: str) -> pl.DataFrame:
    at = is_fault.arg_true().cast(pl.UInt32)
    return pl.DataFrame({"row": at}).with_columns(column=pl.lit(column), reason=pl.lit(reason))
