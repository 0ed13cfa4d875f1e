-- Grain: one row per kind, customer and valid_from, up to the edition's date: a segment and the dates it was known for.
-- Not additive: counts over valid_from. On a date a customer has at most one segment of a kind.
with segment_changes as (
    {{ up_to_edition('segment_changes') }}
),

periods as (
    select
        kind,
        customer_id,
        segment,
        as_of_date as valid_from,
        lead(as_of_date) over (partition by kind, customer_id order by as_of_date) as valid_to,
    from segment_changes
)

select
    kind,
    customer_id,
    segment,
    valid_from,
    valid_to,
from periods
where segment is not null
