-- Grain: one row per as_of_date and survey_type with a counted response in the trailing window, for every date up to
-- the edition's. Not additive: every score, z, p and pct; the counts over as_of_date, as windows overlap.
with nps_index as (
    {{ up_to_edition('nps_index') }}
)

select
    as_of_date,
    survey_type,
    n,
    n_promoters,
    n_passives,
    n_detractors,
    n_anonymous,
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
from nps_index
where dimension = 'all'
