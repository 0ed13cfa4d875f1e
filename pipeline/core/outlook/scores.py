"""What a trained model says of every customer: probability, band, value and reasons. Training does not belong here."""

from datetime import date
from typing import Any

import numpy as np
import polars as pl

from pipeline.core.facts.reviews import GOOD_RATING_POMP
from pipeline.core.outlook.buy_till_you_die import Floats, PurchaseProcess, Spend
from pipeline.core.outlook.features import DAYS_PER_WEEK, GROUPS, MIDDLE, histories, is_own_rhythm
from pipeline.core.outlook.models import Model, contributions
from pipeline.core.outlook.settings import ChurnSettings
from schemas.churn import CHURN_REASONS
from schemas.types import CHURN_BANDS

YEAR_DAYS = 365
LEAST_CONTRIBUTION = 0.02
"""Smaller moves of the log-odds are no reason: they change a probability by half a percentage point at most."""
NO_REASON = -1


def score_customers(
    features: pl.DataFrame,
    model: Model,
    value: dict[str, Any],
    *,
    as_of: date,
    model_id: str,
    settings: ChurnSettings,
) -> pl.DataFrame:
    """One row per row of `churn_features` at as_of (contract ChurnRisk).

    Bands: of repeat customers by the probability to buy, of one-time buyers by the days since (definitions, section 5); where
    the model says the same of everyone, of repeat customers by the overdue ratio, as the rule of days. Reasons: what
    moved the customer's log-odds most in the direction in which the customer differs from the median customer, in words that
    describe the customer. Amounts in minor units, by `expected_values`.
    """
    p_buy, moved = contributions(model, features)
    spend, year, basis = expected_values(p_buy, features, value, settings.horizon_days)
    repeats = pl.col("n_days") > 1
    is_constant = model["kind"] == "constant"
    by_probability = len(CHURN_BANDS) - 1 - _edges_reached(pl.col("p_buy_h"), settings.repeat_p_buy)
    by_ratio = _edges_reached(pl.col("overdue_ratio"), settings.rhythm_ratios)
    by_days = _edges_reached(pl.col("days_since"), settings.one_time_days)
    level = pl.when(repeats).then(by_ratio if is_constant else by_probability).otherwise(by_days)
    bands = pl.Series(CHURN_BANDS)
    reasons = _reasons(p_buy, moved, features)
    columns: dict[str, pl.Expr | pl.Series] = {
        "spend_if_bought": pl.Series(spend, dtype=pl.Float64, nan_to_null=True),
        "value_year": pl.Series(year, dtype=pl.Float64, nan_to_null=True),
        "p_buy_h": pl.Series(p_buy),
        **{f"reason_{place + 1}": reasons[place] for place in range(3)},
    }
    own = {name: pl.when(repeats).then(pl.col(name).round(10)) for name in ("typical_gap_days", "overdue_ratio")}
    return features.with_columns(**columns).select(
        "customer_id",
        pl.lit(as_of).alias("as_of_date"),
        (1 - pl.col("p_buy_h")).alias("churn_probability"),
        "p_buy_h",
        level.replace_strict(range(len(CHURN_BANDS)), bands, return_dtype=pl.String).alias("band"),
        pl.when(repeats)
        .then(pl.lit("rhythm_rule" if is_constant else "model"))
        .otherwise(pl.lit("one_time_rule"))
        .alias("method"),
        pl.lit(model_id).alias("model_id"),
        _amount(pl.col("p_buy_h") * pl.col("spend_if_bought")).alias("expected_spend_h"),
        _amount((1 - pl.col("p_buy_h")) * pl.col("spend_if_bought")).alias("value_at_risk"),
        _amount(pl.col("value_year")).alias("expected_value_365d"),
        pl.lit(basis, pl.String).alias("value_basis"),
        pl.col("days_since").alias("days_since_last_order"),
        *(expression.alias(name) for name, expression in own.items()),
        "reason_1",
        "reason_2",
        "reason_3",
    )


def expected_values(
    p_buy: Floats, features: pl.DataFrame, value: dict[str, Any], horizon_days: int
) -> tuple[Floats, Floats, str | None]:
    """Net spend in the horizon of a customer who buys in it, net spend expected in 365 days, and on what both rest.

    By the model: expected number of purchases in the horizon over the probability of any, times the expected value of
    a purchase (BG/NBD, Gamma-Gamma); the year is the horizon's expected spend, p_buy times the former, in the proportion of expected
    purchases. Without a fit of either with q > 1: what buyers of the cohort spent in the newest window of the training, and
    the year is so many horizons. NaN where not even that is known. Minor units.
    """
    if value["process"] is not None and value["spend"] is not None:
        process, spend = PurchaseProcess(*value["process"]), Spend(*value["spend"])
        seen, weeks = histories(features), horizon_days / DAYS_PER_WEEK
        mean = np.maximum(features["repeat_spend"].to_numpy() / np.maximum(seen.repeats, 1), 0)
        purchases = process.expected_purchases(seen, within_weeks=weeks)
        # Of who bought hundreds of times and fell silent both can be too small for a ratio.
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
    """What buyers of a cohort spent; of all where nobody of it bought; at least 0, NaN where nobody bought."""
    mean = means[cohort] if means[cohort] is not None else means["all"]
    return float("nan") if mean is None else max(mean, 0.0)


