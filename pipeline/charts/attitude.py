"""Pictures of what customers say: trends of scores, words against deeds, drivers, what followed promises."""

from collections.abc import Sequence

import polars as pl

from pipeline.charts.picture import (
    ACCENT,
    INK,
    QUIET,
    WARM,
    WIDTH,
    Picture,
    heat_map,
    rows_of,
    styled,
    with_few_dates,
)
from pipeline.core.report.sentences import CONTENT_AND_LEAVING, SECURE
from pipeline.core.report.words import Words
from schemas.types import NPS_CLASSES, SCI_CLASSES

GROUPS = ("buying", "slipping", "gone", "other", "prospect")
STATUSES = ("kept", "broken", "none", "unknown")
"""Promises that are told of, broken ones together."""


def nps_trend(nps: pl.DataFrame, words: Words) -> Picture | None:
    """The score of the series with more answers at every date (rows of NpsIndex of dimension all, or of its mart)."""
    known = nps.filter(pl.col("nps").is_not_null())
    if known.is_empty():
        return None
    series = known.sort(["as_of_date", "n", "survey_type"], descending=[True, True, False])["survey_type"][0]
    return _trend(known.filter(survey_type=series), nps, words, "nps_trend", figure="nps", n="n", y_title="nps_axis")


def sci_trend(sci: pl.DataFrame, words: Words) -> Picture | None:
    """The share of secure customers at every date (rows of SciIndex)."""
    known = sci.filter(pl.col("pct_secure").is_not_null(), dimension="all", definition=SECURE)
    if known.is_empty():
        return None
    return _trend(known, sci, words, "sci_trend", figure="pct_secure", n="n_classified", y_title="secure_axis")


def _between(known: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    """The rows with a figure, and the dates between them without one as rows of nulls: a line through those would be made up."""
    first, last = known["as_of_date"].min(), known["as_of_date"].max()
    dates = pl.concat([rows.select("as_of_date") for rows in (known, every)]).unique()
    return (
        dates.filter(pl.col("as_of_date").is_between(first, last))
        .join(known, on="as_of_date", how="left")
        .sort("as_of_date")
    )


def _trend(
    known: pl.DataFrame, every: pl.DataFrame, words: Words, key: str, *, figure: str, n: str, y_title: str
) -> Picture:
    """A line through the rows with a figure, that is broken where a date of `every` has none."""
    import altair as alt

    few = with_few_dates(known, of=every)
    rows = _between(few, with_few_dates(every, of=every)).select(
        "as_of_date",
        day=pl.col("as_of_date").dt.to_string("%Y-%m-%d"),
        value=pl.col(figure),
        low=pl.col(f"{figure}_low"),
        high=pl.col(f"{figure}_high"),
        n=pl.col(n),
    )
    base = alt.Chart(rows_of(rows.drop("as_of_date"))).encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%m-%Y", labelOverlap=True, tickCount=8))
    )
    y = alt.Y("value:Q", title=words(y_title), scale=alt.Scale(zero=False))
    is_one = rows.height == 1
    band = base.mark_rule(color=ACCENT) if is_one else base.mark_area(color=ACCENT, opacity=0.18)
    line = base.mark_line(color=ACCENT, strokeWidth=2.5, point={"color": ACCENT, "size": 30})
    last, first = rows.row(-1, named=True), rows.row(0, named=True)
    figures = rows.drop_nulls("value")
    low, high = (
        figures.sort(["value", "day"], descending=[is_down, False]).row(0, named=True) for is_down in (False, True)
    )
    title = words(key)
    said = words(
        "trend_alt_alone" if is_one else "trend_alt",
        first=words.month(first["as_of_date"]),
        last=words.month(last["as_of_date"]),
        begin=words.number(first["value"], 1),
        end=words.number(last["value"], 1),
        lowest=words.number(low["value"], 1),
        lowest_at=words.month(low["as_of_date"]),
        highest=words.number(high["value"], 1),
        highest_at=words.month(high["as_of_date"]),
        low=words.number(last["low"], 1),
        high=words.number(last["high"], 1),
    )
    if n_gaps := rows.height - figures.height:
        said += words("trend_gaps", n=words.number(n_gaps))
    subtitle = words("trend_sub", n=words.number(last["n"]), day=words.day(last["as_of_date"]))
    if few is not known:
        subtitle += words("monthly_sub")
    chart = band.encode(y=alt.Y("low:Q", title=words(y_title), scale=alt.Scale(zero=False)), y2="high:Q") + line.encode(
        y=y
    )
    return Picture(title, said, styled(chart, words, title, subtitle, size=(WIDTH, 240)))


def says_does(customers: pl.DataFrame, words: Words) -> Picture | None:
    """What customers say against what they do (rows of SayDo)."""
    if customers.is_empty():
        return None
    counted = customers.group_by("says", "segment_group").agg(n=pl.len())
    says = _present([*SCI_CLASSES, *NPS_CLASSES], counted["says"])
    does = _present(GROUPS, counted["segment_group"])
    cells = counted.select(
        x=pl.col("segment_group").replace_strict({name: words.name(name) for name in does}),
        y=pl.col("says").replace_strict({name: words.name(name) for name in says}),
        n=pl.col("n"),
    ).sort(["n", "x", "y"], descending=[True, False, False])
    chart = heat_map(
        cells,
        x=[words.name(name) for name in does],
        y=[words.name(name) for name in says],
        x_title=words("does_axis"),
        y_title=words("says_axis"),
        colour_title=words("customers_axis"),
    )
    total, top = customers.height, cells.row(0, named=True)
    lapsing = customers.filter(pl.col("cell").is_in(CONTENT_AND_LEAVING)).height
    title = words("says_does")
    said = words(
        "says_does_alt",
        says=top["y"],
        does=top["x"],
        n=words.number(top["n"]),
        total=words.number(total),
        pct=words.percent(100 * top["n"] / total),
        lapsing=words.number(lapsing),
    )
    return Picture(title, said, styled(chart, words, title, words("says_does_sub", n=words.number(total))))


