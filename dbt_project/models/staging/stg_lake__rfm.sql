-- Grain: one row per customer and as_of_date. Nothing is additive over as_of_date; scores are not additive at all.
select
    customer_id,
    as_of_date,
    state,
    first_order_date,
    last_order_date,
    recency_days,
    frequency,
    {{ to_currency_units('monetary') }} as monetary,
    refund_exceeds_paid,
    r_score,
    f_score,
    m_score,
    fm_score,
    segment,
    segment_map,
    is_f_degenerate,
from {{ source('lake', 'rfm') }}
