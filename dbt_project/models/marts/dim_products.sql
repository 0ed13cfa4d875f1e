-- Grain: one row per product that a source lists, by its newest statement, or a fact names. Amounts in whole currency.
with products as (
    select
        product_id,
        product_name,
        category,
        currency,
        price_amount,
        discounted_amount,
        discount_starts_at,
        discount_ends_at,
        extra,
        source,
    from {{ source('lake', 'products') }}
),

run_context as (
    select time_zone,
    from {{ source('lake', 'run_context') }}
),

mentions as (
    select
        product_id,
        category,
        local_date,
    from {{ ref('fct_order_lines') }}
    union all
    select
        product_id,
        category,
        local_date,
    from {{ ref('fct_touchpoints') }}
    union all
    select
        product_id,
        null as category,
        local_date,
    from {{ ref('fct_reviews') }}
),

mentioned as (
    select
        product_id,
        -- on the same day the last by name counts
        arg_max(category, (local_date, category)) filter (where category is not null) as category,
    from mentions
    where product_id is not null
    group by product_id
)

select
    coalesce(products.product_id, mentioned.product_id) as product_id,
    products.product_name,
    case when products.product_id is null then mentioned.category else products.category end as category,
    products.product_id is not null as is_listed,
    products.currency,
    products.price_amount,
    products.discounted_amount,
    products.discount_starts_at,
    {{ local_time('products.discount_starts_at') }} as discount_starts_at_local,
    {{ local_date('products.discount_starts_at') }} as discount_starts_date,
    products.discount_ends_at,
    {{ local_time('products.discount_ends_at') }} as discount_ends_at_local,
    {{ local_date('products.discount_ends_at') }} as discount_ends_date,
    products.extra,
    products.source,
from products
full outer join mentioned on products.product_id = mentioned.product_id
cross join run_context
