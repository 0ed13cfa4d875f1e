"""From the page about a customer to the published tables, and on to the lines of the demo shop's own exports."""

import csv
import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from math import exp
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.commands.explain.one_customer import explain
from schemas.actions import ACTIONS
from tests.integration.conftest import DAY, DEMO_DAY
from tests.scenario import ROOT, Shop

ORIGIN = re.compile(r"(\w+): (\S+) rows? (\d+)(, [\d, -]+)?")
CUSTOMERS = {
    "at most risk": "select customer_id from marts.customer_churn_risk order by value_at_risk desc nulls last",
    "with most orders": "select customer_id from marts.dim_customers order by n_orders desc",
    "with a broken promise": "select customer_id from marts.customer_next_action where reason = 'delivered_late'",
    "in a control group": "select customer_id from marts.action_controls order by customer_id",
    "without consent": "select customer_id from marts.action_verdicts where outcome = 'no_consent' group by all "
    "having count(*) > 1 order by count(*) desc, customer_id",
    "held by rhythm": "select customer_id from marts.customer_churn_risk where is_held_by_rhythm order by customer_id",
    "lapsed": "select customer_id from marts.customer_rfm where state = 'lapsed' order by customer_id",
    "who never bought": "select customer_id from marts.customer_rfm where state = 'prospect' order by customer_id",
    "near a tier": "select customer_id from marts.action_verdicts where action = 'tier_nudge' order by customer_id",
    "who answered twice": "select customer_id from marts.fct_survey_responses join marts.customer_sci using (customer_id) "
    "join marts.fct_reviews using (customer_id) where sci_class = 'at_risk' group by all "
    "having count(distinct fct_survey_responses.response_id) > 1 order by customer_id",
}
"""Ten customers of whom different things are said."""


@dataclass
class Told(HTMLParser):
    """A page as a reader has it: per caption the rows of its table, by column; and all lines."""

    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.words, self.caption, self.header, self.cells = "", "", [], []  # type: ignore[var-annotated]

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, _: Any) -> None:
        self.words = ""
        if tag == "tr":
            self.cells = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.lines.append(self.words)
        elif tag == "caption":
            self.caption = self.words
            self.tables[self.caption] = []
        elif tag in ("th", "td"):
            self.cells.append(self.words)
        elif tag == "thead":
            self.header = self.cells
        elif tag == "tr" and self.header and self.cells != self.header:
            self.tables[self.caption].append(dict(zip(self.header, self.cells, strict=True)))
        elif tag == "table":
            self.header = []

    def of(self, caption: str) -> list[dict[str, str]]:
        return self.tables.get(caption, [])

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Known:
    """The published rows of one customer, and the page about them."""

    shop: Shop
    customer: str
    page: Told

    def rows(self, table: str, order: str = "all") -> list[dict[str, Any]]:
        return self.select(f"select * from {table} where customer_id = ? order by {order}", self.customer)

    def select(self, query: str, *values: Any) -> list[dict[str, Any]]:
        with duckdb.connect(str(self.shop.warehouse), read_only=True) as connection:
            found = connection.execute(query, list(values))
            columns = [column[0] for column in found.description]
            return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module", params=CUSTOMERS)
def known(request: pytest.FixtureRequest, demo_night: Shop, tmp_path_factory: pytest.TempPathFactory) -> Known:
    customer = demo_night.query(CUSTOMERS[request.param])[0][0]
    file = tmp_path_factory.mktemp("explain") / "page.html"
    result = demo_night.loyalty("explain", customer, "--html", str(file))
    assert result.exit_code == 0, result.output
    told = Told()
    told.feed(file.read_text(encoding="utf-8"))
    return Known(demo_night, customer, told)


@cache
def records_of(file: Path) -> list[dict[str, Any]]:
    """The records of an export as they stand in it, without the lines that are no records."""
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    with file.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    return [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]


def number(shown: str) -> float:
    """The figure of a cell, whatever its unit."""
    return float(re.sub(r"[^\d.+-]", "", shown.split(" since ")[0]))


# Every figure is the published one


