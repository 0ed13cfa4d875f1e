-- Grain: one row per as_of_date, kind, from_segment, to_segment and cause. Not additive: n_from, probability.
select
    as_of_date,
    from_date,
    kind,
    from_segment,
    to_segment,
    cause,
    n_customers,
    n_from,
    probability,
    is_suppressed,
from {{ source('lake', 'segment_migration') }}
