-- Grain: one row per customer and entry of the points ledger, as of the edition's date. Not additive: balance.
with points_ledger as (
    select
        customer_id,
        as_of_date,
        entry_number,
        occurred_at,
        kind,
        origin,
        event_id,
        order_id,
        points,
        shortfall_points,
        balance,
        expires_at,
    from {{ ref('stg_lake__points_ledger') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    points_ledger.customer_id,
    points_ledger.as_of_date,
    points_ledger.entry_number,
    points_ledger.occurred_at,
    points_ledger.kind,
    points_ledger.origin,
    points_ledger.event_id,
    points_ledger.order_id,
    points_ledger.points,
    points_ledger.shortfall_points,
    points_ledger.balance,
    points_ledger.expires_at,
from points_ledger
inner join run_context on points_ledger.as_of_date = run_context.as_of_date
