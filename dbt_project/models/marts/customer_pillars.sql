-- Grain: one row per customer with a delivery that can be judged or an answer, as of the edition's date.
-- Not additive: shares and hours.
with customer_pillars as (
    select
        customer_id,
        as_of_date,
        n_otif_known,
        n_otif,
        pct_otif,
        n_on_time_known,
        n_on_time,
        pct_on_time,
        n_in_full_known,
        n_in_full,
        pct_in_full,
        n_honoured_known,
        n_honoured,
        pct_honoured,
        n_replies,
        median_reply_hours,
    from {{ ref('stg_lake__customer_pillars') }}
),

run_context as (
    select as_of_date,
    from {{ ref('stg_lake__run_context') }}
)

select
    customer_pillars.customer_id,
    customer_pillars.as_of_date,
    customer_pillars.n_otif_known,
    customer_pillars.n_otif,
    customer_pillars.pct_otif,
    customer_pillars.n_on_time_known,
    customer_pillars.n_on_time,
    customer_pillars.pct_on_time,
    customer_pillars.n_in_full_known,
    customer_pillars.n_in_full,
    customer_pillars.pct_in_full,
    customer_pillars.n_honoured_known,
    customer_pillars.n_honoured,
    customer_pillars.pct_honoured,
    customer_pillars.n_replies,
    customer_pillars.median_reply_hours,
from customer_pillars
inner join run_context on customer_pillars.as_of_date = run_context.as_of_date
