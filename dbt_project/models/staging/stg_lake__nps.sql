-- Grain: one row per customer with a counted Net Promoter response, and as_of_date. Not additive: nps_score, age_days.
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
from {{ source('lake', 'nps') }}
