"""Small lake tables for the unit tests of the segments, and the comparison of the two backends. No expected value belongs here."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import duckdb
import narwhals as nw
import polars as pl
from polars.testing import assert_frame_equal

from schemas.registry import ENTITIES, SEGMENTS

AMSTERDAM = "Europe/Amsterdam"

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


def table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """A lake table from the columns that matter to a test."""
    schema = ENTITIES[name].polars_schema
    filled = []
    for row in rows:
        full = dict.fromkeys(schema) | {"source": "test", "batch_id": "b1"} | DEFAULTS.get(name, {}) | row
        filled.append({key: at(value) if key.endswith("_at") and value else value for key, value in full.items()})
    return pl.DataFrame(filled, schema=schema)


def orders(*rows: dict[str, Any]) -> pl.DataFrame:
    """Orders, numbered when a row has no number, with the net amount that follows from the others."""
    numbered = []
    for number, row in enumerate(rows):
        full = {"order_id": f"o{number:03}", "gross_amount": 1000} | DEFAULTS["orders"] | row
        full["net_amount"] = full["gross_amount"] - full["discount_amount"] - full["refund_amount"]
        numbered.append(full)
    return table("orders", numbered)


def customers(*names: str) -> pl.DataFrame:
    return table("customers", [{"customer_id": name} for name in names])


def on_polars(function: Callable[..., nw.LazyFrame[Any]], *tables: pl.DataFrame) -> pl.DataFrame:
    """The result on polars, collected as the pipeline does it."""
    result: pl.LazyFrame = function(*(nw.from_native(frame.lazy()) for frame in tables)).to_native()
    return result.collect(engine="streaming")


def _kept(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The rows in a table of their own, as polars and Spark keep a cached frame."""
    name = f"kept_{uuid4().hex}"
    relation.create(name)
    return relation.query("relation", f"select * from {name}")


# DuckDB has no cache of its own, and would compute what is used twice twice, and what rests on that four times.
duckdb.DuckDBPyRelation.cache = _kept  # type: ignore[attr-defined]


def on_duckdb(function: Callable[..., nw.LazyFrame[Any]], *tables: pl.DataFrame) -> pl.DataFrame:
    """The result on DuckDB, in a connection with the shop's time zone."""
    with duckdb.connect() as connection:
        connection.execute(f"set TimeZone = '{AMSTERDAM}'; set threads = 1")
        for number, frame in enumerate(tables):
            connection.register(f"table_{number}", frame.to_arrow())
        relations = [nw.from_native(connection.table(f"table_{number}")) for number in range(len(tables))]
        result: pl.DataFrame = function(*relations).to_native().pl()
    return result.with_columns(pl.col(pl.Datetime).dt.convert_time_zone("UTC"))


def segment(name: str, function: Callable[..., nw.LazyFrame[Any]], *tables: pl.DataFrame) -> pl.DataFrame:
    """The result on polars in the order of its key, checked against its contract."""
    contract = SEGMENTS[name]
    result = on_polars(function, *tables).sort(contract.key)
    assert result.schema == contract.polars_schema
    assert not result.select(contract.key).is_duplicated().any()
    contract.model.validate(result)
    return result


def assert_both_backends_agree(name: str, function: Callable[..., nw.LazyFrame[Any]], *tables: pl.DataFrame) -> None:
    here = segment(name, function, *tables)
    there = on_duckdb(function, *tables).sort(SEGMENTS[name].key)
    assert here.height > 0
    assert_frame_equal(here, there, rel_tol=1e-12)
