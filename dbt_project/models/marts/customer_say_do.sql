-- Grain: one row per customer with a counted response, as of the edition's date: what is said against what is done.
with say_do as (
    select
        customer_id,
        as_of_date,
        sci_class,
        nps_class,
        says,
        segment,
        segment_group,
        band,
        cell,
        next_action,
        net_value,
    from {{ ref('stg_lake__say_do') }}
),

run_context as (
    select
        as_of_date,
        currency,
    from {{ ref('stg_lake__run_context') }}
)

select
    say_do.customer_id,
    say_do.as_of_date,
    say_do.sci_class,
    say_do.nps_class,
    say_do.says,
    say_do.segment,
    say_do.segment_group,
    say_do.band,
    say_do.cell,
    say_do.next_action,
    run_context.currency,
    {{ to_currency_units('say_do.net_value') }} as net_value,
from say_do
inner join run_context on say_do.as_of_date = run_context.as_of_date
