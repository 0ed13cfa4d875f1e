-- Grain: one row per cohort, month since, and as_of date. Not additive: shares, customers, cumulative value.
select
    as_of_date,
    cohort_month,
    months_since,
    n_customers,
    n_active,
    pct_active,
    pct_active_low,
    pct_active_high,
    n_orders,
    net_value,
    cumulative_net_value,
    cumulative_value_per_customer,
    is_censored,
    is_suppressed,
from {{ source('lake', 'cohort_retention') }}
