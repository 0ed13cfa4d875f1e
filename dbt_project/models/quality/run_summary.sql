-- Grain: one row per run, source and entity. Counts are additive over sources and entities of a run, not over runs: a
-- rerun of the same batch counts its rows again.
with batches as (
    select
        run_id,
        source,
        entity,
        batch_id,
        started_at,
        lines_read,
        lines_parsed,
        lines_broken,
        rows_mapped,
        rows_valid,
        rows_rejected,
        rows_excluded,
        rows_superseded,
        excluded_by_reason,
        rejected_by_rule,
    from {{ source('lake', 'batches') }}
)

select
    run_id,
    source,
    entity,
    batch_id,
    started_at,
    lines_read,
    lines_parsed,
    lines_broken,
    rows_mapped,
    rows_valid,
    rows_rejected,
    rows_excluded,
    rows_superseded,
    excluded_by_reason,
    rejected_by_rule,
from batches
