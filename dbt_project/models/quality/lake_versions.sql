-- Grain: one row per as_of_date, segment table and lake table. Not additive: version.
with lake_reads as (
    select
        as_of_date,
        segment_table,
        lake_table,
        version,
    from {{ source('lake', 'lake_reads') }}
)

select
    as_of_date,
    segment_table,
    lake_table,
    version,
from lake_reads
