"""The contracts of churn risk: the scores, how good the model behind them is, how they turned out, and the models."""

import pandera.polars as pa
import polars as pl

from schemas.types import CHURN_BANDS, MINOR, Contract

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
"""Every reason. The rule of days gives the first two, and those of silence, rhythm and `bought_once`."""


class ChurnRisk(Contract, key=("as_of_date", "customer_id"), is_dated=True, published_as="marts.customer_churn_risk"):
    """One row per as_of date and customer who ever placed a valid order.

    Money never depends on the band. Not additive: probabilities, days, overdue_ratio and value_at_risk.
    """

    customer_id: str = pa.Field(description="The customer.")
    as_of_date: pl.Date = pa.Field(description=AS_OF)
    churn_probability: float = pa.Field(
        nullable=True, ge=0, le=1, description="Probability of no valid order in the horizon; null without a model."
    )
    p_buy_h: float = pa.Field(
        nullable=True, ge=0, le=1, description="Probability of a valid order in the horizon: 1 - churn_probability."
    )
    band: str = pa.Field(
        isin=CHURN_BANDS,
        description="active, cooling_down, at_risk, highly_at_risk or lost; for a one-time customer it depends on the days "
        "since the order, not on the probability.",
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
        "the customer, for ranking. What the shop can count on is expected_spend_h.",
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
        description="Features use data up to this date, the outcome the horizon after it; for rule_by_days the as_of date."
    )
    cohort: str = pa.Field(isin=CHURN_COHORTS, description="all, one_time (one purchase day) or repeat (more).")
    trained_at: pl.Date = pa.Field(description="The date as of which the models were trained and judged.")
    horizon_days: int = pa.Field(description="Days of the horizon.")
    n: int = pa.Field(ge=0, description="Customers of the cohort with an order by the cut date.")
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
    chosen: bool = pa.Field(description="Whether this model is the published one.")
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
    mean_predicted: float = pa.Field(ge=0, le=1, description="Mean churn probability.")
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
    key=("as_of_date", "prediction_date", "band"),
    is_dated=True,
    published_as="marts.churn_outcomes",
    shows_history=True,
):
    """One row per as_of date, earlier prediction date whose horizon has ended, and band given then.

    Not additive: shares and means; counts over dates; counts over bands, as band all contains the others.
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
    """One row per trained model: its parameters, its backtest, and all that training it again bit for bit takes."""

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
    settings_hash: str = pa.Field(description="Fingerprint of the settings; when they change, a model is trained anew.")
