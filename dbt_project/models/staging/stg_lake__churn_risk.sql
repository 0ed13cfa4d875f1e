-- Grain: one row per customer with a valid order ever, and as_of_date. Not additive: probability, days and ratio.
select
    customer_id,
    as_of_date,
    churn_probability,
    band,
    method,
    days_since_last_order,
    typical_gap_days,
    overdue_ratio,
    reason_1,
    reason_2,
    reason_3,
from {{ source('lake', 'churn_risk') }}
