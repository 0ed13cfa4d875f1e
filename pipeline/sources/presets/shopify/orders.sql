-- Grain: one row per order, made of its rows: the export has a row per line, and the order's values on the first only.
-- Amounts are text in whole units. Total is after discount and with tax and shipping.
-- The API knows more than the export: when a refund was given, and when a delivery was foretold and came.
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
        coalesce("Phone", "Billing Phone", "Shipping Phone") as phone,
        "Created at" as ordered_at,
        lower("Financial Status") as payment,
        lower("Fulfillment Status") as fulfilment,
        "Cancelled at" as cancelled_at,
        "Currency" as currency,
        "Total" as total,
        "Discount Amount" as discount,
        "Refunded Amount" as refund,
        "Outstanding Balance" as outstanding,
        lower("Payment Method") as payment_method,
        lower("Source") as channel,
        "Refunded at" as refunded_at,
        "Promised at" as promised_at,
        "Delivered at" as delivered_at,
        "Updated at" as updated_at,
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
        arg_min(phone, _row) as phone,
        arg_min(ordered_at, _row) as ordered_at,
        arg_min(payment, _row) as payment,
        coalesce(arg_min(fulfilment, _row), 'unfulfilled') as fulfilment,
        arg_min(cancelled_at, _row) as cancelled_at,
        arg_min(currency, _row) as currency,
        arg_min(total, _row) as total,
        coalesce(arg_min(discount, _row), '0') as discount,
        coalesce(arg_min(refund, _row), '0') as refund,
        arg_min(outstanding, _row) as outstanding,
        arg_min(payment_method, _row) as payment_method,
        arg_min(channel, _row) as channel,
        arg_min(refunded_at, _row) as refunded_at,
        arg_min(promised_at, _row) as promised_at,
        arg_min(delivered_at, _row) as delivered_at,
        arg_min(updated_at, _row) as updated_at,
    from numbered
    group by _file, order_id, shopify_id
),

valued as (
    select
        *,
        try_cast(total as decimal(18, 6)) as total_value,
        try_cast(discount as decimal(18, 6)) as discount_value,
        try_cast(refund as decimal(18, 6)) as refund_value,
        -- What is owed matters only where something was paid: of all others it is the total.
        if(
            payment in ('paid', 'partially_refunded', 'refunded'),
            coalesce(try_cast(outstanding as decimal(18, 6)), 0),
            0
        ) as owed,
        channel not in ('web', 'pos', 'iphone', 'android', 'shopify_draft_order') as is_of_app,
    from filled
),

judged as (
    select
        *,
        owed = total_value and owed > 0 and refund_value = 0 as is_unpaid,
        -- Apps say that the whole total is owed of orders paid elsewhere; a refund without lines may be owed again.
        owed <> 0 and (
            total_value - refund_value < owed
            or owed = refund_value
            or (owed = total_value and refund_value = 0 and coalesce(is_of_app, false))
        ) as is_unsettled,
    from valued
),

settled as (
    -- Total is that after an edit: what is still owed was not paid, what is owed back is a refund it holds already.
    select
        *,
        total_value - refund_value - if(is_unsettled, 0, owed) as kept,
        if(is_unsettled or owed >= 0, refund_value, greatest(refund_value + owed, 0)) as given_back,
    from judged
)

select
    _file,
    _row,
    order_id,
    -- A spreadsheet makes 5.7E+12 of an id: that is none.
    nullif(regexp_extract(shopify_id, '^''?([0-9]+)(\.0)?$', 1), '') as source_id,
    email,
    phone,
    ordered_at,
    case
        when cancelled_at is not null or payment = 'voided' then 'cancelled'
        when payment is null then null
        when is_unpaid and not is_unsettled then 'pending'
        when payment in ('pending', 'authorized', 'partially_paid', 'unpaid', 'expired') then 'pending'
        when payment = 'refunded' then 'returned'
        when payment not in ('paid', 'partially_refunded') then payment
        when fulfilment = 'fulfilled' then if(delivered_at is null, 'shipped', 'delivered')
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
    coalesce(cast(kept + given_back + discount_value as varchar), total) as gross_amount,
    discount as discount_amount,
    coalesce(cast(given_back as varchar), refund) as refund_amount,
    coalesce(cast(kept as varchar), total) as net_amount,
    if(is_unsettled, 'true', null) as is_net_unsettled,
    refunded_at,
    promised_at,
    delivered_at,
    updated_at,
    if(contains(payment_method, 'bogus'), 'test order', null) as exclude_reason,
from settled
