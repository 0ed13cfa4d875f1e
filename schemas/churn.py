"""The contracts of churn risk: the scores, how good the model behind them is, how they turned out, and the models."""

import pandera.polars as pa
import polars as pl

from schemas.types import CHURN_BANDS, FORMERLY_BAND, MINOR, Contract

AS_OF = "The date the row describes; nothing after it counts."
CHURN_MODELS = (
    "base_rate",
    "recency",
    "rfm_sum",
    "bg_nbd",
    "mbg_nbd",
    "bg_nbd_calibrated",
    "mbg_nbd_calibrated",
    "bg_nbd_with_signals",
    "logistic",
    "logistic_calibrated",
    "gradient_boosting",
    "gradient_boosting_calibrated",
    "rule_by_days",
)
CHURN_COHORTS = ("all", "one_time", "repeat")
CHURN_METHODS = ("model", "one_time_rule", "rhythm_rule")
CHURN_JUDGED_BY = ("cuts", "folds")
CHURN_PUBLISHES = ("probabilities", "bands")
VALUE_BASES = ("model", "cohort_mean")
_EITHER_WAY = {
    "new_customer": "a customer for less time than usual",
    "long_standing_customer": "a customer for longer than usual",
    "buying_as_before": "as many orders in the last horizon as in the one before",
    "small_orders": "spends less per order than usual",
    "large_orders": "spends more per order than usual",
    "buys_at_full_price": "a smaller discount than usual",
    "buys_on_discount": "a larger discount than usual",
    "main_channel": "buys in the shop's main channel more than usual",
    "other_channel": "buys in other channels more than usual",
    "few_categories": "buys from fewer categories than usual",
    "many_categories": "buys from more categories than usual",
    "no_review": "never gave a rating",
    "middling_stars": "the last rating is neither low nor high",
    "no_survey_answer": "never answered the Net Promoter question, nor all of the Secure Customer Index",
    "lukewarm_in_survey": "in the last such survey answer neither happy nor unhappy, or both",
    "no_service_contact": "no contact with service in the last horizon",
    "service_contact": "contact with service in the last horizon",
    "no_known_visit": "never seen to visit, online or in a store",
}
"""Words for traits that can speak for leaving or for staying."""
RISK_REASONS = {
    "overdue_against_own_rhythm": "silent for the own usual gap, drawn to the shop's (typical_gap_days)",
    "overdue_against_shop_rhythm": "silent for a gap that is mostly the shop's usual one (typical_gap_days)",
    "second_order_overdue": "the second order has not come in the time it usually takes here",
    "long_silence": "silent for longer than usual",
    "used_to_buy_often": "bought more often than usual, and is now overdue",
    "spent_little": "spent less in all than usual",
    "few_orders": "fewer orders than usual",
    "buying_less": "fewer orders in the last horizon than in the one before",
    "no_recent_orders": "no order in the last two horizons",
    "orders_refunded": "got money back",
    "promise_broken": "a delivery promise was broken",
    "low_stars": "a low last rating",
    "unhappy_in_survey": "unhappy in the last answer to the Net Promoter or Secure Customer questions",
    "not_seen_since_last_order": "has not come to look since the last order, online or in a store",
    **_EITHER_WAY,
    "no_single_reason": "nothing stands out; most customers like this one do not come back",
}
"""Every reason that raises the risk, in words for people. Usual is the typical customer of the cohort."""
HOLDING_REASONS = {
    "within_own_rhythm": "not yet silent for the own usual gap, drawn to the shop's (typical_gap_days)",
    "within_shop_rhythm": "not yet silent for a gap that is mostly the shop's (typical_gap_days)",
    "first_order_recent": "the second order is not yet due",
    "bought_recently": "silent for less time than usual",
    "spent_much": "spent more in all than usual",
    "many_orders": "more orders than usual",
    "buying_more": "more orders in the last horizon than in the one before",
    "nothing_refunded": "never got money back",
    "no_broken_promise": "no delivery promise was broken",
    "high_stars": "a high last rating",
    "happy_in_survey": "happy in the last answer to the Net Promoter or Secure Customer questions",
    "came_back_to_look": "has come to look since the last order, online or in a store",
    **_EITHER_WAY,
}
"""Every reason that lowers the risk. Usual is the typical customer of the cohort."""


