-- Grain: one row per identifier that belongs to a customer of another name.
select
    identifier,
    kind,
    customer_id,
    rule,
    n_rows,
from {{ source('lake', 'identity') }}
