-- Grain: one row per rejected row of a source, exactly as it arrived. Raw can hold personal data.
with rejected_rows as (
    select
        rejected_id,
        entity,
        source,
        file,
        row_number,
        batch_id,
        reasons,
        raw,
        is_released,
    from {{ source('lake', 'rejected_rows') }}
)

select
    rejected_id,
    entity,
    source,
    file,
    row_number,
    batch_id,
    reasons,
    raw,
    is_released,
from rejected_rows
