import math
import re
from collections.abc import Iterator
from typing import Any

import pandera.errors
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from schemas.faults import find_faults, passes, require
from schemas.registry import SEGMENTS, TABLES
from tests.unit.lake import at, delivered

ORDER = {
    "order_id": "o1",
    "ordered_at": "2026-01-02",
    "gross_amount": 1000,
    "net_amount": 1000,
}
REVIEW = {"review_id": "v1", "rating": 4.0, "created_at": "2026-01-02"}
RESPONSE = {"response_id": "r1", "submitted_at": "2026-01-02"}
ANSWER = {"response_id": "r1", "item_id": "q1", "value": 4.0}
LINE = {
    "order_id": "o1",
    "line_number": 1,
    "ordered_at": "2026-01-02",
    "quantity": 1,
    "currency": "EUR",
    "line_amount": 1000,
}
GOOD: dict[str, dict[str, Any]] = {
    "orders": ORDER,
    "order_lines": LINE,
    "reviews": REVIEW,
    "survey_responses": RESPONSE,
    "survey_answers": ANSWER,
    "customers": {"customer_id": "c1"},
}


def reasons(name: str, **changes: Any) -> list[str]:
    """The reasons against a good row of a table with some values changed."""
    found = find_faults(delivered(name, [GOOD[name] | changes]), TABLES[name].model)
    assert found["row"].to_list() == [0] * found.height
    return sorted(found["reason"])


@pytest.mark.parametrize("name", GOOD)
def test_a_good_row_of_every_entity_has_no_fault(name: str) -> None:
    found = find_faults(delivered(name, [GOOD[name]]), TABLES[name].model)
    assert_frame_equal(found, pl.DataFrame(schema={"row": pl.UInt32, "column": pl.String, "reason": pl.String}))


def test_no_rows_have_no_faults() -> None:
    assert find_faults(delivered("orders", []), TABLES["orders"].model).is_empty()


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("orders", {"ordered_at": None}, "ordered_at: is missing"),
        ("orders", {"order_id": None}, "order_id: is missing"),
        ("orders", {"order_id": ""}, "order_id: is missing"),
        (
            "orders",
            {"status": "lost"},
            "status: is not one of pending, paid, shipped, delivered, cancelled, returned",
        ),
        ("orders", {"currency": "eur"}, "currency: is not a three-letter currency code"),
        ("orders", {"currency": "EURO"}, "currency: is not a three-letter currency code"),
        ("orders", {"net_amount": 999}, "net_amount: is not gross_amount - discount_amount - refund_amount"),
        ("orders", {"delivered_at": "2026-01-01"}, "delivered_at: is before ordered_at"),
        ("order_lines", {"line_number": 0}, "line_number: is below 1"),
        ("reviews", {"rating": 5.5}, "rating: is outside rating_min to rating_max"),
        ("reviews", {"rating": None}, "rating: is missing"),
        ("survey_responses", {"survey_type": "both"}, "survey_type: is not one of relational, transactional"),
        ("survey_answers", {"value": 0.0}, "value: is outside scale_min to scale_max"),
    ],
)
def test_a_broken_check_is_said_in_words(name: str, changes: dict[str, Any], reason: str) -> None:
    assert reasons(name, **changes) == [reason]


def test_values_on_the_edge_of_a_check_are_good() -> None:
    assert reasons("orders", delivered_at="2026-01-02") == []
    assert reasons("orders", gross_amount=0, net_amount=0) == []
    assert reasons("reviews", rating=1.0) == reasons("reviews", rating=5.0) == []
    assert reasons("survey_answers", value=1.0) == reasons("survey_answers", value=5.0) == []


def test_an_order_not_delivered_is_not_delivered_too_early() -> None:
    assert reasons("orders", delivered_at=None) == []


def test_net_is_gross_less_discount_less_refund() -> None:
    assert reasons("orders", gross_amount=1000, discount_amount=100, refund_amount=250, net_amount=650) == []


def test_a_reason_never_shows_the_value() -> None:
    assert reasons("orders", currency="Jan Jansen", gross_amount=-1234, net_amount=-1234) == [
        "currency: is not a three-letter currency code",
        "gross_amount: is below 0",
    ]


def test_every_fault_of_a_row_is_found_and_blamed_on_its_own_column() -> None:
    bad = ORDER | {"status": "lost", "delivered_at": "2026-01-01", "discount_amount": -500}
    found = find_faults(delivered("orders", [ORDER, bad]), TABLES["orders"].model)
    assert set(found.select("row", "column").rows()) == {
        (1, "status"),
        (1, "delivered_at"),
        (1, "discount_amount"),
        (1, "net_amount"),
    }


