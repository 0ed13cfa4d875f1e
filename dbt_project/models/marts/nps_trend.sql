-- Grain: one row per as_of_date and survey_type with a counted response in the trailing window, for every date up to
-- the edition's. Not additive: every score, z, p and pct; the counts over as_of_date, as windows overlap.
with nps_index as (
    select
        as_of_date,
        survey_type,
        n,
        n_promoters,
        n_passives,
        n_detractors,
        nps,
        nps_low,
        nps_high,
        is_suppressed,
        n_previous,
        nps_previous,
        z_previous,
        p_previous,
        n_invited,
        n_responded,
        pct_responded,
        pct_responded_low,
        pct_responded_high,
        dimension,
    from {{ ref('stg_lake__nps_index') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    nps_index.as_of_date,
    nps_index.survey_type,
    nps_index.n,
    nps_index.n_promoters,
    nps_index.n_passives,
    nps_index.n_detractors,
    nps_index.nps,
    nps_index.nps_low,
    nps_index.nps_high,
    nps_index.is_suppressed,
    nps_index.n_previous,
    nps_index.nps_previous,
    nps_index.z_previous,
    nps_index.p_previous,
    nps_index.n_invited,
    nps_index.n_responded,
    nps_index.pct_responded,
    nps_index.pct_responded_low,
    nps_index.pct_responded_high,
from nps_index
inner join run_context on nps_index.as_of_date <= run_context.as_of_date
where nps_index.dimension = 'all'
