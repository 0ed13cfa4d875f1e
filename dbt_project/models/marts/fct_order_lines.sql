-- Grain: one row per line of an order in fct_orders. Date, customer and validity are the order's. An amount is rounded
-- in cents, as that of the order is: in units the same half would be a little less than one. To six decimals first, as
-- 1,250 * 1.146 is a little below 1,432.5 in floating point.
{%- set in_shop_currency -%}
    case
        when orders.original_currency is null then order_lines.line_amount
        else cast(
            coalesce(round(round(order_lines.line_amount * 100 * orders.exchange_rate, 6)) / 100, 0) as decimal(18, 2)
        )
    end
{%- endset %}
with order_lines as (
    select
        order_id,
        line_number,
        product_id,
        category,
        quantity,
        quantity_delivered,
        extra,
        line_amount,
    from {{ source('lake', 'order_lines') }}
),

orders as (
    select
        order_id,
        customer_id,
        ordered_at,
        ordered_at_local,
        local_date,
        currency,
        original_currency,
        exchange_rate,
        is_valid,
    from {{ ref('fct_orders') }}
)

select
    order_lines.order_id,
    order_lines.line_number,
    orders.customer_id,
    orders.ordered_at,
    orders.ordered_at_local,
    orders.local_date,
    order_lines.product_id,
    order_lines.category,
    order_lines.quantity,
    order_lines.quantity_delivered,
    order_lines.extra,
    orders.currency,
    {{ in_shop_currency }} as line_amount,
    case when orders.is_valid then {{ in_shop_currency }} end as valid_line_amount,
    orders.is_valid,
from order_lines
inner join orders on order_lines.order_id = orders.order_id
