-- Grain: one row per customer, under however many account ids and e-mail addresses sources know it.
-- Of what sources say differently the newest statement counts; one without a date is the oldest.
-- A table, not a view: all that names a customer looks it up here.
{{ config(materialized='table') }}

with customers as (
    select
        customer_id,
        registered_at,
        country,
        accepts_marketing,
        updated_at,
    from {{ source('lake', 'customers') }}
),

identity as (
    select
        identifier,
        customer_id,
    from {{ source('lake', 'identity') }}
),

named as (
    select
        customers.customer_id as delivered_as,
        coalesce(identity.customer_id, customers.customer_id) as customer_id,
        customers.registered_at,
        customers.country,
        customers.accepts_marketing,
        coalesce(customers.updated_at, timestamptz '-infinity') as stated_at,
        -- Mail needs a yes that is known to be newer than any no: a no without a date could be the last word.
        coalesce(
            customers.updated_at,
            case when customers.accepts_marketing then timestamptz '-infinity' else timestamptz 'infinity' end
        ) as consented_at,
    from customers
    left join identity on customers.customer_id = identity.identifier
),

merged as (
    select
        customer_id,
        min(registered_at) as registered_at,
        arg_max(country, (stated_at, delivered_as)) as country,
        arg_max(accepts_marketing, (consented_at, not accepts_marketing)) as accepts_marketing,
    from named
    group by customer_id
),

other_names as (
    select
        customer_id,
        count(*) as n_names,
    from identity
    group by customer_id
)

select
    merged.customer_id,
    merged.registered_at,
    merged.country,
    merged.accepts_marketing,
    -- identity lists every identifier of a customer but the one that is its name
    1 + coalesce(other_names.n_names, 0) as n_identifiers,
from merged
left join other_names on merged.customer_id = other_names.customer_id
