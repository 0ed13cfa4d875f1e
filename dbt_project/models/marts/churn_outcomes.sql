-- Grain: one row per as_of date, earlier prediction date and band given then, for every date up to the edition's.
-- Not additive: shares and means; counts over dates, or over bands, of which all holds the others.
with churn_outcomes as (
    select
        as_of_date,
        prediction_date,
        band,
        n,
        mean_predicted,
        n_churned,
        observed,
        observed_low,
        observed_high,
        is_suppressed,
    from {{ ref('stg_lake__churn_outcomes') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    churn_outcomes.as_of_date,
    churn_outcomes.prediction_date,
    churn_outcomes.band,
    churn_outcomes.n,
    churn_outcomes.mean_predicted,
    churn_outcomes.n_churned,
    churn_outcomes.observed,
    churn_outcomes.observed_low,
    churn_outcomes.observed_high,
    churn_outcomes.is_suppressed,
from churn_outcomes
inner join run_context on churn_outcomes.as_of_date <= run_context.as_of_date
