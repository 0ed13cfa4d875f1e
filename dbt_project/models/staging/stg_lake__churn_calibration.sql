-- Grain: one row per as_of date, cohort and bin of customers by predicted probability. Not additive: shares and
-- means; n over dates or cohorts.
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
from {{ source('lake', 'churn_calibration') }}