def test_every_order_is_shown_with_its_amounts(known: Known) -> None:
    wanted = [
        {
            "order": row["order_id"],
            "date": str(row["local_date"]),
            "status": row["status"],
            "promise": row["promise_status"],
            **{name: f"{row[f'{name}_amount']:,.2f}" for name in ("gross", "discount", "refund", "net")},
            "valid order": str(row["order_number"]) if row["is_valid"] else f"no: {row['invalid_reason']}",
        }
        for row in known.rows("marts.fct_orders", "ordered_at, order_id")
    ]
    shown = known.page.of("Orders, oldest first")
    assert [{name: row[name] for name in wanted[place]} for place, row in enumerate(shown)] == wanted
    total = sum(Decimal(row["net"].replace(",", "")) for row in shown if not row["valid order"].startswith("no"))
    if total:
        assert f"add up to {total:,.2f} EUR" in known.page.text


def test_a_value_lies_between_the_cut_points_of_its_score(known: Known) -> None:
    (row,) = known.rows("marts.customer_rfm")
    shown = {cut["dimension"]: cut for cut in known.page.of("Scores and cut points")}
    if row["state"] != "scored":
        assert shown == {}
        assert f"Segment {row['segment']}: " in known.page.text
        return
    for dimension, value, score in (
        ("recency", row["recency_days"], row["r_score"]),
        ("frequency", row["frequency"], row["f_score"]),
        ("monetary", row["monetary"], row["m_score"]),
    ):
        cut = shown[dimension]
        assert (number(cut["value"]), number(cut["score"])) == (float(value), score)
        assert number(cut["bin from"]) <= value
        assert cut["to below"].startswith("-") or value < number(cut["to below"])
        ((n,),) = known.shop.query(
            f"select n_customers from marts.rfm_cut_points where as_of_date = '{DEMO_DAY}' and dimension = '{dimension}' "
            f"and bin = {score}"
        )
        assert number(cut["customers in the bin"]) == n
    ((cell,),) = known.shop.query(
        f"select segment from marts.segment_map where as_of_date = '{DEMO_DAY}' "
        f"and code = '{re.findall(r'are cell (.+) of map', known.page.text)[0]}'"
    )
    assert cell == row["segment"]
    assert f": segment {cell}." in known.page.text


def test_answers_have_the_box_that_makes_the_class(known: Known) -> None:
    shown = known.page.of("Survey answers, newest first")
    answers = known.select(
        "select answers.* from marts.fct_survey_answers as answers join marts.fct_survey_responses using (response_id) "
        "where customer_id = ?",
        known.customer,
    )
    assert sorted(
        (row["response"], row["question"], number(row["answer"].split(" of ")[0])) for row in shown
    ) == sorted((row["response_id"], row["item_id"], row["value"]) for row in answers)
    for sci in known.rows("marts.customer_sci"):
        boxes = {row["about"].split(",")[0]: row["box"] for row in shown if row["box"] != "-"}
        assert {row["response"] for row in shown if row["box"] != "-"} <= {sci["response_id"]}
        wanted = {role: sci[f"{role}_box"] for role in ("satisfaction", "repurchase", "recommend")}
        assert boxes == {f"SCI {role}": str(box) for role, box in wanted.items() if box is not None}
        assert f"Secure Customer Index: {sci['sci_class']}, by response {sci['response_id']}" in known.page.text


def test_the_churn_score_is_the_sum_of_its_parts_and_gives_the_probability(known: Known) -> None:
    shown = known.page.of("Churn score as a sum")
    for row in known.rows("marts.customer_churn_risk"):
        base, *parts, whole = (number(part["adds to the score"]) for part in shown)
        assert base == pytest.approx(row["score_base"], abs=1e-4)
        assert whole == pytest.approx(row["churn_score"], abs=1e-4)
        assert base + sum(parts) == pytest.approx(whole, abs=1e-3)
        assert shown[-1]["probability if as for the typical customer"] == f"{100 * row['churn_probability']:.1f}%"
        assert row["churn_probability"] == pytest.approx(1 / (1 + exp(-whole)), abs=1e-4)
        for part, adds in zip(shown[1:-1], parts, strict=True):
            without = number(part["probability if as for the typical customer"]) / 100
            assert without == pytest.approx(1 / (1 + exp(adds - whole)), abs=1e-3)
        assert f"Band {row['churn_band']}" in known.page.text
    assert bool(shown) == bool(known.rows("marts.customer_churn_risk"))


