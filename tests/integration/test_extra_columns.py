"""Columns that nothing is computed with, carried along: what a source's `extra_columns` keep of each row, and what they must not."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.core.facts.settings import ShopSettings
from pipeline.errors import SourceShapeError
from pipeline.sources.batches import Staged
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import stage_source
from schemas.registry import ENTITIES

SHOPIFY = """Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem price,Discount Code,Vendor
#1,ann@example.com,paid,EUR,5.00,2026-01-02 10:00:00 +0000,1,2.00,"the ""A"" code",Acme
#1,,,,,,1,3.00,,ann@example.com
#2,bob@example.com,paid,EUR,6.00,2026-01-03 10:00:00 +0000,1,6.00,,
"""
OWN = (
    "select id as review_id, stars as rating, 1 as rating_min, 5 as rating_max, day as created_at, {more} from reviews"
)
REVIEWS = "id,stars,day,Colour,size,mail\n1,4,2026-01-02,rood,,ann@example.com\n2,5,2026-01-02,,,\n"


def extras(folder: Path, source: dict[str, Any]) -> list[Any]:
    """What the valid rows carry, in the order of their keys."""
    staged, table = Staged(folder / "staged"), ENTITIES[source["entity"]]
    stage_source(
        SourceSettings.model_validate({"name": "own", **source}),
        staged.folder,
        shop=ShopSettings(name="Test", time_zone="UTC", currency="EUR"),
        survey=None,
        key=b"a key for the tests",
        started_at=datetime(2026, 1, 31, tzinfo=UTC),
    )
    rows = staged.valid(table).sort(table.key).collect()
    return [extra and json.loads(extra) for extra in rows["extra"]]


def of_shopify(folder: Path, entity: str) -> dict[str, Any]:
    (folder / "orders.csv").write_text(SHOPIFY)
    inputs = {"orders": str(folder / "orders.csv")}
    return {"entity": entity, "preset": "shopify", "inputs": inputs, "extra_columns": ["discount code", "Vendor"]}


def of_reviews(folder: Path, more: str = "_file, _row", **told: Any) -> dict[str, Any]:
    (folder / "reviews.csv").write_text(REVIEWS)
    (folder / "own.sql").write_text(OWN.format(more=more))
    inputs = {"reviews": str(folder / "reviews.csv")}
    return {"entity": "reviews", "mapping": folder / "own.sql", "inputs": inputs, **told}


def test_an_order_has_what_its_first_row_says_and_a_line_what_its_own_does(tmp_path: Path) -> None:
    assert extras(tmp_path, of_shopify(tmp_path, "orders")) == [
        {"discount code": 'the "A" code', "Vendor": "Acme"},
        None,
    ]
    # An address that stands where none is expected is hidden as in any other text.
    assert extras(tmp_path, of_shopify(tmp_path, "order_lines")) == [
        {"discount code": 'the "A" code', "Vendor": "Acme"},
        {"discount code": None, "Vendor": "[personal]"},
        None,
    ]


def test_a_mapping_of_ones_own_carries_columns_that_it_does_not_read(tmp_path: Path) -> None:
    found = extras(tmp_path, of_reviews(tmp_path, extra_columns=["Colour", "size"]))
    assert found == [{"Colour": "rood", "size": None}, None]
    assert extras(tmp_path, of_reviews(tmp_path)) == [None, None]


@pytest.mark.parametrize(
    ("more", "columns", "words"),
    [
        ("_file, _row", ["Colour", "Brand"], "extra_columns: no input has column Brand"),
        ("_file", ["Colour"], "extra_columns: the mapping returns no _file and _row; pass them on"),
        ("_file, _row, 'x' as extra", ["Colour"], "extra_columns: the mapping returns extra itself"),
    ],
)
def test_columns_that_cannot_be_carried_are_named(tmp_path: Path, more: str, columns: list[str], words: str) -> None:
    with pytest.raises(SourceShapeError, match=words):
        extras(tmp_path, of_reviews(tmp_path, more, extra_columns=columns))


def test_a_personal_column_stays_out_of_the_lake(tmp_path: Path) -> None:
    for source, column in (
        (of_reviews(tmp_path, extra_columns=["Colour", "mail"]), "mail"),
        (of_reviews(tmp_path, extra_columns=["Colour"], personal=["colour"]), "Colour"),
        (of_shopify(tmp_path, "orders") | {"extra_columns": ["Billing Zip"]}, "Billing Zip"),
    ):
        with pytest.raises(ValidationError, match=f"'{column}' holds personal data, which stays out of the lake"):
            SourceSettings.model_validate({"name": "own", **source})


def test_an_entity_without_rows_of_its_own_in_the_warehouse_keeps_none(tmp_path: Path) -> None:
    source = of_shopify(tmp_path, "customers")
    keeping = "order_lines, orders, products, reviews, surveys, touchpoints"
    with pytest.raises(ValidationError, match=f"customers keep none; these do: {keeping}"):
        SourceSettings.model_validate({"name": "own", **source})
