-- noqa: disable=RF03
-- Grain: one row per order of the API, in the columns of the export. Its lines stay a list.
with told as (
    select
        *,
        from_json(refunds, '[{"amount": "varchar", "date_created_gmt": "varchar"}]') as given_back,
    from delivered
)

select
    id as order_id,
    number as order_number,
    date_created_gmt || 'Z' as order_date,
    date_modified_gmt || 'Z' as updated_at,
    status,
    currency as order_currency,
    total as order_total,
    discount_total,
    customer_id,
    nullif(json_extract_string(billing, '$.email'), '') as billing_email,
    nullif(json_extract_string(billing, '$.phone'), '') as billing_phone,
    nullif(json_extract_string(shipping, '$.phone'), '') as shipping_phone,
    nullif(
        array_to_string(
            list_transform(
                given_back,
                lambda one: concat('amount:', one.amount, '|reason:|date:', one.date_created_gmt, 'Z')
            ),
            ';'
        ),
        ''
    ) as refund_items,
    line_items,
from told
order by _row
