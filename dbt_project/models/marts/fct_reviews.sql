-- Grain: one row per review written up to the edition's date. Title and body are personal free text.
-- Not additive: rating, rating_pomp; average rating_pomp, as scales differ.
with reviews as (
    select
        review_id,
        order_id,
        customer_id,
        product_id,
        is_reference_unknown,
        created_at,
        local_date,
        rating,
        rating_min,
        rating_max,
        rating_pomp,
        title,
        body,
        replied_at,
        is_verified,
        helpful_votes,
        source,
    from {{ ref('int_reviews_resolved') }}
)

select
    review_id,
    order_id,
    customer_id,
    product_id,
    is_reference_unknown,
    created_at,
    local_date,
    rating,
    rating_min,
    rating_max,
    rating_pomp,
    title,
    body,
    replied_at,
    is_verified,
    helpful_votes,
    source,
from reviews
