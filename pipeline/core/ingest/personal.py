"""Personal data on its way in: pseudonyms take its place. Who belongs together does not belong here."""

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from pipeline.core.ingest.conform import FAULT_SCHEMA, faults_at
from pipeline.core.ingest.phones import LIKE_A_NUMBER, international, without_numbers
from schemas.types import PSEUDONYM_PATTERN

EMAIL, PHONE, PERSON_NAME = "email", "phone", "person_name"
EMAIL_HASH, CUSTOMER, REFERRED = "email_hash", "customer_id", "referred_customer_id"
NAMED_BY = (EMAIL, PHONE, PERSON_NAME)
"""Columns of a mapping that name a person and go no further: pseudonyms take their place."""
LOCAL_PART = r"[^\s@<>,;\"']+(?:'[^\s@<>,;\"']+)*@"
ADDRESS = LOCAL_PART + r"[^\s@<>,;\"']+\.[^\s@<>,;\"']+"
"""An e-mail address wherever it stands in a text, between quotes or with an apostrophe in it."""
KINDS = {
    CUSTOMER: "customer",
    REFERRED: "customer",
    EMAIL_HASH: "customer",
    "order_id": "order",
    "response_id": "response",
    "session_id": "session",
}
"""Columns that name a person, or something that only one person has -> what they name. Each kind has numbers of its own."""
NAMES = tuple(KINDS)
HIDDEN = "[personal]"
"""What stands for personal data where there is no key to make a pseudonym with."""

WORD = r"^\s*[\p{L}\p{N}_-]+\s*$"
IP_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
MONTHS = "jan|feb|m[aä]r|maa|apr|ma[iy]|mei|jun|jul|aug|sep|o[ck]t|nov|de[cz]"
FIGURES = rf"(?i)^[\d\W]*(?:(?:{MONTHS})\p{{L}}*|[a-z]{{3}}|[ap]m)[\d\W]*(?:(?:[ap]m|gmt|utc)[\d\W]*)*$"
"""A date with its month, or an amount with its currency."""

