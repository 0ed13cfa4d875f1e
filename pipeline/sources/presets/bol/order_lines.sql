-- noqa: disable=RF03,AL03
-- Grain: one row per item of an order, as it was ordered: what was cancelled later is taken off the order alone.
-- Amounts are text in whole euros, with tax, less the promotions of the item.
with

listed as (
    select
        _file,
        _row,
        "orderId",
        "orderPlacedDateTime",
        from_json(
            "orderItems",
            '[{"offer": {"reference": "varchar"}, "product": {"ean": "varchar"}, "quantity": "varchar",
            "unitPrice": "decimal(18, 6)", "totalPrice": "decimal(18, 6)", "latestChangedDateTime": "varchar"}]'
        ) as items,
    from orders
),

unpacked as (
    select
        * exclude (items),
        generate_subscripts(items, 1) as line_number,
        unnest(items) as item,
    from listed
)

select
    _file,
    _row,
    "orderId" as order_id,
    line_number,
    "orderPlacedDateTime" as ordered_at,
    coalesce(nullif(item.offer.reference, ''), item.product.ean) as product_id,
    item.quantity as quantity,
    'EUR' as currency,
    cast(coalesce(item.totalprice, item.unitprice * try_cast(item.quantity as decimal(18, 6))) as varchar)
        as line_amount,
    item.latestchangeddatetime as updated_at,
from unpacked
