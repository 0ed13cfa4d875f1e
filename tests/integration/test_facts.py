"""The files of the facts: when they are made, of what, and what they say of customers with several accounts."""

import random
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.core.attitude.comments import read_texts
from pipeline.core.attitude.lexicon import Theme
from pipeline.core.attitude.settings import SciSettings
from pipeline.core.facts.names import UNKNOWN
from pipeline.fact_files import (
    CUSTOMER_NAMES,
    FACTS,
    ORDER_NAMES,
    ORDER_NAMES_ELSEWHERE,
    UNOWNED,
    Facts,
    write_known,
)
from pipeline.fact_rows import Rules
from pipeline.facts import facts_of
from pipeline.lake import Lake, Stored
from pipeline.lake_rows import MONTH
from schemas.registry import ENTITIES, KNOWN, RECORDS, SEGMENTS
from schemas.types import Table
from tests.unit.lake import AMSTERDAM, PAID, at, delivered

RULES = Rules(AMSTERDAM, PAID, SciSettings().boxes)
ORDER = {"gross_amount": 1000, "net_amount": 1000}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Ann has two accounts, of which one ordered at 23:30 UTC, which is the next day in Amsterdam."""
    lake = Lake(str(tmp_path / "lake"))
    orders = [
        ORDER | {"order_id": "o1", "customer_id": "ann", "ordered_at": "2026-06-01"},
        ORDER | {"order_id": "o2", "customer_id": "account 7", "ordered_at": "2026-06-29 23:30"},
        ORDER | {"order_id": "o3", "customer_id": "bob", "ordered_at": "2026-07-02"},
        ORDER | {"order_id": "o4", "ordered_at": "2026-06-05"},
    ]
    lake.merge(ENTITIES["orders"], delivered("orders", orders).lazy())
    accounts = delivered("customers", [{"customer_id": name} for name in ("ann", "account 7", "bob")])
    lake.merge(ENTITIES["customers"], accounts.lazy())
    review = {"review_id": "r1", "order_id": "elsewhere", "customer_id": "account 7", "rating": 5.0}
    lake.merge(ENTITIES["reviews"], delivered("reviews", [review | {"created_at": "2026-06-30"}]).lazy())
    one_person = {"identifier": "account 7", "kind": "account", "customer_id": "ann", "rule": "same_row", "n_rows": 1}
    lake.merge(RECORDS["identity"], pl.LazyFrame([one_person], schema=RECORDS["identity"].polars_schema))
    return lake


def made_at(folder: Path) -> int:
    return (folder / "orders.parquet").stat().st_mtime_ns


@pytest.mark.parametrize("name", ["orders", "texts"])
def test_facts_with_a_file_that_is_gone_or_no_parquet_are_made_anew(lake: Lake, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "facts"
    whole = facts_of(folder, lake, RULES).scan(name).collect()
    for damage in (Path.unlink, lambda file: file.write_text("plain text")):
        damage(folder / f"{name}.parquet")
        assert_frame_equal(facts_of(folder, lake, RULES).scan(name).collect(), whole, check_row_order=False)


def test_facts_are_made_anew_only_when_the_lake_or_a_rule_has_changed(lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    facts_of(folder, lake, RULES)
    first = made_at(folder)
    facts_of(folder, lake, RULES)
    assert made_at(folder) == first
    facts_of(folder, lake, replace(RULES, valid_statuses=["delivered"]))
    assert made_at(folder) != first
    assert facts_of(folder, lake, RULES).scan("orders").select("has_valid_status").collect().to_series().all()
    later = made_at(folder)
    new = ORDER | {"order_id": "o5", "customer_id": "bob", "ordered_at": "2026-07-03"}
    lake.merge(ENTITIES["orders"], delivered("orders", [new]).lazy())
    assert facts_of(folder, lake, RULES).scan("orders").collect().height == 5
    assert made_at(folder) != later


CHANGED: dict[str, Any] = {
    "time_zone": "UTC",
    "valid_statuses": ["delivered"],
    "sci_boxes": {"1-5": [1, 3, 4, 5]},
    "count_free": True,
    "language": "nl",
    "themes": {"price": Theme(words={"nl": ["prijs"]})},
    "currency": "EUR",
    "rates": "rates.csv",
    "rates_digest": "another file of that name",
    "max_rate_age_days": 3,
}


@pytest.mark.parametrize("rule", [each.name for each in fields(RULES)])
def test_every_rule_that_changes_makes_other_facts(lake: Lake, tmp_path: Path, rule: str) -> None:
    facts_of(tmp_path / "facts", lake, RULES)
    first = made_at(tmp_path / "facts")
    facts_of(tmp_path / "facts", lake, replace(RULES, **{rule: CHANGED[rule]}))
    assert made_at(tmp_path / "facts") != first


def test_a_text_is_read_once_however_often_the_facts_are_made(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[list[str]] = []

    def reading(texts: list[str], **rules: Any) -> pl.DataFrame:
        read.append(texts)
        return read_texts(texts, **rules)

    monkeypatch.setattr("pipeline.fact_rows.read_texts", reading)
    by = replace(RULES, language="nl", themes={"price": Theme(words={"nl": ["prijs"]})})
    review = {"rating": 5.0, "created_at": "2026-06-30"}
    said = {"r1": "Goede prijs!", "r2": "Goede prijs!", "r3": None}
    rows = [review | {"review_id": name, "body": body} for name, body in said.items()]
    lake.merge(ENTITIES["reviews"], delivered("reviews", rows).lazy())
    facts = facts_of(tmp_path / "facts", lake, by)
    told = facts.scan("reviews").select("review_id", "letters", "language", "themes").sort("review_id").collect()
    of_both = ("goede prijs", "nl", ["price"])
    assert told.rows() == [("r1", *of_both), ("r2", *of_both), ("r3", None, None, None)]
    answer = {"response_id": "a1", "submitted_at": "2026-06-30", "comment": "Slechte prijs"}
    lake.merge(ENTITIES["survey_responses"], delivered("survey_responses", [answer]).lazy())
    facts = facts_of(tmp_path / "facts", lake, by)
    assert facts.scan("survey_responses").select("themes").collect().to_series().to_list() == [["price"]]
    assert read == [["Goede prijs!"], ["Slechte prijs"]]
    # A text that has gone is kept nowhere, and another lexicon reads everything anew.
    lake.merge(ENTITIES["reviews"], delivered("reviews", [row | {"body": None} for row in rows]).lazy())
    facts_of(tmp_path / "facts", lake, by)
    assert read[2:] == []
    assert pl.read_parquet(tmp_path / "facts" / "texts.parquet").rows() == [
        ("Slechte prijs", "slechte prijs", "nl", ["price"])
    ]
    facts_of(tmp_path / "facts", lake, replace(by, themes={"luck": Theme(words={"nl": ["slecht"]})}))
    assert read[2:] == [["Slechte prijs"]]
    assert pl.read_parquet(tmp_path / "facts" / "texts.parquet").rows() == [
        ("Slechte prijs", "slechte prijs", "nl", ["luck"])
    ]


def test_texts_are_read_in_parts_and_none_is_left_out(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.fact_making.TEXTS_AT_ONCE", 2)
    by = replace(RULES, language="nl", themes={"price": Theme(words={"nl": ["prijs"]})})
    review = {"rating": 5.0, "created_at": "2026-06-30"}
    rows = [review | {"review_id": f"r{n}", "body": f"De prijs was {n} euro"} for n in range(5)]
    lake.merge(ENTITIES["reviews"], delivered("reviews", rows).lazy())
    themes = facts_of(tmp_path / "facts", lake, by).scan("reviews").select("themes").collect()["themes"]
    assert themes.to_list() == [["price"]] * 5
    # What was read part by part, and the numbers of orders by row, go once they are in the facts.
    assert not [place for place in (tmp_path / "facts").iterdir() if place.is_dir()]


def test_facts_that_were_cut_off_do_not_count(lake: Lake, tmp_path: Path) -> None:
    half = tmp_path / "facts.building"
    half.mkdir()
    (half / "orders.parquet").write_bytes(b"half")
    assert facts_of(tmp_path / "facts", lake, RULES).scan("orders").collect().height == 4
    assert not half.exists()


def test_accounts_of_one_person_have_one_number_and_her_name_comes_back(lake: Lake, tmp_path: Path) -> None:
    facts = facts_of(tmp_path / "facts", lake, RULES)
    orders = facts.scan("orders").collect()
    assert orders.schema["customer_id"] == orders.schema["order_id"] == pl.Int64
    named = facts.named(orders).sort("order_id")
    assert named.select("order_id", "customer_id", "ordered_date").rows() == [
        ("o1", "ann", date(2026, 6, 1)),
        ("o2", "ann", date(2026, 6, 30)),
        ("o3", "bob", date(2026, 7, 2)),
        ("o4", None, date(2026, 6, 5)),
    ]
    # An order that only a review names keeps its name.
    assert facts.named(facts.scan("reviews").collect()).select("order_id", "customer_id").rows() == [
        ("elsewhere", "ann")
    ]


def test_an_order_keeps_its_name_in_whichever_bucket_it_is_spoken_of(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
    review = {"customer_id": "bob", "rating": 5.0, "created_at": "2026-06-30"}
    by_bob = [review | {"review_id": f"r {order}", "order_id": order} for order in ("o1", "o3")]
    lake.merge(ENTITIES["reviews"], delivered("reviews", by_bob).lazy())
    facts = facts_of(tmp_path / "facts", lake, RULES, rows_per_bucket=5)
    of_ann, of_bob = facts.buckets()
    numbers = dict(facts.scan(ORDER_NAMES).select("name", "number").collect().iter_rows())
    assert sorted(numbers) == ["elsewhere", "o1", "o2", "o3", "o4"]

    def there_and_back(part: Facts, *names: str) -> list[str]:
        told = pl.LazyFrame({"order_id": names, "name": names})
        found = part.named(part.numbered(told).collect())
        assert found["order_id"].drop_nulls().equals(found.drop_nulls()["name"])
        return sorted(found["order_id"].drop_nulls())

    for part in (of_ann, of_bob, facts):
        assert there_and_back(part, *numbers, "never") == sorted(numbers)
    assert facts.scan(ORDER_NAMES_ELSEWHERE).collect()["name"].sort().to_list() == ["elsewhere", "o1"]
    # The names of all orders are read only for what a bucket's own orders and the few of others do not tell.
    (tmp_path / "facts" / f"{ORDER_NAMES}.parquet").unlink()
    assert there_and_back(of_ann, "o1", "o2", "o4", "elsewhere") == ["elsewhere", "o1", "o2", "o4"]
    assert there_and_back(of_bob, "o3", "o1", "elsewhere") == ["elsewhere", "o1", "o3"]
    of_each = facts.scan("orders").select("customer_id", "order_id").collect()
    for rows in of_each.partition_by("customer_id"):
        assert facts.named(rows)["order_id"].is_not_null().all()


def test_a_bucket_reads_only_the_files_of_a_dated_table_that_have_its_rows(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
    table, days = SEGMENTS["segment_changes"], (date(2026, 7, 1), date(2026, 7, 2))

    def stored(day: date, *customers: str) -> Stored:
        row = {"as_of_date": day, "kind": "rfm", "segment": "loyal"}
        return lake.store(table, pl.DataFrame([row | {"customer_id": name} for name in customers], table.polars_schema))

    # Nobody knows eve any more; ann was known as account 7.
    of_first_day = [stored(days[0], "ann", "eve"), stored(days[0], "bob")]
    lake.replace_dates(table, {days[0]: of_first_day, days[1]: [stored(days[1], "account 7", "bob")]})
    facts = facts_of(tmp_path / "facts", lake, RULES, rows_per_bucket=4)
    of_ann, of_bob = facts.buckets()

    def read(part: Facts, day: date | None) -> list[str]:
        return part.own_dated(table.name, day).collect()["customer_id"].sort().to_list()

    assert [read(part, days[0]) for part in (of_bob, of_ann, facts)] == [["bob"], ["ann", "eve"], ["ann", "bob", "eve"]]
    assert [read(part, days[1]) for part in (of_bob, of_ann)] == [["bob"], ["account 7"]]
    assert [read(part, None) for part in (of_bob, of_ann)] == [["bob", "bob"], ["account 7", "ann", "eve"]]
    assert read(of_bob, date(2026, 7, 3)) == []
    asked: list[list[str]] = []
    scan_files = lake.scan_files

    def scan_and_tell(_: Lake, table: Table, files: list[str]) -> pl.LazyFrame:
        asked.append([Path(file).name for file in files])
        return scan_files(table, files)

    with monkeypatch.context() as told:
        told.setattr(Lake, "scan_files", scan_and_tell)
        read(of_ann, days[0])
    assert asked == [[Path(of_first_day[0].name).name]]
    # Other rows of the same date are in other files.
    lake.replace_dates(table, {days[0]: [stored(days[0], "ann"), stored(days[0], "bob", "eve")]})
    assert [read(part, days[0]) for part in (of_bob, of_ann)] == [["bob"], ["ann", "eve"]]


def test_what_is_known_at_a_date_is_written_by_name_in_the_columns_of_its_marts(lake: Lake, tmp_path: Path) -> None:
    facts = facts_of(tmp_path / "facts", lake, RULES)
    write_known(tmp_path / "known", facts, as_of=date(2026, 6, 30), consent_without_flag=False)
    orders, customers = (pl.read_parquet(tmp_path / "known" / name) for name in KNOWN)
    for name, rows in (("orders_known", orders), ("customers_known", customers)):
        assert rows.columns == list(KNOWN[name].judged)
    assert orders.sort("order_id").select("order_id", "customer_id", "order_number", "is_valid").rows() == [
        ("o1", "ann", 1, True),
        ("o2", "ann", 2, True),
        ("o4", None, None, True),
    ]
    # Bob ordered later only; of Ann both names are known.
    assert customers.select("customer_id", "n_identifiers", "n_orders", "may_market").rows() == [("ann", 2, 2, False)]
    assert orders["ordered_at"].max() == at("2026-06-29 23:30")


def test_only_a_valid_order_has_valid_net_amount_so_that_its_sum_needs_no_filter(lake: Lake, tmp_path: Path) -> None:
    more = [ORDER | {"order_id": "o5", "customer_id": "bob", "ordered_at": "2026-06-02", "status": "cancelled"}]
    lake.merge(ENTITIES["orders"], delivered("orders", more).lazy())
    facts = facts_of(tmp_path / "facts", lake, RULES)
    write_known(tmp_path / "known", facts, as_of=date(2026, 6, 30), consent_without_flag=False)
    orders = pl.read_parquet(tmp_path / "known" / "orders_known").sort("order_id")
    assert orders["net_amount"].to_list() == [1000] * 4
    assert orders["valid_net_amount"].to_list() == [1000, 1000, 1000, None]


def test_of_nobodys_orders_too_nothing_later_is_known(lake: Lake, tmp_path: Path) -> None:
    nobodys = ORDER | {"customer_id": None, "ordered_at": "2026-06-02"}
    more = [
        nobodys | {"order_id": "o6", "ordered_at": "2026-07-02"},
        nobodys | {"order_id": "o7", "refund_amount": 1000, "net_amount": 0, "refunded_at": "2026-07-02"},
        nobodys | {"order_id": "o8", "refund_amount": 1000, "net_amount": 0, "refunded_at": "2026-06-20"},
    ]
    lake.merge(ENTITIES["orders"], delivered("orders", more).lazy())
    write_known(
        tmp_path / "known",
        facts_of(tmp_path / "facts", lake, RULES),
        as_of=date(2026, 6, 30),
        consent_without_flag=False,
    )
    orders = pl.read_parquet(tmp_path / "known" / "orders_known").filter(pl.col("customer_id").is_null())
    assert orders.sort("order_id").select("order_id", "is_valid", "net_amount", "order_number").rows() == [
        ("o4", True, 1000, None),
        ("o7", True, 1000, None),
        ("o8", False, 0, None),
    ]


MONTHS = ("2026-04", "2026-05", "2026-06")


def night(lake: Lake, draw: random.Random) -> None:
    """What a night brings: new and changed rows of any month, orders that vanish or that only now are there, people found to be one."""
    names = [f"c{number}" for number in range(6)]

    def moment() -> str:
        return f"{draw.choice(MONTHS)}-{draw.randint(1, 30):02}"

    orders = [
        ORDER
        | {"order_id": f"{draw.randint(0, 40)}", "customer_id": draw.choice([*names, None]), "ordered_at": moment()}
        for _ in range(draw.randint(0, 6))
    ]
    placed = delivered("orders", list({row["order_id"]: row for row in orders}.values()))
    lake.merge(ENTITIES["orders"], placed.lazy())
    lines = {(draw.randint(0, 40), draw.randint(1, 2)): moment() for _ in range(draw.randint(0, 4))}
    line = {"product_id": "p", "quantity": 1, "line_amount": 100}
    rows = [line | {"order_id": f"{order}", "line_number": n, "ordered_at": at} for (order, n), at in lines.items()]
    lake.merge(ENTITIES["order_lines"], delivered("order_lines", rows).lazy())
    seen = {f"t{draw.randint(0, 9)}": moment() for _ in range(draw.randint(0, 3))}
    rows = [
        {
            "touchpoint_id": each,
            "customer_id": draw.choice([*names, None]),
            "occurred_at": at,
            "order_id": str(draw.randint(0, 40)),
        }
        for each, at in seen.items()
    ]
    lake.merge(ENTITIES["touchpoints"], delivered("touchpoints", rows).lazy())
    if draw.random() < 0.4:
        gone = lake.scan(ENTITIES["orders"], months=MONTHS).collect().sample(fraction=0.2, seed=draw.randint(0, 99))
        lake.mark_deleted(
            ENTITIES["orders"], gone.select("order_id", MONTH, pl.lit(at("2026-07-01")).alias("deleted_at"))
        )
    if draw.random() < 0.5:
        first, second = draw.sample(names, 2)
        link = {"identifier": max(first, second), "kind": "account", "customer_id": min(first, second)}
        link |= {"rule": "same_row", "n_rows": 1}
        lake.replace(RECORDS["identity"], pl.DataFrame([link], schema=RECORDS["identity"].polars_schema))


def assert_buckets_are_whole(facts: Facts) -> None:
    """Together the buckets have every row once, a customer's in one of them, and what names an order alone is its buyer's."""
    buyers = dict(facts.scan("orders").select("order_id", "customer_id").collect().iter_rows())
    for name in {*FACTS, "accounts"} - {*UNOWNED}:
        whole = facts.scan(name).collect()
        parts = [part.scan(name).collect() for part in facts.buckets()]
        assert_frame_equal(pl.concat(parts), whole, check_row_order=False)
        for place, rows in enumerate(parts):
            customers = rows["customer_id"].to_list() if "customer_id" in rows.columns else [None] * rows.height
            orders = rows["order_id"].to_list() if "order_id" in rows.columns else [None] * rows.height
            # A row of an order that is gone may stay where it was.
            pairs = [pair for pair in zip(customers, orders, strict=True) if pair[0] is not None or pair[1] in buyers]
            owners = {buyers[order] if who is None else who for who, order in pairs}
            assert {0 if who is None else sum(who >= bound for bound in facts.bounds) for who in owners} <= {place}


def by_name(facts: Facts, folder: Path) -> dict[str, pl.DataFrame]:
    """Everything that facts say, by name; a line of an order that is not there is nobody's."""
    there = facts.scan("orders").select("order_id")
    found = {name: facts.scan(name) for name in FACTS} | {"customers": facts.scan("customers")}
    found["order_lines"] = pl.concat(
        [
            found["order_lines"].join(there, on="order_id", how="semi"),
            found["order_lines"].join(there, on="order_id", how="anti").with_columns(order_id=pl.lit(UNKNOWN)),
        ],
        how="vertical_relaxed",
    )
    write_known(folder, facts, as_of=date(2026, 6, 30), consent_without_flag=False)
    known = {name: pl.read_parquet(folder / name) for name in KNOWN}
    shown = known | {name: facts.named(rows.collect()) for name, rows in found.items()}
    return {name: rows.select(pl.exclude(pl.List)).sort(pl.all()) for name, rows in shown.items()}


