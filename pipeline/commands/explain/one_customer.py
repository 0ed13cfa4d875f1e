"""One customer of a published file, explained. It reads only that file, so it works beside a running night."""

from datetime import date
from pathlib import Path

import duckdb

from pipeline.commands.explain import attitude, known, scores, standing
from pipeline.commands.explain.page import Page, Section, text
from pipeline.commands.explain.published_rows import Rows, hints, who_is
from pipeline.errors import ConfigError, EditionError, ExportError
from pipeline.warehouse.editions import list_editions, telling_why_unreadable
from pipeline.warehouse.published import published, refuse_unpublished
from pipeline.whole_files import write_whole


def explain(warehouse: Path, editions: Path, customer: str, *, as_of: date | None = None) -> Page:
    """The page about a customer at the published edition's date, or at an earlier one.

    For an earlier date it is complete if an edition of that date is kept; else it has what the published file says of
    that date.

    Raises:
        ConfigError: the customer is unknown, or the date is later than what is published.
        EditionError: nothing is published, or a version without origins has published it.
    """
    if not customer.strip():
        raise ConfigError("the customer is empty; name one, such as by an id in marts.dim_customers")
    refuse_unpublished(warehouse)
    there = published(warehouse)
    if there is None or there.as_of is None:
        raise EditionError(f"{warehouse} has no edition that can be read; make it anew with `loyalty run`")
    if as_of is not None and as_of > there.as_of:
        raise ConfigError(
            f"--as-of {as_of} is after {there.as_of}, the date of {warehouse}; `loyalty run --as-of {as_of}` first"
        )
    day = as_of or there.as_of
    file = _edition_of(day, warehouse, there.as_of, editions)
    with telling_why_unreadable(), duckdb.connect(str(file or warehouse), read_only=True) as connection:
        try:
            found = who_is(Rows(connection), customer)
            if found is None:
                words = f"customer '{text(customer)}' is not in {file or warehouse}, the edition of {there.as_of if file is None else day}"
                raise ConfigError(f"{words}; {hints(Rows(connection), customer)}")
            rows = Rows(connection, found)
            parts = _whole(rows, day) if file else _history_only(rows, day, there.as_of)
        except (duckdb.CatalogException, duckdb.BinderException):
            raise EditionError(
                f"{file or warehouse} comes from a version that kept no origins; publish an edition with `loyalty run` first"
            ) from None
    also = f" (given as {text(customer)})" if found != customer else ""
    return Page(f"Customer {text(found)}", f"As of {day}{also}; from {file or warehouse}", parts)


def write_page(file: Path, content: str, *, mode: int) -> None:
    """Write a page whole or not at all; `mode`: who may read it, as of the published file.

    Raises:
        ExportError: it cannot be written.
    """
    try:
        write_whole(file, content, mode=mode)
    except OSError as error:
        raise ExportError(f"--html {file} cannot be written: {error.strerror}; choose another place") from None


def _edition_of(day: date, warehouse: Path, published_day: date, editions: Path) -> Path | None:
    """The published file, or the newest kept edition, of a day; null where there is none."""
    if day == published_day:
        return warehouse
    kept = (
        edition for edition in reversed(list_editions(editions)) if (found := published(edition)) and found.as_of == day
    )
    return next(kept, None)


def _whole(rows: Rows, day: date) -> list[Section]:
    return [
        known.who(rows, day),
        known.glance(rows),
        standing.actions(rows),
        known.orders(rows, day),
        scores.rfm(rows),
        attitude.attitude(rows, day),
        scores.churn(rows),
        standing.loyalty(rows),
        known.history(rows, day),
        known.files(rows),
    ]


def _history_only(rows: Rows, day: date, published_day: date) -> list[Section]:
    told = Section(
        "What is known of this date",
        [
            f"No edition of {day} is kept, so scores, probabilities and actions of that date are not known. Orders, answers and reviews "
            f"up to {day} are as the edition of {published_day} knows them; segments are those of the published history."
        ],
    )
    return [
        told,
        known.who(rows, published_day),
        known.orders(rows, day),
        attitude.attitude(rows, day, has_scores=False),
        known.history(rows, day),
        known.files(rows),
    ]
