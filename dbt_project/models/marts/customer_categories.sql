-- Grain: one row per customer and category bought or viewed, as of the edition's date.
-- Not additive: shares and days.
with customer_categories as (
    select
        customer_id,
        as_of_date,
        category,
        n_orders,
        pct_orders,
        pct_recent,
        last_order_date,
        n_gaps,
        cycle_days,
        next_due_date,
        n_views_since,
    from {{ ref('stg_lake__customer_categories') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    customer_categories.customer_id,
    customer_categories.as_of_date,
    customer_categories.category,
    customer_categories.n_orders,
    customer_categories.pct_orders,
    customer_categories.pct_recent,
    customer_categories.last_order_date,
    customer_categories.n_gaps,
    customer_categories.cycle_days,
    customer_categories.next_due_date,
    customer_categories.n_views_since,
from customer_categories
inner join run_context on customer_categories.as_of_date = run_context.as_of_date
