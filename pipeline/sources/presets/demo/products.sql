-- Grain: one row per product of the shop's catalogue. Amounts are text in whole units, dates are days.
select
    _file,
    _row,
    sku as product_id,
    product_name,
    category,
    currency,
    price as price_amount,
    sale_price as discounted_amount,
    sale_from as discount_starts_at,
    sale_until as discount_ends_at,
    changed_on as updated_at,
    null as exclude_reason,
from products
