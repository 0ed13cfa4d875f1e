-- Grain: one row per customer at the edition's date: everyone in a customer source, but who registered later or,
-- without a date, ordered later only, and everyone who has placed an order, prospects included.
with customers as (
    select
        customer_id,
        registered_at,
        country,
        accepts_marketing,
        n_identifiers,
    from {{ ref('int_customers_resolved') }}
),

run_context as (
    select
        as_of_date,
        time_zone,
    from {{ source('lake', 'run_context') }}
),

orders as (
    select
        customer_id,
        local_date,
        is_valid,
    from {{ ref('int_orders_numbered') }}
),

identity as (
    select
        identifier,
        customer_id,
    from {{ source('lake', 'identity') }}
),

all_orders as (
    select
        customer_id,
        ordered_at,
    from {{ source('lake', 'orders') }}
),

later_customers as (
    select distinct coalesce(identity.customer_id, all_orders.customer_id) as customer_id,
    from all_orders
    cross join run_context
    left join identity on all_orders.customer_id = identity.identifier
    where {{ local_date('all_orders.ordered_at') }} > run_context.as_of_date
),

order_history as (
    select
        customer_id,
        min(local_date) filter (where is_valid) as first_order_date,
        max(local_date) filter (where is_valid) as last_order_date,
        count(*) as n_orders,
        count(*) filter (where is_valid) as n_valid_orders,
    from orders
    where customer_id is not null
    group by customer_id
)

select
    customers.customer_id,
    customers.registered_at,
    {{ local_date('customers.registered_at') }} as registered_date,
    customers.country,
    customers.accepts_marketing,
    customers.n_identifiers,
    order_history.first_order_date,
    order_history.last_order_date,
    coalesce(order_history.n_orders, 0) as n_orders,
    coalesce(order_history.n_valid_orders, 0) as n_valid_orders,
from customers
cross join run_context
left join order_history on customers.customer_id = order_history.customer_id
left join later_customers on customers.customer_id = later_customers.customer_id
where
    (customers.registered_at is null and later_customers.customer_id is null)
    or {{ local_date('customers.registered_at') }} <= run_context.as_of_date
    or order_history.customer_id is not null
