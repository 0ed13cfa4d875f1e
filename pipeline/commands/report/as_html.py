"""The report as one HTML file that asks for nothing outside itself. What is in it does not belong here."""

import base64
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from pipeline.commands.html_tables import scrollable_table
from pipeline.core.report.sentences import Sentence
from pipeline.core.report.words import Words
from pipeline.warehouse.editions import REPORT_MARK

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #4a5561; --paper: #fff; --card: #f5f7f9; --line: #c4ccd4;
  --link: #12508f; --accent: #1f6f8b; --difference: #8a3b17; --chance: #4a5561; --fact: #175a72; --missing: #6b3fa0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf0; --soft: #b4bec8; --paper: #14181c; --card: #1e242a; --line: #46505a;
  --link: #8ec5ff; --accent: #7cc4dc; --difference: #ffb38f; --chance: #b4bec8; --fact: #8fd3ea; --missing: #d2b3ff; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 1rem 1.5rem; }
header { border-bottom: 3px solid var(--accent); }
h1 { margin: 0; font-size: 1.8rem; line-height: 1.25; }
h2 { margin: 2.4rem 0 .5rem; font-size: 1.3rem; }
p { margin: .4rem 0; max-width: 68ch; }
.soft, footer { color: var(--soft); }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: .8rem 0 0; padding: 0; list-style: none; }
a { color: var(--link); }
a:focus-visible, .wide:focus-visible { outline: 3px solid var(--difference); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
.told { padding: 0; list-style: none; max-width: 62rem; }
.told li { display: grid; grid-template-columns: 8.5rem 1fr; gap: 1rem; padding: .6rem 0; border-top: 1px solid var(--line); }
.verdict { font-weight: 650; font-size: .9rem; }
.verdict::first-letter { text-transform: uppercase; }
.difference { color: var(--difference); } .chance { color: var(--chance); } .fact { color: var(--fact); } .missing { color: var(--missing); }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(32rem, 100%), 1fr)); gap: 1.2rem; align-items: start; }
figure { margin: 0; padding: .6rem; background: #fff; border: 1px solid var(--line); border-radius: 6px; }
figure img { display: block; width: 100%; height: auto; }
.wide { overflow-x: auto; margin: .8rem 0 1.2rem; }
table { border-collapse: collapse; font-size: .92rem; }
caption { padding: .3rem 0; text-align: left; font-weight: 650; }
th, td { padding: .4rem .8rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--soft); }
tbody th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
code { font: .82rem/1.4 ui-monospace, "DejaVu Sans Mono", monospace; white-space: nowrap; }
@media (max-width: 40rem) { .told li { grid-template-columns: 1fr; gap: .1rem; } header, main, footer { padding: 1rem; } }
@media print { nav, .skip { display: none; } .wide { overflow: visible; } .pictures { grid-template-columns: 1fr 1fr; }
  .told li, figure, tr { break-inside: avoid; } body { font-size: 11pt; } }
""".strip()

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
"""What could turn the direction of a text, or break a command."""
NUMBERS = ("churn_probability", "value_at_risk")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True)
class Drawn:
    """A picture as it stands on the page: SVG, and what it says."""

    svg: str
    alt: str


@dataclass(frozen=True)
class Report:
    """All that is on the page."""

    shop: str
    as_of: date
    edition: str
    sentences: Sequence[Sentence]
    pictures: Sequence[Drawn]
    at_risk: Sequence[Mapping[str, Any]]
    links: Sequence[str]
    """Where the UI explains each of them."""
    notices: Sequence[str]


def as_html(report: Report, words: Words) -> str:
    """The text of the file."""
    title = escape(words("title", shop=report.shop, day=words.day(report.as_of)))
    parts = {
        "told": _told(report, words),
        "at_risk_title": _at_risk(report, words),
        "pictures": _pictures(report),
        "notices": _notices(report, words),
    }
    links = "".join(f'<li><a href="#{name}">{escape(words(name))}</a></li>' for name in parts)
    sections = "\n".join(
        f'<section aria-labelledby="{name}">\n<h2 id="{name}">{escape(words(name))}</h2>\n{content}\n</section>'
        for name, content in parts.items()
    )
    about = words("about", day=words.day(report.as_of), edition=report.edition)
    return f"""<!doctype html>
