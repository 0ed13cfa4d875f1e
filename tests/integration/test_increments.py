"""Night after night: what is new, changed, late, renamed, gone or repaired, and what of a person is left anywhere."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import polars as pl
import pytest
import yaml

from pipeline.command_log import ended_runs
from pipeline.configuration import load_settings
from pipeline.definitions import build_defs
from pipeline.run_records import NIGHTLY
from schemas.registry import ENTITIES, RECORDS
from tests.scenario import Result, Shop, configuration

KEY = "a long secret text"
# printf %s jan@example.com | openssl dgst -sha256 -hmac "a long secret text"
JAN = "81bea0aa55ef5e243aeb5dd85b63b8bdc95147b2027a5ee7d3197b4c65ef790e"

FIRST_EXPORT = 1_780_000_000
PEOPLE = (
    "jan@example.com",
    "piet@example.com",
    "kees@example.com",
    "Jan Jansen",
    "Piet Pietersen",
    "Kees Keizer",
    "0612345678",
)
HEADER = "order_id,email,account,name,phone,ordered_at,status,amount"
ORDERS_SQL = """
select
    order_id, email, account as customer_id, ordered_at, {status} as status, 'EUR' as currency,
    amount as gross_amount, '0' as discount_amount, '0' as refund_amount, amount as net_amount,
    _file, _row,
