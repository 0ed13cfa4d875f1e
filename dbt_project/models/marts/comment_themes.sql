-- Grain: one row per comment of the trailing window and theme it mentions, as of the edition's date; theme unmatched
-- when none. Not additive: counts and weight over theme, as a comment can have many; rating_pomp.
with comment_themes as (
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
    from {{ ref('stg_lake__comment_themes') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    comment_themes.as_of_date,
    comment_themes.subject_kind,
    comment_themes.subject_id,
    comment_themes.theme,
    comment_themes.customer_id,
    comment_themes.order_id,
    comment_themes.local_date,
    comment_themes.response_id,
    comment_themes.survey_type,
    comment_themes.nps_class,
    comment_themes.rating_pomp,
    comment_themes.weight,
from comment_themes
inner join run_context on comment_themes.as_of_date = run_context.as_of_date
