-- Grain: one row per customer with a delivery that can be judged or an answer, and as_of date.
-- Not additive: shares and hours.
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
from {{ source('lake', 'customer_pillars') }}
