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
        submitted_at_local,
        local_date,
        n_answers,
        nps_score,
        comment,
        extra,
        source,
    from {{ ref('int_survey_responses_resolved') }}
),

counted as (
    {{ at_edition('nps_responses') }}
)

select
    responses.response_id,
    responses.survey_id,
    responses.survey_type,
    responses.customer_id,
    responses.order_id,
    responses.is_reference_unknown,
    responses.submitted_at,
    responses.submitted_at_local,
    responses.local_date,
    responses.n_answers,
    responses.nps_score,
    counted.nps_class,
    counted.is_counted,
    counted.not_counted_reason,
    responses.comment,
    responses.extra,
    responses.source,
from responses
left join counted on responses.response_id = counted.response_id
