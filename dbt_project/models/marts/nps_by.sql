-- Grain: one row per survey_type, dimension and value with a counted response, as of the edition's date.
-- Not additive: every score, z, p and pct; the counts over dimension, and over quarters, which may hold one again.
with nps_index as (
    select
        as_of_date,
        survey_type,
        dimension,
        value,
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
        n_rest,
        nps_rest,
        z_rest,
        p_rest,
    from {{ ref('stg_lake__nps_index') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    nps_index.as_of_date,
    nps_index.survey_type,
    nps_index.dimension,
    nps_index.value,
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
    nps_index.n_rest,
    nps_index.nps_rest,
    nps_index.z_rest,
    nps_index.p_rest,
from nps_index
inner join run_context on nps_index.as_of_date = run_context.as_of_date
