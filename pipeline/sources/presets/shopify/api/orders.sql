-- noqa: disable=RF03,RF05
-- Grain: one row per line item of an order of the API, in the columns of the export: the order's own values are on the
-- first of its rows. An order without a line has one row.
with

read_lines as (
    select
        *,
        coalesce(
            nullif(from_json(lineitems, '["json"]'), []),
            [null::json]
        ) as items,
        from_json(refunds, '[{"createdAt": "varchar"}]') as given_back,
        list_filter(
            from_json(
                fulfillments,
                '[{"status": "varchar", "inTransitAt": "varchar",
                "estimatedDeliveryAt": "varchar", "deliveredAt": "varchar"}]'
            ),
            lambda sent: sent.status = 'SUCCESS'
        ) as sent,
    from delivered
),

told as (
    select
        *,
        -- Where no carrier tells of the way nothing is known of the arrival, and a date foretold would look broken.
        len(sent) > 0
        and len(list_filter(sent, lambda one: coalesce(one.intransitat, one.deliveredat) is null)) = 0 as is_tracked,
        displayfulfillmentstatus = 'FULFILLED'
        and len(list_filter(sent, lambda one: one.deliveredat is null)) = 0 as has_arrived,
    from read_lines
),

laid_out as (
    select
        *,
        unnest(items) as item,
        generate_subscripts(items, 1) as line_number,
    from told
)

select
    name as "Name",
    regexp_extract(id, '([0-9]+)$', 1) as "Id",
    if(line_number = 1, email, null) as "Email",
    if(line_number = 1, phone, null) as "Phone",
    if(line_number = 1, json_extract_string(billingaddress, '$.phone'), null) as "Billing Phone",
    if(line_number = 1, json_extract_string(shippingaddress, '$.phone'), null) as "Shipping Phone",
    if(line_number = 1, json_extract_string(billingaddress, '$.countryCodeV2'), null) as "Billing Country",
    if(line_number = 1, json_extract_string(shippingaddress, '$.countryCodeV2'), null) as "Shipping Country",
    if(line_number = 1, displayfinancialstatus, null) as "Financial Status",
    if(line_number = 1, displayfulfillmentstatus, null) as "Fulfillment Status",
    regexp_replace(createdat, '^(.{10})T(.{8})Z$', '\1 \2 +0000') as "Created at",
    if(line_number = 1, cancelledat, null) as "Cancelled at",
    if(line_number = 1, updatedat, null) as "Updated at",
    if(line_number = 1, list_max(list_transform(given_back, lambda one: one.createdat)), null) as "Refunded at",
    if(line_number = 1 and is_tracked, list_max(list_transform(sent, lambda one: one.estimateddeliveryat)), null)
        as "Promised at",
    if(
        line_number = 1 and is_tracked and has_arrived,
        list_max(list_transform(sent, lambda one: one.deliveredat)),
        null
    )
        as "Delivered at",
    if(line_number = 1, json_extract_string(totalpriceset, '$.shopMoney.currencyCode'), null) as "Currency",
    if(line_number = 1, json_extract_string(totalpriceset, '$.shopMoney.amount'), null) as "Total",
    if(line_number = 1, json_extract_string(subtotalpriceset, '$.shopMoney.amount'), null) as "Subtotal",
    if(line_number = 1, json_extract_string(totaldiscountsset, '$.shopMoney.amount'), null) as "Discount Amount",
    if(line_number = 1, json_extract_string(totalrefundedset, '$.shopMoney.amount'), null) as "Refunded Amount",
    if(line_number = 1, json_extract_string(totaloutstandingset, '$.shopMoney.amount'), null) as "Outstanding Balance",
    -- A test order is one paid by the test gateway, as the export calls it.
    if(
        line_number = 1,
        concat_ws(
            ' + ',
            if(test = 'true', 'bogus', null),
            array_to_string(from_json(paymentgatewaynames, '["varchar"]'), ' + ')
        ),
        null
    ) as "Payment Method",
    if(line_number = 1, sourcename, null) as "Source",
    json_extract_string(item, '$.name') as "Lineitem name",
    nullif(json_extract_string(item, '$.sku'), '') as "Lineitem sku",
    json_extract_string(item, '$.quantity') as "Lineitem quantity",
    json_extract_string(item, '$.originalUnitPriceSet.shopMoney.amount') as "Lineitem price",
    json_extract_string(item, '$.totalDiscountSet.shopMoney.amount') as "Lineitem discount",
from laid_out
order by _row, line_number
