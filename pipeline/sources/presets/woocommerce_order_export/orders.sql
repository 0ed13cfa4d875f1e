-- Grain: one row per order. The export has one row per product, and what is the order's on each of them, or only on the
-- first. Where the rows of an order differ, their values are handed on together, so that it is rejected with them.
-- Amounts are text in whole units. The total is after discount and with tax and shipping, and refunds are not off it.
with

grouped as (
    select
        _file,
        list(_row) as _row,
        "Order Number" as order_number,
        string_agg(distinct "Order Date", ' and ') as order_date,
        string_agg(distinct regexp_replace(lower("Order Status"), '^wc-', ''), ' and ') as state,
        string_agg(distinct "Order Total Amount", ' and ') as total,
        coalesce(string_agg(distinct "Cart Discount Amount", ' and '), '0') as discount,
        coalesce(string_agg(distinct "Order Refund Amount", ' and '), '0') as refund,
        string_agg(distinct "Currency", ' and ') as order_currency,
        -- Two sites can give one id. The hour of an order depends on the site's time zone, its minute does not.
        max("Order ID") || ' ' || regexp_extract(order_date, '[T ]\d\d(:\d\d)', 1) as source_id,
        nullif(max("Customer User ID"), '0') as customer_id,
        coalesce(max("Email (Billing)"), max("Customer User Email")) as email,
        coalesce(max("Phone (Billing)"), max("Phone (Shipping)")) as phone,
        max("Date of first refund") as refunded_at,
        max("Modification Date") as updated_at,
    from orders
    group by all
),

valued as (
    select
        *,
        try_cast(total as decimal(18, 6)) as total_value,
        try_cast(discount as decimal(18, 6)) as discount_value,
        try_cast(refund as decimal(18, 6)) as refund_value,
    from grouped
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
    coalesce(order_currency, getvariable('currency')) as currency,
    coalesce(cast(total_value + discount_value as varchar), total) as gross_amount,
    discount as discount_amount,
    refund as refund_amount,
    coalesce(cast(total_value - refund_value as varchar), total) as net_amount,
    refunded_at,
    updated_at,
    if(state = 'checkout-draft', 'checkout draft', null) as exclude_reason,
from valued
