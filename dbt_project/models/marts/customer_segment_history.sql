-- Grain: one row per kind, customer and valid_from, up to the edition's date: a segment and the dates it was known for.
-- Not additive: counts over valid_from. On a date a customer has one segment of a kind at most.
with segment_changes as (
    select
        as_of_date,
        kind,
        customer_id,
        segment,
    from {{ ref('stg_lake__segment_changes') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
),

periods as (
    select
        segment_changes.kind,
        segment_changes.customer_id,
        segment_changes.segment,
        segment_changes.as_of_date as valid_from,
        lead(segment_changes.as_of_date) over (
            partition by segment_changes.kind, segment_changes.customer_id
            order by segment_changes.as_of_date
        ) as valid_to,
    from segment_changes
    inner join run_context on segment_changes.as_of_date <= run_context.as_of_date
)

select
    kind,
    customer_id,
    segment,
    valid_from,
    valid_to,
from periods
where segment is not null
