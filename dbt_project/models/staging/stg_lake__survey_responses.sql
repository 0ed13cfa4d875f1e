-- Grain: one row per survey response.
select
    response_id,
    survey_id,
    survey_type,
    customer_id,
    order_id,
    submitted_at,
    comment,
    updated_at,
    source,
    batch_id,
from {{ source('lake', 'survey_responses') }}