from orders
"""
CUSTOMERS_SQL = "select customer_id, country, _file, _row from customers"
REVIEWS_SQL = """
select review_id, reviewed_at as created_at, rating, '1' as rating_min, '5' as rating_max, email, _file, _row from reviews
"""

MAY = [
    "o1,jan@example.com,a1,Jan Jansen,0612345678,2026-05-01 12:00:00,paid,10.00",
    "o2, JAN@example.com ,,Jan Jansen,0612345678,2026-05-02 12:00:00,paid,20.00",
    "o3,piet@example.com,,Piet Pietersen,,2026-05-03 12:00:00,paid,30.00",
    # In words of another language, in the column of a neighbour, and cut off.
    "o4,kees@example.com,,Kees Keizer,,2026-05-04 12:00:00,betaald,40.00",
    "o5,Kees Keizer,,kees@example.com,0612345678,2026-05-05 12:00:00,kees@example.com,50.00",
    "o6,piet@example.com,,Piet Pietersen",
]
JUNE = [f"p{i},,b{i},,,2026-06-{i:02} 12:00:00,paid,5.00" for i in range(1, 21)]
JULY = ["q1,jan@example.com,a1,Jan Jansen,,2026-06-29 12:00:00,paid,7.00", "q2,,b1,,,2026-01-31 12:00:00,paid,8.00"]
CUSTOMERS = [f"x{i},NL" for i in range(1, 7)]


def shop_with_people(folder: Path, **changes: Any) -> Shop:
    sources: list[dict[str, Any]] = [
        {"name": "web", "entity": "orders", "mapping": "orders.sql", "inputs": {"orders": "orders/*.csv"}},
        {
            "name": "crm",
            "entity": "customers",
            "mapping": "customers.sql",
            "inputs": {"customers": "customers.csv"},
            "full_snapshot": True,
        },
        {"name": "site", "entity": "reviews", "mapping": "reviews.sql", "inputs": {"reviews": "reviews.csv"}},
    ]
    (folder / "orders").mkdir()
    (folder / "orders.sql").write_text(ORDERS_SQL.format(status="status"))
    (folder / "customers.sql").write_text(CUSTOMERS_SQL)
    (folder / "reviews.sql").write_text(REVIEWS_SQL)
    shop = Shop(folder, {"LOYALTY_PII_KEY": KEY})
    shop.config.write_text(yaml.safe_dump(configuration(sources=sources, quality={"max_reject_rate": 0.2}, **changes)))
    write(shop, "orders/may.csv", HEADER, *MAY)
    write(shop, "orders/june.csv", HEADER, *JUNE)
    write(shop, "customers.csv", "customer_id,country", *CUSTOMERS)
    write(shop, "reviews.csv", "review_id,reviewed_at,rating,email", "r1,2026-05-10,5,jan@example.com")
    return shop


def write(shop: Shop, name: str, *lines: str) -> None:
    """Export a file, later than any before."""
    newest = max((file.stat().st_mtime for file in shop.folder.rglob("*.csv")), default=FIRST_EXPORT)
    file = shop.folder / name
    file.write_text("".join(f"{line}\n" for line in lines))
    os.utime(file, (newest + 60,) * 2)


def last_batches(shop: Shop) -> dict[str, tuple[int, int, int]]:
    """Source -> lines read, rows valid and rejected of the last run."""
    rows = shop.query(
        """select source, lines_read, rows_valid, rows_rejected from quality.run_summary
        qualify row_number() over (partition by source order by started_at desc) = 1"""
    )
    return {source: tuple(figures) for source, *figures in rows}


@dataclass
class Story:
    """What each night left, told apart while it was there."""

    shop: Shop
    nights: dict[str, Result]
    seen: dict[str, Any]


def tell(folder: Path) -> Story:
    shop = shop_with_people(folder)
    nights: dict[str, Result] = {}
    seen: dict[str, Any] = {}

    def night(name: str, as_of: str, *options: str) -> None:
        nights[name] = shop.loyalty("run", "--as-of", as_of, *options)
        assert shop.warehouse.exists(), nights[name].output
        seen[f"{name} batches"] = last_batches(shop)
        seen[f"{name} orders"] = dict(shop.query("select order_id, status from marts.fct_orders"))
        seen[f"{name} customers"] = {
            customer for (customer,) in shop.query("select customer_id from marts.dim_customers")
        }
        seen[f"{name} rejected"] = shop.lake.scan(RECORDS["rejected_rows"]).sort("row_number").collect()
        seen[f"{name} reviews"] = shop.entity("reviews")["review_id"].to_list()
        seen[f"{name} lake orders"] = set(shop.entity("orders")["order_id"])
        seen[f"{name} warehouse"] = shop.warehouse.read_bytes()

    night("first", "2026-06-28")

    write(shop, "orders/june.csv", HEADER, JUNE[0].replace("paid", "returned"), *JUNE[1:])
    write(shop, "orders/july.csv", HEADER, *JULY)
    write(shop, "customers.csv", "customer_id,country", *CUSTOMERS[1:])
    night("changed", "2026-06-29")

    write(shop, "orders/august.csv", HEADER.replace("amount", "total"), "q3,,b2,,,2026-06-29 13:00:00,paid,9.00")
    write(
        shop, "reviews.csv", "review_id,reviewed_at,rating,email", "r1,2026-05-10,5,jan@example.com", "r2,2026-05-11,4,"
    )
    night("renamed", "2026-06-30")

    write(shop, "orders/august.csv", f"{HEADER},coupon", "q3,,b2,,,2026-06-29 13:00:00,paid,9.00,SUN")
    write(shop, "customers.csv", "customer_id,country", *CUSTOMERS)
    night("widened", "2026-06-30")

    write(shop, "customers.csv", "customer_id,country", CUSTOMERS[0])
    night("cut off", "2026-07-01")

    write(shop, "customers.csv", "customer_id,country", *CUSTOMERS)
    for file in (shop.folder / "orders").iterdir():
        file.unlink()
    (shop.folder / "orders.sql").write_text(ORDERS_SQL.format(status="if(status = 'betaald', 'paid', status)"))
    night("repaired", "2026-07-01", "--retry-quarantine")
    return Story(shop, nights, seen)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return tell(tmp_path_factory.mktemp("story"))


def test_the_nights_end_as_they_should(story: Story) -> None:
    outcome = {name: (result.exit_code, len(result.error_lines)) for name, result in story.nights.items()}
    assert outcome == dict.fromkeys(("first", "changed", "widened", "repaired"), (0, 0)) | dict.fromkeys(
        ("renamed", "cut off"), (1, 1)
    ), {name: result.output for name, result in story.nights.items()}


# Increments


def test_only_new_and_changed_files_are_read(story: Story) -> None:
    assert story.seen["first batches"] == {"web": (26, 23, 2), "crm": (6, 6, 0), "site": (1, 1, 0)}
    # The changed file of June and the new one of July, not that of May; no new review.
    assert story.seen["changed batches"] == {"web": (22, 22, 0), "crm": (5, 5, 0), "site": (0, 0, 0)}


def test_a_changed_row_is_updated_and_a_late_one_lands_in_its_month(story: Story) -> None:
    assert story.seen["first orders"]["p1"] == "paid"
    assert story.seen["changed orders"] == story.seen["first orders"] | {"p1": "returned", "q1": "paid", "q2": "paid"}
    paths = story.shop.lake.active_files(ENTITIES["orders"])
    assert any("order_month=2026-01" in path for path in paths)


# Drift


def test_a_renamed_column_stops_its_source_with_the_difference_and_no_other(story: Story) -> None:
    (line,) = story.nights["renamed"].error_lines
    for words in ("source web", "column amount is missing", "august.csv", "column total is new, column amount is gone"):
        assert words in line
    assert story.seen["changed reviews"] == ["r1"]
    assert story.seen["renamed reviews"] == ["r1", "r2"]
    assert story.seen["renamed lake orders"] == story.seen["changed lake orders"]
    assert story.seen["renamed warehouse"] == story.seen["changed warehouse"]


def test_a_new_column_is_a_warning_and_ignored(story: Story) -> None:
    assert "column coupon is new" in story.nights["widened"].output
    assert story.seen["widened batches"]["web"] == (1, 1, 0)
    assert story.seen["widened orders"].keys() == story.seen["changed orders"].keys() | {"q3"}


# Full snapshots


def test_a_customer_that_vanishes_from_a_full_snapshot_is_marked_and_comes_back(story: Story) -> None:
    assert story.seen["first customers"] - story.seen["changed customers"] == {"x1"}
    assert "x1" in story.seen["widened customers"]


def test_a_cut_off_snapshot_is_refused_in_one_line(story: Story) -> None:
    (line,) = story.nights["cut off"].error_lines
    for words in ("source crm", "lacks 5 of 6 customers (83%)", "the limit is 20%", "quality.max_vanish_rate"):
        assert words in line
    assert story.seen["cut off warehouse"] == story.seen["widened warehouse"]


# Quarantine


def test_rejected_rows_are_repaired_after_their_files_are_gone(story: Story) -> None:
    assert "o4" not in story.seen["widened orders"]
    assert story.seen["repaired orders"] == story.seen["widened orders"] | {"o4": "paid"}
    before, after = story.seen["widened rejected"], story.seen["repaired rejected"]
    assert before["is_released"].to_list() == [False, False, False]
    assert after["rejected_id"].sort().to_list() == before["rejected_id"].sort().to_list()
    (released,) = after.filter("is_released").to_dicts()
    assert json.loads(released["raw"])["order_id"] == "o4"
    (batch,) = story.shop.query(
        "select batch_id from quality.run_summary where source = 'web' order by started_at desc limit 1"
    )
    assert released["released_by"] == batch[0]
    assert released["batch_id"] != batch[0]


# Customers


def test_guest_and_account_orders_of_one_address_are_one_customer(story: Story) -> None:
    assert story.shop.query("select frequency from marts.customer_rfm where customer_id = 'a1'") == [(3,)]
    assert story.shop.query(
        "select n_valid_orders, n_identifiers from marts.dim_customers where customer_id = 'a1'"
    ) == [(3, 2)]
    assert JAN not in story.seen["first customers"]
    assert story.shop.query(
        "select distinct customer_id from marts.fct_orders where order_id in ('o1', 'o2', 'q1')"
    ) == [("a1",)]
    assert story.shop.query("select identifier, kind, customer_id from marts.identity") == [(JAN, "email", "a1")]


def test_a_review_finds_its_customer_by_the_address(story: Story) -> None:
    assert story.shop.query("select customer_id from marts.fct_reviews where review_id = 'r1'") == [("a1",)]


@pytest.mark.parametrize("mart", ["fct_touchpoints", "abandoned_carts", "customer_journey", "stage_conversion"])
def test_a_shop_without_touchpoints_has_empty_tables_of_them(story: Story, mart: str) -> None:
    assert story.shop.query(f"select count(*) from marts.{mart}") == [(0,)]


# Privacy


def texts_in(home: Path) -> Iterator[tuple[Path, str]]:
    """Every file of the home, byte by byte, and what is packed in Parquet and DuckDB files."""
    for file in home.rglob("*"):
        if not file.is_file():
            continue
        yield file, file.read_bytes().decode("latin-1")
        if file.suffix == ".parquet":
            yield file, "\n".join(map(str, pl.read_parquet(file, hive_partitioning=False).rows()))
        if file.suffix == ".duckdb":
            with duckdb.connect(str(file), read_only=True) as connection:
                tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
                for schema, table in tables:
                    yield file, str(connection.execute(f'from "{schema}"."{table}"').fetchall())


def test_nothing_of_a_person_is_anywhere_in_the_home(story: Story) -> None:
    texts = list(texts_in(story.shop.home))
    assert any(JAN in text for _, text in texts)
    for file, text in texts:
        for word in PEOPLE:
            assert word.lower() not in text.lower(), (file, word)


def test_addresses_without_a_key_are_refused_in_one_line_before_anything_is_written(tmp_path: Path) -> None:
    shop = Shop(shop_with_people(tmp_path).folder, {"LOYALTY_PII_KEY": ""})
    result = shop.run("2026-06-28")
    assert result.exit_code == 1
    (line,) = result.error_lines
    assert line.startswith(
        "error: sources web, site: the mapping returns e-mail addresses, phone numbers or names, and LOYALTY_PII_KEY is not set;"
    )
    assert not shop.home.exists()
    # The log of a home that is there has it, for who asks how the last night was.
    shop.home.mkdir()
    assert shop.run("2026-06-28").error_lines == [line]
    assert [(run.day, run.fault) for run in ended_runs(shop.home)] == [(date(2026, 6, 28), line[len("error: ") :])]


def test_a_run_of_the_schedule_without_a_key_merges_nothing_of_any_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOYALTY_PII_KEY", raising=False)
    shop = shop_with_people(tmp_path)
    settings = load_settings(shop.config, home=shop.home)
    job = build_defs(settings).resolve_job_def(NIGHTLY)
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(partition_key="2026-06-28", raise_on_error=False, instance=instance)
    assert not result.success
    for name in ("orders", "customers", "reviews"):
        assert shop.entity(name).is_empty()
