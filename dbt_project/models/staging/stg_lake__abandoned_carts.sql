-- Grain: one row per abandoned cart of the last months, and as_of_date. Amounts in units of currency.
-- Not additive: hours_to_recovery; carts over as_of_date; one order can recover several carts.
select
    as_of_date,
    cart_id,
    customer_id,
    session_id,
    channel,
    abandoned_at,
    {{ to_currency_units('cart_amount') }} as cart_amount,
    is_recovered,
    recovered_order_id,
    hours_to_recovery,
from {{ source('lake', 'abandoned_carts') }}
