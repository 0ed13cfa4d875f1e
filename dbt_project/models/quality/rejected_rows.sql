-- Grain: one row per rejected row of a source, as it arrived, with personal data as pseudonyms.
with rejected_rows as (
    select
        rejected_id,
        entity,
        source,
        input,
        file,
        exported_at,
        row_number,
        row_key,
        customer_id,
        order_id,
        response_id,
        session_id,
        batch_id,
        reasons,
        raw,
        is_released,
        released_by,
    from {{ source('lake', 'rejected_rows') }}
)

select
    rejected_id,
    entity,
    source,
    input,
    file,
    exported_at,
    row_number,
    row_key,
    customer_id,
    order_id,
    response_id,
    session_id,
    batch_id,
    reasons,
    raw,
    is_released,
    released_by,
from rejected_rows
