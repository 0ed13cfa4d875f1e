-- Grain: one row per response. Every survey numbers its responses from 1, so its name stands before the number.
-- A date of another form is handed on as it is.
with

dated as (
    select
        *,
        -- A survey that stores no dates has this day in every response that was sent.
        if(
            starts_with(submitdate, '1980-01-01'),
            coalesce(datestamp, 'nothing, as the survey stores no dates,'),
            coalesce(submitdate, datestamp)
        ) as _sent_at,
    from responses
)

select
    getvariable('survey') || '-' || id as response_id,
    _sent_at as submitted_at,
    customerid as customer_id,
    email,
    orderid as order_id,
    comment,
    coalesce(datestamp, _sent_at) as updated_at,
    -- A page is counted when it is sent: who has sent none has only looked.
    if(submitdate is null and coalesce(lastpage, '0') in ('0', '-1'), 'only opened', null) as exclude_reason,
    _file,
    _row,
    columns(lambda c: list_contains(getvariable('items'), c)),
from dated
