-- Grain: one row per order, its newest version. Amounts in units of currency; not additive over currencies.
select
    order_id,
    customer_id,
    ordered_at,
    status,
    channel,
    currency,
    {{ to_currency_units('gross_amount') }} as gross_amount,
    {{ to_currency_units('discount_amount') }} as discount_amount,
    {{ to_currency_units('refund_amount') }} as refund_amount,
    {{ to_currency_units('net_amount') }} as net_amount,
    promised_at,
    delivered_at,
    refunded_at,
    updated_at,
    source,
    batch_id,
from {{ source('lake', 'orders') }}
