-- Grain: one row per customer with a counted Net Promoter response, as of the edition's date.
-- Not additive: nps_score, age_days.
with nps as (
    select
        customer_id,
        as_of_date,
        response_id,
        survey_id,
        survey_type,
        nps_score,
        nps_class,
        responded_at,
        age_days,
    from {{ ref('stg_lake__nps') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    nps.customer_id,
    nps.as_of_date,
    nps.response_id,
    nps.survey_id,
    nps.survey_type,
    nps.nps_score,
    nps.nps_class,
    nps.responded_at,
    nps.age_days,
from nps
inner join run_context on nps.as_of_date = run_context.as_of_date
