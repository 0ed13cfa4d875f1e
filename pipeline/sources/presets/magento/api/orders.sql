-- noqa: disable=RF03,RF05
-- Grain: one row per order of the API, in the columns of the grid. Amounts are those in the base currency, refunds too.
select
    increment_id as "ID",
    created_at || 'Z' as "Purchase Date",
    updated_at || 'Z' as "Updated at",
    base_grand_total as "Grand Total (Base)",
    base_grand_total as "Grand Total (Purchased)",
    coalesce(base_total_refunded, '0') as "Total Refunded",
    -- When the last refund was given; 3 is a credit memo that was cancelled.
    list_max(
        list_transform(
            list_filter(
                from_json(credit_memos, '[{"created_at": "varchar", "state": "varchar"}]'),
                lambda memo: coalesce(memo.state, '') != '3'
            ),
            lambda memo: memo.created_at
        )
    ) || 'Z' as "Refunded at",
    ltrim(base_discount_amount, '-') as "Discount",
    base_currency_code as "Base Currency",
    status as "Status",
    customer_email as "Customer Email",
from delivered
order by _row
