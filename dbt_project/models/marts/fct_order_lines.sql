-- Grain: one row per line of an order in fct_orders. Date, customer and validity are the order's.
-- Not additive: line_amount over currencies.
with order_lines as (
    select
        order_id,
        line_number,
        product_id,
        category,
        quantity,
        quantity_delivered,
        currency,
        line_amount,
    from {{ source('lake', 'order_lines') }}
),

orders as (
    select
        order_id,
        customer_id,
        ordered_at,
        local_date,
        is_valid,
    from {{ ref('fct_orders') }}
)

select
    order_lines.order_id,
    order_lines.line_number,
    orders.customer_id,
    orders.ordered_at,
    orders.local_date,
    order_lines.product_id,
    order_lines.category,
    order_lines.quantity,
    order_lines.quantity_delivered,
    order_lines.currency,
    order_lines.line_amount,
    orders.is_valid,
from order_lines
inner join orders on order_lines.order_id = orders.order_id
