"""Before the first run: what `loyalty init` writes and what `loyalty check` says, with nothing written on the way."""

import hashlib
import hmac
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.commands.check import check_sources
from pipeline.commands.findings import Finding
from pipeline.configuration import load_settings
from pipeline.core.ingest.personal import fingerprints
from pipeline.sources.demo import simulate, write_exports
from pipeline.sources.settings import DemoSettings
from schemas.registry import ENTITIES, RECORDS
from tests.scenario import HEADER, ROOT, Result, Shop, configuration, make_demo, make_shop, order_lines
from tests.unit import lake as rows_of

PRESETS = ROOT / "pipeline" / "sources" / "presets"
NOW = datetime(2026, 7, 1, 2, tzinfo=UTC)
KEY = {"LOYALTY_PII_KEY": "a long secret text"}
ANNA = "anna.vos@example.com"

MAIL_SQL = """
select
    id as order_id, mail as email, placed as ordered_at, 'paid' as status, 'EUR' as currency,
    amount as gross_amount, '0' as discount_amount, '0' as refund_amount, amount as net_amount,
    _file, _row,
from orders
"""
REVIEWS_SQL = """
select
    id as review_id, customer as customer_id, order_number as order_id, '4' as rating, '1' as rating_min,
    '5' as rating_max, written as created_at, body, _file, _row,
from reviews
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own for temporary folders, which must be empty afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def good(tmp_path: Path) -> Shop:
    return make_shop(tmp_path / "shop", order_lines(40))


def checked(shop: Shop, *, exit_code: int, **changes: Any) -> str:
    """Check the shop, with a changed configuration if any; it must end with `exit_code` and leave nothing."""
    if changes:
        shop.config.write_text(yaml.safe_dump(configuration(**changes)))
    result = shop.loyalty("check")
    assert result.exit_code == exit_code, result.output
    assert "Traceback" not in result.output
    assert not shop.home.exists()
    assert not list(Path(tempfile.gettempdir()).iterdir())
    return " ".join(result.output.split())


def findings(shop: Shop, rows: int) -> dict[str, Finding]:
    """What a check of so many rows finds, by source."""
    with tempfile.TemporaryDirectory() as folder:
        found = check_sources(load_settings(shop.config, home=shop.home), Path(folder), now=NOW, rows=rows)
        return {finding.name: finding for finding in found}


def facts(finding: Finding) -> dict[str, str]:
    return {fact.subject: fact.words for fact in finding.facts if fact.subject}


def source(**changes: Any) -> dict[str, Any]:
    return configuration()["sources"][0] | changes


def init(folder: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(app, ["init", str(folder), *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Result(result.exit_code, result.output)


# check: what is found


def test_a_rule_of_the_segment_map_that_names_nobody_is_a_warning(good: Shop) -> None:
    rules = [{"segment": name, "r": [1, 5], "f": [1, 5], "m": [1, 5]} for name in ("all", "nobody")]
    own = {"map": "own", "maps": {"own": {"rules": rules, "remainder": "others"}}}
    output = checked(good, exit_code=0, rfm=own)
    assert "segment map own: rule 2 (nobody) names nobody, as earlier rules take all of its scores" in output
    assert "warn" in output
    assert "segment map" not in checked(good, exit_code=0, rfm={"map": "r_rfm"})


def test_a_good_source_shows_what_a_run_would_take(good: Shop) -> None:
    output = checked(good, exit_code=0)
    for words in (
        "ok csv_orders orders, mapping orders.sql",
        f"read all 40 rows of {good.folder / 'orders.csv'} (1.6 kB)",
        "columns order_id, customer_id, ordered_at, status, amount",
        "orders 40 valid, 0 rejected",
        "dates ordered_at from 2026-01-01 to 2026-06-24",
        "currency EUR",
        "empty source_id, email_hash, channel, is_net_unsettled, promised_at, redelivery_at, delivered_at, refunded_at, updated_at",
        "order_id text o0 o1 o2",
        # Noon in Amsterdam, in winter.
        "ordered_at time, UTC 2026-01-01 11:00:00 2026-02-02 11:00:00 2026-03-03 11:00:00",
        "gross_amount amount 10.50 11.50 12.50",
    ):
        assert words in output
    assert output.endswith("a run would go through")


def test_a_shop_none_of_whose_statuses_is_a_purchase_is_a_warning(good: Shop) -> None:
    lines = ["o1,c1,2026-01-01,pending,1.00", "o2,c2,2026-01-02,cancelled,1.00", "o3,c2,2026-01-03,pending,1.00"]
    (good.folder / "orders.csv").write_text("\n".join([HEADER, *lines, ""]))
    words = "none is a purchase, as rfm.valid_statuses has"
    assert f"statuses pending 2, cancelled 1; {words} paid, shipped, delivered" in checked(good, exit_code=0)
    (good.folder / "orders.csv").write_text("\n".join([HEADER, *lines, "o4,c1,2026-01-04,paid,1.00", ""]))
    output = checked(good, exit_code=0)
    assert "statuses pending 2, cancelled 1, paid 1 " in output
    assert words not in output
    output = checked(good, exit_code=0, rfm={"valid_statuses": ["shipped", "delivered"]})
    assert f"{words} shipped, delivered" in output


def test_rows_of_days_to_come_are_a_warning(good: Shop) -> None:
    today = datetime.now(UTC).astimezone(ZoneInfo("Europe/Amsterdam")).date()
    lines = [f"o{ahead + 1},c1,{today + timedelta(days=ahead)},paid,1.00" for ahead in (-1, 0, 40)]
    (good.folder / "orders.csv").write_text("\n".join([HEADER, *lines, ""]))
    words = "after today, which count from their day on; see whether days and months are swapped"
    assert f"to {today + timedelta(days=40)}; 1 {words}" in checked(good, exit_code=0)
    (good.folder / "orders.csv").write_text("\n".join([HEADER, *lines[:2], ""]))
    output = checked(good, exit_code=0)
    assert f"to {today} " in output
    assert words not in output


def test_a_row_whose_value_has_several_lines_is_one_row(good: Shop) -> None:
    file = good.folder / "orders.csv"
    header, *lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([f"{header},note", *(f'{line},"a\nb"' for line in lines)]) + "\n", encoding="utf-8")
    assert f"read all 40 rows of {file} " in checked(good, exit_code=0)


def test_few_rejected_rows_are_a_warning_with_counts_and_reasons(tmp_path: Path) -> None:
    shop = make_shop(
        tmp_path / "shop", [*order_lines(38), "o90,c1,31/02/2026,paid,1.00", "o91,c1,2026-01-01,lost,1.00"]
    )
    output = checked(shop, exit_code=0)
    assert "warn orders 38 valid, 2 rejected (5.0%, the limit is 5.0%)" in output
    assert "rejected ordered_at 1, status 1" in output
    assert "orders.csv row 39: ordered_at: is not a date" in output
    assert output.endswith("a run would go through, with warnings for csv_orders")


def test_more_rejected_rows_than_the_limit_would_stop_a_run(tmp_path: Path) -> None:
    shop = make_shop(
        tmp_path / "shop", [*order_lines(37), "o90,c1,2026-01-01,paid,x", "o91,c1,2026-01-01", "o92,c1,,paid,1"]
    )
    output = checked(shop, exit_code=1)
    assert "fail orders 37 valid, 3 rejected (7.5%, the limit is 5.0%)" in output
    assert "rejected broken lines 1, gross_amount 1, net_amount 1, ordered_at 1" in output
    assert output.endswith("a run would fail: look at csv_orders")


def test_a_source_without_a_valid_row_would_stop_a_run_at_any_limit(tmp_path: Path) -> None:
    shop = make_shop(tmp_path / "shop", ["o1,c1,never,paid,1"], quality={"max_reject_rate": 1})
    assert "fail orders 0 valid, 1 rejected" in checked(shop, exit_code=1)


def test_a_file_with_a_header_only_is_a_warning(good: Shop) -> None:
    (good.folder / "none_yet.csv").write_text(HEADER + "\n")
    sources = [source(), source(name="none_yet", inputs={"orders": "none_yet.csv"})]
    assert "warn read no rows in" in checked(good, exit_code=0, sources=sources)


def test_sources_that_fail_say_why_and_the_others_go_on(good: Shop) -> None:
    (good.folder / "renamed.csv").write_text(f"{HEADER.replace('status', 'state')}\no1,c1,2026-01-01,paid,1\n")
    (good.folder / "packed.csv.gz").write_bytes(b"no gzip")
    sources = [
        source(name="gone", inputs={"orders": "none.csv"}),
        source(name="renamed", inputs={"orders": "renamed.csv"}),
        source(name="packed", inputs={"orders": "packed.csv.gz"}),
        source(name="database", inputs={"orders": {"database": "sqlite:///none.db", "table": "orders"}}),
        source(),
    ]
    output = checked(good, exit_code=1, sources=sources)
    for words in (
        f"fail gone orders, mapping orders.sql fail error input orders: no file at {good.folder}/none.csv;",
        f"column status is missing; read: {good.folder}/renamed.csv (has order_id, customer_id, ordered_at, state, amount)",
        f"fail error file {good.folder}/packed.csv.gz: cannot be read:",
        f"fail error input orders: sqlite:///{good.folder}/none.db table orders: there is no such file",
        "ok csv_orders orders",
    ):
        assert words in output
    assert output.endswith("a run would fail: look at gone, renamed, packed, database")


def test_a_preset_tells_which_optional_columns_are_not_there(good: Shop) -> None:
    (good.folder / "reviews.csv").write_text("review score,DATE,REVIEW TITLE,extra\n4,2026-01-02,Fine,x\n")
    reviews = source(name="reviews", entity="reviews", preset="yotpo", inputs={"reviews": "reviews.csv"})
    del reviews["mapping"]
    good.environment.update(KEY)
    output = checked(good, exit_code=0, sources=[source(), reviews])
    assert (
        "columns all 2 required, 1 of 6 optional; "
        "not there: Review Content, Product ID, Display Name, Email, Verified Purchase; 1 more"
    ) in output


def test_rows_left_out_on_purpose_are_counted_by_reason(good: Shop) -> None:
    mapping = (good.folder / "orders.sql").read_text()
    case = "case order_id when 'o0' then 'test' when 'o1' then 'test' when 'o2' then 'draft' end as exclude_reason,"
    (good.folder / "orders.sql").write_text(mapping.replace("_file", f"{case} _file", 1))
    assert "excluded test 2, draft 1" in checked(good, exit_code=0)


@pytest.mark.parametrize(
    ("changes", "shared"),
    [
        ({}, "2 of its orders are in source csv_orders too, and of each only the newest version counts"),
        ({"id_prefix": "b-"}, None),
    ],
)
def test_orders_that_two_sources_bring_are_a_warning(good: Shop, changes: dict[str, Any], shared: str | None) -> None:
    header, *lines = (good.folder / "orders.csv").read_text().splitlines()
    others = [*lines[:2], *(line.replace("o", "p", 1) for line in lines[2:])]
    (good.folder / "again.csv").write_text("\n".join([header, *others]))
    again = source(name="again", inputs={"orders": "again.csv"}, **changes)
    good.config.write_text(yaml.safe_dump(configuration(sources=[source(), again])))
    found = findings(good, 100)
    assert "shared" not in facts(found["csv_orders"])
    told = facts(found["again"]).get("shared")
    assert (told and told.partition(";")[0]) == shared
    assert found["again"].mark == ("warn" if shared else "ok")


def test_rows_of_a_source_that_is_no_longer_there_are_a_warning(good: Shop) -> None:
    rows = [{"order_id": number, "source": name} for number, name in (("1", "csv_orders"), ("2", "web"), ("3", "web"))]
    good.lake.merge(ENTITIES["orders"], rows_of.delivered("orders", rows).lazy())
    home = findings(good, 100)["home"]
    assert home.mark == "warn"
    assert facts(home)["orders"] == (
        "2 rows are of the source web, which is no longer there, and count on; if it has another name now, `loyalty run --rebuild orders`"
    )
    good.config.write_text(yaml.safe_dump(configuration(sources=[source(name="web"), source()])))
    assert "orders" not in facts(findings(good, 100)["home"])


def test_rows_of_an_erased_person_are_excluded_as_in_a_run(good: Shop) -> None:
    names = [line.split(",")[1] for line in (good.folder / "orders.csv").read_text().splitlines()[1:]]
    marks = fingerprints(pl.Series(["c0"]), "customer", None).to_list()
    rows = pl.DataFrame(
        [{"fingerprint": mark, "erased_at": NOW} for mark in marks], schema=RECORDS["erased"].polars_schema
    )
    good.lake.merge(RECORDS["erased"], rows.lazy())
    told, n = facts(findings(good, 100)["csv_orders"]), names.count("c0")
    assert n > 0
    assert (told["orders"], told["excluded"]) == (f"{len(names) - n} valid, 0 rejected", f"erased {n}")


# check: who is a customer


def test_reviews_are_matched_with_customers_and_orders_of_other_sources(good: Shop) -> None:
    (good.folder / "reviews.sql").write_text(REVIEWS_SQL)
    lines = ["r1,c0,,2026-02-01,Fine", "r2,,o3,2026-02-01,Fine", "r3,,o99,2026-02-01,Fine", "r4,c99,o3,2026-02-01,Fine"]
    (good.folder / "reviews.csv").write_text("\n".join(["id,customer,order_number,written,body", *lines]))
    reviews = source(name="reviews", entity="reviews", mapping="reviews.sql", inputs={"reviews": "reviews.csv"})
    output = checked(good, exit_code=0, sources=[reviews, source()])
    # r1 by its customer and r2 by its order; r3 names an unknown order, r4 an unknown customer.
    assert "2 of 4 reviews (50.0%) match a customer" in output
    assert "body text [personal] [personal] [personal]" in output


def test_customers_of_the_lake_count_as_well(good: Shop) -> None:
    row = {"customer_id": "c99", "source": "csv_orders", "batch_id": "b"}
    customers = pl.DataFrame([row], schema=ENTITIES["customers"].polars_schema, orient="row")
    good.lake.merge(ENTITIES["customers"], customers.lazy())
    (good.folder / "reviews.sql").write_text(REVIEWS_SQL)
    (good.folder / "reviews.csv").write_text("id,customer,order_number,written,body\nr1,c99,,2026-02-01,Fine\n")
    reviews = source(name="reviews", entity="reviews", mapping="reviews.sql", inputs={"reviews": "reviews.csv"})
    good.config.write_text(yaml.safe_dump(configuration(sources=[source(), reviews])))
    before = sorted(good.home.rglob("*"))
    assert facts(findings(good, 100)["reviews"])["customers"] == "1 of 1 reviews (100.0%) match a customer"
    assert sorted(good.home.rglob("*")) == before


def test_a_column_that_the_lake_does_not_know_is_a_warning(good: Shop) -> None:
    table = RECORDS["inputs_read"]
    known = {"source": "csv_orders", "input": "orders", "file": "old.csv", "exported_at": NOW}
    columns = dict.fromkeys(HEADER.split(",")[1:], "VARCHAR") | {"shop": "VARCHAR"}
    row = known | {"digest": "d", "rules": "r", "watermark": None, "columns": json.dumps(columns), "batch_id": "b"}
    good.lake.merge(table, pl.DataFrame([row], schema=table.polars_schema, orient="row").lazy())
    found = findings(good, 100)["csv_orders"]
    assert found.mark == "warn"
    assert facts(found)["changed"] == (
        "input orders: column order_id is new, column shop is gone; new columns that the mapping does not name are ignored"
    )


def anonymous_shop(folder: Path, *, named: int, of: int) -> Shop:
    """A shop of so many orders, the first of which name a customer."""
    lines = order_lines(of)
    return make_shop(
        folder, [*lines[:named], *(line.replace(f",c{i + named >> 1},", ",,") for i, line in enumerate(lines[named:]))]
    )


def test_how_many_orders_name_a_customer_is_told(tmp_path: Path) -> None:
    # Two orders per customer: the first 33 orders are of c0 to c16.
    output = checked(anonymous_shop(tmp_path / "shop", named=33, of=40), exit_code=0)
    assert "customers 17 named; 7 of 40 orders (17.5%) name none and stay outside the segments" in output
    assert output.endswith("a run would go through")


def test_a_fifth_of_the_orders_without_a_customer_is_a_warning(tmp_path: Path) -> None:
    output = checked(anonymous_shop(tmp_path / "shop", named=32, of=40), exit_code=0)
    assert "warn customers 16 named; 8 of 40 orders (20.0%) name none and stay outside the segments" in output
    assert output.endswith("a run would go through, with warnings for csv_orders")


def test_orders_of_nobody_would_stop_a_run(tmp_path: Path) -> None:
    shop = anonymous_shop(tmp_path / "shop", named=0, of=40)
    output = checked(shop, exit_code=1)
    assert "fail customers who buys" in output
    assert "no order names a customer, and none is known otherwise" in output
    assert output.endswith("a run would fail: look at customers")
    assert "use a mapping of orders that returns customer_id, email or phone" in output
    assert shop.run("2026-06-30").exit_code == 1


def test_customers_known_from_elsewhere_can_be_published_without_any_order_of_theirs(tmp_path: Path) -> None:
    shop = anonymous_shop(tmp_path / "shop", named=0, of=4)
    (shop.folder / "customers.sql").write_text("select id as customer_id, _file, _row, from people")
    (shop.folder / "people.csv").write_text("id\nc1\n")
    people = source(name="people", entity="customers", mapping="customers.sql", inputs={"people": "people.csv"})
    output = checked(shop, exit_code=0, sources=[source(), people])
    assert "warn customers 0 named; 4 of 4 orders (100.0%) name none" in output


# check: what a survey gives nothing to


def survey_shop(folder: Path, items: dict[str, Any], answers: list[str], **columns: Any) -> Shop:
    shop = make_shop(folder, order_lines(4))
    head = ",".join(["response_id", "submitted_at", *columns.get("named", ["customer_id"]), *items])
    (shop.folder / "answers.csv").write_text("\n".join([head, *answers]))
    panel = source(name="panel", entity="surveys", preset="wide", survey="care", inputs={"responses": "answers.csv"})
    del panel["mapping"]
    surveys = {"care": {"type": "relational", "items": items}}
    shop.config.write_text(yaml.safe_dump(configuration(sources=[source(), panel], surveys=surveys)))
    return shop


def test_a_survey_that_gives_nothing_to_nps_sci_or_constructs_is_a_warning(tmp_path: Path) -> None:
    shop = survey_shop(tmp_path / "shop", {"q1": {"scale": [1, 5]}}, ["r1,2026-01-01,c1,4"])
    output = checked(shop, exit_code=0)
    for words in (
        "warn nps no item has nps: true, so it gives nothing to nps_trend, nps_by and customer_nps",
        "warn sci no item has a role, so it gives nothing to sci_trend and customer_sci",
        "warn constructs no item has a construct, so it gives nothing to construct_scores, construct_reliability and "
        "driver_importance",
    ):
        assert words in output
    assert output.endswith("a run would go through, with warnings for panel")


def test_roles_that_are_missing_are_named(tmp_path: Path) -> None:
    items = {"q1": {"scale": [1, 5], "role": "satisfaction", "construct": "joy"}}
    output = checked(survey_shop(tmp_path / "shop", items, ["r1,2026-01-01,c1,4"]), exit_code=0)
    assert "no item has role repurchase or recommend, so those who answer it stay unclassified" in output
    assert "constructs" not in output


def test_a_survey_that_asks_all_is_no_warning(tmp_path: Path) -> None:
    items = {
        "q1": {"scale": [1, 5], "role": "satisfaction"},
        "q2": {"scale": [1, 5], "role": "repurchase", "construct": "joy"},
        "q3": {"scale": [0, 10], "role": "recommend", "nps": True},
    }
    output = checked(survey_shop(tmp_path / "shop", items, ["r1,2026-01-01,c1,4,4,9"]), exit_code=0)
    assert output.endswith("a run would go through")


def test_responses_that_name_nobody_reach_no_customer_and_that_is_said(tmp_path: Path) -> None:
    shop = survey_shop(tmp_path / "shop", {"q1": {"scale": [1, 5]}}, ["r1,2026-01-01,4"], named=[])
    output = checked(shop, exit_code=0)
    assert (
        "0 of 1 survey_responses (0.0%) match a customer; none names one, so the tables per customer get nothing from it; "
        "map customer_id, email or phone empty"
    ) in output


def test_an_answer_that_names_only_an_order_is_nobodys_as_in_a_run(tmp_path: Path) -> None:
    answers = ["r1,2026-01-01,,o0,4", "r2,2026-01-01,,o1,4"]
    shop = survey_shop(tmp_path / "shop", {"q1": {"scale": [1, 5]}}, answers, named=["customer_id", "order_id"])
    assert (
        "warn customers 0 of 2 survey_responses (0.0%) match a customer; none names one, so the tables per customer get nothing "
        "from it; map customer_id, email or phone, as an order alone names nobody here"
    ) in checked(shop, exit_code=0)
    file = shop.folder / "answers.csv"
    file.write_text(file.read_text() + "\nr3,2026-01-01,c0,,4\n")
    assert " customers 1 of 3 survey_responses (33.3%) match a customer" in checked(shop, exit_code=0)


def test_a_loyalty_event_that_names_only_an_order_is_outside_the_ledger_as_in_a_run(good: Shop) -> None:
    (good.folder / "points.sql").write_text(
        "select id as event_id, customer as customer_id, earned as occurred_at, 'earn' as kind, points, order_number as order_id, "
        "_file, _row from points"
    )
    lines = ["e1,c0,2026-02-01,10,", "e2,,2026-02-01,10,o3", "e3,c99,2026-02-01,10,o3"]
    (good.folder / "points.csv").write_text("\n".join(["id,customer,earned,points,order_number", *lines]))
    points = source(name="points", entity="loyalty_events", mapping="points.sql", inputs={"points": "points.csv"})
    assert " customers 1 of 3 loyalty_events (33.3%) match a customer" in (
        checked(good, exit_code=0, sources=[source(), points])
    )


# check: personal data


@pytest.fixture
def mail(tmp_path: Path) -> Shop:
    shop = make_shop(tmp_path / "shop", [])
    (shop.folder / "orders.sql").write_text(MAIL_SQL)
    lines = [f"1,{ANNA},2026-01-01,10.00", f"2,x,{ANNA},10.00", f"3,{ANNA},2026-01-03,{ANNA}"]
    (shop.folder / "orders.csv").write_text("\n".join(["id,mail,placed,amount", *lines]))
    return shop


def test_addresses_without_a_key_would_stop_a_run(mail: Shop) -> None:
    output = checked(mail, exit_code=1)
    assert "returns e-mail addresses, phone numbers or names, and LOYALTY_PII_KEY is not set" in output
    assert "anna" not in output


def test_an_address_is_never_shown(mail: Shop) -> None:
    mail.environment.update(KEY)
    output = checked(mail, exit_code=1)
    digits = hmac.new(KEY["LOYALTY_PII_KEY"].encode(), ANNA.encode(), hashlib.sha256).hexdigest()[:8]
    assert f"email_hash text {digits}… ordered_at" in output
    assert "orders.csv row 3: gross_amount: is not an amount" in output
    assert "anna" not in output
    headless = mail.folder / "orders.csv"
    headless.write_text(headless.read_text().split("\n", 1)[1])
    output = checked(mail, exit_code=1)
    assert "(has 1, [personal], 2026-01-01, 10.00)" in output
    assert "anna" not in output


# check: the sample


def test_a_large_file_is_tried_on_its_first_rows_and_that_is_said(good: Shop) -> None:
    (good.folder / "orders.csv").write_text("\n".join([HEADER, *order_lines(10), "o99,c1,never,paid,1"]))
    found = findings(good, 10)["csv_orders"]
    assert found.mark == "ok"
    assert facts(found)["read"].startswith("a sample, the first 10 rows of ")
    assert findings(good, 11)["csv_orders"].mark == "fail"


def test_rows_that_the_sample_tore_apart_do_not_fail(good: Shop) -> None:
    mapping = (
        (good.folder / "orders.sql").read_text().replace("from orders", "from orders left join paid using (order_id)")
    )
    (good.folder / "orders.sql").write_text(
        mapping.replace("amount as", "sum as").replace("_file, _row", "orders._file")
    )
    (good.folder / "paid.csv").write_text("\n".join(["order_id,sum", *(f"o{i},1.00" for i in reversed(range(40)))]))
    inputs = {"orders": "orders.csv", "paid": "paid.csv"}
    good.config.write_text(yaml.safe_dump(configuration(sources=[source(inputs=inputs)])))
    found = findings(good, 20)["csv_orders"]
    assert found.mark == "warn"
    assert facts(found)["orders"].startswith(
        "0 valid, 20 rejected (100.0%, the limit is 5.0%); rows of one input may miss"
    )
    assert findings(good, 40)["csv_orders"].mark == "ok"


def test_a_database_is_tried_on_its_first_rows(good: Shop) -> None:
    with sqlite3.connect(good.folder / "shop.db") as connection:
        connection.execute(f'create table "order" ({HEADER})')
        connection.executemany(
            'insert into "order" values (?, ?, ?, ?, ?)', [line.split(",") for line in order_lines(9)]
        )
    connection.close()
    database = {"database": "sqlite:///shop.db", "table": "order"}
    good.config.write_text(yaml.safe_dump(configuration(sources=[source(inputs={"orders": database})])))
    found = findings(good, 5)["csv_orders"]
    assert found.mark == "ok"
    assert facts(found)["read"] == f"a sample, the first 5 rows of sqlite:///{good.folder}/shop.db table order"
    assert facts(found)["orders"] == "5 valid, 0 rejected"


WAITS = """
import sys, time
from pipeline.cli import app
from pipeline.commands import trial

