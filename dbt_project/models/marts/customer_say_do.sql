-- Grain: one row per customer with a counted response, as of the edition's date: what is said against what is done.
with say_do as (
    {{ at_edition('say_do', with_currency=true) }}
),

customers as (
    select
        customer_id,
        accepts_marketing,
    from {{ ref('dim_customers') }}
),

run_context as (
    select consent_without_flag,
    from {{ source('lake', 'run_context') }}
),

consent as (
    select count(accepts_marketing) as n_told,
    from customers
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
    -- Consent is that of today, over all accounts of the customer; by the rule of customer_next_action.
    case
        when customers.accepts_marketing then say_do.action
        when consent.n_told = 0 and run_context.consent_without_flag then say_do.action
        else say_do.action_without_email
    end as next_action,
    say_do.currency,
    say_do.net_value,
from say_do
cross join run_context
cross join consent
left join customers on say_do.customer_id = customers.customer_id
