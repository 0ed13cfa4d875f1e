"""What every picture has: a style, words for who cannot see it, and its forms as PNG and SVG. No single picture belongs here."""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.core.report.words import Words

if TYPE_CHECKING:
    import altair as alt

WIDTH, HEIGHT = 480, 310
SCALE = 1
INK, ACCENT, QUIET, PALE = "#1f2933", "#1f6f8b", "#7b8794", "#eef4f6"
WARM = "#b4532a"
"""For what asks to be looked at."""
DARK_FROM = 0.88
"""From this share of the fullest cell on white is read better than black; either has a contrast of 4.5 on its side."""
SLANTED_FROM = 6
"""From so many names on they would touch each other when upright."""
MOST_DATES = 60
"""More points on a line would be a blot, and take longer to draw than all else."""
LEVEL = 6
"""Of packing: beyond it a byte costs more than it saves."""
SIGNATURE, LENGTH_AND_NAME, CHECKSUM = 8, 8, 4
"""Bytes of the parts of a PNG."""

COUNTED = re.compile(r"\b(gradient_|clip)\d+\b")
"""Names within a picture."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Picture:
    """One picture: its title, and what it says, in words."""

    title: str
    says: str
    chart: "alt.TopLevelMixin"


@contextmanager
def unchecked() -> Iterator[None]:
    """Charts made within are taken as they are: holding each part, and each row of data, against the grammar of charts takes
    longer than to draw them. The tests do."""
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):
        yield


def to_png(picture: Picture) -> bytes:
    """A small PNG."""
    # It takes half a second to import, and a night without pictures does not need it.
    import vl_convert

    return packed(vl_convert.svg_to_png(_svg(picture), scale=SCALE))


def to_svg(picture: Picture) -> str:
    """The same as text, sharp at any size; of the same chart it is the same text."""
    names: dict[str, str] = {}
    # They are numbered on through all that a process draws.
    return COUNTED.sub(lambda found: names.setdefault(found[0], f"{found[1]}{len(names)}"), _svg(picture))


def _svg(picture: Picture) -> str:
    return _drawn(picture.chart.to_json(validate=False))


@lru_cache(maxsize=16)
def _drawn(chart: str) -> str:
    """What Vega draws: a night shows most pictures twice, beside a table and in the report."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(chart)
    return svg


def packed(png: bytes) -> bytes:
    """The same PNG in a fraction of its bytes: what draws it packs in haste, and a home keeps it for 90 days."""
    parts: list[tuple[bytes, bytes]] = []
    at = SIGNATURE
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        begin = at + LENGTH_AND_NAME
        parts.append((png[at + 4 : begin], png[begin : begin + length]))
        at = begin + length + CHECKSUM
    pixels = zlib.compress(zlib.decompress(b"".join(body for name, body in parts if name == b"IDAT")), LEVEL)
    before = [part for part in parts if part[0] not in (b"IDAT", b"IEND")]
    return png[:SIGNATURE] + b"".join(
        len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")
        for name, body in [*before, (b"IDAT", pixels), (b"IEND", b"")]
    )


def with_few_dates(rows: pl.DataFrame, *, of: pl.DataFrame) -> pl.DataFrame:
    """The rows where `of` has at most MOST_DATES dates; else those of the last date that they have in each month."""
    if of["as_of_date"].n_unique() <= MOST_DATES:
        return rows
    month = pl.col("as_of_date").dt.truncate("1mo")
    return rows.filter(pl.col("as_of_date") == pl.col("as_of_date").max().over(month))


def rows_of(frame: pl.DataFrame) -> "alt.InlineData":
    """The rows of a frame, inside the picture."""
    import altair as alt

    return alt.InlineData(values=frame.to_dicts())


def styled(
    chart: "alt.LayerChart | alt.FacetChart",
    words: Words,
    title: str,
    subtitle: str,
    *,
    size: tuple[int, int] | None = (WIDTH, HEIGHT),
) -> "alt.TopLevelMixin":
    """The chart in the house's style, its numbers as the language writes them; `size` is null where its parts have theirs."""
    import altair as alt

    heading = alt.TitleParams(title, subtitle=subtitle, anchor="start", fontSize=15, subtitleFontSize=11, offset=10)
    properties: Mapping[str, Any] = {} if size is None else {"width": size[0], "height": size[1]}
    numbers = {"decimal": words.decimal, "thousands": words.thousands, "grouping": [3], "currency": ["", ""]}
    # In one call, as each would copy the whole chart.
    shown: alt.LayerChart = chart.properties(background="white", title=heading, padding=12, **properties).configure(
        locale={"number": numbers},
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            gridColor="#eef1f4", labelColor=INK, titleColor=INK, titleFontWeight="normal", titlePadding=8
        ),
        header=alt.HeaderConfig(labelColor=INK, titleColor=INK, labelFontSize=11, labelAnchor="start"),
        legend=alt.LegendConfig(labelColor=INK, titleColor=INK, titleFontWeight="normal", titleLimit=300),
        title=alt.TitleConfig(color=INK, subtitleColor="#52606d"),
    )
    return shown


def heat_map(
    cells: pl.DataFrame, *, x: Sequence[str], y: Sequence[str], x_title: str, y_title: str, colour_title: str
) -> "alt.LayerChart":
    """Cells (x, y, n) of counts, each with its number; the fuller the darker."""
    import altair as alt

    angle = -40 if len(x) >= SLANTED_FROM else 0
    across = alt.X("x:N", title=x_title, sort=list(x), axis=alt.Axis(labelAngle=angle, domain=False, ticks=False))
    down = alt.Y("y:N", title=y_title, sort=list(y), axis=alt.Axis(domain=False, ticks=False, labelLimit=200))
    most = max(1, *map(int, cells["n"]))
    base = alt.Chart(rows_of(cells)).encode(x=across, y=down)
    colour = alt.Color("n:Q", title=colour_title, scale=alt.Scale(range=[PALE, ACCENT], domain=[0, most]), legend=None)
    ink = alt.condition(f"datum.n > {most * DARK_FROM}", alt.value("white"), alt.value("black"))
    squares = base.mark_rect(stroke="white").encode(color=colour)
    return alt.LayerChart(
        layer=[squares, base.mark_text(fontSize=11).encode(text=alt.Text("n:Q", format=",d"), color=ink)]
    )