PERSONAL_NAME = re.compile(
    r"(^|[ _-]|billing|shipping)(city|town|woonplaats)([ _-]|$)|mail|phone|telefoon|mobiel|mobile|address|adres|street|straat|postcode|postal|zip|company|bedrijf|"
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
    """Put `email_hash` in place of `email`; a row without a customer_id gets the pseudonym as its customer_id.

    Without an address it gets that of `phone`, if that is a valid number (read as one of `country`), else that of
    `person_name`. A text without the shape of an address is a fault, and so is an address or an
    international phone number anywhere in an id: neither may go further.
    """
    faults = []
    if EMAIL in rows.columns:
        texts = normalise(rows[EMAIL])
        is_pseudonym = texts.str.contains(PSEUDONYM_PATTERN).fill_null(True)
        is_address = texts.str.contains(f"^{ADDRESS}$").fill_null(True)
        faults.append(faults_at(~(is_address | is_pseudonym), EMAIL, "is not an e-mail address"))
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
        if not rows[column].str.contains(r"[@+]").any():
            continue
        is_address = rows[column].str.contains(ADDRESS).fill_null(False)
        is_phone = (without_numbers(rows[column], None, HIDDEN) != rows[column]).fill_null(False)
        for is_fault, what, name in ((is_address, "an e-mail address", EMAIL), (is_phone, "a phone number", PHONE)):
            way_out = f"map it as {name}" if column == CUSTOMER else "map the shop's own number"
            faults.append(faults_at(is_fault, column, f"holds {what}; {way_out}"))
        rows = rows.with_columns(rows[column].set(is_address | is_phone, None))
    return Identified(rows, pl.concat([pl.DataFrame(schema=FAULT_SCHEMA), *faults]))


def _accounts(rows: pl.DataFrame) -> pl.Series:
    """The customer_id of each row, null where it is empty or there is no such column."""
    if CUSTOMER not in rows.columns:
        return pl.Series(CUSTOMER, [None] * rows.height, pl.String)
    texts = rows[CUSTOMER].cast(pl.String).str.strip_chars()
    return texts.set((texts == "").fill_null(False), None)


def key_print(key: bytes | None) -> str:
    """What tells a key from another, without being it; empty for none."""
    return hmac.digest(key, b"key of the erased", "sha256").hex()[:16] if key else ""


def fingerprints(names: pl.Series, kind: str, key: bytes | None) -> pl.Series:
    """What each name of a kind is recognised by, without being the name: its kind and its digest.

    With the kind, as customers, orders, responses and sessions can each be numbered from 1.
    """
    return f"{kind} " + _digests(names, key)


def _digests(names: pl.Series, key: bytes | None) -> pl.Series:
    """HMAC-SHA256 of each name in hexadecimal.

    Without a key the plain SHA-256, from which a running number can be guessed; exports with personal data need a key.
    """
    known = {
        name: hmac.digest(key, f"erased\n{name}".encode(), "sha256").hex()
        if key
        else hashlib.sha256(name.encode()).hexdigest()
        for name in names.drop_nulls().unique()
    }
    return names.replace_strict(known, default=None, return_dtype=pl.String)


def is_erased(rows: pl.DataFrame, erased: Collection[str], key: bytes | None) -> pl.Series:
    """Whether a row names a customer, order, response or session whose fingerprint, with the key or without, is erased.

    A fingerprint without a kind, of an older version, can be of any: where it stays open whose name it was, the erased person stays
    away rather than that everybody else's rows come in.
    """
    found = pl.Series([False]).new_from_index(0, rows.height)
    for name in (column for column in NAMES if column in rows.columns):
        told = (one.rpartition(" ") for one in erased)
        found |= _has_digest(
            rows[name].cast(pl.String), [one for kind, _, one in told if kind in ("", KINDS[name])], key
        )
    return found


def renamed(rows: pl.DataFrame, now: str, before: str) -> pl.DataFrame:
    """The rows with the names that a source gives as they were under another prefix."""
    columns = [name for name in NAMES if name in rows.columns and name != EMAIL_HASH]
    names = pl.col(columns).cast(pl.String)
    is_given = names.str.starts_with(now)
    return rows.with_columns(pl.when(is_given).then(before + names.str.slice(len(now))).otherwise(names).name.keep())


def holds_erased(values: pl.Series, erased: Collection[str], key: bytes | None) -> bool:
    """Whether one of some values, of which nobody can tell what they name, is an erased name of any kind."""
    return _has_digest(values, [one.rpartition(" ")[2] for one in erased], key).any()


def _has_digest(names: pl.Series, digests: list[str], key: bytes | None) -> pl.Series:
    found = pl.Series([False]).new_from_index(0, len(names))
    for one in {key, None} if digests else ():
        found |= _digests(names, one).is_in(digests).fill_null(False)
    return found


def is_personal(column: str) -> bool:
    """Whether a column's name tells of personal data."""
    return PERSONAL_NAME.search(column) is not None


def hide_personal(
    rows: pl.DataFrame, personal: Collection[str], key: bytes | None, suspects: pl.Series | None = None
) -> pl.DataFrame:
    """The rows as text, with pseudonyms in the personal columns, and in place of e-mail addresses and international phone
    numbers anywhere else.

    `suspects`: per row, in lower case, the faulty values that can be a person's (`find_suspects`): a value that is in
    one of them gets a pseudonym too.
    """
    lower = {name.lower() for name in personal}
    if suspects is not None and suspects.null_count() == len(suspects):
        suspects = None
    columns = []
    for name in rows.columns:
        texts = rows[name].cast(pl.String)
        shown = _hidden(texts, key) if name.lower() in lower else _without_contacts(texts, key)
        if suspects is not None and name.lower() not in lower and (is_suspect := _is_among(texts, suspects)).any():
            shown = shown.zip_with(~is_suspect, _hidden(texts.set(~is_suspect, None), key))
        columns.append(shown.alias(name))
    return pl.DataFrame(columns)


SEPARATOR = "\x1f"
"""Between the values of a text of suspects, and at both ends."""
LONG = 4
"""Characters a text needs to be recognised in a longer one that a mapping has made of it."""


def _is_among(texts: pl.Series, suspects: pl.Series) -> pl.Series:
    text = pl.col("text").str.strip_chars().str.to_lowercase()
    whole = pl.format("{}{}{}", pl.lit(SEPARATOR), text, pl.lit(SEPARATOR))
    is_whole, is_part = (pl.col("suspects").str.contains(one, literal=True) for one in (whole, text))
    is_among = is_worded(pl.col("text")) & (is_whole | (is_part & (text.str.len_chars() >= LONG)))
    return pl.DataFrame({"text": texts, "suspects": suspects}).select(is_among.fill_null(False)).to_series()


def find_suspects(values: pl.Series, dtype: pl.DataType, country: str | None) -> pl.Series:
    """The faulty values of a column that can be a person's, in lower case: with words, a phone number or network address.

    Not an amount with its currency, a date with its month, or a single word where one of a list is expected.
    """
    value = pl.col("value").str
    is_harmless = value.contains(WORD) if dtype == pl.String else value.contains(FIGURES) & value.contains(r"\d")
    is_text = (value.contains(r"\p{L}{2}") & ~is_harmless) | value.contains(IP_ADDRESS)
    is_suspect = values.alias("value").to_frame().select(is_text.fill_null(False)).to_series()
    is_suspect |= (without_numbers(values, country, HIDDEN) != values).fill_null(False)
    return values.set(~is_suspect, None).str.strip_chars().str.to_lowercase()


def is_worded(texts: pl.Expr) -> pl.Expr:
    """Whether a text holds more than an amount or a count: a word, or what can be a phone number or a network address."""
    return texts.str.contains(rf"\p{{L}}{{2}}|{LIKE_A_NUMBER}|{IP_ADDRESS}")


def without_contacts(
    rows: pl.DataFrame, spared: Collection[str], country: str | None = None
) -> tuple[pl.DataFrame, int]:
    """The rows with every e-mail address and phone number hidden in texts that are neither spared nor ids, such as a channel or
    a product's name; and in how many texts."""
    n_hidden, columns = 0, []
    for name, dtype in rows.schema.items():
        if dtype == pl.String and name not in spared and name not in NAMES and not name.endswith("_id"):
            shown = hide_contacts(texts := rows[name], country)
            if shown is not texts:
                n_hidden += int((shown != texts).sum())
                columns.append(shown)
    return rows.with_columns(columns), n_hidden


def hide_contacts(texts: pl.Series, country: str | None) -> pl.Series:
    """Texts in which every e-mail address and valid phone number is hidden."""
    # One look at all texts, because few columns have any to hide.
    if not texts.str.contains(f"@|{LIKE_A_NUMBER}" if country else r"[@+]").any():
        return texts
    texts = texts.to_frame("text").select(hide_addresses(pl.col("text")).alias(texts.name)).to_series()
    return without_numbers(texts, country, HIDDEN)


def hide_addresses(texts: pl.Expr) -> pl.Expr:
    """Texts in which every e-mail address is hidden, also one whose end was cut off."""
    return texts.str.replace_all(LOCAL_PART + r"[^\s@<>,;\"']*", HIDDEN)


def _hidden(values: pl.Series, key: bytes | None) -> pl.Series:
    if key is not None:
        return pseudonyms(values, key)
    texts = normalise(values)
    return texts.set(texts.is_not_null(), HIDDEN)


def _without_contacts(texts: pl.Series, key: bytes | None) -> pl.Series:
    is_address = texts.str.contains(f"^\\s*{ADDRESS}\\s*$").fill_null(False)
    if is_address.any():
        texts = texts.zip_with(~is_address, _hidden(texts.set(~is_address, None), key))
    return hide_contacts(texts, None)


def _pseudonym(text: str, key: bytes) -> str:
    if re.fullmatch(PSEUDONYM_PATTERN, text):
        return text
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
