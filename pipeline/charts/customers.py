"""Pictures of what customers do: RFM, sizes of segments, moves between them, cohorts."""

from datetime import date

import polars as pl

from pipeline.charts.picture import ACCENT, PALE, Picture, heat_map, rows_of, styled, with_few_dates
from pipeline.core.report.sentences import LEAST_MOVE, before_of, furthest_moved, sum_of
from pipeline.core.report.words import Words

CHART_COHORTS = 24
"""Cohorts, and months of each, that the heat map shows: the newest; more cannot be read."""
LATER = 6
"""The later month whose retention is told."""
COLUMNS = 4
"""Small charts in a row."""
RECENCY = "r_score"


def rfm_map(rfm: pl.DataFrame, words: Words) -> Picture | None:
    """Customers by recency and by frequency and value, whose mean is the second score of most maps (rows of Rfm)."""
    second = next((name for name in ("fm_score", "f_score") if rfm[name].is_not_null().any()), None)
    scored = rfm.filter(pl.col(RECENCY).is_not_null())
    if second is None or scored.is_empty():
        return None
    cells = scored.group_by(x=pl.col(RECENCY).cast(pl.String), y=pl.col(second).cast(pl.String)).agg(n=pl.len())
    cells = cells.sort(["n", "x", "y"], descending=True)
    top = int(scored.select(pl.max_horizontal(pl.col(RECENCY).max(), pl.col(second).max())).item())
    scores = [str(score) for score in range(1, top + 1)]
    y_title = words("f_axis" if second == "fm_score" else "f_axis_alone")
    chart = heat_map(
        cells, x=scores, y=scores[::-1], x_title=words("r_axis"), y_title=y_title, colour_title=words("customers_axis")
    )
    n, fullest = scored.height, cells.row(0, named=True)
    said = words(
        "rfm_alt",
        cells=words.number(cells.height),
        r=fullest["x"],
        f=fullest["y"],
        most=words.number(fullest["n"]),
        n=words.number(n),
        pct=words.percent(100 * fullest["n"] / n),
    )
    title = words("rfm_map")
    return Picture(title, said, styled(chart, words, title, words("rfm_sub", n=words.number(n), top=top)))


def segment_sizes(sizes: pl.DataFrame, words: Words) -> Picture | None:
    """The share of each RFM segment at every date (rows of SegmentSizes): small charts, for more than ten lines cannot be told apart."""
    import altair as alt

    known = sizes.filter(kind="rfm").sort("as_of_date", "segment")
    if known.is_empty():
        return None
    dates: list[date] = known["as_of_date"].unique().sort().to_list()
    now = known.filter(as_of_date=dates[-1]).sort(["n_customers", "segment"], descending=[True, False])
    # A segment without a customer has no row.
    few = with_few_dates(known, of=known)
    every = few.select(pl.col("as_of_date").unique()).join(few.select(pl.col("segment").unique()), how="cross")
    filled = every.join(few, on=["as_of_date", "segment"], how="left").sort("as_of_date", "segment")
    order = [*now["segment"], *sorted(set(known["segment"]) - set(now["segment"]))]
    rows = filled.select(
        day=pl.col("as_of_date").dt.to_string("%Y-%m-%d"),
        segment=pl.col("segment").replace_strict({name: words.name(name) for name in order}),
        pct=pl.col("pct_customers").fill_null(0.0).round(2),
    )
    line = alt.Chart().encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%Y", tickCount={"interval": "year", "step": 1}, grid=False)),
        y=alt.Y("pct:Q", title=None, axis=alt.Axis(tickCount=3)),
    )
    layers = alt.layer(
        line.mark_area(color=PALE),
        line.mark_line(color=ACCENT, strokeWidth=2, point=len(dates) == 1),
        data=rows_of(rows),
    ).properties(width=112, height=66)
    facet = alt.Facet("segment:N", title=None, sort=[words.name(name) for name in order])
    title = words("sizes_over_time")
    subtitle = words("sizes_sub", n=words.number(now["n_total"][0]), day=words.day(dates[-1]))
    if few is not known:
        subtitle += words("monthly_sub")
    chart = styled(layers.facet(facet=facet, columns=COLUMNS), words, title, subtitle, size=None)
    largest = [f"{words.name(row['segment'])} {words.percent(row['pct_customers'])}" for row in now.head(3).to_dicts()]
    said = words(
        "sizes_alt" if len(dates) > 1 else "sizes_alt_alone",
        first=words.day(few["as_of_date"].min()),  # type: ignore[arg-type]
        last=words.day(dates[-1]),
        largest=words.listed(largest),
        moved=_moved_in_words(known, dates, words),
    )
    return Picture(title, said, chart)