def _listed(reasons: dict[str, str]) -> str:
    return "; ".join(f"{name}: {words}" for name, words in reasons.items())


class ChurnRisk(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_churn_risk"):
    """One row per as_of date and customer who ever placed a valid order.

    Money never depends on the band. Not additive: probabilities, days, overdue_ratio, scores and what adds up to them; amounts
    over dates. Over the customers of a date amounts add up, value_at_risk too.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    churn_probability: float = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="Probability of no valid order in the horizon; null without a model, or where those of the model did not "
        "hold in the backtest.",
    )
    p_buy_h: float = pa.Field(
        nullable=True, ge=0, le=1, description="Probability of a valid order in the horizon: 1 - churn_probability."
    )
    churn_band: str = pa.Field(
        metadata=FORMERLY_BAND,
        isin=CHURN_BANDS,
        description="active, cooling_down, at_risk, highly_at_risk or lost; never worse than cooling_down before "
        "overdue_after_days. With method model, and unless is_held_by_rhythm, a higher churn_score never has a better band "
        "within a cohort (one-time or repeat).",
    )
    is_held_by_rhythm: bool = pa.Field(
        description="Whether the band would be worse but stays at cooling_down because the customer is not yet overdue."
    )
    method: str = pa.Field(
        isin=CHURN_METHODS,
        description="What set the band: model (the probability), one_time_rule (days since the only order) or rhythm_rule "
        "(days against the usual gap).",
    )
    model_id: str = pa.Field(description="The model that gave the probability, or rule_by_days.")
    expected_spend_h: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="Expected net spend in the horizon: p_buy_h times what such a customer spends when buying.",
    )
    value_at_risk: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="churn_probability times what such a customer spends in the horizon when buying: the cost of losing "
        "the customer, for ranking; adds up over customers. What the shop can count on is expected_spend_h.",
    )
    expected_value_365d: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="Expected net spend in the next 365 days, computed like expected_spend_h.",
    )
    value_basis: str = pa.Field(
        nullable=True,
        isin=VALUE_BASES,
        description="Where the spend comes from. model: BG/NBD and Gamma-Gamma; cohort_mean: mean spend of buyers in the "
        "same cohort (one-time or repeat); null: unknown.",
    )
    days_since_last_order: int = pa.Field(ge=0, description="Whole local days from the last valid order to as_of.")
    typical_gap_days: float = pa.Field(
        nullable=True,
        description="The customer's median gap between purchase days, shrunk towards the shop's; null for a one-time "
        "customer.",
    )
    overdue_ratio: float = pa.Field(nullable=True, ge=0, description="days_since_last_order / typical_gap_days.")
    overdue_after_days: float = pa.Field(
        nullable=True,
        ge=0,
        description="Days after the last order from which the customer is overdue: typical_gap_days; for a one-time customer "
        "the shop's median gap from first to second order. Null where nobody has ordered twice.",
    )
    risk_reason_1: str = pa.Field(
        nullable=True,
        isin=list(RISK_REASONS),
        description="What raises the risk most above that of the typical customer of the cohort (one-time or repeat, weighted "
        "by the probability to come back); never null in band at_risk, highly_at_risk or lost. "
        + _listed(RISK_REASONS)
        + ".",
    )
    risk_reason_2: str = pa.Field(nullable=True, isin=list(RISK_REASONS), description="What raises it second most.")
    risk_reason_3: str = pa.Field(nullable=True, isin=list(RISK_REASONS), description="What raises it third most.")
    risk_contribution_1: float = pa.Field(
        nullable=True,
        ge=0,
        description="What risk_reason_1 adds to churn_score; positive, but 0 for no_single_reason right where at_risk begins.",
    )
    risk_contribution_2: float = pa.Field(nullable=True, gt=0, description="What risk_reason_2 adds to churn_score.")
    risk_contribution_3: float = pa.Field(nullable=True, gt=0, description="What risk_reason_3 adds to churn_score.")
    holding_reason_1: str = pa.Field(
        nullable=True,
        isin=list(HOLDING_REASONS),
        description="What lowers the risk most below that of the typical customer. " + _listed(HOLDING_REASONS) + ".",
    )
    holding_reason_2: str = pa.Field(
        nullable=True, isin=list(HOLDING_REASONS), description="What lowers it second most."
    )
    holding_contribution_1: float = pa.Field(
        nullable=True, lt=0, description="What holding_reason_1 adds to churn_score; negative."
    )
    holding_contribution_2: float = pa.Field(
        nullable=True, lt=0, description="What holding_reason_2 adds to churn_score; negative."
    )
    other_contribution: float = pa.Field(description="What all else adds to churn_score.")
    score_base: float = pa.Field(
        description="churn_score of the typical customer of the cohort; with risk_reason_1 no_single_reason the score from which a customer "
        "is at_risk; without a model the overdue_ratio, or the days of a one-time customer, from which cooling_down begins."
    )
    churn_score: float = pa.Field(
        description="score_base plus every contribution: with method model the log-odds of churn, -ln(1/churn_probability - "
        "1), also where that is null; with rhythm_rule overdue_ratio; with one_time_rule days_since_last_order."
    )


class ChurnModelCard(
    Contract,
    key=("as_of_date", "model", "cut_date", "cohort"),
    is_dated=True,
    published_as="marts.churn_model_card",
    shows_history=True,
):
    """One row per as_of date, model, cut date of the backtest and cohort. The outcome is no valid order in the horizon.

    Figures are null where n is below the minimum. Not additive: every figure but n, and n over dates, models, cuts or cohorts.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    model: str = pa.Field(isin=CHURN_MODELS, description="The model that was judged, or rule_by_days.")
    cut_date: pl.Date = pa.Field(
        description="Features use data up to this date, the outcome the horizon after it; for rule_by_days the as_of date."
    )
    cohort: str = pa.Field(isin=CHURN_COHORTS, description="all, one_time (one purchase day) or repeat (more).")
    trained_at: pl.Date = pa.Field(description="The date as of which the models were trained and judged.")
    horizon_days: int = pa.Field(description="Days of the horizon.")
    n: int = pa.Field(ge=0, description="Customers of the cohort with an order by the cut date.")
    judged_by: str = pa.Field(
        nullable=True,
        isin=CHURN_JUDGED_BY,
        description="cuts: a model of the windows before the cut predicted the window after it. folds: there is one window; "
        "each fifth of its customers, by hash, was predicted by a model of the other four, and figures are of all folds "
        "together. Null for rule_by_days.",
    )
    is_recalibrated: bool = pa.Field(
        description="Whether the figures are of probabilities recalibrated on the earlier cuts."
    )
    base_rate: float = pa.Field(
        nullable=True, ge=0, le=1, description="Share of them without a valid order in the horizon."
    )
    auc: float = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="Area under the ROC curve: how often a leaver gets a higher probability than one who stays.",
    )
    ece: float = pa.Field(
        nullable=True, ge=0, le=1, description="Expected calibration error over 10 bins of equal count."
    )
    brier: float = pa.Field(nullable=True, ge=0, le=1, description="Mean squared error of the probability.")
    log_loss: float = pa.Field(
        nullable=True, ge=0, description="Mean of -log of the probability given to the actual outcome."
    )
    lift_at_10: float = pa.Field(
        nullable=True,
        ge=0,
        description="Share of leavers among the 10% with the highest probability, divided by base_rate.",
    )
    buyer_lift_at_10: float = pa.Field(
        nullable=True,
        ge=0,
        description="Share of buyers among the 10% with the lowest probability, divided by 1 - base_rate.",
    )
    is_suppressed: bool = pa.Field(
        nullable=True,
        description="Whether n is below the configured minimum; null on dates that an older version computed.",
    )
    chosen: bool = pa.Field(description="Whether this model is the published one.")
    publishes: str = pa.Field(
        nullable=True,
        isin=CHURN_PUBLISHES,
        description="What is published of the published model: its probabilities, or only its bands where the probabilities "
        "did not hold in the backtest; null for any other model.",
    )
    publishes_why: str = pa.Field(
        nullable=True,
        description="Why only bands are published, or why the probabilities were recalibrated, in words; null where they hold "
        "as they are.",
    )
    why: str = pa.Field(description="Why it was chosen or not, in words.")


