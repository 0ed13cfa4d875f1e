-- Grain: one row per customer, as of the edition's date. Not additive: pct_to_next_tier, pct_to_next_reward.
with loyalty as (
    select
        customer_id,
        as_of_date,
        tier,
        tier_metric,
        tier_value,
        tier_since,
        tier_until,
        is_in_grace,
        amount_to_keep_tier,
        next_tier,
        amount_to_next_tier,
        pct_to_next_tier,
        pace_days_with_gain,
        next_tier_on,
        net_spend,
        points_balance,
        points_expiring_30d,
        next_reward,
        points_to_next_reward,
        pct_to_next_reward,
        is_vip,
        vip_reason,
        is_ambassador,
        ambassador_reason,
        n_referred_orders,
        referred_net_value,
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
    loyalty.tier_metric,
    loyalty.tier_value,
    loyalty.tier_since,
    loyalty.tier_until,
    loyalty.is_in_grace,
    loyalty.amount_to_keep_tier,
    loyalty.next_tier,
    loyalty.amount_to_next_tier,
    loyalty.pct_to_next_tier,
    loyalty.pace_days_with_gain,
    loyalty.next_tier_on,
    loyalty.net_spend,
    run_context.currency,
    loyalty.points_balance,
    loyalty.points_expiring_30d,
    loyalty.next_reward,
    loyalty.points_to_next_reward,
    loyalty.pct_to_next_reward,
    loyalty.is_vip,
    loyalty.vip_reason,
    loyalty.is_ambassador,
    loyalty.ambassador_reason,
    loyalty.n_referred_orders,
    loyalty.referred_net_value,
from loyalty
inner join run_context on loyalty.as_of_date = run_context.as_of_date
