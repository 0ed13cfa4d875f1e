-- Grain: one row per row of the shop's order line export, a line of an order. Amounts are text in whole units.
-- Lines of test orders are left out on purpose.
select
    _file,
    _row,
    order_number as order_id,
    line_number,
    placed_at as ordered_at,
    sku as product_id,
    category,
    quantity,
    delivered as quantity_delivered,
    currency,
    line_total as line_amount,
    changed_at as updated_at,
    case when order_number like 'TEST-%' then 'test order' end as exclude_reason,
from order_lines
