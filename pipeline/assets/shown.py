"""What dated tables show on the pages of their assets: a picture, and numbers that Dagster plots over time. What they mean belongs to
the contracts, how a picture is drawn to the charts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from pipeline.charts import attitude, customers, outlook
from pipeline.charts.kept import on_page
from pipeline.charts.picture import Picture, unchecked
from pipeline.core.report.english import ENGLISH
from pipeline.core.report.sentences import SECURE, WINNABLE, sum_of
from pipeline.core.report.words import Words
from pipeline.lake import Lake
from pipeline.resources import Home
from schemas.registry import SEGMENTS

MINOR_UNITS = 100
PICTURE = "picture"

Draw = Callable[[pl.DataFrame, Words], Picture | None]
Numbers = dict[str, int | float]


def _by_band(risk: pl.DataFrame) -> pl.DataFrame:
    """What is at risk in each band, in whole units; null where no model says so."""
    at_risk = pl.when(pl.col("value_at_risk").count() > 0).then(pl.col("value_at_risk").sum() / MINOR_UNITS)
    return (
        risk.group_by("churn_band")
        .agg(n_customers=pl.len(), n_valued=pl.col("value_at_risk").count(), value_at_risk=at_risk)
        .sort("churn_band")
    )


def _value_by_band(risk: pl.DataFrame, words: Words) -> Picture | None:
    return (
        outlook.value_by_band(_by_band(risk).with_columns(currency=pl.lit(risk["currency"][0])), words)
        if risk.height
        else None
    )


def _nps_of_all(index: pl.DataFrame, words: Words) -> Picture | None:
    return attitude.nps_trend(index.filter(dimension="all"), words)


PICTURES: Mapping[str, Draw] = {
    "rfm": customers.rfm_map,
    "segment_sizes": customers.segment_sizes,
    "segment_migration": customers.migration,
    "nps_index": _nps_of_all,
    "sci_index": attitude.sci_trend,
    "say_do": attitude.says_does,
    "driver_importance": attitude.drivers,
    "promise_impact": attitude.promise,
    "cohort_retention": customers.retention,
    "churn_risk": _value_by_band,
}
OVER_TIME = {"segment_sizes", "nps_index", "sci_index"}
"""Tables whose picture shows every date up to that of the run."""


def _sizes(rows: pl.DataFrame) -> Numbers:
    return {
        f"{kind}/{segment}": n
        for kind, segment, n in rows.select("kind", "segment", "n_customers").sort("kind", "segment").rows()
    }


def _scores(rows: pl.DataFrame) -> Numbers:
    found = rows.filter(pl.col("nps").is_not_null(), pl.col("dimension") == "all").sort("survey_type")
    return {f"{row['survey_type']}/{name}": row[name] for row in found.to_dicts() for name in ("nps", "n")}


def _secure(rows: pl.DataFrame) -> Numbers:
    found = rows.filter(pl.col("pct_secure").is_not_null(), dimension="all", definition=SECURE)
    return {name: row[name] for row in found.to_dicts() for name in ("pct_secure", "n_classified")}


def _at_risk(rows: pl.DataFrame) -> Numbers:
    bands = _by_band(rows).filter(pl.col("value_at_risk").is_not_null())
    winnable = bands.filter(pl.col("churn_band").is_in(WINNABLE))
    if bands.is_empty():
        return {}
    return {
        "value_at_risk": round(sum_of(bands, "value_at_risk"), 2),
        "value_at_risk_of_winnable": round(sum_of(winnable, "value_at_risk"), 2),
        "customers_winnable": int(sum_of(winnable, "n_customers")),
    }


def _proof(rows: pl.DataFrame) -> Numbers:
    """The calibration error and the AUC of the model in use, at its newest cut."""
    found = (
        rows.filter(pl.col("chosen"), pl.col("ece").is_not_null(), pl.col("cohort") == "all").sort("cut_date").tail(1)
    )
    return {
        name: row[column] for row in found.to_dicts() for name, column in (("calibration_error", "ece"), ("auc", "auc"))
    }


def _followed(rows: pl.DataFrame) -> Numbers:
    found = rows.filter(
        pl.col("pct_repurchased").is_not_null(),
        pl.col("channel") == "all",
        pl.col("promise_status").is_in(["kept", "broken"]),
    )
    whole = found.filter(pl.col("month").is_null()) if "month" in found.columns else found
    return {
        f"pct_repurchased/{row['promise_status']}": row["pct_repurchased"]
        for row in whole.sort("promise_status").to_dicts()
    }


def _repeat(rows: pl.DataFrame) -> Numbers:
    whole = rows.filter(pl.col("cohort_month").is_null(), pl.col("pct_repeat").is_not_null())
    return {"pct_repeat": float(whole["pct_repeat"][0])} if whole.height else {}


NUMBERS: Mapping[str, Callable[[pl.DataFrame], Numbers]] = {
    "segment_sizes": _sizes,
    "nps_index": _scores,
    "sci_index": _secure,
    "churn_risk": _at_risk,
    "churn_model_card": _proof,
    "promise_impact": _followed,
    "repeat_purchase": _repeat,
}


SHOWN: Mapping[str, Sequence[str]] = {
    "rfm": ("r_score", "f_score", "fm_score"),
    "say_do": ("says", "segment_group", "cell"),
    "churn_risk": ("churn_band", "value_at_risk"),
}
"""Tables with a row per customer -> the columns that are shown: all of ten million customers would be gigabytes."""


def _rows(lake: Lake, name: str) -> pl.LazyFrame:
    columns = SHOWN.get(name, ())
    rows = lake.scan(SEGMENTS[name])
    return rows.select("as_of_date", *columns) if columns else rows


def numbers_shown(lake: Lake, name: str, days: Iterable[date]) -> dict[date, Numbers]:
    """The numbers of a table at each date; none of a table that has none."""
    if name not in NUMBERS:
        return {}
    rows = _rows(lake, name).filter(pl.col("as_of_date").is_in([*days])).collect()
    return {day: NUMBERS[name](of_day) for (day,), of_day in rows.group_by("as_of_date")}


def picture_shown(home: Home, name: str, as_of: date, *, currency: str) -> dict[str, Any]:
    """The picture of a table at a date, money in a currency; none of a table that has none, or nothing to see."""
    if name not in PICTURES:
        return {}
    rows = _rows(home.lake, name)
    is_shown = pl.col("as_of_date") <= as_of if name in OVER_TIME else pl.col("as_of_date") == as_of
    with unchecked():
        drawn = PICTURES[name](rows.filter(is_shown).with_columns(currency=pl.lit(currency)).collect(), ENGLISH)
    return on_page(home.path, name, as_of, drawn, name=PICTURE)
