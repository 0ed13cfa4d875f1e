-- Grain: one row per as_of_date and cell that has customers, for every date up to the edition's.
-- Not additive: n_customers, net_value over as_of_date.
with cells as (
    select
        as_of_date,
        cell,
        n_customers,
        net_value,
    from {{ ref('stg_lake__say_do_cells') }}
),

run_context as (
    select
        as_of_date,
        currency,
    from {{ ref('stg_lake__run_context') }}
)

select
    cells.as_of_date,
    cells.cell,
    cells.n_customers,
    run_context.currency,
    {{ to_currency_units('cells.net_value') }} as net_value,
from cells
inner join run_context on cells.as_of_date <= run_context.as_of_date
