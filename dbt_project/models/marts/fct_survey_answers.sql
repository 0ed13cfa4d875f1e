-- Grain: one row per answered item of a response sent up to the edition's date, as given.
-- Not additive: value.
with answers as (
    select
        response_id,
        item_id,
        survey_id,
        role,
        is_nps,
        construct,
        value,
        scale_min,
        scale_max,
        is_reversed,
    from {{ source('lake', 'survey_answers') }}
),

responses as (
    select
        response_id,
        local_date,
    from {{ ref('int_survey_responses_resolved') }}
)

select
    answers.response_id,
    answers.item_id,
    responses.local_date,
    answers.survey_id,
    answers.role,
    answers.is_nps,
    answers.construct,
    answers.value,
    answers.scale_min,
    answers.scale_max,
    answers.is_reversed,
from answers
inner join responses on answers.response_id = responses.response_id