@pytest.mark.parametrize("seed", range(3))
def test_months_that_are_kept_say_the_same_as_facts_that_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
    lake, draw = Lake(str(tmp_path / "lake")), random.Random(seed)
    for number in range(4):
        night(lake, draw)
        kept = facts_of(tmp_path / "facts", lake, RULES, rows_per_bucket=3)
        assert number == 0 or len(kept.buckets()) > 1
        assert_buckets_are_whole(kept)
        anew = facts_of(tmp_path / f"anew {number}", lake, RULES, rows_per_bucket=3)
        for names, name in ((CUSTOMER_NAMES, "customer_id"), (ORDER_NAMES, "name")):
            assert kept.scan(names).unique(name).sort(name).collect()["number"].is_sorted()
        there = by_name(anew, tmp_path / "known anew")
        for name, rows in by_name(kept, tmp_path / "known").items():
            assert_frame_equal(rows, there[name])


def test_only_months_that_have_changed_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
    lake, folder = Lake(str(tmp_path / "lake")), tmp_path / "facts"

    def order(number: int, month: str, **more: Any) -> None:
        row = ORDER | {"order_id": f"o{number}", "customer_id": f"c{number}", "ordered_at": f"2026-{month}-10"} | more
        lake.merge(ENTITIES["orders"], delivered("orders", [row]).lazy())

    def files() -> dict[str, int]:
        """The months and the files that hold them, which stay the same when nothing is written."""
        facts_of(folder, lake, RULES)
        return {file.stem: file.stat().st_ino for file in (folder / "orders").iterdir()}

    order(2, "04")
    order(4, "05")
    before = files()
    order(3, "05")
    after = files()
    assert (before.keys(), after["2026-04"] == before["2026-04"]) == ({"2026-04", "2026-05"}, True)
    assert after["2026-05"] != before["2026-05"]
    # An account of April is found to be another's: April speaks of another person.
    link = {"identifier": "c2", "kind": "account", "customer_id": "c1", "rule": "same_row", "n_rows": 1}
    lake.merge(RECORDS["identity"], pl.LazyFrame([link], schema=RECORDS["identity"].polars_schema))
    found = files()
    assert (found["2026-04"] != after["2026-04"], found["2026-05"] == after["2026-05"]) == (True, True)


