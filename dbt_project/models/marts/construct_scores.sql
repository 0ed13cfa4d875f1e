-- Grain: one row per counted response and construct of which it answers an item, as of the edition's date.
-- Not additive: score, pct_top2.
with construct_scores as (
    select
        as_of_date,
        survey_id,
        response_id,
        construct,
        customer_id,
        n_items,
        n_answered,
        score,
        pct_top2,
        is_withheld,
    from {{ ref('stg_lake__construct_scores') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    construct_scores.as_of_date,
    construct_scores.survey_id,
    construct_scores.response_id,
    construct_scores.construct,
    construct_scores.customer_id,
    construct_scores.n_items,
    construct_scores.n_answered,
    construct_scores.score,
    construct_scores.pct_top2,
    construct_scores.is_withheld,
from construct_scores
inner join run_context on construct_scores.as_of_date = run_context.as_of_date