class ChurnCalibration(
    Contract,
    key=("as_of_date", "cohort", "bin"),
    is_dated=True,
    published_as="marts.churn_calibration",
    shows_history=True,
):
    """One row per as_of date, cohort and bin of predicted probability, over all cuts of the published model.

    Not additive: shares and means; n over dates or cohorts.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    cohort: str = pa.Field(isin=CHURN_COHORTS, description="all, one_time (one purchase day) or repeat (more).")
    bin: int = pa.Field(ge=1, le=10, description="Number of the bin; 1 has the lowest probabilities.")
    model_id: str = pa.Field(description="The published model.")
    n: int = pa.Field(ge=1, description="Predictions in this bin: one per customer and cut.")
    mean_predicted: float = pa.Field(
        nullable=True, ge=0, le=1, description="Mean churn probability; null when suppressed."
    )
    observed: float = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="Share of them without a valid order in the horizon; null when suppressed.",
    )
    observed_low: float = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="Lower bound of the Wilson 95% interval; slightly too narrow, as a customer counts in every cut.",
    )
    observed_high: float = pa.Field(nullable=True, ge=0, le=1, description="Upper bound of the Wilson 95% interval.")
    is_suppressed: bool = pa.Field(description="Whether n is below the configured minimum.")


class ChurnOutcomes(
    Contract,
    key=("as_of_date", "prediction_date", "churn_band"),
    is_dated=True,
    published_as="marts.churn_outcomes",
    shows_history=True,
):
    """One row per as_of date, earlier prediction date whose horizon has ended, and band given then.

    Not additive: shares and means; counts over dates; counts over bands, as churn_band all contains the others.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    prediction_date: pl.Date = pa.Field(description="The as_of date of the prediction.")
    churn_band: str = pa.Field(
        metadata=FORMERLY_BAND, isin=("all", *CHURN_BANDS), description="The band given then, or all."
    )
    n: int = pa.Field(ge=1, description="Customers with a churn probability then.")
    mean_predicted: float = pa.Field(
        nullable=True, ge=0, le=1, description="Their mean churn probability then; null when suppressed."
    )
    n_churned: int = pa.Field(ge=0, description="Of them, those without a valid order in the horizon after it.")
    observed: float = pa.Field(nullable=True, ge=0, le=1, description="n_churned / n; null when suppressed.")
    observed_low: float = pa.Field(nullable=True, ge=0, le=1, description="Lower bound of the Wilson 95% interval.")
    observed_high: float = pa.Field(nullable=True, ge=0, le=1, description="Upper bound of the Wilson 95% interval.")
    is_suppressed: bool = pa.Field(description="Whether n is below the configured minimum.")


class ChurnModels(Contract, key=("model_id",)):
    """One row per trained model: its parameters, its backtest, and all it takes to train it again bit for bit."""

    model_id: str = pa.Field(description="Date of the training, name of the model, fingerprint of its parameters.")
    trained_at: pl.Date = pa.Field(description="The date of the training; nothing after it was known to the model.")
    model: str = pa.Field(isin=CHURN_MODELS, description="Name of the model.")
    parameters: str = pa.Field(description="JSON: parameters of the model and of the expected spend.")
    proof: str = pa.Field(description="JSON: model card, calibration and lift curve of the backtest.")
    lake_versions: str = pa.Field(description="JSON: the version of every lake table that the training read.")
    n_orders: int = pa.Field(
        ge=0, description="Orders up to the date of the training; when this changes much, a model is trained anew."
    )
    seed: int = pa.Field(ge=0, description="Seed of the sample and of gradient boosting.")
    settings_hash: str = pa.Field(
        description="Fingerprint of all that features rest on beside the lake: settings, exchange rates up to the date, what surveys ask, the program. When it changes, a model is trained anew."
    )
