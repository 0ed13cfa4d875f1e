-- Grain: one row per as_of_date, kind, from_segment, to_segment and cause, for every date up to the edition's.
-- Not additive: n_from, probability; n_customers over as_of_date or kind.
with segment_migration as (
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
    from {{ ref('stg_lake__segment_migration') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    segment_migration.as_of_date,
    segment_migration.from_date,
    segment_migration.kind,
    segment_migration.from_segment,
    segment_migration.to_segment,
    segment_migration.cause,
    segment_migration.n_customers,
    segment_migration.n_from,
    segment_migration.probability,
    segment_migration.is_suppressed,
from segment_migration
inner join run_context on segment_migration.as_of_date <= run_context.as_of_date
