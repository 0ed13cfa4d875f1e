-- Grain: one row per survey, construct of two or more items, and wave, and as_of_date.
-- Not additive: alpha; n_complete over as_of_date or wave.
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
from {{ source('lake', 'construct_reliability') }}
