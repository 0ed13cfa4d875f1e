-- Grain: one row per response in the survey export, wide: one column per item under its item id, empty when left blank.
-- `comment` is a keyword of some databases, and the contract's name of the open answer: RF04 does not apply.
select
    _file,
    _row,
    response_id,
    customer_number as customer_id,
    order_number as order_id,
    submitted_at,
    tevredenheid,
    opnieuw_kopen,
    aanbevelen,
    c1,
    c2,
    c3,
    c4,
    c5,
    c6,
    c7,
    c8,
    toelichting as comment, -- noqa: RF04
    submitted_at as updated_at,
    null as exclude_reason,
from survey_responses
