"""How an explanation is written: as text and as HTML. What is on it is tested on a night."""

import io
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from pipeline.commands.explain.as_html import STYLE, as_html
from pipeline.commands.explain.in_terminal import print_page
from pipeline.commands.explain.page import Page, Section, count, grid, money, percent, text
from tests.unit.tags import Tags

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
