-- Grain: one row per as_of_date, kind and customer whose segment differs from the neighbouring earlier date.
select
    as_of_date,
    kind,
    customer_id,
    segment,
    previous_segment,
from {{ source('lake', 'segment_changes') }}
