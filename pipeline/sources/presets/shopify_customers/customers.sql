-- Grain: one row per customer of the shop, with or without an order.
-- Amounts are text in whole units of the shop's currency.
with

read_names as (
    select
        _file,
        _row,
        -- A spreadsheet makes 6.7E+12 of an id: that is none.
        nullif(regexp_extract("Customer ID", '^''?([0-9]+)(\.0)?$', 1), '') as shopify_id,
        "Email" as email,
        regexp_replace("Phone", '^''', '') as phone_number,
        coalesce("Default Address Country Code", "Country Code") as country,
        coalesce("Accepts Email Marketing", "Accepts Marketing") as accepts_marketing,
        "Total Orders" as stated_orders,
        "Total Spent" as stated_spent_amount,
        "Registered at" as registered_at,
        "Updated at" as updated_at,
        "Email" is null and phone_number like '+%' as is_known_by_phone,
    from customers
)

select
    _file,
    _row,
    -- Orders know nobody by account: whoever has no address must go by the number that their orders name.
    if(is_known_by_phone, null, shopify_id) as customer_id,
    email,
    if(is_known_by_phone or shopify_id is null, phone_number, null) as phone,
    country,
    accepts_marketing,
    stated_orders,
    stated_spent_amount,
    registered_at,
    updated_at,
    if(coalesce(shopify_id, email, phone_number) is null, 'no id, address or phone number', null) as exclude_reason,
from read_names
