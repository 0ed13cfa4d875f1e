-- Grain: one row per survey response sent up to the edition's date. The comment is personal free text.
-- Not additive: nps_score; keep survey types apart, as relational and transactional NPS are separate series.
with responses as (
    select
        response_id,
        survey_id,
        survey_type,
        customer_id,
        order_id,
        is_reference_unknown,
        submitted_at,
        local_date,
        n_answers,
        nps_score,
        comment,
        source,
    from {{ ref('int_survey_responses_resolved') }}
)

select
    response_id,
    survey_id,
    survey_type,
    customer_id,
    order_id,
    is_reference_unknown,
    submitted_at,
    local_date,
    n_answers,
    nps_score,
    comment,
    source,
from responses
