-- Grain: one row per touchpoint; customer and order as the source names them. Amounts in units of currency.
select
    touchpoint_id,
    customer_id,
    session_id,
    occurred_at,
    replied_at,
    channel,
    kind,
    order_id,
    product_id,
    category,
    {{ to_currency_units('cart_amount') }} as cart_amount,
    currency,
    updated_at,
    source,
    batch_id,
from {{ source('lake', 'touchpoints') }}
