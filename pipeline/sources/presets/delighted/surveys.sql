-- Grain: one row per response.
-- Seconds since 1970 and times with UTC behind them become ISO times; others are handed on as they are.
with timed as (
    select
        *,
        list_transform(
            [created_at, updated_at],
            lambda given: if(
                regexp_full_match(given, '[0-9]{9,10}'),
                strftime(make_timestamp(try_cast(given as bigint) * 1000000), '%Y-%m-%dT%H:%M:%SZ'),
                regexp_replace(given, '^([0-9-]+) ([0-9:]+) UTC$', '\1T\2Z')
            )
        ) as _times,
    from responses
)

select
    id as response_id,
    _times[1] as submitted_at,
    coalesce(customer_id, try(json_extract_string(person_properties, '$.customer_id'))) as customer_id,
    coalesce(email, try(json_extract_string(person, '$.email'))) as email,
    coalesce(order_id, try(json_extract_string(person_properties, '$.order_id'))) as order_id,
    comment,
    _times[2] as updated_at,
    _file,
    _row,
    columns(lambda c: list_contains(getvariable('items'), c)),
from timed
