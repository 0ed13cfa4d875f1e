-- Grain: one row per line item. The export has an order per row and its lines sideways: each line packed into a column
-- (line_item_1: name:…|product_id:…|sku:…|quantity:…|total:…), spread over several (Product Item 1 id, SKU, Quantity,
-- Total), or both; the API gives a list of lines. Amounts are text in whole units, after discount and without tax.
with

cells as (
    unpivot (
        select
            _file,
            _row,
            order_id as site_id,
            order_number,
            order_date,
            order_currency,
            status,
            columns('(?i)^(line_item_[0-9]+|product item [0-9]+ (id|sku|quantity|total))$'),
        from orders
    )
    on columns('(?i)^(line_item_[0-9]+|product item [0-9]+ (id|sku|quantity|total))$')
    into name cell value content
),

lines as (
    select
        _file,
        _row,
        site_id,
        order_number,
        order_date,
        order_currency,
        status,
        cast(regexp_extract(cell, '[0-9]+') as integer) as line_number,
        max(content) filter (where starts_with(lower(cell), 'line_item')) as packed,
        max(content) filter (where ends_with(lower(cell), ' id')) as spread_id,
        max(content) filter (where ends_with(lower(cell), ' sku')) as spread_sku,
        max(content) filter (where ends_with(lower(cell), ' quantity')) as spread_quantity,
        max(content) filter (where ends_with(lower(cell), ' total')) as spread_total,
    from cells
    where content != ''
    group by all
),

lists as (
    select
        _file,
        _row,
        order_id as site_id,
        order_number,
        order_date,
        order_currency,
        status,
        from_json(
            line_items,
            '[{"product_id": "varchar", "sku": "varchar", "quantity": "varchar", "total": "varchar"}]'
        ) as items,
    from orders
),

listed as (
    select
        * exclude (items),
        generate_subscripts(items, 1) as line_number,
        unnest(items) as item,
    from lists
),

all_lines as (
    select *,
    from lines
    union all by name
    select
        * exclude (item),
        item.product_id as spread_id,
        item.sku as spread_sku,
        item.quantity as spread_quantity,
        item.total as spread_total,
    from listed
)

select
    _file,
    _row,
    order_number as order_id,
    line_number,
    site_id || ' ' || regexp_extract(order_date, '[T ]\d\d(:\d\d)', 1) as source_id,
    order_date as ordered_at,
    coalesce(
        nullif(regexp_extract(packed, '\|sku:([^|]*)', 1), ''),
        nullif(spread_sku, ''),
        nullif(regexp_extract(packed, '\|product_id:([^|]*)', 1), ''),
        spread_id
    ) as product_id,
    coalesce(nullif(regexp_extract(packed, '\|quantity:([^|]*)', 1), ''), spread_quantity) as quantity,
    order_currency as currency,
    coalesce(nullif(regexp_extract(packed, '\|total:([^|]*)', 1), ''), spread_total) as line_amount,
    if(regexp_full_match(lower(status), '(wc-)?checkout-draft'), 'line of a checkout draft', null) as exclude_reason,
from all_lines