def test_an_amount_that_is_missing_is_no_second_fault_of_the_net() -> None:
    assert reasons("orders", gross_amount=None) == ["gross_amount: is missing"]


@pytest.mark.parametrize(
    "change", [pl.all().exclude("status"), (pl.all(), pl.lit(1).alias("more")), pl.all().cast(pl.String)]
)
def test_a_frame_of_another_shape_is_a_fault_of_ours(change: Any) -> None:
    frame = delivered("orders", [ORDER]).select(change)
    with pytest.raises(TypeError, match=r"^Orders: "):
        find_faults(frame, TABLES["orders"].model)


def breaking_changes(name: str) -> Iterator[tuple[str, Any]]:
    """Column and a value that breaks a check of it: by every check of a column of the contract."""
    for column, contract in TABLES[name].model.to_schema().columns.items():
        is_number = column_is_number(name, column)
        if not contract.nullable:
            yield column, None
        for check in contract.checks:
            statistics = check.statistics
            if "allowed_values" in statistics:
                yield column, 99 if is_number else "none of these"
            elif is_number:
                yield column, statistics["min_value"] - 1 if "min_value" in statistics else statistics["max_value"] + 1
            else:
                yield column, "" if "min_value" in statistics else "not the pattern"


def column_is_number(name: str, column: str) -> bool:
    return TABLES[name].polars_schema[column].is_numeric()


def plain_row(name: str) -> dict[str, Any]:
    """A row that only lacks sense: every column filled by its type, closed lists with their first member."""
    row: dict[str, Any] = {}
    for column, contract in TABLES[name].model.to_schema().columns.items():
        lists = [
            check.statistics["allowed_values"] for check in contract.checks if "allowed_values" in check.statistics
        ]
        dtype = TABLES[name].polars_schema[column]
        fitting = {pl.String: "EUR", pl.Int64: 1, pl.Float64: 1.0, pl.Boolean: True, pl.Date: at("2026-01-01").date()}
        row[column] = lists[0][0] if lists else fitting.get(dtype.base_type(), at("2026-01-01"))
    return row


@pytest.mark.parametrize("name", TABLES)
def test_every_check_of_every_contract_has_words(name: str) -> None:
    contract = TABLES[name]
    changes = list(breaking_changes(name))
    frame = pl.DataFrame(
        [plain_row(name) | {column: value} for column, value in changes], schema=contract.polars_schema
    )
    found = find_faults(frame, contract.model)
    at = set(found.select("row", "column").rows())
    for row, (column, _) in enumerate(changes):
        assert (row, column) in at
    for column, reason in found.select("column", "reason").rows():
        words = reason.removeprefix(f"{column}: ")
        assert re.match(r"is (missing|below|above|not|outside|before) ?", words), reason
        assert not re.search(r"[()\[\]^]|_than_|isin|str_|nullable", words), reason
    for row in found.unique("reason").group_by("column").agg(pl.col("row").min())["row"]:
        assert not passes(frame[row], contract.model), changes[row]


@pytest.mark.parametrize("name", TABLES)
def test_a_check_of_a_whole_row_names_the_column_to_blame_in_words_of_its_own(name: str) -> None:
    schema = TABLES[name].model.to_schema()
    assert all(check.name in schema.columns for check in schema.checks)
    assert all(str(check.error).startswith("is ") for check in schema.checks)
    assert len({check.error for check in schema.checks}) == len(schema.checks)


@pytest.mark.parametrize("score", [None, math.nan])
def test_a_required_number_that_is_none_breaks_its_contract(score: float | None) -> None:
    contract = SEGMENTS["nps"]
    good = pl.DataFrame([plain_row("nps") | {"customer_id": "c1"}], schema=contract.polars_schema)
    broken = good.with_columns(pl.lit(score, pl.Float64).alias("nps_score"))
    assert not passes(broken, contract.model)
    with pytest.raises(pandera.errors.SchemaError, match="nps_score"):
        require(broken, contract.model)


def test_other_columns_or_types_than_the_contracts_break_it() -> None:
    contract = TABLES["orders"]
    good = delivered("orders", [ORDER])
    assert passes(good, contract.model)
    assert not passes(good.drop("source_id"), contract.model)
    assert not passes(good.with_columns(more=1), contract.model)
    assert not passes(good.with_columns(pl.col("net_amount").cast(pl.Int32)), contract.model)
