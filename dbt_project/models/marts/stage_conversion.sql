-- Grain: one row per as_of_date, month, channel and stage, for every date up to the edition's.
-- Not additive: shares and scores; counts over stages; everything over as_of_date and the channel all.
with stage_conversion as (
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
        n_nps_relational,
        nps_relational,
        nps_relational_low,
        nps_relational_high,
        is_nps_relational_suppressed,
        n_nps_transactional,
        nps_transactional,
        nps_transactional_low,
        nps_transactional_high,
        is_nps_transactional_suppressed,
    from {{ ref('stg_lake__stage_conversion') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    stage_conversion.as_of_date,
    stage_conversion.month,
    stage_conversion.channel,
    stage_conversion.stage,
    stage_conversion.stage_number,
    stage_conversion.n_furthest,
    stage_conversion.n_reached,
    stage_conversion.n_next,
    stage_conversion.pct_next,
    stage_conversion.pct_next_low,
    stage_conversion.pct_next_high,
    stage_conversion.is_suppressed,
    stage_conversion.n_nps_relational,
    stage_conversion.nps_relational,
    stage_conversion.nps_relational_low,
    stage_conversion.nps_relational_high,
    stage_conversion.is_nps_relational_suppressed,
    stage_conversion.n_nps_transactional,
    stage_conversion.nps_transactional,
    stage_conversion.nps_transactional_low,
    stage_conversion.nps_transactional_high,
    stage_conversion.is_nps_transactional_suppressed,
from stage_conversion
inner join run_context on stage_conversion.as_of_date <= run_context.as_of_date
