-- Grain: one row per as_of_date, definition of secure, dimension and value, for every date up to the edition's.
-- Not additive: every share; the counts over as_of_date, definition or dimension. Secure Customer Index is a mark of
-- Burke, Inc.
with sci_index as (
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
    from {{ ref('stg_lake__sci_index') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    sci_index.as_of_date,
    sci_index.definition,
    sci_index.dimension,
    sci_index.value,
    sci_index.n_customers,
    sci_index.n_classified,
    sci_index.n_secure,
    sci_index.pct_secure,
    sci_index.pct_secure_low,
    sci_index.pct_secure_high,
    sci_index.is_suppressed,
from sci_index
inner join run_context on sci_index.as_of_date <= run_context.as_of_date
