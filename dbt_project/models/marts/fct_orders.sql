-- Grain: one row per order placed up to the edition's date, anonymous and invalid ones included: filter on is_valid.
-- Not additive: order_number; amounts over currencies.
with orders as (
    select *,
    from {{ ref('int_orders_numbered') }}
),

run_context as (
    select time_zone,
    from {{ source('lake', 'run_context') }}
)

select
    orders.*,
    {{ local_date('orders.promised_at') }} as promised_date,
    {{ local_date('orders.redelivery_at') }} as redelivery_date,
    {{ local_date('orders.delivered_at') }} as delivered_date,
from orders
cross join run_context
