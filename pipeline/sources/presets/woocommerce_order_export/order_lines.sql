-- Grain: one row per product of an order. Amounts are text in whole units, after discount and without tax.
-- A coupon has a row too where an order has more coupons than products; it is no line.
with

products as (
    select
        *,
        try_cast("Item Cost" as decimal(18, 6)) as cost_value,
        coalesce("Quantity", "Quantity (- Refund)") as pieces, -- noqa: RF05
        try_cast(pieces as decimal(12, 0)) as n_pieces,
    from orders
    where coalesce("SKU", "Product Id", "Item Name") is not null -- noqa: RF05
)

select
    _file,
    _row,
    "Order Number" as order_id,
    row_number() over (partition by _file, "Order Number" order by _row) as line_number,
    "Order ID" || ' ' || regexp_extract("Order Date", '[T ]\d\d(:\d\d)', 1) as source_id,
    "Order Date" as ordered_at,
    coalesce("SKU", "Product Id", "Item Name") as product_id,
    "Category" as category,
    pieces as quantity,
    coalesce("Currency", getvariable('currency')) as currency,
    coalesce("Order Line Total", cast(cost_value * n_pieces as varchar), "Item Cost") as line_amount,
    "Modification Date" as updated_at,
    if(regexp_full_match(lower("Order Status"), '(wc-)?checkout-draft'), 'line of a checkout draft', null)
        as exclude_reason,
from products
