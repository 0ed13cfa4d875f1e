-- Grain: one row per counted response and construct of which it answers an item, and as_of_date.
-- Not additive: score, pct_top2.
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
from {{ source('lake', 'construct_scores') }}
