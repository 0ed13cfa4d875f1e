"""Next actions as mail tools read them: an address in front, words in place of codes. What is exported does not belong here."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from pipeline.core.ingest.personal import ADDRESS, normalise, pseudonyms
from pipeline.errors import ConfigError
from pipeline.sources.inputs import Inputs
from pipeline.sources.parts import file_format
from pipeline.sources.patterns import under_plain_name
from pipeline.sources.text_files import load_text

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
        "Message": "message",
        "Consent": "consent_basis",
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
        "MESSAGE": "message",
        "CONSENT": "consent_basis",
    },
}
"""Mail tool -> header of the file -> column of the actions."""
LAYOUTS = (*MAIL_LAYOUTS, "csv")
IN_WORDS = ("action", "reason", "rfm_segment", "tier", "churn_band", "message", "consent_basis")
FORMULA = r"^([=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])"
"""A spreadsheet takes a cell that begins like this for a formula."""
FORMULA_INSIDE = r"([;\t\r\n])([=+\-@\uff1d\uff0b\uff0d\uff20])"
"""So does one that lets a line break or a separator other than the comma begin a cell, even inside quotes."""


@dataclass(frozen=True)
class Listed:
    """The shop's own list: one row per address, `customer_id` (its pseudonym) and `email`, in the order of the list.

    `n_unusable`: cells with an @ that are no address, or one that a spreadsheet would take for a formula.
    """

    people: pl.DataFrame
    n_unusable: int


def read_addresses(file: Path, key: bytes) -> Listed:
    """The addresses in the columns of a CSV whose name has mail in it; they are kept only in memory.

    Raises:
        ConfigError: there is no such file, a line of it cannot be read, or no column has addresses in it.
        SourceShapeError: it is no text in UTF-8, or its header cannot be read.
    """
    rows = _read_whole(file)
    names = [name for name in rows.columns if "mail" in name.lower()]
    cells = (
        rows.select(pl.concat_list(pl.col(names).str.strip_chars()).alias("cell")).explode("cell") if names else None
    )
    if cells is None or not _is_address(cells["cell"]).any():
        raise ConfigError(
            f"--contacts {file}: no column with mail in its name has addresses; it has {', '.join(rows.columns)}"
        )
    is_usable = _is_address(cells["cell"]) & ~cells["cell"].str.contains(FORMULA).fill_null(True)
    is_meant = cells["cell"].str.contains("@").fill_null(False)
    emails = cells["cell"].filter(is_usable)
    people = pl.DataFrame({"customer_id": pseudonyms(emails, key), "email": emails})
    return Listed(people.unique("customer_id", keep="first", maintain_order=True), int((is_meant & ~is_usable).sum()))


def _is_address(cells: pl.Series) -> pl.Series:
    return normalise(cells).str.contains(f"^{ADDRESS}$").fill_null(False)


def _read_whole(file: Path) -> pl.DataFrame:
    """Every row of the list as text: one that is lost would be a customer who is not written to."""
    if not file.is_file():
        raise ConfigError(f"--contacts {file}: there is no such file; name the shop's list of customers")
    if file_format(file) != "csv":
        raise ConfigError(f"--contacts {file}: is no .csv or .txt; export the list as CSV in UTF-8")
    # Without a place to spill to, no address is written anywhere; a file with line ends of two kinds is copied, and removed.
    with duckdb.connect(config={"temp_directory": ""}) as connection, TemporaryDirectory() as folder:
        inputs = Inputs(connection)
        plain = under_plain_name(file, Path(folder), "listed")
        rows = load_text(f"--contacts {file}", "listed", plain, inputs, Path(folder))
        broken = inputs.broken_rows.sort("row_number")
        if broken.height:
            more = f", and {broken.height - 1:,} more" if broken.height > 1 else ""
            reason = broken["reasons"][0].removeprefix("broken line: ")
            raise ConfigError(
                f"--contacts {file}: line {broken['row_number'][0]:,} cannot be read ({reason}){more}; mend the list, or export it "
                "anew as CSV in UTF-8, as the people on these lines would not be written to"
            )
        return pl.DataFrame(connection.sql(rows).to_arrow_table()).drop("_row")


def lay_out(actions: pl.DataFrame, layout: str) -> pl.DataFrame:
    """The actions with the headers and words of a mail tool; each of `actions` has an `email`."""
    headers = MAIL_LAYOUTS[layout]
    # Whether a mail is marketing decides to whom a tool may send it.
    kind = pl.when("needs_consent").then(pl.lit("marketing")).otherwise(pl.lit("service"))
    words = actions.with_columns(kind.alias("message")).with_columns(_in_words(name) for name in IN_WORDS)
    return words.select(pl.col(column).alias(header) for header, column in headers.items())


def without_formulas(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, with an apostrophe before texts that a spreadsheet would compute."""
    return rows.with_columns(pl.col(pl.String).str.replace_all(FORMULA_INSIDE, "$1'$2").str.replace(FORMULA, "'$1"))


def _in_words(column: str) -> pl.Expr:
    """at_risk -> At risk."""
    words = pl.col(column).str.replace_all("_", " ")
    return (words.str.head(1).str.to_uppercase() + words.str.slice(1)).alias(column)
