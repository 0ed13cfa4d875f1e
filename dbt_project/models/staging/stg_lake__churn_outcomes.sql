-- Grain: one row per as_of date, earlier prediction date and band given then. Not additive: shares and means;
-- counts over dates, or over bands, of which all holds the others.
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
from {{ source('lake', 'churn_outcomes') }}
