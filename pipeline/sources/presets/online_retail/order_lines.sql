-- One row per invoice line, numbered in the order of the file. Prices have up to three decimals: rounded to the penny.
with

numbered as (
    select
        *,
        row_number() over (partition by InvoiceNo order by _row) as line_number,
        row_number() over (
            partition by InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country
            order by _row
        ) as copy_number,
        try_cast(Quantity as integer) * try_cast(UnitPrice as decimal(12, 4)) as amount,
    from lines
)

select
    InvoiceNo as order_id,
    line_number,
    InvoiceDate as ordered_at,
    StockCode as product_id,
    Quantity as quantity,
    'GBP' as currency,
    coalesce(cast(round(amount, 2) as varchar), concat(Quantity, ' x ', UnitPrice)) as line_amount,
    case
        when copy_number > 1 then 'exact copy of another line'
        when starts_with(InvoiceNo, 'A') then 'bad-debt adjustment'
        when Quantity[1] = '-' and amount = 0 and not starts_with(InvoiceNo, 'C') then 'stock correction'
    end as exclude_reason,
    _file,
    _row,
from numbered
