-- Grain: one row per as_of date and cohort, and one for all customers, for every date up to the edition's.
-- Not additive: shares, medians; counts over dates, and with all.
with repeat_purchase as (
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
    from {{ ref('stg_lake__repeat_purchase') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    repeat_purchase.as_of_date,
    repeat_purchase.cohort,
    repeat_purchase.n_customers,
    repeat_purchase.n_repeat,
    repeat_purchase.pct_repeat,
    repeat_purchase.pct_repeat_low,
    repeat_purchase.pct_repeat_high,
    repeat_purchase.n_second_days,
    repeat_purchase.median_days_to_second,
    repeat_purchase.median_days_low,
    repeat_purchase.median_days_high,
    repeat_purchase.is_suppressed,
from repeat_purchase
inner join run_context on repeat_purchase.as_of_date <= run_context.as_of_date
