-- Grain: one row per as_of_date, definition of secure, dimension and value. Not additive: shares; counts over
-- as_of_date, definition or dimension.
select
    as_of_date,
    definition,
    dimension,
    value,
    n_customers,
    n_classified,
    n_secure,
    pct_secure,
    pct_secure_low,
    pct_secure_high,
    is_suppressed,
from {{ source('lake', 'sci_index') }}
