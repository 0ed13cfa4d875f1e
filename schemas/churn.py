"""The contracts of churn risk: the scores, the proof of the model behind them, what became of them, and the models."""

import pandera.polars as pa
import polars as pl

from schemas.types import CHURN_BANDS, MINOR, Contract

AS_OF = "The date the row speaks of; nothing after it counts."
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
VALUE_BASES = ("model", "cohort_mean")
CHURN_REASONS = (
    "first_order_recent",
    "second_order_overdue",
    "bought_recently",
    "long_silence",
    "within_own_rhythm",
    "overdue_against_own_rhythm",
    "within_shop_rhythm",
    "overdue_against_shop_rhythm",
    "bought_once",
    "few_orders",
    "many_orders",
    "new_customer",
    "long_standing_customer",
    "buying_less",
    "buying_as_before",
    "buying_more",
    "small_orders",
    "large_orders",
    "buys_at_full_price",
    "buys_on_discount",
    "nothing_refunded",
    "orders_refunded",
    "other_channel",
    "main_channel",
    "few_categories",
    "many_categories",
    "no_broken_promise",
    "promise_broken",
    "no_review",
    "low_stars",
    "high_stars",
    "no_survey_answer",
    "unhappy_in_survey",
    "happy_in_survey",
    "no_service_contact",
    "service_contact",
    "no_known_visit",
    "not_seen_since_last_order",
    "came_back_to_look",
)
"""Every reason; the first two, and those of silence, rhythm and `bought_once`, the rule of days gives too."""


