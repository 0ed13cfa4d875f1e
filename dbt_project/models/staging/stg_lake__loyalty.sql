-- Grain: one row per customer and as_of_date. Not additive: pct_to_next_tier; amounts over as_of_date.
select
    customer_id,
    as_of_date,
    tier,
    {{ to_currency_units('net_spend') }} as net_spend,
    next_tier,
    {{ to_currency_units('amount_to_next_tier') }} as amount_to_next_tier,
    pct_to_next_tier,
    is_vip,
    is_ambassador,
from {{ source('lake', 'loyalty') }}
