-- Grain: one row per as_of date, model, cut date of the backtest and cohort. Not additive: every figure but n, and
-- n over dates, models, cuts or cohorts.
select
    as_of_date,
    model,
    cut_date,
    cohort,
    trained_at,
    horizon_days,
    n,
    base_rate,
    auc,
    ece,
    brier,
    log_loss,
    lift_at_10,
    buyer_lift_at_10,
    chosen,
    why,
from {{ source('lake', 'churn_model_card') }}
