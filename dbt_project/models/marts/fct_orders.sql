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
)

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
from orders
