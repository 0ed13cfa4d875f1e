-- Grain: one row per review written up to the edition's date, with its references resolved: null where the lake
-- does not know them. A review that names no customer takes its order's; a reply after the edition's date has not
-- happened yet.
-- Not additive: rating, rating_pomp.
with reviews as (
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
        extra,
        source,
    from {{ source('lake', 'reviews') }}
),

identity as (
    select
        identifier,
        customer_id,
    from {{ source('lake', 'identity') }}
),

run_context as (
    select
        as_of_date,
        time_zone,
    from {{ source('lake', 'run_context') }}
),

customers as (
    select customer_id,
    from {{ source('lake', 'customers_known') }}
),

orders as (
    select
        order_id,
        customer_id,
    from {{ source('lake', 'orders_known') }}
),

dated as (
    select
        reviews.* replace (coalesce(identity.customer_id, reviews.customer_id) as customer_id),
        run_context.as_of_date,
        {{ local_time('reviews.created_at') }} as created_at_local,
        {{ local_date('reviews.created_at') }} as local_date,
        {{ local_date('reviews.replied_at') }} as replied_date,
    from reviews
    cross join run_context
    left join identity on reviews.customer_id = identity.identifier
)

select
    dated.review_id,
    orders.order_id,
    case when dated.customer_id is null then orders.customer_id else customers.customer_id end as customer_id,
    dated.product_id,
    (dated.order_id is not null and orders.order_id is null)
    or (dated.customer_id is not null and customers.customer_id is null) as is_reference_unknown,
    dated.created_at,
    dated.created_at_local,
    dated.local_date,
    dated.rating,
    dated.rating_min,
    dated.rating_max,
    100 * (dated.rating - dated.rating_min) / nullif(dated.rating_max - dated.rating_min, 0) as rating_pomp,
    dated.title,
    dated.body,
    case when dated.replied_date <= dated.as_of_date then dated.replied_at end as replied_at,
    dated.is_verified,
    dated.helpful_votes,
    dated.extra,
    dated.source,
from dated
left join orders on dated.order_id = orders.order_id
left join customers on dated.customer_id = customers.customer_id
where dated.local_date <= dated.as_of_date
