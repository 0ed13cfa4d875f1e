-- Grain: one row per as_of_date, metric, measure and channel. Not additive: everything but n over channels.
select
    as_of_date,
    metric,
    measure,
    channel,
    n,
    value,
    value_low,
    value_high,
    highest_channel,
    lowest_channel,
    is_suppressed,
from {{ source('lake', 'channel_consistency') }}
