-- Grain: one row per row of the shop's customer export, a registered customer.
select
    _file,
    _row,
    customer_number as customer_id,
    registered_at,
    country,
    favourite as preferred_category,
    case newsletter when 'ja' then 'true' when 'nee' then 'false' else newsletter end as accepts_marketing,
    changed_at as updated_at,
    null as exclude_reason,
from customers
