-- Grain: one row per customer, category and as_of date. Not additive: shares and days.
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
from {{ source('lake', 'customer_categories') }}
