-- Grain: one row per survey response sent up to the edition's date, with its references resolved: null where the lake
-- does not know them. Not additive: nps_score.
with responses as (
    select
        response_id,
        survey_id,
        survey_type,
        customer_id,
        order_id,
        submitted_at,
        comment,
        extra,
        source,
    from {{ source('lake', 'survey_responses') }}
),

answers as (
    select
        response_id,
        item_id,
        is_nps,
        value,
    from {{ source('lake', 'survey_answers') }}
),

identity as (
    select
        identifier,
        customer_id,
    from {{ source('lake', 'identity') }}
),

run_context as (
    select
        as_of_date,
        time_zone,
    from {{ source('lake', 'run_context') }}
),

customers as (
    select customer_id,
    from {{ source('lake', 'customers_known') }}
),

orders as (
    select order_id,
    from {{ source('lake', 'orders_known') }}
),

answered as (
    select
        response_id,
        count(*) as n_answers,
        -- if a survey asks the question twice, the first item by name counts
        arg_min(value, item_id) filter (where is_nps) as nps_score,
    from answers
    group by response_id
),

dated as (
    select
        responses.* replace (coalesce(identity.customer_id, responses.customer_id) as customer_id),
        {{ local_time('responses.submitted_at') }} as submitted_at_local,
        {{ local_date('responses.submitted_at') }} as local_date,
        run_context.as_of_date,
    from responses
    cross join run_context
    left join identity on responses.customer_id = identity.identifier
)

select
    dated.response_id,
    dated.survey_id,
    dated.survey_type,
    customers.customer_id,
    orders.order_id,
    (dated.order_id is not null and orders.order_id is null)
    or (dated.customer_id is not null and customers.customer_id is null) as is_reference_unknown,
    dated.submitted_at,
    dated.submitted_at_local,
    dated.local_date,
    coalesce(answered.n_answers, 0) as n_answers,
    answered.nps_score,
    dated.comment,
    dated.extra,
    dated.source,
from dated
left join answered on dated.response_id = answered.response_id
left join customers on dated.customer_id = customers.customer_id
left join orders on dated.order_id = orders.order_id
where dated.local_date <= dated.as_of_date
