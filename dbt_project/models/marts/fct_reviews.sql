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
),

review_flags as (
    select
        review_id,
        as_of_date,
        is_duplicate_text,
        duplicate_of,
        is_bombing,
    from {{ ref('stg_lake__review_flags') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
),

flagged as (
    select
        review_flags.review_id,
        review_flags.is_duplicate_text,
        review_flags.duplicate_of,
        review_flags.is_bombing,
    from review_flags
    inner join run_context on review_flags.as_of_date = run_context.as_of_date
)

select
    reviews.review_id,
    reviews.order_id,
    reviews.customer_id,
    reviews.product_id,
    reviews.is_reference_unknown,
    reviews.created_at,
    reviews.local_date,
    reviews.rating,
    reviews.rating_min,
    reviews.rating_max,
    reviews.rating_pomp,
    reviews.title,
    reviews.body,
    reviews.replied_at,
    reviews.is_verified,
    reviews.helpful_votes,
    reviews.source,
    coalesce(flagged.is_duplicate_text, false) as is_duplicate_text,
    flagged.duplicate_of,
    coalesce(flagged.is_bombing, false) as is_bombing,
from reviews
left join flagged on reviews.review_id = flagged.review_id
