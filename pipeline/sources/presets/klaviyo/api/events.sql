-- noqa: disable=RF03,RF04
-- Grain: one row per event of the API, per metric and per profile that events name, in the columns of their objects.
with

named as (
    select
        *,
        json_extract_string(relationships, '$.metric.data.id') as metric_id,
        json_extract_string(relationships, '$.profile.data.id') as profile_id,
    from delivered
),

objects as (
    select
        _row,
        'event' as type,
        id,
        attributes,
        relationships,
    from named
    union all by name
    select
        min(_row) as _row,
        'metric' as type,
        metric_id as id,
        any_value(metric) as attributes,
    from named
    where metric is not null
    group by metric_id
    union all by name
    select
        min(_row) as _row,
        'profile' as type,
        profile_id as id,
        any_value(profile) as attributes,
    from named
    where profile is not null
    group by profile_id
)

select * exclude (_row),
from objects
order by _row, type
