-- Grain: one row per order. Amounts are text in whole units. The total is after discount and with tax and shipping.
-- What is no number, and a status that is not known, is passed on as it is, so that the order is rejected with it.
with

read_refunds as (
    select
        _file,
        _row,
        order_number,
        -- Two sites can give one id. The hour of an order depends on the site's time zone, its minute does not.
        order_id || ' ' || regexp_extract(order_date, '[T ]\d\d(:\d\d)', 1) as source_id,
        nullif(customer_id, '0') as customer_id,
        coalesce(customer_email, billing_email) as email,
        coalesce(billing_phone, shipping_phone) as phone,
        order_date,
        regexp_replace(lower(status), '^wc-', '') as state,
        order_currency,
        order_total,
        updated_at,
        coalesce(discount_total, cart_discount, '0') as discount,
        refund_items,
        -- amount:10.00|reason:…|date:2025-10-03 10:00:00;amount:… — a reason can hold anything.
        regexp_extract_all(refund_items, '(?:^|;)amount:([^|]*)\|reason:', 1) as refund_amounts,
        regexp_extract_all(refund_items, '\|date:([^;|]*)(?:;amount:|$)', 1) as refund_dates,
    from orders
),

valued as (
    select
        *,
        try_cast(order_total as decimal(18, 6)) as total_value,
        try_cast(discount as decimal(18, 6)) as discount_value,
        list_filter(refund_amounts, lambda amount: try_cast(amount as decimal(18, 6)) is null) as unreadable_refunds,
        case
            when refund_items is null then '0'
            when refund_amounts = [] then 'refund_items without an amount'
            when unreadable_refunds != [] then unreadable_refunds[1]
            else cast(list_sum(cast(refund_amounts as decimal(18, 6)[])) as varchar)
        end as refund,
        try_cast(refund as decimal(18, 6)) as refund_value,
    from read_refunds
)

select
    _file,
    _row,
    order_number as order_id,
    source_id,
    customer_id,
    email,
    phone,
    order_date as ordered_at,
    case
        when state in ('pending', 'on-hold') then 'pending'
        when state = 'processing' then 'paid'
        when state = 'completed' then 'shipped'
        when state in ('cancelled', 'failed') then 'cancelled'
        when state = 'refunded' then 'returned'
        else state
    end as status,
    order_currency as currency,
    coalesce(cast(total_value + discount_value as varchar), order_total) as gross_amount,
    discount as discount_amount,
    refund as refund_amount,
    coalesce(cast(total_value - refund_value as varchar), order_total) as net_amount,
    list_max(refund_dates) as refunded_at,
    updated_at,
    if(state = 'checkout-draft', 'checkout draft', null) as exclude_reason,
from valued
