-- Grain: one row per survey with an outcome, and construct that may drive it, and as_of_date.
-- Not additive: all but importance and shapley, which add up to r_squared within one date and survey.
select
    as_of_date,
    survey_id,
    outcome,
    construct,
    n_responses,
    r_squared,
    importance,
    importance_pct,
    importance_low,
    importance_high,
    shapley,
    performance,
    quadrant,
    reason,
    is_suppressed,
from {{ source('lake', 'driver_importance') }}