def _moved_in_words(sizes: pl.DataFrame, dates: list[date], words: Words) -> str:
    """What moved since the date that the report compares with, which need not be the first of the picture."""
    before = before_of(dates, dates[-1])
    if before is None:
        return words("one_date")
    moved, _ = furthest_moved(sizes, before, dates[-1])
    if abs(moved["now"] - moved["before"]) < LEAST_MOVE:
        return words("sizes_stayed", day=words.day(before))
    shares = {name: words.percent(moved[name]) for name in ("before", "now")}
    return words("sizes_moved", day=words.day(before), segment=words.name(moved["segment"]), **shares)


def migration(moves: pl.DataFrame, words: Words) -> Picture | None:
    """Who moved from which RFM segment to which, on the newest date (rows of SegmentMigration)."""
    rfm = moves.filter(kind="rfm")
    newest = rfm.filter(pl.col("as_of_date") == pl.col("as_of_date").max())
    flow = newest.group_by("from_segment", "to_segment").agg(n=pl.col("n_customers").sum())
    moved = flow.filter(pl.col("from_segment") != pl.col("to_segment")).sort(
        ["n", "from_segment", "to_segment"], descending=[True, False, False]
    )
    if moved.is_empty():
        return None
    names = {name: words.name(name) for name in {*moved["from_segment"], *moved["to_segment"]}}
    cells = moved.select(
        x=pl.col("to_segment").replace_strict(names), y=pl.col("from_segment").replace_strict(names), n=pl.col("n")
    )
    chart = heat_map(
        cells,
        x=sorted(set(cells["x"])),
        y=sorted(set(cells["y"])),
        x_title=words("to_axis"),
        y_title=words("from_axis"),
        colour_title=words("customers_axis"),
    )
    first, last = newest["from_date"][0], newest["as_of_date"][0]
    n, top = sum_of(moved, "n"), cells.row(0, named=True)
    stayed = sum_of(flow, "n") - n
    title = words("migration")
    subtitle = words(
        "migration_sub", first=words.day(first), last=words.day(last), n=words.number(n), stayed=words.number(stayed)
    )
    said = words("migration_alt", before=top["y"], after=top["x"], n=words.number(top["n"]))
    return Picture(title, said, styled(chart, words, title, subtitle))


def retention(cells: pl.DataFrame, words: Words) -> Picture | None:
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
    x = alt.X("months_since:O", title=words("months_axis"), axis=alt.Axis(labelAngle=0))
    y = alt.Y("cohort:O", title=words("cohort_axis"))
    colour = alt.Color(
        "pct_active:Q",
        title=words("again_axis"),
        scale=alt.Scale(range=[PALE, ACCENT], domainMin=0),
        legend=alt.Legend(orient="top", gradientLength=160),
    )
    cell = alt.Chart(rows_of(rows)).mark_rect(stroke="white").encode(x=x, y=y, color=colour)
    title = words("retention")
    subtitle = words(
        "retention_sub",
        n=words.number(sum(sizes)),
        cohorts=words.number(len(sizes)),
        smallest=words.number(sizes[0]),
        largest=words.number(sizes[-1]),
    )
    later = min(LATER, int(rows["months_since"].max()))  # type: ignore[arg-type]
    said = words(
        "retention_alt",
        first=words.percent(_mean_at(rows, 1)),
        later=words.percent(_mean_at(rows, later)),
        month=words.number(later),
    )
    return Picture(title, said, styled(alt.LayerChart(layer=[cell]), words, title, subtitle))


def _mean_at(rows: pl.DataFrame, month: int) -> float:
    """The mean share of the cohorts in a month, each by its customers."""
    at = rows.filter(months_since=month)
    return float(
        at.select((pl.col("pct_active") * pl.col("n_customers")).sum() / pl.col("n_customers").sum()).item() or 0.0
    )
