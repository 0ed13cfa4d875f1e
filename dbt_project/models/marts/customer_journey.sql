-- Grain: one row per customer and local month of the last months, as of the edition's date.
-- Not additive: stage_number.
with customer_journey as (
    select
        customer_id,
        as_of_date,
        month,
        stage,
        stage_number,
        channel,
        n_touchpoints,
    from {{ ref('stg_lake__customer_journey') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    customer_journey.customer_id,
    customer_journey.as_of_date,
    customer_journey.month,
    customer_journey.stage,
    customer_journey.stage_number,
    customer_journey.channel,
    customer_journey.n_touchpoints,
from customer_journey
inner join run_context on customer_journey.as_of_date = run_context.as_of_date
