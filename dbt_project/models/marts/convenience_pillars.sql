-- Grain: one row per as_of_date, month or all, and measure, for every date up to the edition's.
-- Not additive: shares and hours; n over as_of_date, measure, or months and all.
with convenience_pillars as (
    select
        as_of_date,
        month,
        pillar,
        measure,
        n,
        n_met,
        pct,
        pct_low,
        pct_high,
        median_hours,
        is_suppressed,
    from {{ ref('stg_lake__convenience_pillars') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    convenience_pillars.as_of_date,
    convenience_pillars.month,
    convenience_pillars.pillar,
    convenience_pillars.measure,
    convenience_pillars.n,
    convenience_pillars.n_met,
    convenience_pillars.pct,
    convenience_pillars.pct_low,
    convenience_pillars.pct_high,
    convenience_pillars.median_hours,
    convenience_pillars.is_suppressed,
from convenience_pillars
inner join run_context on convenience_pillars.as_of_date <= run_context.as_of_date
