-- Grain: one row per order line. Amounts in units of currency; not additive over currencies.
select
    order_id,
    line_number,
    ordered_at,
    product_id,
    category,
    quantity,
    quantity_delivered,
    currency,
    {{ to_currency_units('line_amount') }} as line_amount,
    updated_at,
    source,
    batch_id,
from {{ source('lake', 'order_lines') }}
