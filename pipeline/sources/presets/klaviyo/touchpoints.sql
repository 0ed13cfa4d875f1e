-- Grain: one row per event. What it was and who it was stand in objects of their own, of type metric and profile, which
-- can be in another file of the same delivery.
with

metrics as (
    select
        id as metric_id,
        max(try(json_extract_string(attributes, '$.name'))) as metric_name,
    from events
    where type = 'metric'
    group by id
),

profiles as (
    select
        id as profile_id,
        max(try(json_extract_string(attributes, '$.email'))) as email,
        max(try(json_extract_string(attributes, '$.external_id'))) as external_id,
    from events
    where type = 'profile'
    group by id
),

happened as (
    select
        _file,
        _row,
        id as event_id,
        try(json_extract_string(attributes, '$.datetime')) as occurred_at,
        try(json_extract_string(attributes, '$.event_properties.ProductID')) as product_id,
        try(json_extract_string(relationships, '$.metric.data.id')) as metric_id,
        try(json_extract_string(relationships, '$.profile.data.id')) as profile_id,
    from events
    where type = 'event'
),

named as (
    select
        happened._file,
        happened._row,
        happened.event_id,
        happened.occurred_at,
        happened.product_id,
        happened.metric_id,
        metrics.metric_name,
        profiles.external_id,
        profiles.email,
        case lower(metrics.metric_name)
            when 'opened email' then 'email_open'
            when 'clicked email' then 'email_click'
            when 'active on site' then 'visit'
            when 'viewed product' then 'product_view'
            when 'added to cart' then 'cart'
            when 'started checkout' then 'checkout'
            when 'checkout started' then 'checkout'
            when 'placed order' then 'order'
        end as kind,
    from happened
    left join metrics on happened.metric_id = metrics.metric_id
    left join profiles on happened.profile_id = profiles.profile_id
)

select
    _file,
    _row,
    event_id as touchpoint_id,
    external_id as customer_id,
    email,
    occurred_at,
    case
        when kind in ('email_open', 'email_click') then 'email'
        when kind in ('visit', 'product_view', 'cart', 'checkout') then 'web'
    end as channel,
    coalesce(kind, concat('metric ', metric_id)) as kind,
    product_id,
    -- A metric that is not in the file is no reason to leave an event out: it is rejected with the metric's number.
    if(kind is null and metric_name is not null, concat(metric_name, ' is no touchpoint'), null) as exclude_reason,
from named
