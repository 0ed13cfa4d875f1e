"""Two rows under one key that are not versions of each other, by the source's own ids: within a file, over files, nights, sources."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from pipeline.core.attitude.survey_settings import ItemSettings, SurveySettings
from pipeline.core.facts.settings import ShopSettings
from pipeline.lake import Lake
from pipeline.sources.batches import Batch, Staged
from pipeline.sources.settings import SourceSettings
from pipeline.sources.stage import main_table, stage_source
from schemas.registry import ENTITIES, Table
from tests.scenario import Shop, configuration

STARTED_AT = datetime(2026, 3, 1, 2, tzinfo=UTC)
HEADER = "number,id,customer,placed,amount"
MAPPING = """select number as order_id, id as source_id, customer as customer_id, placed as ordered_at, 'paid' as status,
'EUR' as currency, amount as gross_amount, 0 as discount_amount, 0 as refund_amount, amount as net_amount, _file, _row
from orders"""
OURS = ["1001,90001,ann,2026-02-01,100.00", "1002,90002,ben,2026-02-02,50.00"]
THEIRS = ["1001,70001,carl,2026-02-03,30.00", "1002,70002,dora,2026-02-04,20.00"]


class Source:
    """A source in a folder, staged and merged into a lake of its own night by night."""

    def __init__(self, folder: Path, mapping: str = MAPPING, entity: str = "orders", **settings: Any) -> None:
        self.folder = folder
        (folder / "own.sql").write_text(mapping)
        inputs = {"orders": str(folder / "*.csv")}
        self.source = SourceSettings(name="shop", entity=entity, mapping=folder / "own.sql", inputs=inputs, **settings)
        self.survey = (
            SurveySettings(type="relational", items={"q": ItemSettings(scale=(1, 5))}) if "survey" in settings else None
        )
        self.lake = Lake(str(folder / "lake"))
        self.staged = Staged(folder / "staged")

    @property
    def table(self) -> Table:
        return main_table(self.source)

    def night(self, **files: Sequence[str]) -> Batch:
        """Deliver these files in place of the ones before, stage and merge them."""
        for file in self.folder.glob("*.csv"):
            file.unlink()
        for name, (header, *lines) in files.items():
            (self.folder / f"{name}.csv").write_text("\n".join([header, *lines]) + "\n")
        batches = stage_source(
            self.source,
            self.staged.folder,
            shop=ShopSettings(name="Test", time_zone="UTC", currency="EUR"),
            survey=self.survey,
            key=None,
            started_at=STARTED_AT,
            ids=self.lake.source_ids(self.table),
        ).batches
        for batch in batches:
            assert batch.is_balanced
            self.lake.merge(ENTITIES[batch.entity], self.staged.valid(ENTITIES[batch.entity]))
        return batches[0]

    def reasons(self) -> list[str]:
        return self.staged.rejected().collect().sort("row_number")["reasons"].to_list()

    def stored(self, *columns: str) -> list[tuple[Any, ...]]:
        return self.lake.scan(self.table).select(columns).sort(columns[0]).collect().rows()


def test_an_order_of_another_shop_in_a_second_file_does_not_take_the_place_of_the_first(tmp_path: Path) -> None:
    source = Source(tmp_path)
    batch = source.night(a=[HEADER, *OURS], b=[HEADER, *THEIRS])
    assert source.stored("order_id", "customer_id", "net_amount") == [("1001", "ann", 10000), ("1002", "ben", 5000)]
    assert (batch.rows_valid, batch.rows_rejected, batch.rows_superseded) == (2, 2, 0)
    assert batch.rejected_by_rule == {"source_id": 2}
    assert (
        source.reasons()
        == ["source_id: another one comes under the same order_id; two shops need a source each, one with an id_prefix"]
        * 2
    )


def test_an_order_of_another_shop_on_a_later_night_does_not_take_the_place_of_the_first(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.night(a=[HEADER, *OURS])
    batch = source.night(b=[HEADER, *THEIRS, "1003,70003,dora,2026-02-05,10.00"])
    assert (batch.rows_valid, batch.rejected_by_rule) == (1, {"source_id": 2})
    assert source.stored("order_id", "customer_id") == [("1001", "ann"), ("1002", "ben"), ("1003", "dora")]


def test_the_lakes_order_counts_and_not_the_first_of_the_batch(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.night(b=[HEADER, *THEIRS])
    batch = source.night(a=[HEADER, *OURS], b=[HEADER, *THEIRS])
    assert batch.rejected_by_rule == {"source_id": 2}
    assert source.stored("order_id", "customer_id") == [("1001", "carl"), ("1002", "dora")]


def test_a_newer_version_of_an_order_has_its_id_and_takes_its_place(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.night(a=[HEADER, *OURS])
    batch = source.night(a=[HEADER, "1001,90001,ann,2026-02-01,60.00", OURS[1]])
    assert (batch.rows_valid, batch.rows_rejected) == (2, 0)
    assert source.stored("order_id", "net_amount") == [("1001", 6000), ("1002", 5000)]


def test_a_row_without_an_id_is_a_version_of_whatever_has_its_number(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.night(a=[HEADER, *OURS])
    batch = source.night(a=[HEADER, "1001,,ann,2026-02-01,60.00"], b=[HEADER, "1002,90002,ben,2026-02-02,40.00"])
    assert batch.rows_rejected == 0
    assert source.stored("order_id", "net_amount") == [("1001", 6000), ("1002", 4000)]


def test_an_order_that_an_older_program_left_without_an_id_takes_the_id_that_comes(tmp_path: Path) -> None:
    source = Source(tmp_path)
    source.night(a=[HEADER, "1001,,ann,2026-02-01,100.00"])
    assert source.stored("order_id", "source_id") == [("1001", None)]
    assert source.night(a=[HEADER, *OURS]).rows_rejected == 0
    assert source.stored("order_id", "source_id") == [("1001", "90001"), ("1002", "90002")]


def test_a_lake_from_before_there_were_ids_is_read_as_one_without_them(tmp_path: Path) -> None:
    source = Source(tmp_path, MAPPING.replace("id as source_id, ", ""))
    source.night(a=[HEADER, *OURS])
    old = pl.read_delta(f"{source.lake.root}/orders").drop("source_id")
    old.write_delta(f"{source.lake.root}/orders", mode="overwrite", delta_write_options={"schema_mode": "overwrite"})
    assert source.lake.source_ids(source.table) is None
    assert "source_id" not in pl.read_delta(f"{source.lake.root}/orders").columns


@pytest.mark.parametrize(
    ("entity", "columns"),
    [
        (
            "order_lines",
            "number as order_id, 1 as line_number, placed as ordered_at, 1 as quantity, 'EUR' as currency, amount as line_amount",
        ),
        ("reviews", "number as review_id, 5 as rating, 1 as rating_min, 5 as rating_max, placed as created_at"),
        ("touchpoints", "number as touchpoint_id, placed as occurred_at, 'visit' as kind"),
    ],
)
def test_every_kind_of_row_is_told_apart_by_its_sources_id(tmp_path: Path, entity: str, columns: str) -> None:
    source = Source(tmp_path, f"select {columns}, id as source_id, _file, _row from orders", entity)
    batch = source.night(a=[HEADER, *OURS], b=[HEADER, *THEIRS])
    assert (batch.rows_valid, batch.rejected_by_rule) == (2, {"source_id": 2})
    assert [name for (name,) in source.stored("source_id")] == ["90001", "90002"]


def test_the_answers_of_another_response_with_the_same_number_stay_out(tmp_path: Path) -> None:
    mapping = "select number as response_id, id as source_id, placed as submitted_at, q, _file, _row from orders"
    source = Source(tmp_path, mapping, "surveys", survey="care")
    batch = source.night(
        a=["number,id,placed,q", "1,90001,2026-02-01,5"], b=["number,id,placed,q", "1,70001,2026-02-02,2"]
    )
    assert (batch.rows_valid, batch.rows_rejected) == (1, 1)
    answers = source.lake.scan(ENTITIES["survey_answers"]).select("response_id", "value").collect()
    assert answers.rows() == [("1", 5.0)]


def test_a_prefix_comes_before_the_numbers_of_a_shop_and_before_nothing_else(tmp_path: Path) -> None:
    mapping = (
        "select number as review_id, id as source_id, nullif(customer, 'ann') as customer_id, '' as order_id, "
        "'KA-1' as product_id, 5 as rating, 1 as rating_min, 5 as rating_max, placed as created_at, _file, _row from orders"
    )
    source = Source(tmp_path, mapping, "reviews", id_prefix="be-")
    source.night(a=[HEADER, *OURS])
    assert source.stored("review_id", "source_id", "customer_id", "order_id", "product_id") == [
        ("be-1001", "90001", None, None, "KA-1"),
        ("be-1002", "90002", "be-ben", None, "KA-1"),
    ]


def two_sources(folder: Path, **of_theirs: str) -> Shop:
    """Two shops with a source each, both numbering from 1001."""
    (folder / "own.sql").write_text(MAPPING)
    sources = [
        {"name": name, "entity": "orders", "mapping": "own.sql", "inputs": {"orders": f"{name}.csv"}} | more
        for name, more in (("ours", {}), ("theirs", of_theirs))
    ]
    (folder / "loyalty.yaml").write_text(yaml.safe_dump(configuration(sources=sources)))
    (folder / "ours.csv").write_text("\n".join([HEADER, *OURS]) + "\n")
    (folder / "theirs.csv").write_text("\n".join([HEADER, *THEIRS]) + "\n")
    return Shop(folder)


def test_two_shops_that_arrive_on_one_night_stop_it_by_name_and_a_prefix_is_the_way_out(tmp_path: Path) -> None:
    shop = two_sources(tmp_path)
    check = " ".join(shop.loyalty("check").output.split())
    assert "source_id: another one comes under the same order_id" in check
    result = shop.run("2026-02-28")
    assert result.exit_code == 1
    assert result.error_lines == [
        "error: source theirs: 2 of its orders have the order_id of another in source ours, by source_id; "
        "give one of the sources an id_prefix"
    ]
    assert shop.entity("orders").is_empty()
    shop = two_sources(tmp_path, id_prefix="b-")
    shop.ingest("2026-02-28")
    assert shop.entity("orders").select("order_id", "customer_id", "net_amount").rows() == [
        ("1001", "ann", 100_00),
        ("1002", "ben", 50_00),
        ("b-1001", "b-carl", 30_00),
        ("b-1002", "b-dora", 20_00),
    ]
