-- Grain: one row per touchpoint up to the edition's date; customer and order are null when the lake does not know them.
-- Amounts in units of currency. Not additive: cart_amount, which is the value of the whole cart at that moment.
with touchpoints as (
    select
        touchpoint_id,
        customer_id,
        session_id,
        occurred_at,
        replied_at,
        channel,
        kind,
        order_id,
        product_id,
        category,
        cart_amount,
        currency,
        extra,
        source,
    from {{ source('lake', 'touchpoints') }}
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
    from {{ ref('dim_customers') }}
),

orders as (
    select
        order_id,
        customer_id,
    from {{ ref('fct_orders') }}
),

dated as (
    select
        touchpoints.* replace (coalesce(identity.customer_id, touchpoints.customer_id) as customer_id),
        run_context.as_of_date,
        {{ local_time('touchpoints.occurred_at') }} as occurred_at_local,
        {{ local_date('touchpoints.occurred_at') }} as local_date,
        {{ local_time('touchpoints.replied_at') }} as replied_at_local,
        {{ local_date('touchpoints.replied_at') }} as replied_date,
    from touchpoints
    cross join run_context
    left join identity on touchpoints.customer_id = identity.identifier
)

select
    dated.touchpoint_id,
    case when dated.customer_id is null then orders.customer_id else customers.customer_id end as customer_id,
    (dated.order_id is not null and orders.order_id is null)
    or (dated.customer_id is not null and customers.customer_id is null) as is_reference_unknown,
    dated.session_id,
    dated.occurred_at,
    dated.occurred_at_local,
    dated.local_date,
    case when dated.replied_date <= dated.as_of_date then dated.replied_at end as replied_at,
    case when dated.replied_date <= dated.as_of_date then dated.replied_at_local end as replied_at_local,
    case when dated.replied_date <= dated.as_of_date then dated.replied_date end as replied_date,
    dated.channel,
    dated.kind,
    orders.order_id,
    dated.product_id,
    dated.category,
    dated.cart_amount,
    dated.currency,
    dated.extra,
    dated.source,
from dated
left join orders on dated.order_id = orders.order_id
left join customers on dated.customer_id = customers.customer_id
where dated.local_date <= dated.as_of_date
