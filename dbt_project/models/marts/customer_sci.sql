-- Grain: one row per customer with a counted response, as of the edition's date. Not additive: boxes, age_days.
-- Secure Customer Index and SCI are marks of Burke, Inc.
with sci as (
    select
        customer_id,
        as_of_date,
        response_id,
        survey_id,
        survey_type,
        satisfaction_box,
        repurchase_box,
        recommend_box,
        sci_box,
        sci_class,
        is_secure_top_box,
        is_secure_top2,
        responded_at,
        age_days,
    from {{ ref('stg_lake__sci') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    sci.customer_id,
    sci.as_of_date,
    sci.response_id,
    sci.survey_id,
    sci.survey_type,
    sci.satisfaction_box,
    sci.repurchase_box,
    sci.recommend_box,
    sci.sci_box,
    sci.sci_class,
    sci.is_secure_top_box,
    sci.is_secure_top2,
    sci.responded_at,
    sci.age_days,
from sci
inner join run_context on sci.as_of_date = run_context.as_of_date