def test_tier_and_points_add_up(known: Known) -> None:
    (row,) = known.rows("marts.customer_loyalty")
    tiers = {tier["tier"]: tier for tier in known.page.of("Tiers")}
    assert tiers[row["tier"]]["reached now"] == ("no" if row["is_in_grace"] else "yes")
    if row["next_tier"]:
        assert number(tiers[row["next_tier"]]["from"]) == float(row["tier_value"] + row["amount_to_next_tier"])
        goal = row["tier_value"] + row["amount_to_next_tier"]
        sums = f"{goal:,.2f} EUR - {row['tier_value']:,.2f} EUR = {row['amount_to_next_tier']:,.2f} EUR to go"
        assert sums in known.page.text
    ledger = known.page.of("Points ledger")
    assert sum(number(entry["points"]) for entry in ledger) == row["points_balance"]
    if ledger:
        assert number(ledger[-1]["balance"]) == row["points_balance"]


def test_every_action_of_the_playbook_has_its_outcome(known: Known) -> None:
    shown = {row["action"]: row for row in known.page.of("The playbook")}
    assert set(shown) == set(ACTIONS)
    verdicts = {row["action"]: row for row in known.rows("marts.action_verdicts")}
    for action, row in shown.items():
        if action not in verdicts:
            assert row["outcome"] == "not due"
            assert row["why"].startswith("due when ")
            continue
        assert row["why"].startswith(verdicts[action]["reason"])
        value = verdicts[action]["expected_value"]
        assert row["at stake"] == ("-" if value is None else f"{value:,.2f} EUR")
    chosen = {row["action"] for row in known.rows("marts.customer_next_action")}
    assert {action for action, row in shown.items() if row["outcome"] == "chosen: the next action"} == chosen
    controlled = {row["action"] for row in known.rows("marts.action_controls")}
    assert {action for action, row in shown.items() if row["outcome"].endswith("in the control group")} == controlled


def test_segments_are_those_of_the_history_and_of_the_wide_table(known: Known) -> None:
    (wide,) = known.rows("marts.customer_360")
    stands = {row["what"]: row["value"] for row in known.page.of("Where the customer stands")}
    wanted = {
        "RFM segment": "rfm_segment",
        "Churn band": "churn_band",
        "Loyalty tier": "tier",
        "Next action": "next_action",
    }
    assert {name: stands[name] for name in wanted} == {name: wide[column] or "-" for name, column in wanted.items()}
    now = {row["kind"]: row["segment"] for row in known.page.of("Newest first") if row["last date"] == "now"}
    assert now == {
        row["kind"]: row["segment"] for row in known.rows("marts.customer_segment_history") if row["valid_to"] is None
    }


# And it came from that line


def origins_of(page: Told) -> Iterator[tuple[str, str, str]]:
    """Of every row that names its line: the table, the key, and where it came from."""
    for caption, rows in page.tables.items():
        for row in rows:
            if "from" in row and ORIGIN.fullmatch(row["from"]):
                # An event of the ledger goes by the order that it is about.
                key = row["order"] if caption == "Points ledger" else next(iter(row.values()))
                yield caption, key, row["from"]


def test_every_fact_names_the_line_of_the_export_that_it_came_from(known: Known) -> None:
    found = list(origins_of(known.page))
    assert {"Accounts"} <= {caption for caption, _, _ in found}
    assert len(found) >= sum(len(known.page.of(name)) for name in ("Orders, oldest first", "Reviews"))
    for caption, key, origin in found:
        match = ORIGIN.fullmatch(origin)
        assert match
        record = records_of(known.shop.home / "demo" / match[2])[int(match[3]) - 1]
        assert key in record.values() or key == "-", (caption, key, origin, record)
    for row in known.page.of("Orders, oldest first"):
        match = ORIGIN.fullmatch(row["from"])
        assert match
        record = records_of(known.shop.home / "demo" / match[2])[int(match[3]) - 1]
        assert record["customer_number"] == known.customer
        assert number(record["subtotal"]) == number(row["gross"])
    answers = {(row["response"], row["question"]): row for row in known.page.of("Survey answers, newest first")}
    for (response, question), row in answers.items():
        match = ORIGIN.fullmatch(row["from"])
        assert match
        record = records_of(known.shop.home / "demo" / match[2])[int(match[3]) - 1]
        assert (record["response_id"], float(record[question])) == (response, number(row["answer"].split(" of ")[0]))


