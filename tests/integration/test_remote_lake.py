"""The whole job with its inputs and its lake in an object store, against a real S3 API on loopback."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.lake import Lake
from schemas.registry import ENTITIES
from tests.integration.test_objects import endpoint, s3  # noqa: F401 (fixtures)
from tests.scenario import HEADER, Shop, configuration, make_shop, order_lines

AS_OF = "2026-06-30"
TABLES = ("marts.customer_360", "marts.fct_orders", "marts.rfm_cut_points", "quality.match_rates")


def deliver(s3: Any, lines: list[str]) -> None:
    s3.put_object(Bucket="shop", Key="exports/orders.csv", Body="\n".join([HEADER, *lines]).encode())


def test_a_lake_on_s3_gives_the_same_warehouse_as_one_on_disk(s3: Any, tmp_path: Path) -> None:  # noqa: F811
    local = make_shop(tmp_path / "local", order_lines(60))
    assert local.run(AS_OF).exit_code == 0
    remote = make_shop(tmp_path / "remote", [])
    source = configuration()["sources"][0] | {"inputs": {"orders": "s3://shop/exports/*.csv"}}
    remote.config.write_text(yaml.safe_dump(configuration(sources=[source], lake="s3://shop/lake")))
    deliver(s3, order_lines(60))

    first = remote.run(AS_OF)
    assert first.exit_code == 0, first.output
    assert not (remote.home / "lake").exists()
    for table in TABLES:
        rows = remote.query(f"select * from {table} order by all")
        assert [row[:10] for row in rows] == [row[:10] for row in local.query(f"select * from {table} order by all")]
    lake = Lake("s3://shop/lake")
    version = lake.version(ENTITIES["orders"])

    assert remote.run(AS_OF).exit_code == 0
    assert lake.version(ENTITIES["orders"]) == version
    assert remote.query("select sum(rows_mapped) from quality.run_summary") == [(60,)]

    deliver(s3, [*order_lines(60), "late,c1,2026-02-02 12:00:00,paid,9.00"])
    assert remote.run(AS_OF).exit_code == 0
    assert remote.query("select count(*) from marts.fct_orders") == [(61,)]


def test_a_store_that_is_not_there_is_one_line(s3: Any, tmp_path: Path) -> None:  # noqa: F811
    shop = make_shop(tmp_path, order_lines(10))
    shop.config.write_text(yaml.safe_dump(configuration(lake="s3://no-such-bucket/lake")))
    result = shop.run(AS_OF)
    assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
    assert "no-such-bucket" in result.error_lines[0]
    assert not Shop(shop.folder).warehouse.exists()


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID"])
def test_missing_credentials_are_named(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:  # noqa: F811
    monkeypatch.delenv(name)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    shop = make_shop(tmp_path, order_lines(10))
    shop.config.write_text(yaml.safe_dump(configuration(lake="s3://shop/lake")))
    result = shop.run(AS_OF)
    assert (result.exit_code, len(result.error_lines)) == (1, 1), result.output
