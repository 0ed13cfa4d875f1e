-- Grain: one row per customer with a counted response to the SCI or the NPS, and as_of_date. Amounts in minor units.
select
    customer_id,
    as_of_date,
    sci_class,
    nps_class,
    says,
    segment,
    segment_group,
    band,
    cell,
    next_action,
    net_value,
from {{ source('lake', 'say_do') }}
