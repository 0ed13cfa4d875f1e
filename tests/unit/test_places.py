"""What a place is before it is read."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from pipeline.sources.places import kind_of, sizes_at
from pipeline.sources.settings import SourceSettings

Source = TypeAdapter(SourceSettings)


def source(**inputs: Any) -> SourceSettings:
    return Source.validate_python({"name": "shop", "entity": "orders", "mapping": "orders.sql", "inputs": inputs})


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("exports/orders_*.csv.gz", "csv"),
        ("exports/shop.xlsx", "xlsx"),
        ("exports", "files"),
        ("s3://bucket/orders/*.csv", "s3"),
        ({"database": "postgresql://user:secret@host/shop", "table": "orders"}, "postgresql"),
    ],
)
def test_a_place_is_of_a_kind(place: Any, kind: str) -> None:
    assert kind_of(source(orders=place).inputs["orders"]) == kind


def test_the_files_of_a_place_are_counted_and_weighed_where_there_are_any(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"123")
    (tmp_path / "b.csv").write_bytes(b"45")
    shop = source(orders=f"{tmp_path}/*.csv", lines=f"{tmp_path}/*.json", remote="s3://bucket/a.csv")
    assert sizes_at(shop, "orders") == {"files": 2, "bytes": 5}
    assert sizes_at(shop, "lines") == {"files": 0, "bytes": 0}
    assert sizes_at(shop, "remote") == {}
