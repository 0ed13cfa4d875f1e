-- Grain: one row per as_of date and cohort. Not additive: shares, medians; counts over dates, and with all.
select
    as_of_date,
    cohort,
    n_customers,
    n_repeat,
    pct_repeat,
    pct_repeat_low,
    pct_repeat_high,
    n_second_days,
    median_days_to_second,
    median_days_low,
    median_days_high,
    is_suppressed,
from {{ source('lake', 'repeat_purchase') }}
