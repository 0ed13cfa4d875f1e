-- Grain: one row per as_of_date, survey_type, dimension and value. Not additive: all figures; counts over
-- as_of_date or dimension.
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
    n_rest,
    nps_rest,
    z_rest,
    p_rest,
from {{ source('lake', 'nps_index') }}
