-- Grain: one row per answered item of a response. Not additive: value.
select
    response_id,
    survey_id,
    item_id,
    role,
    is_nps,
    construct,
    value,
    scale_min,
    scale_max,
    is_reversed,
    updated_at,
    source,
    batch_id,
from {{ source('lake', 'survey_answers') }}
