-- Grain: one row per as_of_date, dimension and bin. Not additive: lower, upper.
-- A cut point can lie between two minor units: money stays a double here, in units of currency.
select
    as_of_date,
    dimension,
    bin,
    case when dimension = 'monetary' then lower / 100 else lower end as lower,
    case when dimension = 'monetary' then upper / 100 else upper end as upper,
    n_customers,
    method,
    is_degenerate,
from {{ source('lake', 'rfm_cut_points') }}
