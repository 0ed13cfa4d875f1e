-- Grain: one row per survey with an outcome, and construct that may drive it, for every as_of_date up to the edition's.
-- Not additive: all but importance and shapley, which add up to r_squared within one date and survey.
with driver_importance as (
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
    from {{ ref('stg_lake__driver_importance') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    driver_importance.as_of_date,
    driver_importance.survey_id,
    driver_importance.outcome,
    driver_importance.construct,
    driver_importance.n_responses,
    driver_importance.r_squared,
    driver_importance.importance,
    driver_importance.importance_pct,
    driver_importance.importance_low,
    driver_importance.importance_high,
    driver_importance.shapley,
    driver_importance.performance,
    driver_importance.quadrant,
    driver_importance.reason,
    driver_importance.is_suppressed,
from driver_importance
inner join run_context on driver_importance.as_of_date <= run_context.as_of_date
