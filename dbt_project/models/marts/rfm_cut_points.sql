-- Grain: one row per as_of_date, dimension and bin, for every date up to the edition's: which values got which score.
-- Not additive: lower, upper; n_customers over as_of_date or dimension.
with cut_points as (
    select
        as_of_date,
        dimension,
        bin,
        lower,
        upper,
        n_customers,
        method,
        is_degenerate,
    from {{ ref('stg_lake__rfm_cut_points') }}
),

run_context as (
    select
        as_of_date,
        currency,
    from {{ ref('stg_lake__run_context') }}
)

select
    cut_points.as_of_date,
    cut_points.dimension,
    cut_points.bin,
    cut_points.lower,
    cut_points.upper,
    run_context.currency,
    cut_points.n_customers,
    cut_points.method,
    cut_points.is_degenerate,
from cut_points
inner join run_context on cut_points.as_of_date <= run_context.as_of_date
