-- Grain: one row per row of the shop's touchpoint export, something a visitor did or a contact with the service desk.
-- Amounts are text in whole units. A visitor who has not logged in has a session and no customer number.
select
    _file,
    _row,
    touchpoint_number as touchpoint_id,
    customer_number as customer_id,
    session as session_id,
    happened_at as occurred_at,
    answered_at as replied_at,
    channel,
    case what
        when 'bezoek' then 'visit'
        when 'product' then 'product_view'
        when 'winkelmand' then 'cart'
        when 'afrekenen' then 'checkout'
        when 'bestelling' then 'order'
        when 'klantenservice' then 'service_contact'
        when 'social media' then 'social'
        when 'peiling' then 'vote'
        when 'gedeeld' then 'share'
        when 'winkelbezoek' then 'store_visit'
        when 'mail geopend' then 'email_open'
        when 'mail geklikt' then 'email_click'
        else what
    end as kind,
    order_number as order_id,
    sku as product_id,
    category,
    cart_total as cart_amount,
    currency,
    coalesce(answered_at, happened_at) as updated_at,
    null as exclude_reason,
from touchpoints
