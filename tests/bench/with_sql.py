"""The same core as `with_pipeline`, written by hand in DuckDB SQL. `python -m tests.bench.with_sql ORDERS CUSTOMERS SCORES [--unchecked]`.

It shares no code with the pipeline, so an equal result is also a check of both. `--unchecked`: the orders are those of a lake, where
nothing is to be rejected.
"""

import json
import sys
from pathlib import Path

import duckdb

from tests.bench import AS_OF, TIME_ZONE

RULES = {
    "order_id": "coalesce(length(order_id), 0) >= 1",
    "ordered_at": "ordered_at is not null",
    "status": "coalesce(status in ('pending', 'paid', 'shipped', 'delivered', 'cancelled', 'returned'), false)",
    "currency": "coalesce(regexp_full_match(currency, '[A-Z]{3}'), false)",
    "gross_amount": "coalesce(gross_amount >= 0, false)",
    "discount_amount": "coalesce(discount_amount >= 0, false)",
    "refund_amount": "coalesce(refund_amount >= 0, false)",
    "net_amount": "coalesce(net_amount = gross_amount - discount_amount - refund_amount, false)",
    "delivered_at": "coalesce(delivered_at >= ordered_at, true)",
    "source": "source is not null",
    "batch_id": "batch_id is not null",
}
"""Column -> what the contract demands of it."""

REJECTED = f"""
create temp table rejected as
select file_row_number as position, {", ".join(f"not ({rule}) as {name}" for name, rule in RULES.items())}
from orders
where not ({" and ".join(RULES.values())})
"""

NOTHING_REJECTED = "create temp table rejected as select 0 as position where false"

COUNTS = "select " + ", ".join(f"count(*) filter (where {name})" for name in RULES) + " from rejected"

END_AT = f"timezone('{TIME_ZONE}', timestamp '{AS_OF}' + interval 1 day)"
START_AT = f"timezone('{TIME_ZONE}', timestamp '{AS_OF}' - interval 364 days)"

TOTALS = f"""
create temp table totals as
with known as (
    select
        customer_id,
        ordered_at,
        status,
        gross_amount,
        if(refunded_at >= {END_AT}, 0, refund_amount) as refund,
        gross_amount - discount_amount - refund as net,
        status in ('paid', 'shipped', 'delivered') and not (refund > 0 and net <= 0 and gross_amount > 0)
            and not (gross_amount = discount_amount and refund_amount = 0) as is_valid,
        ordered_at >= {START_AT} as is_in_window,
    from orders
    where
        customer_id is not null
        and ordered_at < {END_AT}
        and file_row_number not in (select position from rejected)
), per_customer as (
    select
        customer_id,
        min(ordered_at) filter (where is_valid) as first_at,
        max(ordered_at) filter (where is_valid) as last_at,
        count(*) filter (where is_valid and is_in_window) as frequency,
        coalesce(sum(net) filter (where is_in_window and (is_valid or status = 'returned' and gross_amount = 0)), 0)::bigint as net,
    from known
    group by customer_id
), registered as (
    select customer_id,
    from customers
    where
        registered_at < {END_AT}
        or registered_at is null and customer_id not in (
            select customer_id
            from orders
            where
                customer_id is not null
                and ordered_at >= {END_AT}
                and file_row_number not in (select position from rejected)
        )
)
select
    customer_id,
    cast(timezone('{TIME_ZONE}', first_at) as date) as first_order_date,
    cast(timezone('{TIME_ZONE}', last_at) as date) as last_order_date,
    date '{AS_OF}' - last_order_date as recency_days,
    coalesce(frequency, 0) as frequency,
    greatest(coalesce(net, 0), 0) as monetary,
    coalesce(net < 0, false) as refund_exceeds_paid,
    case when coalesce(frequency, 0) > 0 then 'scored' when last_at is null then 'prospect' else 'lapsed' end as state,
from per_customer
full join registered using (customer_id)
"""

