-- Grain: one row per abandoned cart of the last months, as of the edition's date. Amounts in units of currency.
-- Not additive: hours_to_recovery; one order can recover several carts.
with abandoned_carts as (
    select
        as_of_date,
        cart_id,
        customer_id,
        session_id,
        channel,
        abandoned_at,
        cart_amount,
        is_recovered,
        recovered_order_id,
        hours_to_recovery,
    from {{ ref('stg_lake__abandoned_carts') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    abandoned_carts.as_of_date,
    abandoned_carts.cart_id,
    abandoned_carts.customer_id,
    abandoned_carts.session_id,
    abandoned_carts.channel,
    abandoned_carts.abandoned_at,
    abandoned_carts.cart_amount,
    abandoned_carts.is_recovered,
    abandoned_carts.recovered_order_id,
    abandoned_carts.hours_to_recovery,
from abandoned_carts
inner join run_context on abandoned_carts.as_of_date = run_context.as_of_date
