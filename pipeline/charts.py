"""Charts for the metadata of assets, as PNG images inside Markdown. What is computed for them does not belong here."""

import base64
from typing import TYPE_CHECKING

import dagster as dg
import polars as pl

if TYPE_CHECKING:
    import altair as alt

WIDTH, HEIGHT = 520, 320
SCALE = 2
INK, ACCENT, QUIET = "#1f2933", "#1f6f8b", "#9aa5b1"
CHART_COHORTS = 24
"""Cohorts, and months of each, that the heat map shows: the newest; more cannot be read."""


def chart_metadata(chart: "alt.TopLevelMixin") -> dg.MetadataValue:
    """The chart as an image that the Dagster UI shows."""
    image = base64.b64encode(to_png(chart)).decode()
    return dg.MetadataValue.md(f"![chart](data:image/png;base64,{image})")


def to_png(chart: "alt.TopLevelMixin") -> bytes:
    """The chart as a PNG of twice its size in points."""
    # Both take half a second to import, and a night without charts does not need them.
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(chart.to_json(), scale=SCALE)
    return png


def retention_chart(cells: pl.DataFrame) -> "alt.TopLevelMixin | None":
    """Share of each cohort with an order, per month since the first (rows of CohortRetention); null without a share.

    Month 0 is left out: all of the cohort ordered in it.
    """
    import altair as alt

    newest = cells["cohort_month"].unique().sort().tail(CHART_COHORTS)
    rows = cells.filter(
        pl.col("cohort_month").is_in(newest.to_list()),
        pl.col("months_since").is_between(1, CHART_COHORTS),
        pl.col("pct_active").is_not_null(),
    ).select("months_since", "pct_active", "n_customers", cohort=pl.col("cohort_month").dt.to_string("%Y-%m"))
    if rows.is_empty():
        return None
    sizes: list[int] = sorted(rows.unique("cohort")["n_customers"])
    x = alt.X("months_since:O", title="Calendar months since the month of the first order", axis=alt.Axis(labelAngle=0))
    y = alt.Y("cohort:O", title="Month of the first order")
    cell = alt.Chart(alt.InlineData(values=rows.to_dicts()))
    colour = alt.Color(
        "pct_active:Q",
        title="Ordered again (%)",
        scale=alt.Scale(range=["#eef4f6", ACCENT], domainMin=0),
        legend=alt.Legend(orient="top", gradientLength=160),
    )
    chart = alt.LayerChart(layer=[cell.mark_rect(stroke="white").encode(x=x, y=y, color=colour)])
    return _styled(
        chart,
        "Retention: customers who ordered in a later month",
        f"n = {sum(sizes):,} customers in {len(sizes)} cohorts of {sizes[0]:,} to {sizes[-1]:,}; blank: month not over",
    )


def _styled(chart: "alt.LayerChart", title: str, subtitle: str) -> "alt.TopLevelMixin":
    import altair as alt

    styled: alt.LayerChart = (
        chart.properties(
            width=WIDTH,
            height=HEIGHT,
            background="white",
            title=alt.TitleParams(
                title, subtitle=subtitle, anchor="start", fontSize=15, subtitleFontSize=11, offset=10
            ),
        )
        .configure_view(stroke=None)
        .configure_axis(gridColor="#eef1f4", labelColor=INK, titleColor=INK, titleFontWeight="normal", titlePadding=8)
        .configure_title(color=INK, subtitleColor="#52606d")
    )
    return styled
