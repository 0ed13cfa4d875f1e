import pytest

from pipeline.sources.column_changes import Drift, find_drift

BEFORE = {"order_id": "VARCHAR", "total": "BIGINT"}


def test_equal_columns_in_any_order_are_no_drift() -> None:
    drift = find_drift(BEFORE, {"total": "BIGINT", "order_id": "VARCHAR"})
    assert drift == Drift(new=[], gone=[], retyped={})
    assert drift.in_words() == ""


def test_a_renamed_column_is_one_new_and_one_gone() -> None:
    drift = find_drift(BEFORE, {"order_id": "VARCHAR", "amount": "BIGINT"})
    assert drift == Drift(new=["amount"], gone=["total"], retyped={})
    assert drift.in_words() == "column amount is new, column total is gone"


def test_a_retyped_column_is_shown_with_both_types() -> None:
    drift = find_drift(BEFORE, BEFORE | {"total": "VARCHAR"})
    assert drift == Drift(new=[], gone=[], retyped={"total": ("BIGINT", "VARCHAR")})
    assert drift.in_words() == "column total was BIGINT and is VARCHAR"


def test_a_column_in_another_case_is_another_column() -> None:
    assert find_drift(BEFORE, {"Order_ID": "VARCHAR", "total": "BIGINT"}).gone == ["order_id"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("INTEGER", "BIGINT"),
        ("BIGINT", "UTINYINT"),
        ("FLOAT", "DOUBLE"),
        ("DECIMAL(9,2)", "DECIMAL(12,2)"),
        ("DECIMAL(9,2)", "DECIMAL(9, 2)"),
    ],
)
def test_a_wider_or_narrower_type_of_the_same_kind_is_no_drift(before: str, after: str) -> None:
    assert find_drift({"total": before}, {"total": after}).retyped == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("BIGINT", "DOUBLE"),
        ("BIGINT", "DECIMAL(18,0)"),
        ("DECIMAL(9,2)", "DECIMAL(9,4)"),
        ("DATE", "TIMESTAMP"),
        ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE"),
        ("VARCHAR", "BOOLEAN"),
    ],
)
def test_a_type_of_another_kind_is_drift(before: str, after: str) -> None:
    assert find_drift({"total": before}, {"total": after}).retyped == {"total": (before, after)}
