"""A page as text for a terminal. What is on it does not belong here."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.commands.explain.page import Grid, Page

WIDTH = 160
"""The width where output is not a terminal, such as a file: a row stays on one line."""


def print_page(page: Page, out: Console) -> None:
    """Print it."""
    if not out.is_terminal:
        out.width = max(out.width, WIDTH)
    out.print(f"[bold]{escape(page.title)}[/]", soft_wrap=True)
    out.print(escape(page.about), soft_wrap=True)
    for section in page.sections:
        out.print()
        out.print(f"[bold]{escape(section.title)}[/]")
        for line in section.lines:
            out.print(escape(line))
        for grid in section.grids:
            out.print(_table(grid))


def _table(grid: Grid) -> Table:
    shown = Table(title=escape(grid.caption), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, name in enumerate(grid.header):
        shown.add_column(escape(name), justify="right" if place in grid.numbers else "left", overflow="fold")
    for row in grid.rows:
        shown.add_row(*map(escape, row))
    return shown
