-- Grain: one row per as_of_date and cell that has customers. Amounts in minor units. Not additive over as_of_date.
select
    as_of_date,
    cell,
    n_customers,
    net_value,
from {{ source('lake', 'say_do_cells') }}
