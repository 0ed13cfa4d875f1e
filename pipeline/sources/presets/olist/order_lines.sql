-- One row per order item: always one piece. The amount is the price without freight.
select
    items.order_id,
    items.order_item_id as line_number,
    orders.order_purchase_timestamp as ordered_at,
    items.product_id,
    coalesce(translation.product_category_name_english, products.product_category_name) as category,
    '1' as quantity,
    'BRL' as currency,
    items.price as line_amount,
    items._file,
    items._row,
from items
left join orders on items.order_id = orders.order_id
left join products on items.product_id = products.product_id
left join translation on products.product_category_name = translation.product_category_name
