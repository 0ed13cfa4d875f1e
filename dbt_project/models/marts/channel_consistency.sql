-- Grain: one row per as_of_date, metric, measure and channel, for every date up to the edition's.
-- Not additive: everything but n over channels.
with channel_consistency as (
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
    from {{ ref('stg_lake__channel_consistency') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    channel_consistency.as_of_date,
    channel_consistency.metric,
    channel_consistency.measure,
    channel_consistency.channel,
    channel_consistency.n,
    channel_consistency.value,
    channel_consistency.value_low,
    channel_consistency.value_high,
    channel_consistency.highest_channel,
    channel_consistency.lowest_channel,
    channel_consistency.is_suppressed,
from channel_consistency
inner join run_context on channel_consistency.as_of_date <= run_context.as_of_date
