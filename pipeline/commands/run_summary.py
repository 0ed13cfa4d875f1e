"""What a person sees after a run: rows per source, sizes of the segments, what is empty and why, and where the warehouse is."""

import io
from datetime import date
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.lake import Lake
from schemas.registry import RECORDS, SEGMENTS

SUMMARY_WIDTH = 120
"""Wide enough for a log file to show whole names."""


def print_summary(lake: Lake, warehouse: Path, day: date, run_id: str) -> None:
    """Print rows in, valid and rejected per source; a date's segment sizes and notices; the published file."""
    out = Console(highlight=False)
    out.width = max(out.width, SUMMARY_WIDTH)
    _write(out, lake, warehouse, day, run_id)


def summary_text(lake: Lake, warehouse: Path, day: date, run_id: str) -> str:
    """The same as plain text."""
    out = Console(file=io.StringIO(), highlight=False, width=SUMMARY_WIDTH, color_system=None)
    with out.capture() as captured:
        _write(out, lake, warehouse, day, run_id)
    return captured.get()


def _write(out: Console, lake: Lake, warehouse: Path, day: date, run_id: str) -> None:
    batches = lake.scan(RECORDS["batches"]).filter(pl.col("run_id") == run_id).sort("source", "entity").collect()
    rows = Table("source", "entity", title="Rows", title_justify="left")
    for name in ("rows in", "valid", "rejected", "excluded", "broken lines"):
        rows.add_column(name, justify="right")
    for batch in batches.iter_rows(named=True):
        figures = ("rows_mapped", "rows_valid", "rows_rejected", "rows_excluded", "lines_broken")
        rows.add_row(batch["source"], batch["entity"], *(f"{batch[name]:,}" for name in figures))
    out.print(rows)
    for title, table, column in (
        ("RFM segments", "rfm", "segment"),
        ("SCI classes", "sci", "sci_class"),
        ("Churn bands", "churn_risk", "churn_band"),
        ("Loyalty tiers", "loyalty", "tier"),
        ("Next actions", "next_action", "action"),
    ):
        sizes = lake.scan_as_of(SEGMENTS[table], day).group_by(column).len().sort("len", column, descending=True)
        shown = ", ".join(f"{name} {size:,}" for name, size in sizes.collect().iter_rows())
        out.print(f"[bold]{title}:[/] {escape(shown or 'none')}", soft_wrap=True)
    notices = lake.scan_as_of(SEGMENTS["notices"], day).sort("kind", "subject").select("message").collect()
    for (message,) in notices.iter_rows():
        out.print(f"[bold]Note:[/] {escape(message)}", soft_wrap=True)
    out.print(f"[bold]Warehouse:[/] {escape(str(warehouse))}", soft_wrap=True)
