-- Grain: one row per survey, construct of two or more items, and wave, for every as_of_date up to the edition's.
-- Not additive: alpha; n_complete over as_of_date or wave.
with construct_reliability as (
    select
        as_of_date,
        survey_id,
        construct,
        wave,
        n_items,
        n_complete,
        alpha,
        is_low,
        is_suppressed,
    from {{ ref('stg_lake__construct_reliability') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    construct_reliability.as_of_date,
    construct_reliability.survey_id,
    construct_reliability.construct,
    construct_reliability.wave,
    construct_reliability.n_items,
    construct_reliability.n_complete,
    construct_reliability.alpha,
    construct_reliability.is_low,
    construct_reliability.is_suppressed,
from construct_reliability
inner join run_context on construct_reliability.as_of_date <= run_context.as_of_date
