-- Grain: one row per response. A partial one counts when Typeform says when it was saved, one only begun does not.
-- Whatever says no zone, a day too, is in UTC, as the column names say; a date of another form is handed on as it is.
with sent as (
    select
        *,
        coalesce("Submit Date (UTC)", "Stage Date (UTC)") as _sent,
        lower("Response Type") as _type,
    from responses
),

timed as (
    select
        *,
        regexp_replace(
            regexp_replace(_sent, '^\s*(\d+-\d+-\d+)\s*$', '\1 00:00'),
            '^\s*(\d+-\d+-\d+[T\s\pZ]+\d+:\d+(:\d+(\.\d+)?)?)\s*$',
            '\1Z'
        ) as _sent_at,
    from sent
)

select
    "#" as response_id,
    _sent_at as submitted_at,
    customer_id,
    email,
    order_id,
    comment,
    _sent_at as updated_at,
    if(_type = 'started' or (_type = 'partial' and _sent is null), 'not submitted', null) as exclude_reason,
    _file,
    _row,
    columns(lambda c: list_contains(getvariable('items'), c)),
from timed
