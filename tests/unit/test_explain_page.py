"""How an explanation is written: as text and as HTML, and what a night does not have. What else is on it is tested on a night."""

import io
import re
from datetime import date
from decimal import Decimal
from math import log
from typing import Any

import duckdb
import pytest
from rich.console import Console

from pipeline.commands.explain.as_html import STYLE, as_html
from pipeline.commands.explain.attitude import attitude
from pipeline.commands.explain.in_terminal import print_page
from pipeline.commands.explain.known import orders
from pipeline.commands.explain.page import Page, Section, count, grid, money, percent, text
from pipeline.commands.explain.published_rows import Rows
from pipeline.commands.explain.scores import churn
from pipeline.commands.explain.standing import loyalty
from schemas.registry import MARTS
from tests.unit.tags import Tags

SIDES = [("risk", 1), ("risk", 2), ("risk", 3), ("holding", 1), ("holding", 2)]

EVIL = '<script>alert(1)</script> & "it\'s" [bold red]x[/] \x1b[2J\u202e'


def page(*values: Any) -> Page:
    told = grid("A table", ("what", "n"), [(value, 1234) for value in values], numbers=["n"])
    return Page("Customer a", "As of 2026-06-30", [Section("Orders", ["A line."], [told]), Section("Files")])


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "-"),
        (True, "yes"),
        (0, "0"),
        (1234, "1,234"),
        (2.0, "2"),
        (29.6, "29.6"),
        (0.80559, "0.8056"),
        (Decimal("1234.5"), "1,234.50"),
        (date(2026, 6, 30), "2026-06-30"),
        ("  ", "-"),
        ("a\x1b[2J\nb", "a [2J b"),
    ],
)
def test_a_value_is_written_as_it_is_read(value: Any, written: str) -> None:
    assert text(value) == written


def test_amounts_shares_and_counts_have_their_unit() -> None:
    assert money(Decimal("1959.7"), "EUR") == "1,959.70 EUR"
    assert (money(None, "EUR"), percent(None)) == ("-", "-")
    assert percent(0.8471) == "84.7%"
    assert (count(1, "day"), count(1200, "day"), count(2, "entry", "entries")) == ("1 day", "1,200 days", "2 entries")


def test_a_value_of_a_shop_is_text_and_nothing_else_in_a_browser() -> None:
    found = Tags(as_html(page(EVIL)))
    assert found.named("script") == []
    assert "<script>alert(1)</script>" in "".join(found.words)


def test_a_value_of_a_shop_moves_no_cursor_and_sets_no_colour_in_a_terminal() -> None:
    out = Console(file=io.StringIO(), force_terminal=True, width=200, color_system=None)
    with out.capture() as captured:
        print_page(page(EVIL), out)
    assert "[bold red]x[/]" in captured.get()
    assert "\x1b[2J" not in captured.get()
    assert "\u202e" not in captured.get()


def test_a_page_asks_for_nothing_outside_itself() -> None:
    content = as_html(page("a"))
    found = Tags(content)
    assert {tag for tag, _ in found.tags} & {"script", "img", "link", "iframe", "object", "form"} == set()
    links = [attributes["href"] for attributes in found.named("a")]
    assert links == ["#content", "#part-1", "#part-2"]
    assert "url(" not in content
    assert "@import" not in content
    (policy,) = [meta["content"] for meta in found.named("meta") if "http-equiv" in meta]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_page_has_a_language_landmarks_and_tables_that_can_be_told() -> None:
    found = Tags(as_html(page("a", "b")))
    assert found.named("html") == [{"lang": "en"}]
    assert [tag for tag, _ in found.tags if tag in ("header", "nav", "main", "footer")] == [
        "header",
        "nav",
        "main",
        "footer",
    ]
    labels = [section["aria-labelledby"] for section in found.named("section")]
    assert labels == [heading["id"] for heading in found.named("h2")] == ["part-1", "part-2"]
    assert [head["scope"] for head in found.named("th")] == ["col", "col", "row", "row"]
    assert len(found.named("caption")) == len(found.named("table")) == 1
    (region,) = [box for box in found.named("div") if box.get("class") == "wide"]
    assert (region["role"], region["tabindex"], region["aria-label"]) == ("region", "0", "A table")


