-- Grain: one row per row of the shop's order export; a changed order comes again with a newer changed_at.
-- Amounts are text in whole units. Test orders of the checkout are left out on purpose.
select
    _file,
    _row,
    order_number as order_id,
    customer_number as customer_id,
    placed_at as ordered_at,
    case state
        when 'nieuw' then 'pending'
        when 'betaald' then 'paid'
        when 'verzonden' then 'shipped'
        when 'bezorgd' then 'delivered'
        when 'geannuleerd' then 'cancelled'
        when 'retour' then 'returned'
        else state
    end as status,
    channel,
    currency,
    subtotal as gross_amount,
    discount as discount_amount,
    refunded as refund_amount,
    total as net_amount,
    promised_on as promised_at,
    moved_to as redelivery_at,
    delivered_at,
    refunded_at,
    changed_at as updated_at,
    case when channel = 'test' then 'test order' end as exclude_reason,
from orders
