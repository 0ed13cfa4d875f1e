"""What a trained model says of every customer: probability, band, value and reasons. Training does not belong here."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from pipeline.core.frames import edges_reached
from pipeline.core.outlook.buy_till_you_die import Floats, PurchaseProcess, Spend
from pipeline.core.outlook.churn_rule import band_columns, rule_level, rule_method, rule_reasons
from pipeline.core.outlook.features import DAYS_PER_WEEK, histories
from pipeline.core.outlook.fitted import Model, log_odds
from pipeline.core.outlook.models import Explained, Ranked, explain
from pipeline.core.outlook.reasons import Score, reason_columns
from pipeline.core.outlook.recalibration import Publishes
from pipeline.core.outlook.settings import ChurnSettings
from schemas.types import CHURN_BANDS

YEAR_DAYS = 365


def score_customers(
    features: pl.DataFrame,
    model: Model,
    value: dict[str, Any],
    *,
    as_of: date,
    model_id: str,
    settings: ChurnSettings,
    publishes: Publishes = "probabilities",
    ranked: Ranked | None = None,
) -> pl.DataFrame:
    """One row per row of `churn_features` at as_of (contract ChurnRisk).

    Bands by the probability to buy, but not worse than cooling_down before the customer is overdue; reasons by what moves
    the log-odds from those of the typical customer of the cohort (definitions, section 5). Where the model says the same of
    everyone, both are those of the rule of days. Amounts in minor units, by `expected_values`. Where only bands are published,
    the probabilities are null, and so is every amount that rests on them. `ranked` as in `explain`.
    """
    explained = explain(model, features, ranked)
    p_buy = explained.p_buy
    spend, year, basis = expected_values(p_buy, features, value, settings.horizon_days)
    own = {
        name: pl.when(pl.col("n_days") > 1).then(pl.col(name).round(10))
        for name in ("typical_gap_days", "overdue_ratio")
    }
    columns: dict[str, pl.Series] = {
        "spend_if_bought": pl.Series(spend, dtype=pl.Float64, nan_to_null=True),
        "value_year": pl.Series(year, dtype=pl.Float64, nan_to_null=True),
        "p_buy_h": pl.Series(p_buy),
    }
    by_rule = model["kind"] == "constant"
    level = rule_level(settings) if by_rule else _level(model, settings)
    known = features.with_columns(**columns)
    p, spend_if_bought = pl.col("p_buy_h"), pl.col("spend_if_bought")
    probabilities = {"churn_probability": 1 - p, "p_buy_h": p}
    amounts = {
        "expected_spend_h": p * spend_if_bought,
        "value_at_risk": (1 - p) * spend_if_bought,
        "expected_value_365d": pl.col("value_year"),
    }

    def shown(value: pl.Expr) -> pl.Expr:
        return pl.when(publishes == "probabilities").then(value)

    return known.select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
        *(shown(value).alias(name) for name, value in probabilities.items()),
        *band_columns(level),
        rule_method().alias("method") if by_rule else pl.lit("model").alias("method"),
        pl.lit(model_id).alias("model_id"),
        *(shown(_amount(value)).alias(name) for name, value in amounts.items()),
        shown(pl.lit(basis, pl.String)).alias("value_basis"),
        pl.col("days_since").alias("days_since_last_order"),
        *(expression.alias(name) for name, expression in own.items()),
        pl.col("overdue_after_days").round(10),
        *(rule_reasons(settings) if by_rule else _model_reasons(model, explained, known, settings)),
    )


def _level(model: Model, settings: ChurnSettings) -> pl.Expr:
    """The number of the band by the probability to buy: of repeat customers by the settings, of one-time ones by the model."""
    p_buy, worst = pl.col("p_buy_h"), len(CHURN_BANDS) - 1
    by_cohort = [edges_reached(p_buy, edges) for edges in (settings.repeat_p_buy, model["one_time_p_buy"])]
    return worst - pl.when(pl.col("n_days") > 1).then(by_cohort[0]).otherwise(by_cohort[1])


def _model_reasons(model: Model, explained: Explained, known: pl.DataFrame, settings: ChurnSettings) -> list[pl.Series]:
    """The parts of the score against the typical customer of the cohort, as reasons."""
    is_repeat = (known["n_days"] > 1).to_numpy()
    usual = np.where(
        is_repeat[:, None], *(np.array([model["typical"][cohort]["parts"]]) for cohort in ("repeat", "one_time"))
    )
    edge = len(CHURN_BANDS) - 1 - CHURN_BANDS.index("cooling_down")
    p_buy_below = np.where(is_repeat, settings.repeat_p_buy[edge - 1], model["one_time_p_buy"][edge - 1])
    bands = known.select(*band_columns(_level(model, settings)))["churn_band"]
    score = Score(
        base=explained.base + usual.sum(axis=1),
        parts=explained.parts - usual,
        at_risk_from=-log_odds(p_buy_below),
        is_at_risk=bands.is_in(CHURN_BANDS[CHURN_BANDS.index("at_risk") :]).to_numpy(),
    )
    return reason_columns(score, known, model)


def expected_values(
    p_buy: Floats, features: pl.DataFrame, value: dict[str, Any], horizon_days: int
) -> tuple[Floats, Floats, str | None]:
    """Net spend in the horizon of a customer who buys in it, net spend expected in 365 days, and on what both rest.

    By the model: expected number of purchases in the horizon over the probability of any, times the expected value of a
    purchase (BG/NBD, Gamma-Gamma); the year is the horizon's expected spend, p_buy times the former, in the proportion
    of expected purchases. Without a fit of both with q > 1: what buyers of the cohort spent in the newest window of the
    training, and the year is so many horizons. NaN where not even that is known. Minor units.
    """
    if value["process"] is not None and value["spend"] is not None:
        process, spend = PurchaseProcess(*value["process"]), Spend(*value["spend"])
        seen, weeks = histories(features), horizon_days / DAYS_PER_WEEK
        mean = np.maximum(features["repeat_spend"].to_numpy() / np.maximum(seen.repeats, 1), 0)
        purchases = process.expected_purchases(seen, within_weeks=weeks)
        # For a customer who bought hundreds of times and fell silent both can be too small for a ratio.
        any_purchase = process.p_buys(seen, within_weeks=weeks)
        is_known = any_purchase > 1e-12
        per_buyer = np.where(is_known, purchases / np.where(is_known, any_purchase, 1), 1.0)
        in_year = process.expected_purchases(seen, within_weeks=YEAR_DAYS / DAYS_PER_WEEK)
        growth = np.where(is_known, in_year / np.where(is_known, purchases, 1), 1.0)
        if_bought = np.maximum(per_buyer, 1.0) * spend.expected(seen.repeats, mean)
        return if_bought, p_buy * if_bought * np.maximum(growth, 0), "model"
    means = value["spend_if_bought"]
    one_time, repeat = (_mean_of(means, cohort) for cohort in ("one_time", "repeat"))
    if_bought = np.where((features["n_days"] > 1).to_numpy(), repeat, one_time)
    basis = None if np.isnan(if_bought).any() else "cohort_mean"
    return if_bought, p_buy * if_bought * (YEAR_DAYS / horizon_days), basis


def _mean_of(means: dict[str, float | None], cohort: str) -> float:
    """What buyers of a cohort spent, or all buyers if it had none; at least 0, NaN where nobody bought."""
    mean = means[cohort] if means[cohort] is not None else means["all"]
    return float("nan") if mean is None else max(mean, 0.0)


def _amount(value: pl.Expr) -> pl.Expr:
    return value.round().cast(pl.Int64)
