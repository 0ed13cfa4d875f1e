"""Next actions as mail tools read them: an address in front, words in place of codes. What is exported does not belong here."""

import glob
from pathlib import Path

import duckdb
import polars as pl

from pipeline.core.ingest.personal import ADDRESS, normalise, pseudonyms
from pipeline.errors import ConfigError

MAIL_LAYOUTS = {
    "klaviyo": {
        "Email": "email",
        "Next action": "action",
        "Reason": "reason",
        "RFM segment": "rfm_segment",
        "Tier": "tier",
        "Churn band": "churn_band",
        "Product": "product_name",
        "Old price": "price_amount",
        "New price": "discounted_amount",
        "Price ends on": "discount_ends_on",
        "Expires on": "expires_on",
        "Customer": "customer_id",
    },
    # A merge tag of Mailchimp has ten characters at most.
    "mailchimp": {
        "Email Address": "email",
        "ACTION": "action",
        "REASON": "reason",
        "SEGMENT": "rfm_segment",
        "TIER": "tier",
        "BAND": "churn_band",
        "PRODUCT": "product_name",
        "OLDPRICE": "price_amount",
        "NEWPRICE": "discounted_amount",
        "PRICEENDS": "discount_ends_on",
        "EXPIRES": "expires_on",
        "CUSTOMER": "customer_id",
    },
}
"""Mail tool -> header of the file -> column of the actions."""
LAYOUTS = (*MAIL_LAYOUTS, "csv")
IN_WORDS = ("action", "reason", "rfm_segment", "tier", "churn_band")
FORMULA = r"^([=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"
"""A spreadsheet takes a cell that begins like this for a formula."""
FORMULA_INSIDE = r"([;\t\r\n])([=+\-@\uff1d\uff0b\uff0d\uff20])"
"""So does one that lets a line break or a separator other than the comma begin a cell, even inside quotes."""


def read_addresses(file: Path, key: bytes) -> pl.DataFrame:
    """One row per address in the shop's own list of customers: `customer_id`, the address's pseudonym, and `email`.

    The addresses are in a column of any separated text file whose name has e-mail in it, and are kept only in memory.

    Raises:
        ConfigError: there is no such file, or no column with addresses in it.
    """
    if not file.is_file():
        raise ConfigError(f"--contacts {file}: there is no such file; name the shop's list of customers")
    with duckdb.connect() as connection:
        try:
            listed = connection.sql(
                "select * from read_csv(?, all_varchar = true, header = true, ignore_errors = true, hive_partitioning = false)",
                params=[glob.escape(str(file))],
            )
            rows = pl.DataFrame(listed.to_arrow_table())
        except duckdb.Error as error:
            raise ConfigError(
                f"--contacts {file}: is not a list in a text file with separators ({str(error).splitlines()[0]}); export it as CSV"
            ) from None
    for name in rows.columns:
        is_address = normalise(rows[name]).str.contains(f"^{ADDRESS}$")
        if "mail" in name.lower() and is_address.any():
            found = rows.filter(is_address.fill_null(False) & ~rows[name].str.contains(FORMULA).fill_null(True))
            emails = found[name].str.strip_chars()
            people = pl.DataFrame({"customer_id": pseudonyms(emails, key), "email": emails})
            return people.unique("customer_id", keep="first", maintain_order=True)
    raise ConfigError(
        f"--contacts {file}: no column with mail in its name has addresses; it has {', '.join(rows.columns)}"
    )


def lay_out(actions: pl.DataFrame, layout: str) -> pl.DataFrame:
    """The actions with the headers and words of a mail tool; each of `actions` has an `email`."""
    headers = MAIL_LAYOUTS[layout]
    words = actions.with_columns(_in_words(name) for name in IN_WORDS)
    return words.select(pl.col(column).alias(header) for header, column in headers.items())


def without_formulas(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, with an apostrophe before texts that a spreadsheet would compute."""
    return rows.with_columns(pl.col(pl.String).str.replace_all(FORMULA_INSIDE, "$1'$2").str.replace(FORMULA, "'$1"))


def _in_words(column: str) -> pl.Expr:
    """at_risk -> At risk."""
    words = pl.col(column).str.replace_all("_", " ")
    return (words.str.head(1).str.to_uppercase() + words.str.slice(1)).alias(column)
