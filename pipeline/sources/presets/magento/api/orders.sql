-- noqa: disable=RF05
-- Grain: one row per order of the API, in the columns of the grid. Amounts are those in the base currency, refunds too.
select
    increment_id as "ID",
    created_at || 'Z' as "Purchase Date",
    updated_at || 'Z' as "Updated at",
    base_grand_total as "Grand Total (Base)",
    base_grand_total as "Grand Total (Purchased)",
    coalesce(base_total_refunded, '0') as "Total Refunded",
    ltrim(base_discount_amount, '-') as "Discount",
    base_currency_code as "Base Currency",
    status as "Status",
    customer_email as "Customer Email",
from delivered
order by _row
