-- Grain: one row per tier. A model reads another one by ref(): each table of marts and quality is a model of its name.
select
    tier,
    count(*) as n_customers,
    sum(value_at_risk) as value_at_risk,
from {{ ref('customer_360') }}
where tier is not null
group by tier
