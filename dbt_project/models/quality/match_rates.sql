-- Grain: one row per metric and source; source 'all' is the metric over all sources and always present.
-- Not additive: match_rate; counts over 'all' and the sources in it.
with reviews as (
    select
        source,
        customer_id,
    from {{ ref('fct_reviews') }}
),

responses as (
    select
        source,
        customer_id,
    from {{ ref('fct_survey_responses') }}
),

counted (metric, source, n, n_matched) as (
    select
        'review_match_rate',
        coalesce(source, 'all'),
        count(*),
        count(customer_id),
    from reviews
    group by grouping sets ((source), ())
    union all
    select
        'survey_match_rate',
        coalesce(source, 'all'),
        count(*),
        count(customer_id),
    from responses
    group by grouping sets ((source), ())
)

select
    metric,
    source,
    n,
    n_matched,
    n_matched / nullif(n, 0) as match_rate,
from counted