def _amount(value: pl.Expr) -> pl.Expr:
    return value.round().cast(pl.Int64)


def _edges_reached(value: pl.Expr, edges: list[float]) -> pl.Expr:
    return pl.sum_horizontal((value >= edge).cast(pl.Int64) for edge in edges)


def _reasons(p_buy: Floats, moved: Floats, features: pl.DataFrame) -> list[pl.Series]:
    """The first three reasons; ties in the order of GROUPS."""
    towards = np.where(p_buy <= np.median(p_buy), 1.0, -1.0)[:, None]
    strength = moved * towards
    order = np.argsort(-strength, axis=1, kind="stable")[:, :3]
    rows = np.arange(p_buy.size)
    states = np.column_stack([state.to_numpy() for state in _states(features)])
    found = []
    for place in range(3):
        group = order[:, place]
        code = np.where(strength[rows, group] >= LEAST_CONTRIBUTION, states[rows, group], NO_REASON)
        names = pl.Series(CHURN_REASONS)
        found.append(
            names.gather(pl.Series(np.where(code == NO_REASON, 0, code))).set(pl.Series(code == NO_REASON), None)
        )
    return found


def _states(features: pl.DataFrame) -> list[pl.Series]:
    """Per name in GROUPS, the position in CHURN_REASONS of the words that describe the customer."""

    def either(condition: pl.Expr, yes: str, no: str | pl.Expr) -> pl.Expr:
        return pl.when(condition).then(_code(yes)).otherwise(_code(no) if isinstance(no, str) else no)

    def above_mean(column: str, yes: str, no: str) -> pl.Expr:
        return either(pl.col(column) > pl.col(column).mean(), yes, no)

    own = pl.lit(is_own_rhythm(features))
    is_overdue = pl.col("overdue_ratio") >= 1
    change = pl.col("log_recent") - pl.col("log_previous")
    mood = pl.col("sci") + pl.col("nps")
    is_good = pl.col("stars") >= GOOD_RATING_POMP / 100 - MIDDLE["stars"]
    has_answered = (pl.col("has_sci") + pl.col("has_nps")) > 0
    states = {
        "recency": above_mean("log_recency", "long_silence", "bought_recently"),
        "rhythm": pl.when(own)
        .then(either(is_overdue, "overdue_against_own_rhythm", "within_own_rhythm"))
        .otherwise(either(is_overdue, "overdue_against_shop_rhythm", "within_shop_rhythm")),
        "frequency": either(
            pl.col("n_days") == 1, "bought_once", above_mean("log_frequency", "many_orders", "few_orders")
        ),
        "tenure": above_mean("log_tenure", "long_standing_customer", "new_customer"),
        "trend": either(change < 0, "buying_less", either(change > 0, "buying_more", "buying_as_before")),
        "money": above_mean("log_order_value", "large_orders", "small_orders"),
        "discounts": above_mean("discount_share", "buys_on_discount", "buys_at_full_price"),
        "refunds": either(pl.col("refund_share") > 0, "orders_refunded", "nothing_refunded"),
        "channel": above_mean("main_channel_share", "main_channel", "other_channel"),
        "breadth": above_mean("log_categories", "many_categories", "few_categories"),
        "promises": either(pl.col("log_broken") > 0, "promise_broken", "no_broken_promise"),
        "stars": either(pl.col("has_stars") == 0, "no_review", either(is_good, "high_stars", "low_stars")),
        "survey": either(~has_answered, "no_survey_answer", either(mood > 0, "happy_in_survey", "unhappy_in_survey")),
        "contacts": either(pl.col("log_contacts") > 0, "service_contact", "no_service_contact"),
        "visits": either(
            pl.col("has_visits") == 0,
            "no_known_visit",
            either(pl.col("is_seen") > 0, "came_back_to_look", "not_seen_since_last_order"),
        ),
    }
    return features.select(states[group].cast(pl.Int8).alias(group) for group in GROUPS).get_columns()


def _code(reason: str) -> pl.Expr:
    return pl.lit(CHURN_REASONS.index(reason), pl.Int8)
