"""The whole job with its inputs and its lake in an object store, against a real S3 API on loopback."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from deltalake import DeltaTable

from pipeline.errors import LakeError
from pipeline.lake import Lake
from schemas.registry import ENTITIES, SEGMENTS, TABLES
from tests.integration.conftest import DAY
from tests.scenario import HEADER, Shop, configuration, make_shop, order_lines
from tests.unit.lake import orders

COMPARED = ("marts.customer_360", "marts.fct_orders", "marts.rfm_cut_points", "quality.match_rates")


def deliver(s3: Any, lines: list[str]) -> None:
    s3.put_object(Bucket="shop", Key="exports/orders.csv", Body="\n".join([HEADER, *lines]).encode())


def refused(folder: Path, lake: str) -> str:
    shop = make_shop(folder, order_lines(10))
    shop.config.write_text(yaml.safe_dump(configuration(lake=lake)))
    result = shop.run(DAY)
    assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
    assert not shop.warehouse.exists()
    return result.error_lines[0]


def test_a_lake_on_s3_gives_the_same_warehouse_as_one_on_disk(s3: Any, first_night: Shop, tmp_path: Path) -> None:
    remote, remote_lake = make_shop(tmp_path / "remote", []), Lake("s3://shop/lake")
    source = configuration()["sources"][0] | {"inputs": {"orders": "s3://shop/exports/*.csv"}}
    remote.config.write_text(yaml.safe_dump(configuration(sources=[source], lake="s3://shop/lake")))
    # What the night finds in the lake: the first of the orders, and its own date, computed of them.
    deliver(s3, order_lines(60))
    remote.ingest(DAY)
    remote.compute(DAY, "rfm", "rfm_cut_points", "segment_map")
    found = {table.name: remote_lake.version(table) for table in (ENTITIES["orders"], SEGMENTS["rfm"])}
    assert remote_lake.scan(ENTITIES["orders"]).collect().height == 60
    assert remote_lake.scan(SEGMENTS["rfm"]).collect().height == 30

    deliver(s3, order_lines(100))
    night = remote.run(DAY)
    assert night.exit_code == 0, night.output
    assert not (remote.home / "lake").exists()
    for name, version in found.items():
        assert remote_lake.version(TABLES[name]) > version
    assert remote_lake.scan(SEGMENTS["rfm"]).collect().height == 50
    for table in COMPARED:
        rows = remote.query(f"select * from {table} order by all")
        local = first_night.query(f"select * from {table} order by all")
        assert [row[:10] for row in rows] == [row[:10] for row in local]


def test_a_table_on_s3_with_fewer_rows_than_it_was_left_with_is_refused(s3: Any) -> None:
    lake, table = Lake("s3://shop/lake"), ENTITIES["orders"]
    for name in "ab":
        lake.merge(table, orders({"order_id": name, "ordered_at": "2026-01-01"}).lazy())
    newest = "lake/orders/_delta_log/00000000000000000002.json"
    entry = s3.get_object(Bucket="shop", Key=newest)["Body"].read()
    for damaged, words in (
        (b"\n".join(entry.splitlines()[:-1]), "was left with 2 rows and has 1"),
        (b"", "has an empty log entry of version 2"),
    ):
        s3.put_object(Bucket="shop", Key=newest, Body=damaged)
        with pytest.raises(LakeError, match=f"table orders is damaged or an old copy: it {words}; put back a copy"):
            Lake(lake.root).scan(table)
    s3.put_object(Bucket="shop", Key=newest, Body=entry)
    assert Lake(lake.root).scan(table).collect().height == 2


def ids(lake: Lake) -> list[str]:
    return sorted(lake.scan(ENTITIES["orders"]).collect()["order_id"])


@pytest.mark.usefixtures("s3")
def test_some_files_of_a_table_on_s3_are_read_alone() -> None:
    lake, table = Lake("s3://shop/in_files"), SEGMENTS["segment_changes"]
    row = {"as_of_date": date(2026, 7, 1), "kind": "rfm", "segment": "loyal"}
    rows = (pl.DataFrame([row | {"customer_id": name}], table.polars_schema) for name in ("ann", "bob"))
    lake.replace_dates(table, {row["as_of_date"]: [lake.store(table, each) for each in rows]})
    files = lake.files_of(table, row["as_of_date"])
    assert len(files) == 2
    assert lake.files_of(table, date(2026, 7, 2)) == []
    found = [lake.scan_files(table, [file], file_column="file").collect() for file in files]
    assert sorted(each["customer_id"].to_list() for each in found) == [["ann"], ["bob"]]
    assert [each["file"].to_list() for each in found] == [[file] for file in files]


@pytest.mark.usefixtures("s3")
def test_a_table_on_s3_that_is_read_again_is_not_opened_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lake, table = Lake("s3://shop/lake"), ENTITIES["orders"]
    lake.merge(table, orders({"order_id": "a", "ordered_at": "2026-01-01"}).lazy())
    opened: list[str] = []
    whole = DeltaTable.__init__
    monkeypatch.setattr(DeltaTable, "__init__", lambda self, place: (opened.append(place), whole(self, place))[1])
    for _ in range(3):
        assert (ids(lake), lake.version(table)) == (["a"], 1)
    assert opened == []
    assert ids(Lake(lake.root)) == ["a"]
    assert opened == ["s3://shop/lake/orders"]


def test_what_another_has_written_to_a_table_on_s3_or_made_anew_is_seen_at_once(s3: Any) -> None:
    lake, table = Lake("s3://shop/lake"), ENTITIES["orders"]

    def another_writes(*names: str) -> None:
        for name in names:
            Lake(lake.root).merge(table, orders({"order_id": name, "ordered_at": "2026-01-01"}).lazy())

    another_writes("a")
    assert ids(lake) == ["a"]
    another_writes("b")
    assert (ids(lake), lake.version(table)) == (["a", "b"], 2)
    for each in s3.list_objects_v2(Bucket="shop", Prefix="lake/orders/")["Contents"]:
        s3.delete_object(Bucket="shop", Key=each["Key"])
    another_writes("c", "d")
    assert (ids(lake), lake.version(table)) == (["c", "d"], 2)
    # A sum of its log beside its commits is nothing new in it, and no commit is missed for it.
    Lake(lake.root).shorten_log(table)
    assert ids(lake) == ["c", "d"]
    another_writes("e")
    assert ids(lake) == ["c", "d", "e"]


@pytest.mark.usefixtures("s3")
def test_a_store_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    assert "no-such-bucket" in refused(tmp_path, "s3://no-such-bucket/lake")


@pytest.mark.usefixtures("s3")
def test_missing_credentials_are_one_line_that_names_the_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "AWS_ACCESS_KEY_ID" in refused(tmp_path, "s3://shop/lake")
