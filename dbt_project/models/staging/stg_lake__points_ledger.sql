-- Grain: one row per customer, entry and as_of_date. Not additive: balance.
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
from {{ source('lake', 'points_ledger') }}
