-- Grain: one row per review. Stars run from 1 to 5. Reviews that the shop does not show are the customer's words too.
select
    _file,
    _row,
    id as review_id,
    email as email,
    "productId" as product_id,
    rating as rating,
    '1' as rating_min,
    '5' as rating_max,
    review as body,
    date as created_at,
    verified_purchase as is_verified,
    if(lower(status) = 'spam', 'spam', null) as exclude_reason,
from reviews
