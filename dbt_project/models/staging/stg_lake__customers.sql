-- Grain: one row per name of a customer as sources give it; two names can be one customer.
select
    customer_id,
    registered_at,
    country,
    accepts_marketing,
    updated_at,
    source,
    batch_id,
from {{ source('lake', 'customers') }}
