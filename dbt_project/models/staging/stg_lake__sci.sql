-- Grain: one row per customer with a counted response, and as_of_date. Not additive: boxes, age_days.
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
from {{ source('lake', 'sci') }}