def test_the_rows_of_a_customer_stand_together_in_a_month_so_that_a_bucket_is_read_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
    lake = Lake(str(tmp_path / "lake"))
    rows = [ORDER | {"order_id": f"o{n}", "customer_id": f"c{n % 3}", "ordered_at": "2026-04-10"} for n in range(9)]
    lake.merge(ENTITIES["orders"], delivered("orders", rows).lazy())
    (file,) = facts_of(tmp_path / "facts", lake, RULES).files("orders")
    buyers = pl.read_parquet(file)["customer_id"]
    assert (buyers.n_unique(), buyers.is_sorted()) == (3, True)


def test_a_line_finds_the_order_that_comes_after_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
    lake = Lake(str(tmp_path / "lake"))
    order = ORDER | {"customer_id": "ann", "ordered_at": "2026-06-01"}
    lake.merge(ENTITIES["orders"], delivered("orders", [order | {"order_id": "o1"}]).lazy())
    line = {"line_number": 1, "product_id": "p", "quantity": 1, "line_amount": 100, "ordered_at": "2026-04-01"}
    lake.merge(ENTITIES["order_lines"], delivered("order_lines", [line | {"order_id": "o2"}]).lazy())

    def orders_of_lines() -> list[str | None]:
        facts = facts_of(tmp_path / "facts", lake, RULES)
        return facts.named(facts.scan("order_lines").collect())["order_id"].to_list()

    assert orders_of_lines() == [None]
    lake.merge(ENTITIES["orders"], delivered("orders", [order | {"order_id": "o2"}]).lazy())
    assert orders_of_lines() == ["o2"]