def drivers(importance: pl.DataFrame, words: Words) -> Picture | None:
    """Importance against performance of the survey with the most answers (rows of DriverImportance)."""
    import altair as alt

    known = importance.filter(pl.col("importance_pct").is_not_null(), pl.col("quadrant").is_not_null())
    if known.is_empty():
        return None
    survey = known.sort(["n_responses", "survey_id"], descending=[True, False])["survey_id"][0]
    found = known.filter(survey_id=survey).sort(["importance_pct", "construct"], descending=[True, False])
    names = {name: words.name(name) for name in found["construct"]}
    rows = found.select(
        name=pl.col("construct").replace_strict(names),
        performance=pl.col("performance"),
        importance=pl.col("importance_pct"),
        is_first=pl.col("quadrant") == "concentrate_here",
    )
    loose = alt.Scale(zero=False, padding=30)
    x = alt.X("performance:Q", title=words("performance_axis"), scale=loose)
    y = alt.Y("importance:Q", title=words("importance_axis"), scale=loose)
    base = alt.Chart(rows_of(rows)).encode(x=x, y=y)
    means = alt.Chart(rows_of(rows.select(pl.col("performance", "importance").mean())))
    colour = alt.condition("datum.is_first", alt.value(WARM), alt.value(ACCENT))
    chart = (
        means.mark_rule(color=QUIET, strokeDash=[4, 4]).encode(x="performance:Q")
        + means.mark_rule(color=QUIET, strokeDash=[4, 4]).encode(y="importance:Q")
        + base.mark_circle(size=80, opacity=1).encode(color=colour)
        + base.mark_text(dy=-11, fontSize=11, color=INK).encode(text="name:N")
    )

    def named(quadrant: str) -> str:
        return words.listed([names[name] for name in found.filter(quadrant=quadrant)["construct"]]) or words("none")

    title = words("drivers")
    subtitle = words(
        "drivers_sub",
        outcome=words.name(found["outcome"][0]),
        n=words.number(found["n_responses"][0]),
        r2=words.percent(100 * found["r_squared"][0]),
    )
    said = words("drivers_alt", concentrate=named("concentrate_here"), keep=named("keep_up"))
    return Picture(title, said, styled(chart, words, title, subtitle))


def promise(impact: pl.DataFrame, words: Words) -> Picture | None:
    """How many orders another followed, by what became of the promise (rows of PromiseImpact)."""
    import altair as alt

    known = impact.filter(pl.col("pct_repurchased").is_not_null(), pl.col("channel") == "all")
    if "month" in known.columns:
        known = known.filter(pl.col("month").is_null())
    statuses = _present(STATUSES, known["promise_status"], has_others=False)
    if not statuses:
        return None
    found = {row["promise_status"]: row for row in known.to_dicts()}
    rows = pl.DataFrame(
        {
            "name": [f"{words.name(name)} (n = {words.number(found[name]['n_observable'])})" for name in statuses],
            "pct": [found[name]["pct_repurchased"] for name in statuses],
            "low": [found[name]["pct_repurchased_low"] for name in statuses],
            "high": [found[name]["pct_repurchased_high"] for name in statuses],
            "is_broken": [name == "broken" for name in statuses],
        }
    )
    base = alt.Chart(rows_of(rows)).encode(
        y=alt.Y("name:N", title=words("promise_axis"), sort=rows["name"].to_list(), axis=alt.Axis(labelLimit=320)),
        color=alt.condition("datum.is_broken", alt.value(WARM), alt.value(ACCENT)),
    )
    x_title, scale = words("again_pct_axis"), alt.Scale(zero=False, padding=20)
    chart = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", title=x_title, scale=scale), x2="high:Q"
    ) + base.mark_circle(size=110, opacity=1).encode(x=alt.X("pct:Q", title=x_title, scale=scale))
    parts = [
        words(
            "promise_part",
            status=words.name(name),
            pct=words.percent(found[name]["pct_repurchased"]),
            low=words.percent(found[name]["pct_repurchased_low"]),
            high=words.percent(found[name]["pct_repurchased_high"]),
            n=words.number(found[name]["n_observable"]),
        )
        for name in statuses
    ]
    title = words("promise")
    said = words("promise_alt", parts="; ".join(parts))
    return Picture(title, said, styled(chart, words, title, words("promise_sub"), size=(400, 40 + 45 * len(statuses))))


def _present(order: Sequence[str], found: pl.Series, *, has_others: bool = True) -> list[str]:
    """The names of a list that are there, in its order, and then all others."""
    there = set(found.drop_nulls())
    return [name for name in order if name in there] + (sorted(there - set(order)) if has_others else [])
