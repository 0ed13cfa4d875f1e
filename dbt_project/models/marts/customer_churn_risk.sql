-- Grain: one row per customer with a valid order ever, as of the edition's date.
-- Not additive: probabilities, days, ratio and value_at_risk.
with churn_risk as (
    select
        customer_id,
        as_of_date,
        churn_probability,
        p_buy_h,
        band,
        method,
        model_id,
        expected_spend_h,
        value_at_risk,
        expected_value_365d,
        value_basis,
        days_since_last_order,
        typical_gap_days,
        overdue_ratio,
        reason_1,
        reason_2,
        reason_3,
    from {{ ref('stg_lake__churn_risk') }}
),

run_context as (
    select
        as_of_date,
        currency,
    from {{ ref('stg_lake__run_context') }}
)

select
    churn_risk.customer_id,
    churn_risk.as_of_date,
    churn_risk.churn_probability,
    churn_risk.p_buy_h,
    churn_risk.band,
    churn_risk.method,
    churn_risk.model_id,
    churn_risk.expected_spend_h,
    churn_risk.value_at_risk,
    churn_risk.expected_value_365d,
    run_context.currency,
    churn_risk.value_basis,
    churn_risk.days_since_last_order,
    churn_risk.typical_gap_days,
    churn_risk.overdue_ratio,
    churn_risk.reason_1,
    churn_risk.reason_2,
    churn_risk.reason_3,
from churn_risk
inner join run_context on churn_risk.as_of_date = run_context.as_of_date