VALUES = """
create temp table scored_values as
with counts as (
    select 'recency' as dimension, recency_days as value, count(*) as n from totals where state = 'scored' group by value
    union all
    select 'frequency', frequency, count(*) from totals where state = 'scored' group by frequency
    union all
    select 'monetary', monetary, count(*) from totals where state = 'scored' group by monetary
), ranked as (
    select
        *,
        sum(n) over (
            partition by dimension order by if(dimension = 'recency', -value, value)
            rows between unbounded preceding and current row
        ) - n + (n + 1) / 2 as average_rank,
        sum(n) over (partition by dimension) as n_total,
        count(*) over (partition by dimension) < 5 as is_degenerate,
    from counts
)
select
    dimension,
    value,
    n,
    is_degenerate,
    is_degenerate and dimension = 'frequency' as is_counted,
    cast(if(is_counted, least(value, 5), ceil(5 * average_rank / n_total)) as bigint) as score,
from ranked
"""

SEGMENTS = """
create temp table segment_map as
select segment, cast(unnest(cells)[1] as bigint) as r_score, cast(unnest(cells)[2] as bigint) as fm_score,
from (values
    ('champions', ['55', '54', '45']), ('loyal', ['53', '44', '35', '34']),
    ('potential_loyalist', ['52', '42', '33', '43']), ('recent', ['51']), ('promising', ['41', '31']),
    ('needs_attention', ['32', '23', '22']), ('about_to_sleep', ['21']), ('at_risk', ['25', '24', '13']),
    ('cant_lose', ['15', '14']), ('hibernating', ['12']), ('lost', ['11'])
) as t (segment, cells)
"""

SCORES = f"""
create temp table scores as
with scored as (
    select
        totals.*,
        if(state = 'scored', r.score, null) as r_score,
        if(state = 'scored', f.score, null) as f_score,
        if(state = 'scored', m.score, null) as m_score,
        (f_score + m_score + 1) // 2 as fm_score,
    from totals
    left join scored_values as r on r.dimension = 'recency' and r.value = recency_days
    left join scored_values as f on f.dimension = 'frequency' and f.value = frequency
    left join scored_values as m on m.dimension = 'monetary' and m.value = monetary
)
select
    customer_id, date '{AS_OF}' as as_of_date, state, first_order_date, last_order_date, recency_days, frequency, monetary,
    refund_exceeds_paid, r_score, f_score, m_score, fm_score, coalesce(segment, state) as segment,
    'rfm11' as segment_map,
    (select bool_or(is_degenerate) from scored_values where dimension = 'frequency') as is_f_degenerate,
from scored
left join segment_map using (r_score, fm_score)
"""

CUT_POINTS = f"""
select
    date '{AS_OF}' as as_of_date, dimension, score as bin, min(value) as lower, max(value) as upper, sum(n) as n_customers,
    if(bool_or(is_counted), 'count', 'rank') as method, bool_or(is_degenerate) as is_degenerate,
from scored_values
group by dimension, score
"""


def run(orders: Path, customers: Path, scores: Path, *, is_checked: bool = True) -> dict[str, object]:
    """Write the scores and cut points of all orders without a fault; returns rejected rows by rule and segment sizes."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create view orders as from read_parquet('{orders}', file_row_number = true)")
        connection.execute(f"create view customers as select customer_id, registered_at from '{customers}'")
        for statement in (REJECTED if is_checked else NOTHING_REJECTED, TOTALS, VALUES, SEGMENTS, SCORES):
            connection.execute(statement)
        for name, query in (("scores", "from scores"), ("cut_points", CUT_POINTS)):
            connection.execute(f"copy ({query}) to '{scores / name}.parquet' (format parquet, compression zstd)")
        sizes = connection.execute(
            "select segment, count(*), sum(r_score), sum(f_score), sum(m_score), sum(monetary) from scores group by segment"
        ).fetchall()
        counts = connection.execute(COUNTS).fetchall()[0] if is_checked else [0] * len(RULES)
    rejected = {name: count for name, count in zip(RULES, counts, strict=True) if count}
    return {"rejected": rejected, "segments": {row[0]: [int(value or 0) for value in row[1:]] for row in sizes}}


if __name__ == "__main__":
    print(json.dumps(run(*(Path(argument) for argument in sys.argv[1:4]), is_checked="--unchecked" not in sys.argv)))
