-- Grain: one row per event of the points programme. Points are signed: what the event does to the balance.
select
    _file,
    _row,
    event_number as event_id,
    customer_number as customer_id,
    happened_at as occurred_at,
    case what
        when 'sparen' then 'earn'
        when 'inwisselen' then 'redeem'
        when 'terugboeken' then 'reverse'
        else what
    end as kind,
    points,
    order_number as order_id,
    reverses as reverses_event_id,
    expires_at,
    happened_at as updated_at,
    null as exclude_reason,
from loyalty_events
