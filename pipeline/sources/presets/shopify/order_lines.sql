-- Grain: one row per line item, numbered in the order of the file. Amounts are text in whole units, without shipping.
-- A line is made of all rows of its order: the order's own values are on the first row, and which reading of the price
-- holds is seen from all lines together.
with

numbered as (
    select
        _file,
        _row,
        "Name" as order_id,
        last_value("Id" ignore nulls) over (partition by _file, "Name" order by _row) as shopify_id,
        "Created at" as ordered_at,
        "Currency" as currency,
        "Subtotal" as subtotal,
        "Discount Amount" as order_discount,
        lower("Payment Method") as payment_method,
        coalesce("Lineitem sku", "Lineitem name") as product_id,
        -- The checkout adds a tip as a line; the subtotal is without it.
        coalesce("Lineitem sku" is null and lower("Lineitem name") = 'tip', false) as is_tip,
        "Lineitem quantity" as quantity_text,
        "Lineitem price" as price_text,
        coalesce("Lineitem discount", '0') as discount_text,
        try_cast(quantity_text as integer) as quantity,
        try_cast(price_text as decimal(18, 6)) as price,
        try_cast(discount_text as decimal(18, 6)) as discount,
    from orders
),

filled as (
    select
        * replace (
            first_value(ordered_at ignore nulls) over whole_order as ordered_at,
            first_value(currency ignore nulls) over whole_order as currency,
            first_value(payment_method ignore nulls) over whole_order as payment_method,
            try_cast(first_value(subtotal ignore nulls) over whole_order as decimal(18, 6)) as subtotal,
            try_cast(
                coalesce(first_value(order_discount ignore nulls) over whole_order, '0') as decimal(18, 6)
            ) as order_discount,
            list(_row) over whole_order as _row
        ),
        row_number() over (partition by _file, order_id, shopify_id order by _row) as line_number,
        sum(if(is_tip, 0, quantity * price - discount)) over whole_order as sum_of_pieces_less_discount,
        sum(if(is_tip, 0, quantity * price)) over whole_order as sum_of_pieces,
        sum(if(is_tip, 0, price - discount)) over whole_order as sum_of_prices_less_discount,
        sum(if(is_tip, 0, price)) over whole_order as sum_of_prices,
    from numbered
    window
        whole_order as (
            partition by _file, order_id, shopify_id
            order by _row rows between unbounded preceding and unbounded following
        )
),

read_so_that_it_adds_up as (
    select
        *,
        -- A discount on the whole order is in the subtotal and in no line.
        [subtotal, subtotal + order_discount] as targets,
        case
            when list_contains(targets, sum_of_pieces_less_discount) then quantity * price - discount
            when list_contains(targets, sum_of_pieces) then quantity * price
            when list_contains(targets, sum_of_prices_less_discount) then price - discount
            when list_contains(targets, sum_of_prices) then price
            else quantity * price - discount
        end as amount,
    from filled
)

select
    _file,
    -- The line's own row comes first, then the others of its order.
    [_row[line_number]] || list_filter(_row, lambda row: row != _row[line_number]) as _row,
    order_id,
    line_number,
    nullif(regexp_extract(shopify_id, '^''?([0-9]+)(\.0)?$', 1), '') as source_id,
    ordered_at,
    product_id,
    quantity_text as quantity,
    currency,
    coalesce(cast(amount as varchar), concat(quantity_text, ' x ', price_text, ' - ', discount_text)) as line_amount,
    case
        when contains(payment_method, 'bogus') then 'line of a test order'
        when coalesce(product_id, quantity_text, price_text) is null then 'row without a line item'
        when is_tip then 'tip'
    end as exclude_reason,
from read_so_that_it_adds_up
