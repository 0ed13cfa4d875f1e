-- Grain: one row per order placed up to the edition's date, with what was known on that date: a refund or a delivery
-- after it has not happened yet. The status is the newest known, as its history is not kept. The customer is the one
-- to whom the account or address belongs.
-- Amounts in units of currency; not additive over currencies.
with orders as (
    select
        order_id,
        customer_id,
        ordered_at,
        status,
        channel,
        currency,
        gross_amount,
        discount_amount,
        refund_amount,
        promised_at,
        redelivery_at,
        delivered_at,
        refunded_at,
    from {{ source('lake', 'orders') }}
),

identity as (
    select
        identifier,
        customer_id,
    from {{ source('lake', 'identity') }}
),

run_context as (
    select
        as_of_date,
        time_zone,
        valid_statuses,
    from {{ source('lake', 'run_context') }}
),

dated as (
    select
        orders.* replace (coalesce(identity.customer_id, orders.customer_id) as customer_id),
        run_context.as_of_date,
        {{ local_date('orders.ordered_at') }} as local_date,
        {{ local_date('orders.promised_at') }} as promised_date,
        {{ local_date('orders.delivered_at') }} as delivered_date,
        {{ local_date('orders.refunded_at') }} as refunded_date,
        list_contains(run_context.valid_statuses, orders.status) as has_valid_status,
    from orders
    cross join run_context
    left join identity on orders.customer_id = identity.identifier
),

happened as (
    select
        * replace (
            cast(case when refunded_date > as_of_date then 0 else refund_amount end as decimal(18, 2)) as refund_amount,
            case when delivered_date <= as_of_date then delivered_at end as delivered_at,
        ),
        coalesce(delivered_date <= as_of_date, false) as is_delivered,
        status = 'delivered' and delivered_at is null as is_delivered_undated,
    from dated
    where local_date <= as_of_date
),

netted as (
    select
        *,
        cast(gross_amount - discount_amount - refund_amount as decimal(18, 2)) as net_amount,
    from happened
),

judged as (
    select
        *,
        case
            when not has_valid_status then 'status_' || status
            when refund_amount > 0 and net_amount <= 0 and gross_amount > 0 then 'fully_refunded'
        end as invalid_reason,
        case
            when promised_date is null or status in ('cancelled', 'returned') then 'none'
            when is_delivered and delivered_date <= promised_date then 'kept'
            when is_delivered then 'late'
            when is_delivered_undated then 'unknown'
            when promised_date < as_of_date then 'overdue'
            else 'open'
        end as promise_status,
    from netted
)

select
    order_id,
    customer_id,
    ordered_at,
    local_date,
    status,
    channel,
    currency,
    gross_amount,
    discount_amount,
    refund_amount,
    net_amount,
    promised_at,
    redelivery_at,
    delivered_at,
    promise_status,
    invalid_reason is null as is_valid,
    invalid_reason,
from judged
