-- Grain: one row per customer, month and as_of_date. Not additive: stage_number.
select
    customer_id,
    as_of_date,
    month,
    stage,
    stage_number,
    channel,
    n_touchpoints,
from {{ source('lake', 'customer_journey') }}
