-- Grain: one row per customer.
select
    customer_id,
    registered_at,
    country,
    accepts_marketing,
    updated_at,
    source,
    batch_id,
from {{ source('lake', 'customers') }}
