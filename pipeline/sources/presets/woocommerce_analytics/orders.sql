-- Grain: one row per order. A refund is a row of its own under the number of its order, with an amount below 0.
-- Amounts are text in whole units, without tax and shipping. Without the column `Customer type` the file is one of an
-- old version, in which `Customer` is no name.
with

read_amounts as (
    select
        *,
        -- A sign or a tab stands before a minus, so that no spreadsheet takes it for a formula.
        regexp_replace("Net Sales", '^[''\s]+', '') as net_sales,
        try_cast(net_sales as decimal(18, 6)) as net_value,
        coalesce(net_value < 0, false) as is_refund,
    from orders
),

grouped as (
    select
        _file,
        list(_row) as _row,
        "Order #" as order_number, -- noqa: RF05
        -- The order's own row is the first that is not below 0: a refund of shipping or tax alone has the amount 0.
        first("Date" order by is_refund, "Date", _row) as placed_at,
        first(regexp_replace(lower("Status"), '^wc-', '') order by is_refund, "Date", _row) as state,
        first(nullif(trim("Customer"), '') order by is_refund, "Date", _row) as customer,
        max("Date") filter (where is_refund) as refunded_at,
        -- Text that is no amount, so that the order is rejected with it; null where there is nothing.
        count(*) = count(net_value) as has_amounts,
        min(net_sales) filter (where net_value is null) as no_amount,
        coalesce(sum(net_value) filter (where not is_refund), 0) as gross,
        coalesce(-sum(net_value) filter (where is_refund), 0) as refund,
        bool_and(is_refund) as is_refund_alone,
    from read_amounts
    group by all
)

select
    _file,
    _row,
    -- A refund alone is no newer version of its order.
    if(is_refund_alone, null, order_number) as order_id,
    customer as person_name,
    placed_at as ordered_at,
    case
        when state in ('pending', 'on-hold') then 'pending'
        when state = 'processing' then 'paid'
        when state = 'completed' then 'shipped'
        when state in ('cancelled', 'failed') then 'cancelled'
        when state = 'refunded' then 'returned'
        else state
    end as status,
    getvariable('currency') as currency,
    if(has_amounts, cast(gross as varchar), no_amount) as gross_amount,
    '0' as discount_amount,
    cast(refund as varchar) as refund_amount,
    if(has_amounts, cast(gross - refund as varchar), no_amount) as net_amount,
    refunded_at,
    if(is_refund_alone, 'refund of an order that is not in the file', null) as exclude_reason,
from grouped