def wait(*given, **named):
    print("waiting", flush=True)
    time.sleep(60)

trial.stage_source = wait
app(sys.argv[1:])
"""


def test_a_check_that_is_told_to_stop_leaves_nothing(good: Shop, temporary: Path) -> None:
    command = [sys.executable, "-c", WAITS, "check", "--config", str(good.config)]
    environment = os.environ | {"TMPDIR": str(temporary), "LOYALTY_HOME": str(good.home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        assert "waiting\n" in process.stdout
        assert list(temporary.glob("loyalty-*/sources/csv_orders/sample"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 143
    assert not list(temporary.iterdir())


# check: home, lake, demo, configuration


def test_a_home_that_cannot_be_made_would_stop_a_run(good: Shop) -> None:
    good.home.write_text("a file")
    result = good.loyalty("check")
    assert result.exit_code == 1
    assert f"{good.home} cannot be written; set LOYALTY_HOME to another folder" in " ".join(result.output.split())


def test_folders_that_cannot_be_written_are_told_by_a_look_at_the_lake_too(good: Shop) -> None:
    good.home.mkdir()
    assert good.loyalty("check", "--lake").exit_code == 0
    (good.home / "work").touch()
    (good.folder / "elsewhere").touch()
    good.config.write_text(yaml.safe_dump(configuration(lake="elsewhere")))
    for arguments in (["check"], ["check", "--lake"]):
        result = good.loyalty(*arguments)
        assert result.exit_code == 1
        for place, key in ((f"{good.home}/work", "LOYALTY_HOME"), (f"{good.folder}/elsewhere", "lake")):
            assert f"{place} cannot be written; set {key} to another folder" in " ".join(result.output.split())
        assert "a run would fail: look at home" in result.output


def test_a_shop_without_an_order_would_have_nobody_to_publish(good: Shop) -> None:
    (good.folder / "orders.csv").write_text(HEADER + "\n")
    assert "there is no order, and no customer is known otherwise" in checked(good, exit_code=1)
    result = good.loyalty("run")
    assert (result.exit_code, len(result.error_lines)) == (1, 1)
    assert "the lake has no order and no customer, so there is nobody to publish" in result.error_lines[0]
    # Its file is read by now, and gives nothing new.
    assert good.loyalty("check").exit_code == 1


def test_a_shop_whose_first_order_is_still_to_come_would_have_no_date_to_compute(good: Shop) -> None:
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Amsterdam"))
    tomorrow, yesterday = f"{now + timedelta(days=1):%Y-%m-%d}", f"{now - timedelta(days=1):%Y-%m-%d}"
    (good.folder / "orders.csv").write_text(f"{HEADER}\no1,c1,{tomorrow},paid,1.00\n")
    words = f"the first order is of {tomorrow}, and a run computes {yesterday}"
    assert words in checked(good, exit_code=1)
    (good.folder / "orders.csv").write_text(f"{HEADER}\no1,c1,{tomorrow},paid,1.00\no2,c1,{yesterday},paid,1.00\n")
    assert words not in checked(good, exit_code=0)


def test_a_lake_that_cannot_be_read_would_stop_a_run(good: Shop) -> None:
    log = good.home / "lake" / "inputs_read" / "_delta_log"
    log.mkdir(parents=True)
    (log / "00000000000000000000.json").write_text("no JSON")
    result = good.loyalty("check")
    assert result.exit_code == 1
    assert "fail lake" in " ".join(result.output.split())
    assert "a run would fail: look at home" in result.output


def test_the_demo_shop_can_be_checked_before_its_exports_are_made(tmp_path: Path) -> None:
    shop = make_demo(tmp_path / "shop", customers=300, end_date="2025-06-30")
    output = checked(shop, exit_code=0)
    # A long path is broken over lines.
    unbroken = "".join(output.split())
    assert f"arunmakestheexportsupto2025-06-30in{shop.home}/demo" in unbroken
    assert f"from{shop.home}/demo/orders_2024-11.csvtoorders_2025-06.csv" in unbroken
    for name in (
        "shop_orders",
        "shop_order_lines",
        "shop_customers",
        "shop_reviews",
        "shop_survey",
        "shop_invitations",
        "shop_touchpoints",
        "shop_points",
        "shop_referrals",
    ):
        assert f" {name} " in output


def test_a_wrong_configuration_is_one_line(good: Shop) -> None:
    good.config.write_text(yaml.safe_dump(configuration(colour="blue")))
    result = good.loyalty("check")
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1
    assert result.output.startswith("error: configuration ")


def test_all_faults_of_a_configuration_are_a_line_each(good: Shop) -> None:
    good.config.write_text("shop: {}")
    result = good.loyalty("check")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"error: configuration {good.config} has 4 faults:",
        "  shop.name: is missing",
        "  shop.time_zone: is missing",
        "  shop.currency: is missing",
        "  sources: is missing",
    ]


# init


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A folder with the example file of every preset that has one."""
    folder = tmp_path / "my-shop"
    folder.mkdir()
    for file in PRESETS.glob("*/example_*"):
        shutil.copy(file, folder / f"{file.parent.name}_{file.name.removeprefix('example_')}")
    assert len(list(folder.iterdir())) >= 12
    return folder