def test_one_query_leads_from_the_orders_to_the_lines_of_the_export(known: Known) -> None:
    definitions = (ROOT / "docs/definitions.md").read_text(encoding="utf-8")
    (query,) = [found for found in re.findall(r"```sql\n(.+?)```", definitions, re.S) if "quality.row_origins" in found]
    found = known.shop.query(query.replace("K1000017", known.customer))
    shown = known.page.of("Orders, oldest first")
    assert sorted((order, f"{Path(file).name} row {row}") for order, _, file, row, _ in found) == sorted(
        (row["order"], row["from"].split(": ")[1]) for row in shown
    )


# The command


def test_the_terminal_says_the_same_as_the_page(known: Known) -> None:
    result = known.shop.loyalty("explain", known.customer)
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    for line in known.page.lines[2:-1]:
        assert " ".join(line.split()) in words
    for rows in known.page.tables.values():
        assert all(row_key in words for row in rows for row_key in list(row.values())[:1])


def test_an_unknown_customer_is_one_line_that_says_whom_it_could_be(demo_night: Shop) -> None:
    ((customer, order),) = demo_night.query(
        "select customer_id, order_id from marts.fct_orders where customer_id is not null order by all limit 1"
    )
    mistyped = demo_night.loyalty("explain", customer[:-1] + "x")
    assert mistyped.exit_code == 1
    assert len(mistyped.error_lines) == 1
    assert f"customer '{customer[:-1]}x' is not in " in mistyped.error_lines[0]
    assert customer[:-1] in mistyped.error_lines[0].partition("near: ")[2]
    assert demo_night.loyalty("explain", order).error_lines[0].endswith(f"it is an order of customer {customer}")


def test_a_date_without_an_edition_has_what_the_published_file_says_of_it(demo_night: Shop) -> None:
    ((customer, day, n),) = demo_night.query(
        "select customer_id, max(local_date)::varchar, count(*) from marts.fct_orders where customer_id is not null "
        f"and local_date < '{DEMO_DAY}' group by all having count(*) > 3 order by all limit 1"
    )
    result = demo_night.loyalty("explain", customer, "--as-of", day)
    assert result.exit_code == 0, result.output
    assert f"No edition of {day} is kept" in result.output
    assert f"{n} orders, " in result.output
    assert "Churn score as a sum" not in result.output
    late = demo_night.loyalty("explain", customer, "--as-of", "2026-11-22")
    assert late.error_lines[0].startswith(f"error: --as-of 2026-11-22 is after {DEMO_DAY}, the date of ")


def test_of_a_date_whose_edition_is_kept_all_is_told(night: Shop) -> None:
    (edition,) = (night.home / "editions").glob("*.duckdb")
    newer = night.folder / "newer.duckdb"
    newer.write_bytes(night.warehouse.read_bytes())
    with duckdb.connect(str(newer)) as connection:
        connection.execute("update quality.lake_versions set as_of_date = as_of_date + 1")
    told = explain(newer, night.home / "editions", "c1", as_of=None)
    assert "2026-07-01" in told.about
    earlier = explain(newer, night.home / "editions", "c1", as_of=date.fromisoformat(DAY))
    assert str(edition) in earlier.about
    (churn,) = [section for section in earlier.sections if section.title == "Churn risk"]
    assert "by the rule of days, without a model" in churn.lines[0]
    assert {row[-1] for row in churn.grids[0].rows} == {"-"}


def test_a_page_is_read_by_whom_the_published_file_is_and_one_that_cannot_be_written_is_one_line(
    night: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    assert night.loyalty("explain", "c1", "--html", str(file)).exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == stat.S_IMODE(night.warehouse.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    failed = night.loyalty("explain", "c1", "--html", str(tmp_path / "nowhere" / "page.html"))
    assert failed.exit_code == 1
    assert "cannot be written" in failed.error_lines[0]


def test_an_empty_name_is_no_customer(night: Shop) -> None:
    # As a script whose variable is empty gives it.
    result = night.loyalty("explain", " ")
    assert (result.exit_code, result.error_lines) == (
        1,
        ["error: the customer is empty; name one, such as by an id in marts.dim_customers"],
    )


def test_nothing_published_is_one_line(tmp_path: Path, night: Shop) -> None:
    (tmp_path / "loyalty.yaml").write_text(night.config.read_text(encoding="utf-8"))
    for name in ("orders.sql", "orders.csv"):
        (tmp_path / name).write_text((night.folder / name).read_text(encoding="utf-8"))
    result = Shop(tmp_path).loyalty("explain", "c1")
    assert result.exit_code == 1
    assert result.error_lines[0].endswith("does not exist yet; publish an edition with `loyalty run` first")
