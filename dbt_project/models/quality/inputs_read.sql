-- Grain: one row per source, input and file or database query: what was last read and merged of it.
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
)

select
    source,
    input,
    file,
    digest,
    exported_at,
    watermark,
    batch_id,
from inputs_read
