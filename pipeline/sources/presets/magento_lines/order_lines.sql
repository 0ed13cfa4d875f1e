-- noqa: disable=RF03,AL03
-- Grain: one row per line of an order of the API; the grid has none. What a configurable product or a bundle is made
-- of is no line of its own. Amounts are text in whole units of the base currency, after discount and without tax.
with

listed as (
    select
        _file,
        _row,
        increment_id,
        created_at,
        base_currency_code,
        list_filter(
            from_json(
                items,
                '[{"parent_item_id": "varchar", "sku": "varchar", "qty_ordered": "varchar",
                "base_row_total": "varchar", "base_discount_amount": "varchar"}]'
            ),
            lambda one: one.parent_item_id is null
        ) as sold,
    from lines
),

unpacked as (
    select
        * exclude (sold),
        generate_subscripts(sold, 1) as line_number,
        unnest(sold, recursive := true),
    from listed
),

valued as (
    select
        *,
        try_cast(base_row_total as decimal(18, 6)) as total,
        try_cast(coalesce(base_discount_amount, '0') as decimal(18, 6)) as discount,
    from unpacked
)

select
    _file,
    _row,
    increment_id as order_id,
    line_number,
    created_at || 'Z' as ordered_at,
    sku as product_id,
    qty_ordered as quantity,
    base_currency_code as currency,
    -- Magento keeps four decimals, and pays in two.
    coalesce(cast(round(total - discount, 2) as varchar), base_row_total) as line_amount,
from valued
