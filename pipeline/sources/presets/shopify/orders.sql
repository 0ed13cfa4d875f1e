-- Grain: one row per order, made of its rows: the export has a row per line, and the order's values on the first only.
-- Amounts are text in whole units. Total is after discount and with tax and shipping.
-- What is no number, and a status that is not known, is passed on as it is, so that the order is rejected with it.
with

numbered as (
    select
        _file,
        _row,
        "Name" as order_id,
        -- Two shops' exports in one file can have orders of one name: they must not melt into one.
        last_value("Id" ignore nulls) over (partition by _file, "Name" order by _row) as shopify_id,
        "Email" as email,
        "Created at" as ordered_at,
        lower("Financial Status") as payment,
        lower("Fulfillment Status") as fulfilment,
        "Cancelled at" as cancelled_at,
        "Currency" as currency,
        "Total" as total,
        "Discount Amount" as discount,
        "Refunded Amount" as refund,
        lower("Payment Method") as payment_method,
        lower("Source") as channel,
    from orders
),

filled as (
    -- Of each value the first that there is.
    select
        _file,
        list(_row order by _row) as _row,
        order_id,
        shopify_id,
        arg_min(email, _row) as email,
        arg_min(ordered_at, _row) as ordered_at,
        arg_min(payment, _row) as payment,
        coalesce(arg_min(fulfilment, _row), 'unfulfilled') as fulfilment,
        arg_min(cancelled_at, _row) as cancelled_at,
        arg_min(currency, _row) as currency,
        arg_min(total, _row) as total,
        coalesce(arg_min(discount, _row), '0') as discount,
        coalesce(arg_min(refund, _row), '0') as refund,
        arg_min(payment_method, _row) as payment_method,
        arg_min(channel, _row) as channel,
    from numbered
    group by _file, order_id, shopify_id
),

valued as (
    select
        *,
        try_cast(total as decimal(18, 6)) as total_value,
        try_cast(discount as decimal(18, 6)) as discount_value,
        try_cast(refund as decimal(18, 6)) as refund_value,
    from filled
)

select
    _file,
    _row,
    order_id,
    -- A spreadsheet makes 5.7E+12 of an id: that is none.
    nullif(regexp_extract(shopify_id, '^''?([0-9]+)(\.0)?$', 1), '') as source_id,
    email,
    ordered_at,
    case
        when cancelled_at is not null or payment = 'voided' then 'cancelled'
        when payment is null then null
        when payment in ('pending', 'authorized', 'partially_paid', 'unpaid', 'expired') then 'pending'
        when payment = 'refunded' then 'returned'
        when payment not in ('paid', 'partially_refunded') then payment
        when fulfilment = 'fulfilled' then 'shipped'
        when
            fulfilment in (
                'unfulfilled',
                'partial',
                'partially_fulfilled',
                'restocked',
                'scheduled',
                'on_hold',
                'open',
                'in_progress',
                'pending',
                'pending_fulfillment',
                'request_declined'
            )
            then 'paid'
        else fulfilment
    end as status,
    if(channel = 'pos', 'store', channel) as channel,
    currency,
    coalesce(cast(total_value + discount_value as varchar), total) as gross_amount,
    discount as discount_amount,
    refund as refund_amount,
    coalesce(cast(total_value - refund_value as varchar), total) as net_amount,
    if(contains(payment_method, 'bogus'), 'test order', null) as exclude_reason,
from valued
