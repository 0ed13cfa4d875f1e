"""Charts for the metadata of assets, as PNG images inside Markdown. What is computed for them does not belong here."""

import base64
from typing import TYPE_CHECKING, Any

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


def calibration_chart(bins: pl.DataFrame) -> "alt.TopLevelMixin":
    """Predicted against observed churn per bin of cohort all (rows of ChurnCalibration), with 95% intervals."""
    import altair as alt

    rows = bins.filter((pl.col("cohort") == "all") & ~pl.col("is_suppressed"))
    n, model = rows["n"].sum(), rows["model_id"][0]
    percent: dict[str, Any] = {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%")}
    x = alt.X("mean_predicted:Q", title="Predicted: mean churn probability of the bin (%)", **percent)
    base = alt.Chart(alt.InlineData(values=rows.drop("as_of_date").to_dicts()))
    ideal = (
        alt.Chart(alt.InlineData(values=[{"p": 0.0}, {"p": 1.0}]))
        .mark_line(color=QUIET, strokeDash=[4, 4])
        .encode(x=alt.X("p:Q", **percent), y=alt.Y("p:Q", **percent))
    )
    intervals = base.mark_rule(color=ACCENT).encode(x=x, y="observed_low:Q", y2="observed_high:Q")
    y = alt.Y("observed:Q", title="Observed: share without an order (%)", **percent)
    points = base.mark_circle(color=ACCENT, size=60, opacity=1).encode(x=x, y=y)
    return _styled(
        ideal + intervals + points,
        "Churn: predicted against observed",
        f"{model}; n = {n:,} customers at all cuts, 10 bins, 95% intervals; dashed: perfect",
    )


def lift_chart(curve: list[float], *, model: str, n: int) -> "alt.TopLevelMixin":
    """Share of all churners found among the customers with the highest probabilities, in equal steps up to all."""
    import altair as alt

    steps = [0.0, *((number + 1) / len(curve) for number in range(len(curve)))]
    values = [{"share": share, "found": found} for share, found in zip(steps, [0.0, *curve], strict=True)]
    percent: dict[str, Any] = {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%")}
    x = alt.X("share:Q", title="Customers, highest probability first (%)", **percent)
    y = alt.Y("found:Q", title="Churners among them, of all churners (%)", **percent)
    chance = alt.Chart(alt.InlineData(values=[{"share": 0, "found": 0}, {"share": 1, "found": 1}]))
    found = alt.Chart(alt.InlineData(values=values)).mark_line(color=ACCENT, strokeWidth=2.5)
    return _styled(
        chance.mark_line(color=QUIET, strokeDash=[4, 4]).encode(x=x, y=y) + found.encode(x=x, y=y),
        "Churn: how many leavers the highest probabilities find",
        f"{model}; n = {n:,} customers at all cuts; dashed: by chance",
    )


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
