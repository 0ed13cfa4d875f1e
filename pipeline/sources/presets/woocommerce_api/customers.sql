-- Grain: one row per account of the site. Who runs the shop is no customer, unless they bought.
select
    _file,
    _row,
    id as customer_id,
    email,
    nullif(json_extract_string(billing, '$.phone'), '') as phone,
    nullif(json_extract_string(billing, '$.country'), '') as country,
    date_created_gmt || 'Z' as registered_at,
    coalesce(date_modified_gmt, date_created_gmt) || 'Z' as updated_at,
    if(role not in ('customer', 'subscriber') and is_paying_customer != 'true', 'account without a purchase', null)
        as exclude_reason,
from customers
