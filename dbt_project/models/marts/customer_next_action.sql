-- Grain: one row per customer with an action that is due and allowed, as of the edition's date. In units of currency.
-- Not additive: days, priority, rank; what is at stake for several actions can be the same money.
with next_action as (
    select
        customer_id,
        as_of_date,
        action,
        reason,
        reason_days,
        reason_amount,
        order_id,
        channel,
        priority,
        rank,
        expected_value,
        expected_value_basis,
        n_evidence,
        is_suppressed,
        needs_consent,
        consent_basis,
        expires_on,
        n_due,
        n_held_back,
    from {{ ref('stg_lake__next_action') }}
),

run_context as (
    select
        as_of_date,
        currency,
    from {{ ref('stg_lake__run_context') }}
)

select
    next_action.customer_id,
    next_action.as_of_date,
    next_action.action,
    next_action.reason,
    next_action.reason_days,
    run_context.currency,
    {{ to_currency_units('next_action.reason_amount') }} as reason_amount,
    next_action.order_id,
    next_action.channel,
    next_action.priority,
    next_action.rank,
    {{ to_currency_units('next_action.expected_value') }} as expected_value,
    next_action.expected_value_basis,
    next_action.n_evidence,
    next_action.is_suppressed,
    next_action.needs_consent,
    next_action.consent_basis,
    next_action.expires_on,
    next_action.n_due,
    next_action.n_held_back,
from next_action
inner join run_context on next_action.as_of_date = run_context.as_of_date
