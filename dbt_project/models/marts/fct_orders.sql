-- Grain: one row per order placed up to the edition's date, anonymous and invalid ones included: filter on is_valid.
-- Not additive: order_number; amounts over currencies.
with orders as (
    select
        order_id,
        customer_id,
        ordered_at,
        local_date,
        status,
        channel,
        currency,
        gross_amount,
        discount_amount,
        refund_amount,
        net_amount,
        promised_at,
        redelivery_at,
        delivered_at,
        promise_status,
        is_valid,
        invalid_reason,
        order_number,
    from {{ ref('int_orders_numbered') }}
),

run_context as (
    select time_zone,
    from {{ source('lake', 'run_context') }}
)

select
    orders.order_id,
    orders.customer_id,
    orders.ordered_at,
    orders.local_date,
    orders.status,
    orders.channel,
    orders.currency,
    orders.gross_amount,
    orders.discount_amount,
    orders.refund_amount,
    orders.net_amount,
    orders.promised_at,
    {{ local_date('orders.promised_at') }} as promised_date,
    orders.redelivery_at,
    {{ local_date('orders.redelivery_at') }} as redelivery_date,
    orders.delivered_at,
    {{ local_date('orders.delivered_at') }} as delivered_date,
    orders.promise_status,
    orders.is_valid,
    orders.invalid_reason,
    orders.order_number,
from orders
cross join run_context
