"""How earlier predictions of churn turned out, once their horizon has ended. How they were made does not belong here."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

import polars as pl

from pipeline.core.frames import Frame
from pipeline.core.outlook.settings import ChurnSettings
from pipeline.core.statistics import Z_95

MOST_DATES = 12
"""How many months of predictions are shown, each by its newest ripe date."""


def telling_date(day: date, told: Collection[date]) -> date | None:
    """The date whose model card tells the horizon of a prediction date whose model is not known: its own, else the next."""
    return min((other for other in told if other >= day), default=None)


def ripe_dates(horizons: Mapping[date, int], *, as_of: date) -> list[date]:
    """The newest date of each of the newest months, among prediction dates whose horizon, in days, has ended by as_of."""
    ripe = sorted(day for day, days in horizons.items() if day + timedelta(days=days) <= as_of)
    return sorted({(day.year, day.month): day for day in ripe}.values())[-MOST_DATES:]


def churn_outcomes(
    orders: Frame, predictions: Frame, horizons: Mapping[date, int], *, as_of: date, settings: ChurnSettings
) -> Frame:
    """One row per prediction date and band, or all bands (contract ChurnOutcomes).

    `orders` are those of `orders_as_of`, `predictions` rows of churn_risk of dates whose horizon is over at as_of;
    those without a probability are left out. `horizons`: prediction date -> days of its horizon, which later settings
    do not change. Churned: no valid order, as known at as_of, with a local date in (prediction date, prediction date +
    horizon].
    """
    days = {"prediction_date": pl.Date, "horizon_days": pl.Int64}
    of_dates = pl.LazyFrame([*horizons.items()], schema=days, orient="row")
    given = predictions.filter(pl.col("churn_probability").is_not_null()).select(
        "customer_id", "churn_band", "churn_probability", prediction_date="as_of_date"
    )
    last = pl.col("prediction_date") + pl.duration(days="horizon_days")
    bought = (
        orders.filter("is_valid")
        .select("customer_id", "ordered_date")
        .join(given.select("customer_id", "prediction_date"), on="customer_id", how="inner")
        .join(of_dates, on="prediction_date", how="inner")
        .filter((pl.col("ordered_date") > pl.col("prediction_date")) & (pl.col("ordered_date") <= last))
        .select("customer_id", "prediction_date", is_back=pl.lit(True))
        .unique()
    )
    told = given.join(bought, on=["customer_id", "prediction_date"], how="left").with_columns(
        is_churned=pl.col("is_back").is_null()
    )
    counts = pl.concat([told, told.with_columns(churn_band=pl.lit("all"))]).group_by("prediction_date", "churn_band")
    sums = counts.agg(
        pl.len().cast(pl.Int64).alias("n"),
        pl.col("churn_probability").mean().round(10).alias("mean_predicted"),
        pl.col("is_churned").sum().cast(pl.Int64).alias("n_churned"),
    )
    share = pl.col("n_churned") / pl.col("n")
    return sums.select(
        pl.lit(as_of).alias("as_of_date"),
        "prediction_date",
        "churn_band",
        "n",
        pl.when(pl.col("n") >= settings.min_n).then(pl.col("mean_predicted")).alias("mean_predicted"),
        "n_churned",
        *observed(share, pl.col("n"), settings.min_n),
    )


def observed(share: pl.Expr, n: pl.Expr, min_n: int) -> list[pl.Expr]:
    """The columns of an observed share: itself with its Wilson 95% interval, null and suppressed below the minimum."""
    scale, is_shown = 1 + Z_95**2 / n, n >= min_n
    centre = (share + Z_95**2 / (2 * n)) / scale
    spread = Z_95 * (share * (1 - share) / n + Z_95**2 / (4 * n * n)).sqrt() / scale
    shown = {
        "observed": share,
        "observed_low": (centre - spread).clip(0.0, 1.0),
        "observed_high": (centre + spread).clip(0.0, 1.0),
    }
    return [
        *(pl.when(is_shown).then(value).alias(name) for name, value in shown.items()),
        (~is_shown).alias("is_suppressed"),
    ]
