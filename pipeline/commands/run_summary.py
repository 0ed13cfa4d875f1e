"""What a person sees after a run: rows per source, sizes of the segments, what is empty and why, and where the warehouse is."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.lake import Lake
from schemas.registry import RECORDS, SEGMENTS

FIGURES = ("rows_mapped", "rows_valid", "rows_rejected", "rows_excluded", "lines_broken")
SUMMARY_WIDTH = 120
"""Wide enough for a log file to show whole names."""


def print_summary(lake: Lake, warehouse: Path, day: date, run_id: str) -> None:
    """Print rows in, valid and rejected per source; a date's segment sizes and notices; the published file."""
    out = Console(highlight=False)
    out.width = max(out.width, SUMMARY_WIDTH)
    rows = Table("source", "entity", title="Rows", title_justify="left")
    for name in ("rows in", "valid", "rejected", "excluded", "broken lines"):
        rows.add_column(name, justify="right")
    for batch in _batches(lake, run_id):
        rows.add_row(batch["source"], batch["entity"], *(f"{batch[name]:,}" for name in FIGURES))
    out.print(rows)
    for title, words in _told(lake, day):
        out.print(f"[bold]{title}:[/] {escape(words)}", soft_wrap=True)
    out.print(f"[bold]Warehouse:[/] {escape(str(warehouse))}", soft_wrap=True)


def summary_lines(lake: Lake, day: date, run_id: str) -> list[str]:
    """The same in lines that a chat can wrap, without the file; a source without new rows is left out."""
    rows = [
        f"{batch['source']}/{batch['entity']} {batch['rows_mapped']:,} ({batch['rows_rejected']:,} rejected)"
        for batch in _batches(lake, run_id)
        if batch["rows_mapped"]
    ]
    return [f"Rows read: {', '.join(rows) or 'none'}", *(f"{title}: {words}" for title, words in _told(lake, day))]


def _batches(lake: Lake, run_id: str) -> list[dict[str, Any]]:
    """What a run has read of each source and entity."""
    read = lake.scan(RECORDS["batches"]).filter(pl.col("run_id") == run_id)
    return read.sort("source", "entity").collect().to_dicts()


def _told(lake: Lake, day: date) -> Iterator[tuple[str, str]]:
    """Segment sizes and notices of a date: a title and its words."""
    for title, table, column in (
        ("RFM segments", "rfm", "segment"),
        ("SCI classes", "sci", "sci_class"),
        ("Churn bands", "churn_risk", "churn_band"),
        ("Loyalty tiers", "loyalty", "tier"),
        ("Next actions", "next_action", "action"),
    ):
        sizes = lake.scan_as_of(SEGMENTS[table], day).group_by(column).len().sort("len", column, descending=True)
        shown = ", ".join(f"{name} {size:,}" for name, size in sizes.collect().iter_rows())
        yield title, shown or "none"
    notices = lake.scan_as_of(SEGMENTS["notices"], day).sort("kind", "subject").select("message").collect()
    for (message,) in notices.iter_rows():
        yield "Note", message
