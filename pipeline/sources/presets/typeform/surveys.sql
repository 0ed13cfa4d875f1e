-- Grain: one row per response. A partial one counts when Typeform says when it was saved, one only begun does not.
-- A date of another form is handed on as it is.
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
        coalesce(
            strftime(
                try_strptime(_sent, ['%Y-%m-%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d %H:%M', '%Y-%m-%d']),
                '%Y-%m-%dT%H:%M:%SZ'
            ),
            _sent
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
