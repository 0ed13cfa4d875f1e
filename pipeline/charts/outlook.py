"""Pictures of who is about to leave, and of the proof of it."""

from typing import Any

import polars as pl

from pipeline.charts.picture import ACCENT, INK, QUIET, Picture, rows_of, styled
from pipeline.core.report.words import Words
from schemas.types import CHURN_BANDS

FIFTH = 5
ROOM = 1.2
"""How much longer than the longest bar the axis is, for the amount behind it."""


def calibration(bins: pl.DataFrame, words: Words) -> Picture | None:
    """Predicted against observed churn per bin of cohort all (rows of ChurnCalibration), with 95% intervals."""
    import altair as alt

    rows = bins.filter((pl.col("cohort") == "all") & ~pl.col("is_suppressed"))
    # Of few customers every bin is suppressed.
    if rows.is_empty():
        return None
    n, model = rows["n"].sum(), rows["model_id"][0]
    percent: dict[str, Any] = {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%")}
    x = alt.X("mean_predicted:Q", title=words("predicted_axis"), **percent)
    base = alt.Chart(rows_of(rows.drop("as_of_date")))
    ideal = (
        alt.Chart(alt.InlineData(values=[{"p": 0.0}, {"p": 1.0}]))
        .mark_line(color=QUIET, strokeDash=[4, 4])
        .encode(
            x=alt.X("p:Q", title=words("predicted_axis"), **percent),
            y=alt.Y("p:Q", title=words("observed_axis"), **percent),
        )
    )
    intervals = base.mark_rule(color=ACCENT).encode(x=x, y="observed_low:Q", y2="observed_high:Q")
    y = alt.Y("observed:Q", title=words("observed_axis"), **percent)
    points = base.mark_circle(color=ACCENT, size=60, opacity=1).encode(x=x, y=y)
    held = rows.filter(pl.col("mean_predicted").is_between(pl.col("observed_low"), pl.col("observed_high"))).height
    far = rows.sort((pl.col("mean_predicted") - pl.col("observed")).abs(), descending=True).row(0, named=True)
    title, count = words("calibration"), words.number(rows.height)
    said = words(
        "calibration_alt",
        bins=count,
        held=words.number(held),
        predicted=words.percent(100 * far["mean_predicted"]),
        observed=words.percent(100 * far["observed"]),
        low=words.percent(100 * far["observed_low"]),
        high=words.percent(100 * far["observed_high"]),
    )
    subtitle = words("calibration_sub", model=model, n=words.number(n), bins=count)
    return Picture(title, said, styled(ideal + intervals + points, words, title, subtitle))


def lift(curve: list[float], words: Words, *, model: str, n: int) -> Picture:
    """Share of all churners found among the customers with the highest probabilities, in equal steps up to all."""
    import altair as alt

    steps = [0.0, *((number + 1) / len(curve) for number in range(len(curve)))]
    values = [{"share": share, "found": found} for share, found in zip(steps, [0.0, *curve], strict=True)]
    percent: dict[str, Any] = {"scale": alt.Scale(domain=[0, 1]), "axis": alt.Axis(format="%")}
    x = alt.X("share:Q", title=words("lift_x"), **percent)
    y = alt.Y("found:Q", title=words("lift_y"), **percent)
    chance = alt.Chart(alt.InlineData(values=[{"share": 0, "found": 0}, {"share": 1, "found": 1}]))
    found = alt.Chart(alt.InlineData(values=values)).mark_line(color=ACCENT, strokeWidth=2.5)
    chart = chance.mark_line(color=QUIET, strokeDash=[4, 4]).encode(x=x, y=y) + found.encode(x=x, y=y)
    title = words("lift")
    at_fifth = curve[max(0, len(curve) // FIFTH - 1)]
    said = words("lift_alt", found=words.percent(100 * at_fifth))
    return Picture(title, said, styled(chart, words, title, words("lift_sub", model=model, n=words.number(n))))


def value_by_band(bands: pl.DataFrame, words: Words) -> Picture | None:
    """What is at risk in each churn band, in whole units: churn_band, n_valued (customers with a value), value_at_risk, currency."""
    import altair as alt

    known = {row["churn_band"]: row for row in bands.to_dicts() if row["value_at_risk"] is not None}
    names = [name for name in CHURN_BANDS if name in known]
    if not names:
        return None
    currency = known[names[0]]["currency"]
    rows = pl.DataFrame(
        {
            "band": [words.name(name) for name in names],
            "amount": [float(known[name]["value_at_risk"]) for name in names],
            "label": [words.money(known[name]["value_at_risk"], currency) for name in names],
        }
    )
    most = max(1.0, *rows["amount"])
    base = alt.Chart(rows_of(rows)).encode(
        y=alt.Y("band:N", title=None, sort=rows["band"].to_list(), axis=alt.Axis(labelLimit=200)),
        x=alt.X("amount:Q", title=words("value_axis", currency=currency), scale=alt.Scale(domain=[0, most * ROOM])),
    )
    chart = base.mark_bar(color=ACCENT) + base.mark_text(align="left", dx=4, color=INK).encode(text="label:N")
    parts = [
        words(
            "value_part",
            band=words.name(name),
            amount=words.money(known[name]["value_at_risk"], currency),
            n=words.number(known[name]["n_valued"]),
        )
        for name in names
    ]
    n, total = (sum(known[name][column] for name in names) for column in ("n_valued", "value_at_risk"))
    title = words("value_by_band")
    subtitle = words("value_sub", n=words.number(n), total=words.money(total, currency))
    return Picture(
        title, words("value_alt", parts="; ".join(parts)), styled(chart, words, title, subtitle, size=(430, 200))
    )
