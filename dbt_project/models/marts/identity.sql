-- Grain: one row per identifier that belongs to a customer of another name.
-- Not additive: n_rows, as a row with an account and an address counts for both.
with identity as (
    select
        identifier,
        kind,
        customer_id,
        rule,
        n_rows,
    from {{ ref('stg_lake__identity') }}
)

select
    identifier,
    kind,
    customer_id,
    rule,
    n_rows,
from identity
