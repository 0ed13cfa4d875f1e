-- Grain: one row per customer, as of the edition's date. Not additive: pct_to_next_tier.
with loyalty as (
    select
        customer_id,
        as_of_date,
        tier,
        net_spend,
        next_tier,
        amount_to_next_tier,
        pct_to_next_tier,
        is_vip,
        is_ambassador,
    from {{ ref('stg_lake__loyalty') }}
),

run_context as (
    select
        as_of_date,
        currency,
    from {{ ref('stg_lake__run_context') }}
)

select
    loyalty.customer_id,
    loyalty.as_of_date,
    loyalty.tier,
    loyalty.net_spend,
    run_context.currency,
    loyalty.next_tier,
    loyalty.amount_to_next_tier,
    loyalty.pct_to_next_tier,
    loyalty.is_vip,
    loyalty.is_ambassador,
from loyalty
inner join run_context on loyalty.as_of_date = run_context.as_of_date
