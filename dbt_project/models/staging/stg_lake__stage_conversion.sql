-- Grain: one row per as_of_date, month, channel and stage. Not additive: shares; n_reached and n_next over stages.
select
    as_of_date,
    month,
    channel,
    stage,
    stage_number,
    n_furthest,
    n_reached,
    n_next,
    pct_next,
    pct_next_low,
    pct_next_high,
    is_suppressed,
from {{ source('lake', 'stage_conversion') }}
