-- Grain: one row per product, as its source says it newest. Amounts in units of currency.
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
)

select
    products.product_id,
    products.product_name,
    products.category,
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
cross join run_context
