-- Grain: one row, the run that builds this edition.
select
    as_of_date,
    time_zone,
    currency,
    valid_statuses,
    run_id,
    started_at,
from {{ source('lake', 'run_context') }}
