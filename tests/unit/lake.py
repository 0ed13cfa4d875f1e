"""Small lake tables for the unit tests of the segments, and how their results are checked. No expected value belongs here."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from pipeline.core.attitude.comments import letters_of
from pipeline.core.attitude.settings import SciSettings
from pipeline.core.facts.customers import customer_facts
from pipeline.core.facts.names import CUSTOMER_COLUMNS, number_customers, number_orders, with_numbers
from pipeline.core.facts.orders import order_facts
from pipeline.core.facts.responses import response_facts
from pipeline.core.facts.reviews import review_facts, review_text
from pipeline.core.local_dates import with_local_dates
from pipeline.fact_files import Facts
from pipeline.lake import Lake
from schemas.registry import ENTITIES, RECORDS, SEGMENTS
from tests.unit.contracts import follows

AMSTERDAM = "Europe/Amsterdam"
PAID = ["paid", "shipped", "delivered"]

DEFAULTS: dict[str, dict[str, Any]] = {
    "orders": {"status": "paid", "currency": "EUR", "discount_amount": 0, "refund_amount": 0},
    "touchpoints": {"kind": "visit", "channel": "web"},
    "reviews": {"rating_min": 1, "rating_max": 5},
    "survey_responses": {"survey_id": "care", "survey_type": "relational"},
    "survey_invitations": {"survey_id": "care", "survey_type": "relational"},
    "survey_answers": {"survey_id": "care", "is_nps": False, "is_reversed": False, "scale_min": 1, "scale_max": 5},
}


def at(moment: str) -> datetime:
    """A UTC moment from "2026-06-30 12:00" or a date, which is noon."""
    return datetime.fromisoformat(moment if " " in moment else f"{moment} 12:00").replace(tzinfo=UTC)


def at_once(lake: Lake) -> Facts:
    """A shop that is computed at once, for what reads its dated tables and no facts."""
    work = Path(lake.root) / "work"
    return Facts(work / "facts", lake, aside=work / "parts")


def delivered(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """A lake table from the columns that matter to a test."""
    schema = ENTITIES[name].polars_schema
    filled = []
    for row in rows:
        full = dict.fromkeys(schema) | {"source": "test", "batch_id": "b1"} | DEFAULTS.get(name, {}) | row
        filled.append({key: at(value) if key.endswith("_at") and value else value for key, value in full.items()})
    return pl.DataFrame(filled, schema=schema)


def table(name: str, rows: list[dict[str, Any]], *, time_zone: str = AMSTERDAM) -> pl.DataFrame:
    """The facts of a lake table, by name instead of number, from the columns that matter to a test."""
    given = delivered(name, rows).lazy()
    if name == "orders":
        return order_facts(given, time_zone=time_zone, valid_statuses=PAID).collect()
    if name == "reviews":
        return review_facts(given, time_zone=time_zone).with_columns(letters=letters_of(review_text())).collect()
    if name == "customers":
        given = given.with_columns(account_id="customer_id")
    return with_local_dates(given, time_zone).collect()


def answered(
    responses: pl.DataFrame,
    answers: pl.DataFrame,
    placed: pl.DataFrame | None = None,
    boxes: dict[str, list[int]] | None = None,
) -> pl.DataFrame:
    """The facts of responses with these answers, by customers with these orders."""
    placed = table("orders", []) if placed is None else placed
    boxes = SciSettings().boxes if boxes is None else boxes
    sent = responses.drop(name for name in responses.columns if name.endswith("_date")).lazy()
    return response_facts(sent, answers.lazy(), placed.lazy(), boxes=boxes, time_zone=AMSTERDAM).collect()


def orders(*rows: dict[str, Any], time_zone: str = AMSTERDAM) -> pl.DataFrame:
    """Orders, numbered when a row has no number, with the net amount that follows from the others."""
    numbered = []
    for number, row in enumerate(rows):
        full = {"order_id": f"o{number:03}", "gross_amount": 1000} | DEFAULTS["orders"] | row
        full["net_amount"] = full["gross_amount"] - full["discount_amount"] - full["refund_amount"]
        numbered.append(full)
    return table("orders", numbered, time_zone=time_zone)


def customers(*names: str) -> pl.DataFrame:
    """The accounts of customers without a date."""
    return table("customers", [{"customer_id": name} for name in names])


def people(accounts: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """The facts of the customers who have these accounts and orders."""
    return customer_facts(accounts.lazy(), placed.lazy()).collect()


APART = 2**42
"""Numbers of a large lake lie far apart; multiples of this power of two show where a number is packed with another into 64 bits."""


def numbered(placed: pl.LazyFrame, *tables: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Orders and other tables with numbers in place of names, as the pipeline passes them for a large lake."""
    given = (placed, *tables)
    columns = {index: rows.collect_schema().names() for index, rows in enumerate(given)}
    named = [
        given[index].select(name=column) for index in columns for column in CUSTOMER_COLUMNS if column in columns[index]
    ]
    about = [rows.select(name="order_id") for index, rows in enumerate(given) if index and "order_id" in columns[index]]
    people = number_customers(pl.concat(named), pl.LazyFrame(schema=RECORDS["identity"].polars_schema))
    names = (people, number_orders(placed, pl.concat(about)).names)
    apart = [numbers.with_columns(number=(pl.col("number") + 1) * APART) for numbers in names]
    return [with_numbers(rows, *apart) for rows in given]


def on_polars(function: Callable[..., pl.LazyFrame], *tables: pl.DataFrame) -> pl.DataFrame:
    """The result on polars, collected as the pipeline does it."""
    result: pl.LazyFrame = function(*(frame.lazy() for frame in tables))
    return result.collect(engine="streaming")


def segment(name: str, function: Callable[..., pl.LazyFrame], *tables: pl.DataFrame) -> pl.DataFrame:
    """The result on polars in the order of its key, checked against its contract."""
    contract = SEGMENTS[name]
    return follows(contract, on_polars(function, *tables).sort(contract.key))


def assert_rows_in_any_order_agree(name: str, function: Callable[..., pl.LazyFrame], *tables: pl.DataFrame) -> None:
    """The result does not depend on the order in which rows come."""
    here = segment(name, function, *tables)
    shuffled = segment(name, function, *(frame.sample(fraction=1, shuffle=True, seed=1) for frame in tables))
    assert here.height > 0
    assert_frame_equal(here, shuffled, rel_tol=1e-12)
