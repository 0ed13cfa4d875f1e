-- Grain: one row per comment, theme and as_of_date. Not additive: weight and counts over theme; rating_pomp.
select
    as_of_date,
    subject_kind,
    subject_id,
    theme,
    customer_id,
    order_id,
    local_date,
    response_id,
    survey_type,
    nps_class,
    rating_pomp,
    weight,
from {{ source('lake', 'comment_themes') }}
