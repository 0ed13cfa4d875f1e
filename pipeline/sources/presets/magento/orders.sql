-- Grain: one row per order. Amounts are text in whole units of the base currency; the grid shows no discount.
-- What cannot be proved to be one number is passed on as it is, so that the order is rejected with it.
with

read_amounts as (
    select
        *,
        list_transform(
            ["Grand Total (Base)", "Grand Total (Purchased)", coalesce("Total Refunded", '0')],
            lambda amount: trim(amount, ' $€£' || chr(160) || chr(8239))
        ) as digits,
        list_transform(
            digits,
            lambda amount: case
                -- $1,234.50 and 1,234.50
                when regexp_full_match(amount, '-?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+') then replace(amount, ',', '')
                -- 1.234,50 € and 1 234,50 €
                when regexp_full_match(amount, '-?[0-9]{1,3}([.\s\x{A0}\x{202F}][0-9]{3})*,[0-9]{2}')
                    then replace(regexp_replace(amount, '[.\s\x{A0}\x{202F}]', '', 'g'), ',', '.')
                when regexp_full_match(amount, '-?[0-9]+(\.[0-9]{1,2}|\.[0-9]{4})?') then amount
            end
        ) as amounts,
        try_cast(amounts[1] as decimal(18, 6)) as total,
        try_cast(amounts[2] as decimal(18, 6)) as total_as_purchased,
        try_cast(amounts[3] as decimal(18, 6)) as refund_as_purchased,
        -- Of the API alone.
        try_cast(coalesce("Discount", '0') as decimal(18, 6)) as discount_value,
    from orders
),

valued as (
    select
        *,
        coalesce(cast(total + discount_value as varchar), "Grand Total (Base)") as gross_amount,
        -- Refunds are in the currency of the purchase; of another than the base, only none and all of it can be told.
        case
            when refund_as_purchased is null then concat("Total Refunded", ' refunded')
            when refund_as_purchased = 0 or coalesce(total_as_purchased, total) = total
                then cast(refund_as_purchased as varchar)
            when refund_as_purchased = total_as_purchased then cast(total as varchar)
            else concat("Total Refunded", ' of ', "Grand Total (Purchased)")
        end as refund_amount,
        replace(lower("Status"), ' ', '_') as state,
        -- Versions differ: Oct 2, 2025 5:09:34 PM, Oct 2, 2025 17:09:34 PM, 2025-10-02 17:09:34.
        coalesce(
            try_strptime("Purchase Date", '%b %d, %Y %I:%M:%S %p'),
            try_strptime(regexp_replace("Purchase Date", ' [AP]M$', ''), '%b %d, %Y %H:%M:%S'),
            try_strptime("Purchase Date", '%Y-%m-%d %H:%M:%S')
        ) as purchased_at,
    from read_amounts
)

select
    _file,
    _row,
    "ID" as order_id,
    -- The grid has no id beside the number, with which every shop begins alike. The hour of an order depends on the
    -- admin's time zone; its minute and second do not.
    strftime(purchased_at, '%M:%S') as source_id,
    "Customer Email" as email,
    coalesce(strftime(purchased_at, '%Y-%m-%d %H:%M:%S'), "Purchase Date") as ordered_at,
    case
        when
            state in (
                'pending',
                'pending_payment',
                'pending_paypal',
                'payment_review',
                'suspected_fraud',
                'fraud',
                'on_hold',
                'holded'
            )
            then 'pending'
        when state = 'processing' then 'paid'
        when state = 'complete' then 'shipped'
        when state = 'closed' then 'returned'
        when state = 'canceled' then 'cancelled'
        else state
    end as status,
    case
        when "Base Currency" is not null then "Base Currency"
        when contains("Grand Total (Base)", '€') then 'EUR'
        when contains("Grand Total (Base)", '£') then 'GBP'
        -- Which dollars cannot be told, only that they are neither of these.
        when contains("Grand Total (Base)", '$') and getvariable('currency') in ('EUR', 'GBP') then '$'
        else getvariable('currency')
    end as currency,
    gross_amount,
    coalesce("Discount", '0') as discount_amount,
    refund_amount,
    coalesce(cast(total - try_cast(refund_amount as decimal(18, 6)) as varchar), gross_amount) as net_amount,
    "Refunded at" as refunded_at,
    "Updated at" as updated_at,
from valued