class ChurnRisk(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_churn_risk"):
    """One row per customer with a valid order ever, and as_of date.

    The band decides nothing about money. Not additive: probabilities, days, ratio and value_at_risk.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    churn_probability: float = pa.Field(
        nullable=True, ge=0, le=1, description="Probability of no order in the horizon; null while the rule decides."
    )
    p_buy_h: float = pa.Field(
        nullable=True, ge=0, le=1, description="Probability of an order in the horizon: 1 - churn_probability."
    )
    band: str = pa.Field(
        isin=CHURN_BANDS,
        description="active, cooling_down, at_risk, highly_at_risk or lost; of who bought once by the days since, whatever "
        "the probability.",
    )
    method: str = pa.Field(
        isin=CHURN_METHODS,
        description="What gave the band: the model's probability, days since the only order, or days against the rhythm.",
    )
    model_id: str = pa.Field(description="The model that gave the probability, or rule_by_days.")
    expected_spend_h: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="Expected net spend in the horizon: p_buy_h times the spend of one who buys.",
    )
    value_at_risk: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="churn_probability times the expected net spend in the horizon of such a customer if buying at all: what "
        "staying away would cost, to rank customers by. What the shop can count on is expected_spend_h.",
    )
    expected_value_365d: int = pa.Field(
        metadata=MINOR,
        nullable=True,
        ge=0,
        description="Expected net spend in the next 365 days, on the way of expected_spend_h.",
    )
    value_basis: str = pa.Field(
        nullable=True,
        isin=VALUE_BASES,
        description="model: BG/NBD and Gamma-Gamma; cohort_mean: what buyers alike (once, or repeat) spent; null: unknown.",
    )
    days_since_last_order: int = pa.Field(ge=0, description="Whole local days from the last valid order to as_of.")
    typical_gap_days: float = pa.Field(
        nullable=True,
        description="The customer's median gap between purchase days, shrunk to the shop's; null for one purchase day.",
    )
    overdue_ratio: float = pa.Field(nullable=True, ge=0, description="days_since_last_order / typical_gap_days.")
    reason_1: str = pa.Field(nullable=True, isin=CHURN_REASONS, description="First reason, from a closed list.")
    reason_2: str = pa.Field(nullable=True, isin=CHURN_REASONS, description="Second reason.")
    reason_3: str = pa.Field(nullable=True, isin=CHURN_REASONS, description="Third reason.")


class ChurnModelCard(
    Contract,
    key=("as_of_date", "model", "cut_date", "cohort"),
    is_dated=True,
    published_as="marts.churn_model_card",
    shows_history=True,
):
    """One row per as_of date, model, cut date of the backtest and cohort. The outcome is no valid order in the horizon.

    Not additive: every figure but n, and n over dates, models, cuts or cohorts.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    model: str = pa.Field(isin=CHURN_MODELS, description="The model that was judged, or rule_by_days.")
    cut_date: pl.Date = pa.Field(
        description="Features up to here, the outcome in the horizon after it; of rule_by_days the date itself."
    )
    cohort: str = pa.Field(isin=CHURN_COHORTS, description="all, or customers with one purchase day, or with more.")
    trained_at: pl.Date = pa.Field(description="As of when the models were trained and judged.")
    horizon_days: int = pa.Field(description="Days of the horizon.")
    n: int = pa.Field(ge=0, description="Customers of the cohort with an order by the cut date.")
    base_rate: float = pa.Field(nullable=True, ge=0, le=1, description="Share of them without an order in the horizon.")
    auc: float = pa.Field(
        nullable=True, ge=0, le=1, description="Probability that one who leaves has the higher probability of the two."
    )
    ece: float = pa.Field(
        nullable=True, ge=0, le=1, description="Expected calibration error over 10 bins of equal count."
    )
    brier: float = pa.Field(nullable=True, ge=0, le=1, description="Mean squared error of the probability.")
    log_loss: float = pa.Field(
        nullable=True, ge=0, description="Mean of -log of the probability given to what happened."
    )
    lift_at_10: float = pa.Field(
        nullable=True, ge=0, description="Share of leavers in the tenth with the highest probability, over base_rate."
    )
    buyer_lift_at_10: float = pa.Field(
        nullable=True, ge=0, description="Share of buyers in the tenth with the lowest probability, over 1 - base_rate."
    )
    chosen: bool = pa.Field(description="Whether this model is the published one.")
    why: str = pa.Field(description="Why it was chosen or not, in words.")


class ChurnCalibration(
    Contract,
    key=("as_of_date", "cohort", "bin"),
    is_dated=True,
    published_as="marts.churn_calibration",
    shows_history=True,
):
    """One row per as_of date, cohort and bin of customers by predicted probability, over all cuts of the published model.

    Not additive: shares and means; n over dates or cohorts.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    cohort: str = pa.Field(isin=CHURN_COHORTS, description="all, or customers with one purchase day, or with more.")
    bin: int = pa.Field(ge=1, le=10, description="Number of the bin; 1 has the lowest probabilities.")
    model_id: str = pa.Field(description="The published model.")
    n: int = pa.Field(ge=1, description="Customers at a cut in this bin.")
    mean_predicted: float = pa.Field(ge=0, le=1, description="Mean churn probability.")
    observed: float = pa.Field(
        nullable=True, ge=0, le=1, description="Share of them without an order in the horizon; null when suppressed."
    )
    observed_low: float = pa.Field(
        nullable=True,
        ge=0,
        le=1,
        description="Lower bound of the Wilson 95% interval; a customer of several cuts counts in each, so it is a little "
        "narrow.",
    )
    observed_high: float = pa.Field(nullable=True, ge=0, le=1, description="Upper bound of the Wilson 95% interval.")
    is_suppressed: bool = pa.Field(description="Whether n is below the configured minimum.")


class ChurnOutcomes(
    Contract,
    key=("as_of_date", "prediction_date", "band"),
    is_dated=True,
    published_as="marts.churn_outcomes",
    shows_history=True,
):
    """One row per as_of date, earlier prediction date whose horizon is over, and band given then, or all of them.

    Not additive: shares and means; counts over dates, or over bands, of which all holds the others.
    """

    as_of_date: pl.Date = pa.Field(description=AS_OF)
    prediction_date: pl.Date = pa.Field(description="The as_of date of the prediction.")
    band: str = pa.Field(isin=("all", *CHURN_BANDS), description="The band given then, or all.")
    n: int = pa.Field(ge=1, description="Customers with a churn probability then.")
    mean_predicted: float = pa.Field(ge=0, le=1, description="Their mean churn probability then.")
    n_churned: int = pa.Field(ge=0, description="Of them, those without a valid order in the horizon after it.")
    observed: float = pa.Field(nullable=True, ge=0, le=1, description="n_churned / n; null when suppressed.")
    observed_low: float = pa.Field(nullable=True, ge=0, le=1, description="Lower bound of the Wilson 95% interval.")
    observed_high: float = pa.Field(nullable=True, ge=0, le=1, description="Upper bound of the Wilson 95% interval.")
    is_suppressed: bool = pa.Field(description="Whether n is below the configured minimum.")


class ChurnModels(Contract, key=("model_id",)):
    """One row per training that ended in a model: its numbers, its proof, and what it takes to train it again bit for bit."""

    model_id: str = pa.Field(description="Date of the training, name of the model, fingerprint of its parameters.")
    trained_at: pl.Date = pa.Field(description="The date of the training; nothing after it was known to the model.")
    model: str = pa.Field(isin=CHURN_MODELS, description="Name of the model.")
    parameters: str = pa.Field(description="JSON: the numbers of the model, and those of the expected spend.")
    proof: str = pa.Field(description="JSON: model card, calibration and lift curve of the backtest.")
    lake_versions: str = pa.Field(description="JSON: the version of every lake table that the training read.")
    n_orders: int = pa.Field(
        ge=0, description="Orders up to the date of the training; with many more it is trained anew."
    )
    seed: int = pa.Field(ge=0, description="Seed of the sample and of gradient boosting.")
    settings_hash: str = pa.Field(description="Fingerprint of the settings; with others it is trained anew.")
