"""A page as one HTML file that loads nothing else. What is on it does not belong here."""

import re
from collections.abc import Iterator
from html import escape

from pipeline.commands.explain.page import Grid, Page, Section
from pipeline.commands.html_tables import scrollable_table

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; color: #1b1b1b; background: #fff; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
header, main, footer { max-width: 78rem; margin: 0 auto; padding: 1rem 1.5rem; }
header { border-bottom: 3px solid #1d4f91; }
h1 { margin: 0; font-size: 1.7rem; }
h2 { margin: 2.2rem 0 .4rem; font-size: 1.25rem; color: #123a6e; }
p { margin: .3rem 0; max-width: 70rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .8rem 0 0; padding: 0; list-style: none; }
a { color: #12508f; }
a:focus-visible, .wide:focus-visible { outline: 3px solid #b35900; outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
.wide { overflow-x: auto; margin: .8rem 0 1.2rem; }
table { border-collapse: collapse; font-size: .92rem; }
caption { padding: .2rem 0; text-align: left; font-weight: 600; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid #c4c9d1; text-align: left; vertical-align: top; }
thead th { background: #eef2f7; border-bottom: 2px solid #6b7685; }
tbody th { font-weight: 500; }
.date { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { nav, .skip { display: none; } .wide { overflow: visible; } tr { break-inside: avoid; } }
""".strip()


def as_html(page: Page) -> str:
    """The text of the file."""
    links = "".join(
        f'<li><a href="#part-{number}">{escape(section.title)}</a></li>'
        for number, section in enumerate(page.sections, 1)
    )
    parts = "\n".join(_section(number, section) for number, section in enumerate(page.sections, 1))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(page.title)}</title>
<style>
{STYLE}
</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header>
<h1>{escape(page.title)}</h1>
<p>{escape(page.about)}</p>
<nav aria-label="Parts of this page"><ul>{links}</ul></nav>
</header>
<main id="content">
{parts}
</main>
<footer><p>This page holds personal data.</p></footer>
</body>
</html>
"""


def _section(number: int, section: Section) -> str:
    lines = "\n".join(f"<p>{escape(line)}</p>" for line in section.lines)
    grids = "\n".join(_grid(grid) for grid in section.grids)
    return f"""<section aria-labelledby="part-{number}">
<h2 id="part-{number}">{escape(section.title)}</h2>
{lines}
{grids}
</section>"""


def _grid(grid: Grid) -> str:
    caption = escape(grid.caption)
    head = "".join(
        f'<th scope="col"{_class(grid, place)}>{escape(name)}</th>' for place, name in enumerate(grid.header)
    )
    rows = "\n".join(f"<tr>{''.join(_cells(grid, row))}</tr>" for row in grid.rows)
    return scrollable_table(caption, head, rows)


def _cells(grid: Grid, row: tuple[str, ...]) -> Iterator[str]:
    for place, value in enumerate(row):
        kind = 'th scope="row"' if place == 0 else "td"
        name = ' class="date"' if DATE.fullmatch(value) else _class(grid, place)
        yield f"<{kind}{name}>{escape(value)}</{kind.split()[0]}>"


def _class(grid: Grid, place: int) -> str:
    return ' class="number"' if place in grid.numbers else ""