@dataclass(frozen=True)
class OneLine:
    """A line of order o1, and a lake of orders that are sold; every customer is a bucket."""

    folder: Path

    @property
    def lake(self) -> Lake:
        return Lake(str(self.folder / "lake"))

    def sell(self, order: str, customer: str | None, on: str = "2026-06-01") -> None:
        row = ORDER | {"order_id": order, "customer_id": customer, "ordered_at": on}
        self.lake.merge(ENTITIES["orders"], delivered("orders", [row]).lazy())

    def whose_line(self) -> list[str | None]:
        """The customer of each order in the buckets that have the line."""
        facts = facts_of(self.folder / "facts", self.lake, RULES, rows_per_bucket=1)
        assert_buckets_are_whole(facts)
        having = [part for part in facts.buckets() if part.scan("order_lines").collect().height]
        return [name for part in having for name in facts.named(part.scan("orders").collect())["customer_id"]]


@pytest.fixture
def one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OneLine:
    monkeypatch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
    shop = OneLine(tmp_path)
    line = {"order_id": "o1", "line_number": 1, "product_id": "p", "quantity": 1, "line_amount": 100}
    shop.lake.merge(ENTITIES["order_lines"], delivered("order_lines", [line | {"ordered_at": "2026-02-01"}]).lazy())
    return shop