def test_the_configuration_for_all_example_files_loads_and_can_be_checked(examples: Path) -> None:
    result = init(examples)
    assert result.exit_code == 0, result.output
    assert "read by no source" not in result.output
    assert "LOYALTY_PII_KEY: set it" in result.output
    config = examples / "loyalty.yaml"
    settings = load_settings(config)
    assert (settings.shop.name, settings.shop.currency) == ("My shop", "EUR")
    read = {Path(str(place)).name for one in settings.sources for place in one.inputs.values()}
    assert read == {file.name for file in examples.iterdir()} - {"loyalty.yaml"}
    # The examples are small and hold every fault there is: more than the limit of a real export.
    with config.open("a") as file:
        file.write("quality: {max_reject_rate: 0.9}\n")
    shop = Shop(examples, KEY)
    assert "a run would go through" in checked(shop, exit_code=0)


def test_files_of_one_export_become_a_glob_relative_to_the_configuration(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    for month in ("2025-01", "2025-02"):
        shutil.copy(PRESETS / "woocommerce" / "example_orders.csv", exports / f"orders_{month}.csv")
    output = tmp_path / "config" / "shop.yaml"
    output.parent.mkdir()
    assert init(exports, "--output", str(output)).exit_code == 0
    tree = yaml.safe_load(output.read_text())
    assert [one["inputs"] for one in tree["sources"]] == [{"orders": "../exports/orders_[0-9]*.csv"}] * 2
    assert {one["entity"] for one in tree["sources"]} == {"orders", "order_lines"}
    load_settings(output)


def test_the_exports_of_the_demo_shop_are_recognised_with_their_touchpoints(tmp_path: Path) -> None:
    demo = DemoSettings(start_date=date(2025, 1, 1), customers=600)
    shop = simulate(demo, end_date=date(2025, 2, 28), time_zone="Europe/Amsterdam")
    write_exports(shop, tmp_path / "exports", dirt_rate=0, seed=8)
    assert init(tmp_path / "exports").exit_code == 0
    settings = load_settings(tmp_path / "exports" / "loyalty.yaml")
    assert [source.entity for source in settings.sources] == [
        *("orders", "order_lines", "customers", "reviews", "surveys", "touchpoints"),
        *("survey_invitations", "loyalty_events", "referrals", "products"),
    ]
    (place,) = settings.sources[5].inputs.values()
    assert str(place).endswith("touchpoints_[0-9]*.csv")
    # Of one survey there is no doubt to which one the invitations are.
    assert [source.survey for source in settings.sources if source.survey] == ["demo_surveys"] * 2
    (survey,) = settings.surveys.values()
    assert {name: (item.role, item.nps, item.scale) for name, item in survey.items.items() if item.role} == {
        "tevredenheid": ("satisfaction", False, (1, 5)),
        "opnieuw_kopen": ("repurchase", False, (1, 5)),
        "aanbevelen": ("recommend", True, (0, 10)),
    }
    assert list(survey.items)[3:] == [f"c{number}" for number in range(1, 9)]


def test_invitations_to_one_of_several_surveys_are_left_to_the_user(tmp_path: Path) -> None:
    shutil.copy(PRESETS / "wide" / "example_responses.csv", tmp_path / "a.csv")
    shutil.copy(PRESETS / "wide" / "example_responses.csv", tmp_path / "b.csv")
    (tmp_path / "invited.csv").write_text("invitation_number,invited_at\n1,2026-01-01\n")
    assert init(tmp_path).exit_code == 0
    text = " ".join((tmp_path / "loyalty.yaml").read_text().replace("#", "").split())
    assert "invited.csv: looks like The simulated shop, survey_invitations; give it a source of its own" in text


def test_what_is_not_known_is_told_and_stands_in_the_configuration(tmp_path: Path) -> None:
    shutil.copy(PRESETS / "shopify" / "example_orders.csv", tmp_path / "orders.csv")
    (tmp_path / "stock.csv").write_text(f"sku,{ANNA}\n")
    (tmp_path / "olist.csv").write_text("order_id,payment_value\n")
    (tmp_path / "answers.csv").write_text("response_id,submitted_at,q1\n1,2026-01-01,often\n")
    (tmp_path / "notes.md").touch()
    result = init(tmp_path)
    told = (
        "stock.csv: is not a known export; it has sku, [personal]",
        "olist.csv: looks like Olist, payments; it also needs orders, customers",
        "answers.csv: looks like Any survey tool, but has no column of whole numbers up to 10 that could be an item",
        "notes.md: is neither CSV, JSON lines, Parquet nor Excel",
    )
    comments = " ".join((tmp_path / "loyalty.yaml").read_text().replace("\n#  ", "").split())
    for words in told:
        assert words in result.output
        assert words in comments


def test_zone_and_currency_of_a_preset_that_has_its_own_are_taken(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("order_id,customer_id,order_status,order_purchase_timestamp\n")
    (tmp_path / "c.csv").write_text("customer_id,customer_unique_id\n")
    (tmp_path / "p.csv").write_text("order_id,payment_value\n")
    result = init(tmp_path)
    shop = load_settings(tmp_path / "loyalty.yaml").shop
    assert (shop.time_zone, shop.currency) == ("America/Sao_Paulo", "BRL")
    assert "is a default" not in result.output


def test_what_no_file_says_is_a_default_to_look_at(tmp_path: Path) -> None:
    shutil.copy(PRESETS / "magento" / "example_orders.csv", tmp_path / "orders.csv")
    result = init(tmp_path)
    assert "shop.time_zone: UTC is a default; no file says it" in result.output
    assert "shop.currency: EUR is a default; no file says it" in result.output
    assert "currency: EUR # no file says it: set the shop's own" in (tmp_path / "loyalty.yaml").read_text()


def test_the_smallest_usual_scale_that_holds_all_answers_is_guessed(tmp_path: Path) -> None:
    shutil.copy(PRESETS / "magento" / "example_orders.csv", tmp_path / "orders.csv")
    answers = ["a,2026-01-01,1,6,3,0,0", "b,2026-01-01,5,2,8,3,5"]
    (tmp_path / "answers.csv").write_text("\n".join(["response_id,submitted_at,q1,q2,q3,q4,q5", *answers]))
    init(tmp_path)
    items = load_settings(tmp_path / "loyalty.yaml").surveys["wide_surveys"].items
    scales = {name: item.scale for name, item in items.items()}
    assert scales == {"q1": (1, 5), "q2": (1, 7), "q3": (0, 10), "q4": (0, 10), "q5": (0, 5)}
    assert '"q3": {scale: [0, 10]} # answers from 3 to 8' in (tmp_path / "loyalty.yaml").read_text()


def test_files_of_one_name_that_ask_different_things_are_sources_of_their_own(tmp_path: Path) -> None:
    """Forms numbered by hand, or a question that was renamed half way: read as one, each lacks what only another asks."""
    shutil.copy(PRESETS / "woocommerce" / "example_orders.csv", tmp_path / "orders.csv")
    asked = {1: "How satisfied are you overall?", 2: "How satisfied are you overall?", 3: "How happy are you overall?"}
    for month, question in asked.items():
        answers = [f"r{month}{n},2026-0{month}-10,{n}" for n in (1, 2, 5)]
        (tmp_path / f"form_2026-0{month}.csv").write_text("\n".join([f"response_id,submitted_at,{question}", *answers]))
    result = init(tmp_path)
    assert (
        "sources: form_2026-01.csv, form_2026-02.csv, form_2026-03.csv ask different things, so each is a source, and those that "
        "ask the same share a survey; a file that comes later needs a source too"
    ) in result.output
    settings = load_settings(tmp_path / "loyalty.yaml")
    told = [(source.survey, source.inputs) for source in settings.sources if source.survey]
    assert [(survey, Path(str(inputs["responses"])).name) for survey, inputs in told] == [
        ("wide_surveys", "form_2026-01.csv"),
        ("wide_surveys", "form_2026-02.csv"),
        ("wide_surveys_3", "form_2026-03.csv"),
    ]
    assert {name: list(survey.items) for name, survey in settings.surveys.items()} == {
        "wide_surveys": [asked[1]],
        "wide_surveys_3": [asked[3]],
    }
    # The example of orders has a faulty row on purpose.
    assert Shop(tmp_path, KEY).loyalty("check").output.strip().endswith("a run would fail: look at woocommerce_orders")


QUESTIONS = {
    "nl": (
        "Hoe tevreden bent u over de bezorging?",
        "Hoe tevreden bent u al met al over onze winkel?",
        "Zult u opnieuw bij ons bestellen?",
        "Hoe waarschijnlijk is het dat u ons aanbeveelt bij vrienden?",
        "Wat kunnen wij verbeteren?",
        ("Zeer tevreden", "Tevreden", "Neutraal"),
        ("Zeker wel", "Misschien", "Weet ik niet"),
        ("De bezorging was erg laat", "Niets", "Het assortiment mag groter"),
    ),
    "en": (
        "How satisfied are you with the delivery?",
        "Overall, how satisfied are you with our shop?",
        "Will you buy from us again?",
        "How likely are you to recommend us to a friend?",
        "What could we improve?",
        ("Very satisfied", "Satisfied", "Neutral"),
        ("Definitely", "Maybe", "Don't know"),
        ("The delivery was far too late", "Nothing", "A wider choice"),
    ),
    "de": (
        "Wie zufrieden sind Sie mit der Lieferung?",
        "Wie zufrieden sind Sie insgesamt mit unserem Shop?",
        "Werden Sie wieder bei uns bestellen?",
        "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen?",
        "Was können wir verbessern?",
        ("Sehr zufrieden", "Zufrieden", "Teils/teils"),
        ("Auf jeden Fall", "Vielleicht", "Weiß nicht"),
        ("Die Lieferung kam viel zu spät", "Nichts", "Mehr Auswahl"),
    ),
    "fr": (
        "Êtes-vous satisfait de la livraison ?",
        "Globalement, êtes-vous satisfait de notre boutique ?",
        "Allez-vous commander à nouveau chez nous ?",
        "Nous recommanderiez-vous à un ami ?",
        "Que pouvons-nous améliorer ?",
        ("Très satisfait", "Satisfait", "Neutre"),
        ("Certainement", "Peut-être", "Sans avis"),
        ("La livraison était trop tardive", "Rien", "Plus de choix"),
    ),
    "es": (
        "¿Está satisfecho con la entrega?",
        "En general, ¿está satisfecho con nuestra tienda?",
        "¿Volvería a comprar en nuestra tienda?",
        "¿Nos recomendaría a un amigo?",
        "¿Qué podemos mejorar?",
        ("Muy satisfecho", "Satisfecho", "Neutral"),
        ("Seguro que sí", "Tal vez", "No sabe"),
        ("La entrega llegó muy tarde", "Nada", "Más variedad"),
    ),
}


def survey_folder(folder: Path, language: str) -> Path:
    """A shop's folder with its orders, and a survey of three responses whose answers are words but for two questions."""
    *asked, words, again, texts = QUESTIONS[language]
    folder.mkdir()
    shutil.copy(PRESETS / "woocommerce" / "example_orders.csv", folder / "orders.csv")
    answers = zip((5, 2, 4), words, again, (10, 0, 7), texts, strict=True)
    lines = [f"r{n},2026-03-0{n},c{n}," + ",".join(map(str, row)) for n, row in enumerate(answers, 1)]
    head = ",".join(["response_id", "submitted_at", "customer_id", *(f'"{question}"' for question in asked)])
    (folder / "survey.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", QUESTIONS)
def test_what_a_survey_asks_and_what_its_words_stand_for_is_guessed(tmp_path: Path, language: str) -> None:
    folder = survey_folder(tmp_path / language, language)
    result = init(folder)
    assert result.exit_code == 0, result.output
    delivery, satisfied, again, recommend, better, words, likely, _ = QUESTIONS[language]
    survey = load_settings(folder / "loyalty.yaml").surveys["wide_surveys"]
    assert {name: (item.role, item.nps, item.scale) for name, item in survey.items.items()} == {
        delivery: (None, False, (1, 5)),
        satisfied: ("satisfaction", False, (1, 5)),
        again: ("repurchase", False, (1, 5)),
        recommend: ("recommend", True, (0, 10)),
    }
    labels = survey.items[satisfied].labels
    assert [labels[word] for word in words] == [5, 4, 3]
    assert sorted(labels.values()) == [1, 2, 3, 4, 5]
    assert [survey.items[again].labels[word] for word in likely[:2]] == [5, 3]
    assert survey.missing_codes == [likely[2]]
    assert survey.comments == [better]
    # What remains is for a person to say.
    assert "surveys.wide_surveys: no item has a construct" in result.output
    assert "no item has nps" not in result.output
    assert "no item has role" not in result.output


def test_every_guess_stands_beside_its_reason(tmp_path: Path) -> None:
    folder = survey_folder(tmp_path / "shop", "nl")
    init(folder)
    lines = [line.strip() for line in (folder / "loyalty.yaml").read_text().splitlines()]
    for line in (
        '"Hoe tevreden bent u over de bezorging?": {scale: [1, 5]} # answers from 2 to 5; asks whether customers are satisfied; '
        '"Hoe tevreden bent u al met al over onze winkel?" has the role',
        '"Hoe waarschijnlijk is het dat u ons aanbeveelt bij vrienden?": {role: recommend, scale: [0, 10], nps: true} '
        "# answers from 0 to 10; asks whether they would recommend the shop",
        '"Hoe tevreden bent u al met al over onze winkel?": # answers in words, their order guessed; '
        "asks whether customers are satisfied",
        "type: relational # or transactional, where it asks about one order",
        'comments: ["Wat kunnen wij verbeteren?"] # open questions: their texts are the comment of a response',
        'missing_codes: ["Weet ik niet"] # treated as no answer',
    ):
        assert line in lines


def test_satisfaction_with_a_part_of_the_shop_alone_has_no_role(tmp_path: Path) -> None:
    shutil.copy(PRESETS / "woocommerce" / "example_orders.csv", tmp_path / "orders.csv")
    (tmp_path / "survey.csv").write_text("response_id,submitted_at,satisfied with delivery\nr1,2026-03-01,5\n")
    result = init(tmp_path)
    assert load_settings(tmp_path / "loyalty.yaml").surveys["wide_surveys"].items_of("satisfaction") == []
    line = "asks whether customers are satisfied; about a part of the shop, so it has no role"
    assert line in (tmp_path / "loyalty.yaml").read_text()
    assert (
        "surveys.wide_surveys: no item has a role, so it gives nothing to sci_trend and customer_sci" in result.output
    )


def test_answers_in_unknown_words_are_told_with_the_question(tmp_path: Path) -> None:
    shutil.copy(PRESETS / "woocommerce" / "example_orders.csv", tmp_path / "orders.csv")
    head = "response_id,submitted_at,order_id,tevredenheid,recommend"
    (tmp_path / "survey.csv").write_text(f"{head}\nr1,2026-03-01,o1,prima,5\nr2,2026-03-02,,kon beter,4\n")
    init(tmp_path)
    text = " ".join((tmp_path / "loyalty.yaml").read_text().replace("#", "").split())
    assert (
        '"tevredenheid" asks whether customers are satisfied, and is answered in words that are not known: prima, kon beter; '
        'make it an item with labels, such as labels: {"prima": 1}'
    ) in text
    assert '"recommend": {role: recommend, scale: [1, 5]} answers from 4 to 5; asks whether they would recommend the shop; '
    assert "were the scale 0 to 10, it would be nps: true" in text
    assert "type: transactional 50% of the responses name an order" in text


def test_an_export_of_choice_texts_that_are_not_known_is_named_with_the_way_out(tmp_path: Path) -> None:
    shutil.copy(PRESETS / "woocommerce" / "example_orders.csv", tmp_path / "orders.csv")
    heads = "ResponseId,EndDate,Q1\nResponse ID,End Date,How satisfied are you?\n"
    ids = '"{""ImportId"":""_recordId""}","{""ImportId"":""endDate""}","{""ImportId"":""QID1""}"\n'
    rows = "R_1,2026-03-02 10:00:00,Top notch\nR_2,2026-03-02 11:00:00,So so\n"
    (tmp_path / "care.csv").write_text(heads + ids + rows)
    words = "answered in words that are not known, such as 'Top notch'; export numeric values (Use numeric values)"
    assert f'care.csv: looks like Qualtrics, but "Q1" is {words}' in init(tmp_path).output
    # Beside a question with numbers it is a survey, and the question is named.
    (tmp_path / "loyalty.yaml").unlink()
    (tmp_path / "care.csv").write_text(
        "".join(
            f"{line},{more}\n"
            for line, more in zip((heads + ids + rows).splitlines(), ["Q2", "?", "?", "4", "5"], strict=True)
        )
    )
    assert f'surveys.qualtrics_surveys: "Q1" is {words}' in init(tmp_path).output


def test_the_zone_is_guessed_from_offsets_and_addresses(tmp_path: Path) -> None:
    head, *rows = (PRESETS / "shopify" / "example_orders.csv").read_text().splitlines()
    (tmp_path / "orders.csv").write_text("\n".join([head, *rows]))
    result = init(tmp_path)
    assert "shop.time_zone: Europe/Amsterdam is a guess; the times have offset +01:00 and +02:00" in result.output
    assert "time_zone: Europe/Amsterdam # guessed: the times have offset" in (tmp_path / "loyalty.yaml").read_text()
    assert load_settings(tmp_path / "loyalty.yaml").shop.time_zone == "Europe/Amsterdam"


def test_a_file_that_could_be_a_survey_says_what_to_call_its_columns(tmp_path: Path) -> None:
    shutil.copy(PRESETS / "woocommerce" / "example_orders.csv", tmp_path / "orders.csv")
    (tmp_path / "panel.csv").write_text("respondent,date,a,b,c\n1,2026-01-01,5,4,3\n2,2026-01-02,5,4,3\n")
    result = init(tmp_path)
    assert (
        "panel.csv: could be a survey, 4 of its 5 columns hold whole numbers up to 10; to have it read as one, "
        in result.output
    )


@pytest.mark.parametrize(
    ("answers", "scales"),
    [
        # Nobody has answered 0, and one item has all answers from 1 to 10; the Net Promoter question is from 0 all the same.
        (["1,3,2", "10,8,9"], [(1, 10), (1, 10), (0, 10)]),
        (["1,3,0", "10,8,9"], [(1, 10), (0, 10), (0, 10)]),
        (["2,3,2", "10,8,9"], [(0, 10), (0, 10), (0, 10)]),
    ],
)
def test_a_survey_that_is_answered_from_one_to_ten_is_so_in_all_its_items(
    tmp_path: Path, answers: list[str], scales: list[tuple[int, int]]
) -> None:
    shutil.copy(PRESETS / "magento" / "example_orders.csv", tmp_path / "orders.csv")
    lines = [f"r{number},2026-01-01,{line}" for number, line in enumerate(answers)]
    (tmp_path / "answers.csv").write_text("\n".join(["response_id,submitted_at,q1,q2,recommend", *lines]))
    init(tmp_path)
    items = load_settings(tmp_path / "loyalty.yaml").surveys["wide_surveys"].items
    assert [item.scale for item in items.values()] == scales


def test_without_orders_the_configuration_says_what_to_fill_in(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("rating,review_date\n4,2026-01-01\n")
    result = init(tmp_path)
    assert "sources: there are no orders, and nothing runs without them; write a mapping for them" in result.output
    (line,) = Shop(tmp_path).loyalty("check").error_lines
    assert line.endswith("sources: at least one source of entity orders is needed")
    text = (tmp_path / "loyalty.yaml").read_text()
    (tmp_path / "loyalty.yaml").write_text(text.replace("  # - name", "  - name").replace("  #   ", "    "))
    assert [one.name for one in load_settings(tmp_path / "loyalty.yaml").sources] == ["my_orders", "judgeme_reviews"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("loyalty.yaml", "mine", "loyalty.yaml already exists and stays as it is; name another file with --output"),
        (
            "notes.md",
            "",
            "ends in .csv, .tsv, .txt, .jsonl, .ndjson, .parquet, also with .gz or .zst; .xlsx, .xlsm, .zip; name the folder",
        ),
        (
            "stock.csv",
            "sku,n\n",
            "is a known export: stock.csv: is not a known export; it has sku, n. Known are bol.com; Delighted; ",
        ),
    ],
)
def test_a_folder_without_anything_to_write_is_one_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / name).write_text(text)
    result = init(folder)
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("error: ")
    assert words in line
    assert [(file.name, file.read_text()) for file in folder.iterdir()] == [(name, text)]


def test_a_folder_without_a_known_export_is_told_each_that_is_known_once(tmp_path: Path) -> None:
    (tmp_path / "stock.csv").write_text("sku,n\n")
    known = init(tmp_path).output.partition("Known are ")[2].partition(". Any export")[0].split("; ")
    assert {"bol.com", "Shopify", "Magento 2, Adobe Commerce"} <= set(known)
    assert len(known) == len(set(known))
