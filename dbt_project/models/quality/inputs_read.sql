-- Grain: one row per source, input and file or database query: what was last read from it and merged.
-- Left out: rules and columns, by which the next run knows whether to read it again.
with inputs_read as (
    select
        source,
        input,
        file,
        digest,
        exported_at,
        watermark,
        batch_id,
    from {{ source('lake', 'inputs_read') }}
),

run_context as (
    select time_zone,
    from {{ source('lake', 'run_context') }}
)

select
    inputs_read.source,
    inputs_read.input,
    inputs_read.file,
    inputs_read.digest,
    inputs_read.exported_at,
    {{ local_time('inputs_read.exported_at') }} as exported_at_local,
    inputs_read.watermark,
    inputs_read.batch_id,
from inputs_read
cross join run_context
