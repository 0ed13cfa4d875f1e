-- Grain: one row per as_of date, model, cut date of the backtest and cohort, for every date up to the edition's.
-- Not additive: every figure but n, and n over dates, models, cuts or cohorts.
with churn_model_card as (
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
    from {{ ref('stg_lake__churn_model_card') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    churn_model_card.as_of_date,
    churn_model_card.model,
    churn_model_card.cut_date,
    churn_model_card.cohort,
    churn_model_card.trained_at,
    churn_model_card.horizon_days,
    churn_model_card.n,
    churn_model_card.base_rate,
    churn_model_card.auc,
    churn_model_card.ece,
    churn_model_card.brier,
    churn_model_card.log_loss,
    churn_model_card.lift_at_10,
    churn_model_card.buyer_lift_at_10,
    churn_model_card.chosen,
    churn_model_card.why,
from churn_model_card
inner join run_context on churn_model_card.as_of_date <= run_context.as_of_date