def test_a_line_follows_its_order_to_another_customer(one_line: OneLine) -> None:
    for order, customer in (("o1", "ann"), ("o2", "bob"), ("o3", "cis")):
        one_line.sell(order, customer)
    assert one_line.whose_line() == ["ann"]
    # The month of the line has not changed.
    one_line.sell("o1", "bob")
    one_line.sell("o4", "ann")
    assert one_line.whose_line() == ["bob", "bob"]


@pytest.mark.parametrize(("customer", "others"), [("bob", ["bob"]), (None, ["ann"])])
def test_a_line_follows_an_order_that_comes_back_under_another_customer(
    one_line: OneLine, customer: str | None, others: list[str]
) -> None:
    for order, name, on in (("o1", "cis", "2026-04-01"), ("o2", "bob", "2026-05-01"), ("o3", "ann", "2026-06-01")):
        one_line.sell(order, name, on)
    one_line.sell("o4", "cis", "2026-06-01")
    assert one_line.whose_line() == ["cis", "cis"]
    gone = one_line.lake.scan(ENTITIES["orders"], months=MONTHS).filter(order_id="o1").collect()
    is_gone = gone.select("order_id", MONTH, pl.lit(at("2026-07-01")).alias("deleted_at"))
    one_line.lake.mark_deleted(ENTITIES["orders"], is_gone)
    assert one_line.whose_line() == ["cis"]
    one_line.sell("o1", customer, "2026-05-01")
    # What is nobody's is in the first bucket, with ann's.
    assert sorted(one_line.whose_line(), key=str) == sorted([customer, *others], key=str)