<html lang="{words.language}">
<head>
<meta charset="utf-8">
{REPORT_MARK}
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
{STYLE}
</style>
</head>
<body>
<a class="skip" href="#content">{escape(words("skip"))}</a>
<header>
<h1>{title}</h1>
<p class="soft">{escape(about)}</p>
<nav aria-label="{escape(words("parts"))}"><ul>{links}</ul></nav>
</header>
<main id="content">
{sections}
</main>
<footer><p>{escape(words("footer"))}</p></footer>
</body>
</html>
"""


def _told(report: Report, words: Words) -> str:
    how = words(
        "how", **{name: f"<b>{escape(words(name).capitalize())}</b>" for name in ("difference", "chance", "fact")}
    )
    items = "\n".join(
        f'<li><span class="verdict {one.verdict}">{escape(words(one.verdict))}</span><span>{_unbroken(one.text)}</span></li>'
        for one in report.sentences
    )
    return f'<p class="soft">{how}</p>\n<ul class="told">\n{items}\n</ul>'


def _unbroken(sentence: str) -> str:
    """A sentence that breaks no line within `n = 12`."""
    return escape(sentence).replace(" = ", "&nbsp;=&nbsp;")


def _pictures(report: Report) -> str:
    figures = "\n".join(
        f'<figure><img src="data:image/svg+xml;base64,{base64.b64encode(one.svg.encode()).decode()}" alt="{escape(one.alt)}"></figure>'
        for one in report.pictures
    )
    return f'<div class="pictures">\n{figures}\n</div>'


def _at_risk(report: Report, words: Words) -> str:
    if not report.at_risk:
        return f"<p>{escape(words('at_risk_none'))}</p>"
    names = ("customer", "segment", "band", "churn_probability", "value_at_risk", "reason", "action", "why")
    head = "".join(f'<th scope="col"{_class(name)}>{escape(words(name))}</th>' for name in names)
    rows = "\n".join(
        f"<tr>{''.join(_cells(row, link, words))}</tr>" for row, link in zip(report.at_risk, report.links, strict=True)
    )
    caption = escape(words("at_risk_caption", n=words.number(len(report.at_risk))))
    about = escape(words("at_risk_about"))
    return f"""<p class="soft">{about}</p>
{scrollable_table(caption, head, rows)}"""


def _cells(row: Mapping[str, Any], link: str, words: Words) -> Iterator[str]:
    customer = _plain(row["customer_id"])
    yield f'<th scope="row"><a href="{escape(link)}">{escape(customer)}</a></th>'
    probability, reason = row["churn_probability"], row["risk_reason_1"]
    action = row["next_action"]
    what = f"{words.name(action)}: {words.name(row['next_action_reason'])}" if action else words("no_action")
    for name, value in (
        ("segment", words.name(row["rfm_segment"])),
        ("band", words.name(row["churn_band"])),
        ("churn_probability", "" if probability is None else words.percent(100 * probability)),
        ("value_at_risk", words.money(row["value_at_risk"], row["currency"])),
        ("reason", words.name(reason) if reason else ""),
        ("action", what),
    ):
        yield f"<td{_class(name)}>{escape(value)}</td>"
    yield f"<td><code>{escape(f'loyalty explain {shlex.quote(customer)} --html {shlex.quote(_file_of(customer))}')}</code></td>"


def _class(name: str) -> str:
    return ' class="number"' if name in NUMBERS else ""


def _plain(value: object) -> str:
    return CONTROL.sub(" ", str(value)).strip()


def _file_of(customer: str) -> str:
    """A file named after a customer, whatever is in the name."""
    return re.sub(r"[^\w.-]+", "_", customer)[:60].lstrip(".-") + ".html"


def _notices(report: Report, words: Words) -> str:
    if not report.notices:
        return f"<p>{escape(words('no_notices'))}</p>"
    # They stand in the warehouse in English.
    items = "\n".join(f"<li>{escape(_plain(message))}</li>" for message in report.notices)
    return f'<ul lang="en">\n{items}\n</ul>'
