-- Grain: one row per as_of date, cohort and bin of customers by predicted probability, for every date up to the
-- edition's. Not additive: shares and means; n over dates or cohorts.
with churn_calibration as (
    select
        as_of_date,
        cohort,
        bin,
        model_id,
        n,
        mean_predicted,
        observed,
        observed_low,
        observed_high,
        is_suppressed,
    from {{ ref('stg_lake__churn_calibration') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    churn_calibration.as_of_date,
    churn_calibration.cohort,
    churn_calibration.bin,
    churn_calibration.model_id,
    churn_calibration.n,
    churn_calibration.mean_predicted,
    churn_calibration.observed,
    churn_calibration.observed_low,
    churn_calibration.observed_high,
    churn_calibration.is_suppressed,
from churn_calibration
inner join run_context on churn_calibration.as_of_date <= run_context.as_of_date