def test_other_buckets_need_no_other_facts(tmp_path: Path) -> None:
    lake, folder = Lake(str(tmp_path / "lake")), tmp_path / "facts"
    orders = [ORDER | {"order_id": f"o{n}", "customer_id": f"c{n}", "ordered_at": "2026-06-01"} for n in range(8)]
    lake.merge(ENTITIES["orders"], delivered("orders", orders).lazy())
    # 8 rows: 2 are less than the table has, 9 are more.
    by_number = {rows: len(facts_of(folder, lake, RULES, rows_per_bucket=rows).buckets()) for rows in (9, 2)}
    assert by_number == {9: 1, 2: 4}
    (file,) = (folder / "orders").glob("*.parquet")
    made = file.stat()
    for rows, n_buckets in ((4, 2), (1, 8), (2, 4)):
        facts = facts_of(folder, lake, RULES, rows_per_bucket=rows)
        assert len(facts.buckets()) == n_buckets
        assert_buckets_are_whole(facts)
        assert file.stat() == made
    assert len(facts_of(folder, lake, RULES, rows_per_bucket=9).buckets()) == 1


def test_who_has_ordered_much_has_a_bucket_of_her_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.facts.ROWS_BY_MONTH", 1)
    monkeypatch.setattr("pipeline.fact_rows.ROWS_PER_GROUP", 2)
    lake = Lake(str(tmp_path / "lake"))

    def people_of_buckets(customers: list[str | None]) -> list[list[str]]:
        orders = [
            ORDER | {"order_id": f"o{n}", "customer_id": name, "ordered_at": "2026-06-01"}
            for n, name in enumerate(customers)
        ]
        lake.merge(ENTITIES["orders"], delivered("orders", orders).lazy())
        facts = facts_of(tmp_path / "facts", lake, RULES, rows_per_bucket=4)
        assert_buckets_are_whole(facts)
        return [part.people["name"].sort().to_list() for part in facts.buckets()]

    # With one for everybody: 6 + 1 rows of c0, and 2 of each other, are 19; a third is passed with c0, two thirds with c3.
    customers = ["c0"] * 6 + [f"c{n}" for n in range(1, 7)]
    assert people_of_buckets(customers) == [["c0"], ["c1", "c2", "c3"], ["c4", "c5", "c6"]]
    # 7 orders of nobody are the first bucket's: of 26 in 5 buckets c0 passes two fifths, c1 three, and c4 four.
    assert people_of_buckets([*customers, *[None] * 7]) == [["c0"], ["c1"], ["c2", "c3", "c4"], ["c5", "c6"]]
