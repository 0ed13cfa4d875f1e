-- Grain: one row per file and e-mail address, as its newest order in the file shows it. Orders without an address are
-- nobody's, and those of the test gateway are no customer's.
with

dated as (
    select
        _file,
        _row,
        lower(trim("Email")) as email,
        coalesce("Billing Country", "Shipping Country") as country,
        "Accepts Marketing" as accepts_marketing,
        "Created at" as updated_at,
        try_strptime(updated_at, '%Y-%m-%d %H:%M:%S %z') as placed_at,
        lower("Payment Method") as payment_method,
    from orders
)

select
    _file,
    _row,
    email,
    country,
    accepts_marketing,
    updated_at,
from dated
where
    email is not null
    -- The rows of further lines repeat the address, and nothing else of the order.
    and updated_at is not null
    and not contains(coalesce(payment_method, ''), 'bogus')
qualify row_number() over (partition by _file, email order by placed_at desc nulls last, _row asc) = 1