def rows_of_orders(*orders: dict[str, Any]) -> Rows:
    """A published file with these orders of customer a, each on a row of its own of one export."""
    connection = duckdb.connect()
    connection.execute("create schema marts")
    connection.execute("create schema quality")
    for table, names in (
        ("marts.fct_orders", MARTS["fct_orders"].columns),
        ("quality.row_origins", MARTS["row_origins"].columns),
    ):
        connection.execute(f"create table {table} ({', '.join(f'{name} varchar' for name in names)})")
    connection.execute("alter table marts.fct_orders alter local_date type date")
    connection.execute("alter table marts.fct_orders alter is_valid type boolean")
    for name in ("gross", "discount", "refund", "net", "original_net"):
        connection.execute(f"alter table marts.fct_orders alter {name}_amount type decimal(18, 2)")
    connection.execute("alter table quality.row_origins alter row_number type bigint")
    for number, order in enumerate(orders, start=1):
        row = {
            "order_id": f"o{number}",
            "customer_id": "a",
            "local_date": "2026-06-01",
            "status": "paid",
            "currency": "EUR",
        }
        row |= {
            "is_valid": False,
            **dict.fromkeys(("gross_amount", "discount_amount", "refund_amount", "net_amount"), 0),
        } | order
        connection.execute(
            f"insert into marts.fct_orders by name select {', '.join(f'${name} as {name}' for name in row)}", row
        )
        connection.execute(
            "insert into quality.row_origins by name select $id as row_id, 'shop' as source, '/x/orders.csv' as file, $n as row_number",
            {"id": f"orders o{number}", "n": number},
        )
    return Rows(connection, "a")


def test_a_cancellation_invoice_is_no_order() -> None:
    bought = {"is_valid": True, "gross_amount": 100, "net_amount": 100, "order_number": "1"}
    invoice = {"status": "returned", "refund_amount": 130, "net_amount": -130}
    section = orders(rows_of_orders(bought, invoice, {"status": "returned", "gross_amount": 20}), date(2026, 6, 30))
    assert section.lines == [
        "2 orders, 1 valid; the valid ones add up to 100.00 EUR. Amounts in EUR: net = gross - discount - refund.",
        "1 cancellation invoice beside them: a refund that names no order, and is none.",
    ]


def test_of_more_orders_than_anybody_reads_the_newest_are_shown_and_all_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipeline.commands.explain.known.ORDER_ROWS", 2)
    many, few = (orders(rows_of_orders(*({} for _ in range(n))), date(2026, 6, 30)) for n in (3, 2))
    assert [row[0] for row in many.grids[0].rows] == ["o2", "o3"]
    assert many.lines[0].startswith("3 orders, 0 valid")
    assert many.lines[-1] == "The newest 2 are below; marts.fct_orders has all."
    assert (len(few.grids[0].rows), len(few.lines)) == (2, 1)


def test_an_order_without_a_rate_has_no_amount() -> None:
    yen = {"original_currency": "JPY", "original_net_amount": 9000, "invalid_reason": "no_rate"}
    returned = yen | {"status": "returned", "original_net_amount": 0}
    section = orders(rows_of_orders(yen, returned), date(2026, 6, 30))
    assert section.lines[1:] == ["2 orders in JPY have no rate for their date, so no amount in EUR is known."]
    (shown, _) = section.grids[0].rows
    assert shown[5:9] == ("-", "-", "-", "-")


def test_a_row_of_a_file_is_counted_once_however_many_facts_came_from_it() -> None:
    rows = rows_of_orders({}, {})
    rows.connection.execute("update quality.row_origins set more_rows = '3-4, 7' where row_number = 2")
    for _ in range(2):
        rows.origins("orders", ["o1", "o2"])
    # Rows 1, 2, 3, 4 and 7.
    assert {file: len(shown) for file, shown in rows.files.items()} == {"/x/orders.csv": 5}


RISK = {
    **{"as_of_date": date(2026, 6, 30), "customer_id": "a", "method": "model", "churn_band": "at_risk"},
    **{
        "days_since_last_order": 20,
        "typical_gap_days": None,
        "is_held_by_rhythm": False,
        "value_at_risk": None,
        "currency": "EUR",
    },
    **dict.fromkeys([f"{kind}_{what}_{n}" for what in ("reason", "contribution") for kind, n in SIDES]),
}


class OneRow(Rows):
    """A file with one row per table, and nothing else."""

    def __init__(self, **tables: dict[str, Any]) -> None:
        super().__init__(duckdb.connect(), "a")
        self.tables = tables
        self.settings: dict[str, str] = {}

    def one(self, table: str) -> dict[str, Any] | None:
        return self.tables.get(table.partition(".")[2])

    def of(self, query: str, *values: Any) -> list[dict[str, Any]]:  # noqa: ARG002 (as that of Rows)
        return []

    def setting(self, name: str) -> str | None:
        return self.settings.get(name)


class WithCard(OneRow):
    """The same with the row of a model card."""

    def __init__(self, card: dict[str, Any], **tables: dict[str, Any]) -> None:
        super().__init__(**tables)
        self.card = card

    def of(self, query: str, *values: Any) -> list[dict[str, Any]]:  # noqa: ARG002 (as that of Rows)
        return [self.card] if "churn_model_card" in query else []


CARD = {
    **{
        "model": "logistic",
        "trained_at": date(2026, 6, 29),
        "horizon_days": 90,
        "cut_date": date(2026, 3, 31),
        "n": 1000,
    },
    **{"base_rate": 0.4, "auc": 0.7, "ece": 0.048, "publishes": "probabilities", "publishes_why": None},
}


