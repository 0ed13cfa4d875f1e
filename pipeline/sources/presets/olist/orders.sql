-- One row per order. Its value is the sum of its payments; an order that was never paid is pending.
-- An amount that is no number is passed on as it is, so that the order is rejected with it.
with

paid as (
    select
        order_id,
        coalesce(
            max(coalesce(payment_value, '')) filter (where try_cast(payment_value as decimal(18, 4)) is null),
            cast(sum(try_cast(payment_value as decimal(18, 4))) as varchar)
        ) as amount,
    from payments
    group by order_id
)

select
    orders.order_id,
    customers.customer_unique_id as customer_id,
    orders.order_purchase_timestamp as ordered_at,
    case
        when paid.order_id is null then 'pending'
        when orders.order_status = 'created' then 'pending'
        when orders.order_status in ('approved', 'invoiced', 'processing') then 'paid'
        when orders.order_status in ('canceled', 'unavailable') then 'cancelled'
        else orders.order_status
    end as status,
    'marketplace' as channel,
    'BRL' as currency,
    coalesce(paid.amount, '0') as gross_amount,
    '0' as discount_amount,
    '0' as refund_amount,
    coalesce(paid.amount, '0') as net_amount,
    orders.order_estimated_delivery_date as promised_at,
    orders.order_delivered_customer_date as delivered_at,
    orders._file,
    orders._row,
from orders
left join customers on orders.customer_id = customers.customer_id
left join paid on orders.order_id = paid.order_id
