-- Grain: one row per cohort and month since, as of the edition's date. Amounts in units of currency.
-- Not additive: shares; customers over months; cumulative value.
with cohort_retention as (
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
    from {{ ref('stg_lake__cohort_retention') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    cohort_retention.as_of_date,
    cohort_retention.cohort_month,
    cohort_retention.months_since,
    cohort_retention.n_customers,
    cohort_retention.n_active,
    cohort_retention.pct_active,
    cohort_retention.pct_active_low,
    cohort_retention.pct_active_high,
    cohort_retention.n_orders,
    {{ to_currency_units('cohort_retention.net_value') }} as net_value,
    {{ to_currency_units('cohort_retention.cumulative_net_value') }} as cumulative_net_value,
    {{ to_currency_units('cohort_retention.cumulative_value_per_customer') }} as cumulative_value_per_customer,
    cohort_retention.is_censored,
    cohort_retention.is_suppressed,
from cohort_retention
inner join run_context on cohort_retention.as_of_date = run_context.as_of_date
