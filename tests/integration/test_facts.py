"""The files of the facts: when they are made, of what, and what they say of customers with several accounts."""

from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipeline.core.attitude.comments import read_texts
from pipeline.core.attitude.lexicon import Theme
from pipeline.core.attitude.settings import SciSettings
from pipeline.facts import Rules, facts_of, write_known
from pipeline.lake import Lake
from schemas.registry import ENTITIES, KNOWN, RECORDS
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

    monkeypatch.setattr("pipeline.facts.read_texts", reading)
    by = replace(RULES, language="nl", themes={"price": Theme(words={"nl": ["prijs"]})})
    review = {"rating": 5.0, "created_at": "2026-06-30"}
    said = {"r1": "Goede prijs", "r2": "Goede prijs", "r3": None}
    rows = [review | {"review_id": name, "body": body} for name, body in said.items()]
    lake.merge(ENTITIES["reviews"], delivered("reviews", rows).lazy())
    facts = facts_of(tmp_path / "facts", lake, by)
    themes = facts.scan("reviews").select("review_id", "language", "themes").sort("review_id").collect()
    assert themes.rows() == [("r1", "nl", ["price"]), ("r2", "nl", ["price"]), ("r3", None, None)]
    answer = {"response_id": "a1", "submitted_at": "2026-06-30", "comment": "Slechte prijs"}
    lake.merge(ENTITIES["survey_responses"], delivered("survey_responses", [answer]).lazy())
    facts = facts_of(tmp_path / "facts", lake, by)
    assert facts.scan("survey_responses").select("themes").collect().to_series().to_list() == [["price"]]
    assert read == [["Goede prijs"], ["Slechte prijs"]]
    # A text that has gone is kept nowhere, and another lexicon reads everything anew.
    lake.merge(ENTITIES["reviews"], delivered("reviews", [row | {"body": None} for row in rows]).lazy())
    facts_of(tmp_path / "facts", lake, by)
    assert read[2:] == [[]]
    assert pl.read_parquet(tmp_path / "facts" / "texts.parquet").rows() == [("Slechte prijs", "nl", ["price"])]
    facts_of(tmp_path / "facts", lake, replace(by, themes={"luck": Theme(words={"nl": ["slecht"]})}))
    assert read[3:] == [["Slechte prijs"]]
    assert pl.read_parquet(tmp_path / "facts" / "texts.parquet").rows() == [("Slechte prijs", "nl", ["luck"])]


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
    named = facts.named(orders.lazy()).collect().sort("order_id")
    assert named.select("order_id", "customer_id", "ordered_date").rows() == [
        ("o1", "ann", date(2026, 6, 1)),
        ("o2", "ann", date(2026, 6, 30)),
        ("o3", "bob", date(2026, 7, 2)),
        ("o4", None, date(2026, 6, 5)),
    ]
    # An order that only a review names keeps its name.
    assert facts.named(facts.scan("reviews")).select("order_id", "customer_id").collect().rows() == [
        ("elsewhere", "ann")
    ]


def test_what_is_known_at_a_date_is_written_by_name_in_the_columns_of_its_marts(lake: Lake, tmp_path: Path) -> None:
    facts = facts_of(tmp_path / "facts", lake, RULES)
    write_known(tmp_path / "known", facts, as_of=date(2026, 6, 30), consent_without_flag=False)
    orders, customers = (pl.read_parquet(tmp_path / "known" / f"{name}.parquet") for name in KNOWN)
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
    orders = pl.read_parquet(tmp_path / "known" / "orders_known.parquet").sort("order_id")
    assert orders["net_amount"].to_list() == [1000] * 4
    assert orders["valid_net_amount"].to_list() == [1000, 1000, 1000, None]
