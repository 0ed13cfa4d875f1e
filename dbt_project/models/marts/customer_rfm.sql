-- Grain: one row per customer, as of the edition's date. Not additive: recency_days and every score.
with rfm as (
    select
        customer_id,
        as_of_date,
        state,
        first_order_date,
        last_order_date,
        recency_days,
        frequency,
        monetary,
        refund_exceeds_paid,
        r_score,
        f_score,
        m_score,
        fm_score,
        segment,
        segment_map,
        is_f_degenerate,
    from {{ ref('stg_lake__rfm') }}
),

run_context as (
    select
        as_of_date,
        currency,
    from {{ ref('stg_lake__run_context') }}
)

select
    rfm.customer_id,
    rfm.as_of_date,
    rfm.state,
    rfm.first_order_date,
    rfm.last_order_date,
    rfm.recency_days,
    rfm.frequency,
    rfm.monetary,
    run_context.currency,
    rfm.refund_exceeds_paid,
    rfm.r_score,
    rfm.f_score,
    rfm.m_score,
    rfm.fm_score,
    rfm.segment,
    rfm.segment_map,
    rfm.is_f_degenerate,
from rfm
inner join run_context on rfm.as_of_date = run_context.as_of_date
