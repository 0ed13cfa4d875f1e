-- Grain: one row per review. Not additive: rating.
select
    review_id,
    order_id,
    customer_id,
    product_id,
    rating,
    rating_min,
    rating_max,
    title,
    body,
    created_at,
    replied_at,
    is_verified,
    helpful_votes,
    updated_at,
    source,
    batch_id,
from {{ source('lake', 'reviews') }}
