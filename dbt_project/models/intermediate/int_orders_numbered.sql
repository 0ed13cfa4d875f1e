-- Grain: one row per order placed up to the edition's date, numbered within its customer.
-- Not additive: order_number; amounts over currencies.
-- A table, not a view: every mart about orders reads it, and would read and judge all orders anew.
{{ config(materialized='table') }}

with orders as (
    select *,
    from {{ ref('int_orders_as_of') }}
)

select
    *,
    case
        when is_valid and customer_id is not null
            then row_number() over (partition by customer_id, is_valid order by ordered_at, order_id)
    end as order_number,
from orders
