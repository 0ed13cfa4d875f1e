"""Where each row of the lake came from: it goes with the version that counts, whatever happens to the row."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import write_deltalake

from pipeline.lake import Lake
from pipeline.lake_rows import ORIGIN, stored_schema
from pipeline.sources.batches import Staged
from schemas.registry import ENTITIES
from tests.integration.test_stage import ANSWERS, MAPPING, ORDERS, SURVEY, SURVEY_MAPPING, Source
from tests.scenario import make_shop
from tests.unit import lake as rows_of

TABLE = ENTITIES["orders"]
OLD, NEW = datetime(2026, 1, 6, tzinfo=UTC), datetime(2026, 1, 7, tzinfo=UTC)
ORDER = {"order_id": "a", "ordered_at": "2026-01-05", "gross_amount": 100, "net_amount": 100}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def arriving(file: str | None, row: int, *, exported_at: datetime = OLD, **changes: Any) -> pl.LazyFrame:
    rows = rows_of.delivered("orders", [ORDER | changes]).lazy()
    return rows.with_columns(exported_at=exported_at, origin_file=pl.lit(file), origin_row=row)


def origins(lake: Lake, name: str = "orders") -> list[tuple[Any, ...]]:
    table = ENTITIES[name]
    rows = lake.scan(table, with_origin=True).select(*table.key, "origin_file", "origin_row")
    return rows.collect().sort(table.key).rows()


# In the lake


def test_the_version_that_counts_says_where_it_came_from(lake: Lake) -> None:
    lake.merge(TABLE, arriving("june.csv", 4, exported_at=NEW))
    lake.merge(TABLE, arriving("may.csv", 9, exported_at=OLD, channel="web"))
    assert origins(lake) == [("a", "june.csv", 4)]
    lake.merge(TABLE, arriving("july.csv", 2, exported_at=datetime(2026, 1, 8, tzinfo=UTC)))
    assert origins(lake) == [("a", "july.csv", 2)]


def test_the_same_file_again_changes_nothing(lake: Lake) -> None:
    lake.merge(TABLE, arriving("june.csv", 4))
    version = lake.version(TABLE)
    lake.merge(TABLE, arriving("june.csv", 4))
    assert lake.version(TABLE) == version


def test_a_row_from_before_origins_were_kept_has_one_once_its_file_is_read_again(lake: Lake) -> None:
    old = stored_schema(TABLE)
    for name in ORIGIN:
        del old[name]
    lake.merge(TABLE, arriving(None, 0))
    stored = pl.read_delta(f"{lake.root}/orders").select(old.names())
    write_deltalake(f"{lake.root}/orders", stored, mode="overwrite", schema_mode="overwrite")
    assert set(ORIGIN).isdisjoint(pl.read_delta(f"{lake.root}/orders").columns)
    lake = Lake(lake.root)
    assert origins(lake) == [("a", None, None)]
    lake.merge(TABLE, arriving("june.csv", 4))
    assert origins(lake) == [("a", "june.csv", 4)]


def test_an_order_that_is_joined_kept_or_removed_takes_its_origin_along(lake: Lake) -> None:
    lake.merge(TABLE, arriving("june.csv", 4))
    lake.merge(TABLE, arriving("july.csv", 1, order_id="b"))
    assert lake.compact(TABLE) == 2
    assert origins(lake) == [("a", "june.csv", 4), ("b", "july.csv", 1)]
    lake.remove(TABLE, pl.col("order_id") == "a")
    assert origins(lake) == [("b", "july.csv", 1)]
    gone = pl.DataFrame({"order_id": ["b"], "order_month": ["2026-01"], "deleted_at": [NEW]})
    lake.mark_deleted(TABLE, gone)
    assert origins(lake) == []
    lake.mark_deleted(TABLE, gone.with_columns(deleted_at=pl.lit(None)))
    assert origins(lake) == [("b", "july.csv", 1)]


# From a source


def staged(source: Source, entity: str = "orders") -> list[dict[str, Any]]:
    table = ENTITIES[entity]
    found = Staged(source.stage().staged.folder).arriving(table).sort(table.key).select(*table.key, *ORIGIN)
    return found.collect().to_dicts()


def line(order_id: str) -> str:
    return f"{order_id},2026-01-05 10:00:00,paid,10.00,\n"


def test_rows_are_numbered_as_they_stand_in_the_file_whatever_is_rejected_between(tmp_path: Path) -> None:
    content = ORDERS + line("o1") + line("") + line("o3")
    found = staged(Source(tmp_path, content))
    assert [(row["order_id"], row["origin_row"], row["origin_more_rows"]) for row in found] == [
        ("o1", 1, None),
        ("o3", 3, None),
    ]
    assert {row["origin_file"] for row in found} == {str(tmp_path / "orders.csv")}


def test_a_row_made_of_several_names_them_all(tmp_path: Path) -> None:
    mapping = MAPPING.replace("_row,", "list(_row) as _row,") + " group by all"
    (found,) = staged(Source(tmp_path, ORDERS + 3 * line("o1"), mapping))
    assert (found["origin_row"], found["origin_more_rows"]) == (1, "2-3")


def test_an_answer_comes_from_the_row_of_its_response(tmp_path: Path) -> None:
    content = ANSWERS + "r1,2026-01-05,5,9\nr2,2026-01-05,4,\n"
    found = staged(Source(tmp_path, content, SURVEY_MAPPING, SURVEY), "survey_answers")
    assert [(row["response_id"], row["item_id"], row["origin_row"]) for row in found] == [
        ("r1", "q1", 1),
        ("r1", "q2", 1),
        ("r2", "q1", 2),
    ]


def test_a_mapping_that_passes_no_file_on_leaves_the_origin_open(tmp_path: Path) -> None:
    (found,) = staged(Source(tmp_path, ORDERS + line("o1"), MAPPING.replace("_file, _row,", "")))
    assert [found[name] for name in ORIGIN] == [None, None, None]


def test_an_address_in_the_name_of_a_file_is_hidden(tmp_path: Path) -> None:
    folder = tmp_path / "for ann@example.org"
    folder.mkdir()
    (found,) = staged(Source(folder, ORDERS + line("o1")))
    assert "ann" not in found["origin_file"]
    assert found["origin_file"].endswith("/orders.csv")


def test_a_customer_whom_only_orders_name_comes_from_the_line_of_the_first(tmp_path: Path) -> None:
    of_one = [f"o{n},c1,2026-06-{30 - n} 12:00:00,paid,10.00" for n in range(3)]
    # Of two at the same moment the first is that of the first name.
    of_another = [f"o{n},c2,2026-06-01 12:00:00,paid,10.00" for n in (4, 3)]
    shop = make_shop(tmp_path / "shop", [*of_one, *of_another])
    shop.ingest("2026-06-30")
    file = json.dumps(str(shop.folder / "orders.csv"))[1:-1]
    assert origins(shop.lake, "customers") == [("c1", file, 3), ("c2", file, 5)]
    assert origins(shop.lake) == [(f"o{n}", file, row) for n, row in ((0, 1), (1, 2), (2, 3), (3, 5), (4, 4))]
    versions = shop.versions()
    shop.ingest("2026-06-30")
    assert {name: version for name, version in shop.versions().items() if name in ENTITIES} == {
        name: version for name, version in versions.items() if name in ENTITIES
    }
