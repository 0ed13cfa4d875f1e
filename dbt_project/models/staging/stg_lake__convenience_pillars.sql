-- Grain: one row per as_of_date, month or all, and measure.
-- Not additive: shares and hours; n over as_of_date, measure, or months and all.
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
from {{ source('lake', 'convenience_pillars') }}
