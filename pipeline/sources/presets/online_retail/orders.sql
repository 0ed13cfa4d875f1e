-- One row per invoice, made of its lines; exact copies of a line count once.
-- C… is a cancellation: what it takes back is a refund. A… is a bad-debt adjustment, no order.
-- Prices have up to three decimals: an invoice is rounded to the penny once, on its total.
with

unique_lines as (
    select
        InvoiceNo,
        InvoiceDate,
        CustomerID,
        Quantity,
        UnitPrice,
        try_cast(Quantity as integer) * try_cast(UnitPrice as decimal(12, 4)) as amount,
        min(_file) as _file,
        min(_row) as _row,
    from lines
    group by InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country
),

invoices as (
    select
        InvoiceNo as order_id,
        max(CustomerID) as customer_id,
        min(InvoiceDate) as ordered_at,
        starts_with(InvoiceNo, 'C') as is_cancellation,
        starts_with(InvoiceNo, 'A') as is_adjustment,
        bool_and(Quantity[1] = '-' and amount = 0) as is_stock_correction,
        max(concat(Quantity, ' x ', UnitPrice)) filter (where amount is null) as unreadable_amount,
        round(sum(amount), 2) as amount,
        min(_file) as _file,
        list(_row) as _row,
    from unique_lines
    group by InvoiceNo
)

select
    order_id,
    customer_id,
    ordered_at,
    if(is_cancellation, 'returned', 'paid') as status,
    'GBP' as currency,
    if(is_cancellation, '0', coalesce(unreadable_amount, cast(amount as varchar))) as gross_amount,
    '0' as discount_amount,
    if(is_cancellation, coalesce(unreadable_amount, cast(-amount as varchar)), '0') as refund_amount,
    coalesce(unreadable_amount, cast(amount as varchar)) as net_amount,
    case
        when is_adjustment then 'bad-debt adjustment'
        when is_stock_correction and not is_cancellation then 'stock correction'
    end as exclude_reason,
    _file,
    _row,
from invoices
