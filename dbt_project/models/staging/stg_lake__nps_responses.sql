-- Grain: one row per response with an answer to the Net Promoter question, and as_of_date. Not additive: nps_score.
select
    as_of_date,
    response_id,
    survey_type,
    survey_id,
    customer_id,
    order_id,
    responded_at,
    local_date,
    nps_score,
    nps_class,
    is_counted,
    not_counted_reason,
from {{ source('lake', 'nps_responses') }}
