from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipeline.core.ingest.ids import read_ids


def ids(values: list[Any], dtype: pl.DataType | None = None, name: str = "customer_id") -> tuple[list[Any], list[Any]]:
    """The ids as they are read, and what is wrong with the others."""
    found = read_ids(pl.DataFrame({name: pl.Series(values, dtype=dtype)}))
    return found.frame[name].to_list(), found.faults.select("row", "reason").rows()


def test_a_text_stays_as_it_is() -> None:
    texts = ["0012", " 12 ", "12.5", "12,5", "1,000", "1.0.3", "v1.0", "{3F25-04E0}", "{id}", "a[1]", "", None]
    texts += ["1e17", "5E10", "1E5", "12.5E3", "1,5E"]
    assert ids(texts) == (texts, [])


def test_a_whole_number_is_its_digits_whatever_its_type() -> None:
    assert ids([1.0, 9007199254740991.0, None], pl.Float64()) == (["1", "9007199254740991", None], [])
    assert ids([Decimal("12.0000"), Decimal(10)], pl.Decimal(20, 4)) == (["12", "10"], [])
    assert ids([123456.0], pl.Float32()) == (["123456"], [])
    assert ids([7, None], pl.Int64()) == ([7, None], [])


@pytest.mark.parametrize(
    ("value", "dtype", "kind"),
    [
        # 2 ** 53, the first of which a double holds no neighbour.
        (9007199254740992.0, pl.Float64(), "FLOAT"),
        (1e17, pl.Float64(), "FLOAT"),
        (1.5, pl.Float64(), "FLOAT"),
        (float("nan"), pl.Float64(), "FLOAT"),
        # MySQL writes the FLOAT 1234567 as 1234570.
        (1_234_570.0, pl.Float32(), "FLOAT"),
        (Decimal("1.50"), pl.Decimal(10, 2), "DECIMAL"),
    ],
)
def test_a_number_that_no_longer_shows_the_id_is_refused(value: Any, dtype: pl.DataType, kind: str) -> None:
    reason = f"customer_id: is not a whole number that a {kind} holds; make its column text"
    assert ids([None, value], dtype) == ([None, None], [(1, reason)])


@pytest.mark.parametrize("text", ["123.0", "-7.00", " 123.0 ", "123,0", "-7,00"])
def test_a_text_with_the_point_of_a_float_is_refused(text: str) -> None:
    reason = "customer_id: is a number that a program has written as a float; export it as text or whole number"
    assert ids(["123", text]) == (["123", None], [(1, reason)])


def test_an_article_number_may_have_a_point() -> None:
    assert ids(["10.0", "10,0", "10.5"], name="product_id") == (["10.0", "10,0", "10.5"], [])


@pytest.mark.parametrize(
    "text", ["1.23457E+17", "1e+17", "-5E+9", "6,71235E+12", "6,71235e+12", "1,0E12", "6.71235E12", "-1.0E7"]
)
def test_a_text_with_an_exponent_is_refused(text: str) -> None:
    reason = "product_id: is a number that has lost digits to an exponent; export it as text"
    assert ids([text], name="product_id") == ([None], [(0, reason)])


@pytest.mark.parametrize("text", ['{"id":5}', '{ "id": 5 }', "{}", "[]", '["a","b"]', "[1]"])
def test_a_json_object_or_list_is_no_id(text: str) -> None:
    assert ids([text]) == ([None], [(0, "customer_id: is a JSON object or list; map one of its values")])


def test_columns_that_are_no_ids_stay_as_they_are() -> None:
    rows = pl.DataFrame({"channel": ["123.0", '{"a":1}'], "gross_amount": [1.0, 1e17]})
    found = read_ids(rows)
    assert found.frame.equals(rows)
    assert found.faults.is_empty()
