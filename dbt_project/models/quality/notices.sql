-- Grain: one row per as_of date, kind of notice and part of the warehouse. Not additive over as_of_date.
with notices as (
    select
        as_of_date,
        kind,
        subject,
        n,
        message,
    from {{ source('lake', 'notices') }}
)

select
    as_of_date,
    kind,
    subject,
    n,
    message,
from notices
