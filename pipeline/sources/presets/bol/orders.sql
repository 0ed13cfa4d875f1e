-- noqa: disable=RF03,AL03
-- Grain: one row per order. Amounts are text in whole euros, with tax. bol.com takes the money, so an order is paid;
-- what was cancelled before it was sent is given back.
with

listed as (
    select
        _file,
        _row,
        "orderId",
        "orderPlacedDateTime",
        from_json(
            "orderItems",
            '[{"quantity": "decimal(18, 6)", "quantityShipped": "decimal(18, 6)", "quantityCancelled": "decimal(18, 6)",
            "unitPrice": "decimal(18, 6)", "totalPrice": "decimal(18, 6)", "latestChangedDateTime": "varchar"}]'
        ) as items,
    from orders
),

valued as (
    select
        *,
        -- What the customer paid for all pieces, less the promotions of the item.
        list_transform(items, lambda one: coalesce(one.totalprice, one.unitprice * one.quantity)) as paid,
        list_transform(items, lambda one: one.unitprice * one.quantity) as full_prices,
        list_transform(items, lambda one: one.quantitycancelled / one.quantity) as shares_cancelled,
        len(list_filter(items, lambda one: one.quantitycancelled < one.quantity)) = 0 as is_cancelled,
        len(list_filter(items, lambda one: one.quantityshipped + one.quantitycancelled < one.quantity)) = 0
            as is_handled,
        list_sum(paid) as total,
        greatest(list_sum(full_prices), total) as gross,
        if(
            is_cancelled,
            0,
            list_sum(
                list_transform(
                    list_zip(paid, shares_cancelled),
                    lambda one: cast(round(one[1] * one[2], 2) as decimal(18, 6))
                )
            )
        ) as cancelled,
    from listed
)

select
    _file,
    _row,
    "orderId" as order_id,
    null as customer_id,
    "orderPlacedDateTime" as ordered_at,
    case
        when is_cancelled then 'cancelled'
        when is_handled then 'shipped'
        else 'paid'
    end as status,
    'marketplace' as channel,
    'EUR' as currency,
    cast(gross as varchar) as gross_amount,
    cast(gross - total as varchar) as discount_amount,
    cast(cancelled as varchar) as refund_amount,
    cast(total - cancelled as varchar) as net_amount,
    -- The moment that comes last, as it was written.
    list_max(
        list_transform(
            items,
            lambda one: {
                'moment': try_cast(one.latestchangeddatetime as timestamptz),
                'written': one.latestchangeddatetime
            }
        )
    ).written as updated_at,
from valued
