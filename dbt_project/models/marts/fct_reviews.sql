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
        created_at_local,
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
        extra,
        source,
    from {{ ref('int_reviews_resolved') }}
),

run_context as (
    select time_zone,
    from {{ source('lake', 'run_context') }}
),

flagged as (
    {{ at_edition('review_flags') }}
)

select
    reviews.review_id,
    reviews.order_id,
    reviews.customer_id,
    reviews.product_id,
    reviews.is_reference_unknown,
    reviews.created_at,
    reviews.created_at_local,
    reviews.local_date,
    reviews.rating,
    reviews.rating_min,
    reviews.rating_max,
    reviews.rating_pomp,
    reviews.title,
    reviews.body,
    reviews.replied_at,
    {{ local_time('reviews.replied_at') }} as replied_at_local,
    {{ local_date('reviews.replied_at') }} as replied_date,
    reviews.is_verified,
    reviews.helpful_votes,
    reviews.extra,
    reviews.source,
    coalesce(flagged.is_duplicate_text, false) as is_duplicate_text,
    flagged.duplicate_of,
    coalesce(flagged.is_bombing, false) as is_bombing,
from reviews
cross join run_context
left join flagged on reviews.review_id = flagged.review_id
