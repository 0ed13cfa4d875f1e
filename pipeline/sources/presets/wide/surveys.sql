-- Grain: one row per response, one column per item.
select
    response_id,
    submitted_at,
    customer_id,
    email,
    order_id,
    comment,
    updated_at,
    _file,
    _row,
    columns(lambda c: list_contains(getvariable('items'), c)),
from responses
