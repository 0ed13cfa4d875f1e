-- Grain: one row per review in the shop's review export. Stars run from 1 to 5.
select
    _file,
    _row,
    review_id,
    order_number as order_id,
    customer_number as customer_id,
    sku as product_id,
    stars as rating,
    '1' as rating_min,
    '5' as rating_max,
    title,
    review as body,
    written_at as created_at,
    replied_at,
    verified as is_verified,
    changed_at as updated_at,
    null as exclude_reason,
from reviews