def test_the_base_rate_is_told_beside_the_rule_of_days_and_is_no_sum_of_the_score() -> None:
    # 425 days of silence of an only order, the first edge 60: a score in days, and the same probability for everyone.
    row = RISK | {
        "method": "one_time_rule",
        "churn_band": "lost",
        "days_since_last_order": 425,
        "churn_probability": 0.6,
    }
    row |= {"risk_reason_1": "long_silence", "risk_contribution_1": 365.0, "score_base": 60.0}
    row |= {"other_contribution": 0.0, "churn_score": 425.0}
    section = churn(WithCard(CARD | {"model": "base_rate"}, customer_churn_risk=row))
    assert [line[2] for line in section.grids[0].rows] == ["-", "-", "-", "-"]
    assert "Band lost, by the rule of days" in section.lines[0]
    assert "gives everyone the same churn probability, 60.0%" in section.lines[0]
    assert "without a model" not in section.lines[0]
    assert section.lines[1].startswith("Model base_rate, trained 2026-06-29")
    without = churn(WithCard(CARD, customer_churn_risk=row | {"churn_probability": None}))
    assert "by the rule of days, without a model" in without.lines[0]
    assert len(without.lines) == 1


def test_where_only_bands_are_published_the_page_shows_what_decided_it() -> None:
    row = RISK | {"risk_reason_1": None, "score_base": 0.1, "other_contribution": 0.0, "churn_score": 0.1}
    row |= {"churn_probability": None}
    why = "mean calibration error 0.0620 over 3 cuts, limit 0.05"
    section = churn(WithCard(CARD | {"publishes": "bands", "publishes_why": why}, customer_churn_risk=row))
    # The newest cut alone would have held.
    assert section.lines[1].endswith(f"calibration error 0.048. Only bands are published: {why}.")
    assert "Only bands" not in churn(WithCard(CARD, customer_churn_risk=row)).lines[1]


def test_an_earlier_date_without_a_word_of_the_customer_says_so() -> None:
    section = attitude(OneRow(), date(2026, 6, 30), has_scores=False)
    assert section.lines == ["No answer and no review up to 2026-06-30."]
    assert section.grids == []


def test_a_customer_without_a_single_reason_starts_where_the_band_begins_and_nothing_is_said_of_the_typical_one() -> (
    None
):
    # at_risk begins at 0.5, log-odds 0; ln 4 is 0.8; held by 0.5 it would be ln 4 + 0.5.
    score = log(4)
    row = RISK | {"risk_reason_1": "no_single_reason", "risk_contribution_1": score + 0.5, "score_base": 0.0}
    row |= {"holding_reason_1": "many_orders", "holding_contribution_1": -0.5, "other_contribution": 0.0}
    row |= {"churn_score": score, "churn_probability": 0.8}
    section = churn(OneRow(customer_churn_risk=row))
    assert [line[2] for line in section.grids[0].rows] == ["50.0%", "-", "86.8%", "-", "80.0%"]
    assert "the first row has the probability from which the band is at_risk, the last row" in section.lines[-1]
    assert "that customer's own probability" not in section.lines[-1]


@pytest.mark.parametrize(
    ("tier", "since", "told"),
    [
        (
            "member",
            date(2026, 6, 1),
            "member, which everyone has, counted from 2026-06-01 (the first gain, or the fall from",
        ),
        ("member", None, "member, which everyone has, without any gain yet, until"),
        ("bronze", date(2026, 6, 1), "bronze, since 2026-06-01, until"),
    ],
)
def test_the_first_tier_is_not_said_to_be_new(tier: str, since: date | None, told: str) -> None:
    row = dict.fromkeys(
        ("vip_reason", "ambassador_reason", "next_tier", "tier_until", "points_balance", "amount_to_keep_tier")
    ) | {"tier": tier, "tier_since": since, "tier_metric": "net_spend", "tier_value": 120, "is_in_grace": False}
    rows = OneRow(customer_loyalty=row | {"as_of_date": date(2026, 6, 30), "currency": "EUR"})
    rows.settings["loyalty.tiers"] = '[{"name": "member", "from_amount": 0}, {"name": "bronze", "from_amount": 100}]'
    assert loyalty(rows).lines[0].startswith(f"Tier {told}")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 has it."""
    wide = colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
    parts = [int(wide[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_colour_of_text_can_be_read_on_every_ground() -> None:
    texts = re.findall(r"(?<!-)color: (#[0-9a-f]{3,6})", STYLE)
    grounds = re.findall(r"background: (#[0-9a-f]{3,6})", STYLE)
    assert len(texts) >= 3
    assert len(grounds) >= 2
    for one in texts:
        for ground in grounds:
            assert (luminance(ground) + 0.05) / (luminance(one) + 0.05) >= 4.5, (one, ground)
