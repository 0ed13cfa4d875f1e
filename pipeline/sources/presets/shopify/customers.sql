-- Grain: one row per file, e-mail address and time of an order; of a customer's rows the newest counts, by `updated_at`
-- as every spelling of it is read. Orders without an address are nobody's, those of the test gateway no customer's.
with

dated as (
    select
        _file,
        _row,
        lower(trim("Email")) as email,
        coalesce("Billing Country", "Shipping Country") as country,
        "Accepts Marketing" as accepts_marketing,
        "Created at" as updated_at,
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
    -- Who was erased from the shop is nobody.
    and not ends_with(email, '.invalid')
-- What is no address is rejected once. Of two orders of one moment the upper one counts.
qualify row_number() over (partition by _file, email, if(contains(email, '@'), updated_at, null) order by _row) = 1
