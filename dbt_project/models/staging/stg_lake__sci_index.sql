-- Grain: one row per as_of_date and definition of secure. Not additive: shares; counts over as_of_date or definition.
select
    as_of_date,
    definition,
    n_customers,
    n_classified,
    n_secure,
    pct_secure,
    pct_secure_low,
    pct_secure_high,
    is_suppressed,
from {{ source('lake', 'sci_index') }}
