"""Generated shops, as Parquet with every column of the contracts. `python -m tests.bench.shop N ORDERS CUSTOMERS [VOICES]`.

Orders and customers always; order lines, reviews and a survey in the folder VOICES where one is named. Always the same rows
for the same N. What is measured on them does not belong here.
"""

import sys
from pathlib import Path

import duckdb

from schemas.columns import WAREHOUSE_TYPES
from schemas.registry import ENTITIES

ORDERS_PER_CUSTOMER = 10
FAULTY_SHARE = 0.001
"""Rows with one fault each, so that both programs also pay for finding faults, as on any real export."""
SKEW = 4.0
"""The most faithful customers order exp(SKEW) times as often as the least."""


def completed(query: str, entity: str) -> str:
    """The query, with null for every column of the contract that it does not draw."""
    schema = ENTITIES[entity].polars_schema
    nulls = ", ".join(f"null::{WAREHOUSE_TYPES[kind]} as {name}" for name, kind in schema.items())
    return f"from ({query}) union all by name select {nulls} where false"


def generate(n_orders: int, orders: str, customers: str) -> None:
    """Write `n_orders` orders of two years up to the benchmark's as_of date, and a tenth as many customers.

    Amounts in minor units. One order in fifty is anonymous, one in a thousand breaks a rule of the contract.
    """
    n_customers = n_orders // ORDERS_PER_CUSTOMER
    # One thread: with more, the random numbers are not the same twice.
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("select setseed(0.8)").fetchall()
        sold = f"""
                with drawn as materialized (
                    select
                        number, random() as a, random() as b, random() as c, random() as d, random() as e, random() as f,
                    from range({n_orders}) as t (number)
                ), sold as (
                    select
                        *,
                        timestamptz '2024-01-01' + to_seconds(floor(b * 731 * 86400)) as ordered_at,
                        case
                            when c < 0.03 then 'pending' when c < 0.10 then 'paid' when c < 0.20 then 'shipped'
                            when c < 0.93 then 'delivered' when c < 0.97 then 'cancelled' else 'returned'
                        end as status,
                        cast(exp(6.5 + 3 * d) as bigint) as gross_amount,
                        case when e < 0.2 then gross_amount // 10 else 0 end as discount_amount,
                        case
                            when status = 'returned' then gross_amount - discount_amount
                            when e > 0.97 then gross_amount // 4
                            else 0
                        end as refund_amount,
                        cast(f / {FAULTY_SHARE} * 4 as int) as fault,
                    from drawn
                )
                select
                    format('o{{:09d}}', number) as order_id,
                    case when f < 0.98 then
                        format('c{{:08d}}', cast(floor({n_customers} * (exp({SKEW} * a) - 1) / (exp({SKEW}) - 1)) as bigint))
                    end as customer_id,
                    ordered_at,
                    case when fault = 1 then 'lost' else status end as status,
                    case when number % 3 = 0 then 'app' else 'web' end as channel,
                    case when fault = 2 then 'eur' else 'EUR' end as currency,
                    gross_amount,
                    discount_amount,
                    refund_amount,
                    gross_amount - discount_amount - refund_amount + if(fault = 3, 1, 0) as net_amount,
                    date_trunc('day', ordered_at) + interval 4 days as promised_at,
                    case
                        when fault = 4 then ordered_at - interval 1 day
                        when status in ('delivered', 'returned') then ordered_at + to_hours(cast(24 + 120 * d as int))
                    end as delivered_at,
                    case when refund_amount > 0 then ordered_at + interval 20 days end as refunded_at,
                    ordered_at + interval 21 days as updated_at,
                    'shop' as source,
                    'batch' as batch_id,
                from sold"""
        known = f"""
                select
                    format('c{{:08d}}', number) as customer_id, 'NL' as country, number % 2 = 0 as accepts_marketing,
                    'shop' as source, 'batch' as batch_id,
                from range({n_customers}) as t (number)"""
        for entity, query, file in (("orders", sold, orders), ("customers", known, customers)):
            connection.execute(f"copy ({completed(query, entity)}) to '{file}' (format parquet, compression zstd)")


NEW_ORDERS, CHANGED_ORDERS = 15_000, 5_000


def change(orders: str, changes: str) -> None:
    """Write what the day after the benchmark's as_of date brings to the `orders`: new ones, and ones of its month that arrived."""
    placed = f"from '{orders}' where currency = 'EUR' and net_amount > 0 and delivered_at is null"
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            f"""copy (
                (
                    select * replace (
                        'n' || order_id as order_id, timestamptz '2026-01-01 09:00' as ordered_at, 'paid' as status,
                        null as promised_at, null as updated_at,
                    )
                    {placed} and status in ('pending', 'paid', 'shipped') and refund_amount = 0
                    order by order_id limit {NEW_ORDERS}
                )
                union all
                (
                    select * replace (
                        'delivered' as status, timestamptz '2026-01-01 09:00' as delivered_at,
                        timestamptz '2026-01-01 10:00' as updated_at,
                    )
                    {placed} and status in ('paid', 'shipped') and ordered_at >= timestamptz '2025-12-01'
                    order by order_id limit {CHANGED_ORDERS}
                )
            ) to '{changes}' (format parquet, compression zstd)"""
        )


ORDERS_PER_VOICE = 10
"""One review and one survey response for so many orders."""
ITEMS = ("satisfaction", "repurchase", "recommend", *(f"c{number}" for number in range(1, 9)))
"""The items of the survey: the three of the Secure Customer Index, the last also the Net Promoter question, and eight Cs."""


def speak(orders: str, folder: str) -> None:
    """Write order_lines, reviews, survey_responses and survey_answers of the customers who placed `orders`.

    One line per order; half of the reviews name their order, half of the responses too. One review in five has a reply,
    and one in a hundred has a text that others have too.
    """
    Path(folder).mkdir(parents=True)
    kept = "'shop' as source, 'batch' as batch_id"
    scale = "if(item_id = 'recommend', 0, 1) as scale_min, if(item_id = 'recommend', 10, 5) as scale_max"
    queries = {
        "order_lines": """
            select
                order_id, 1::bigint as line_number, ordered_at, format('p{:05d}', hash(order_id) % 20000) as product_id,
                format('category {}', hash(order_id) % 40) as category, 1::bigint as quantity,
                currency, net_amount as line_amount, updated_at, source, batch_id,
            from placed""",
        "reviews": f"""
            select
                'r' || order_id as review_id, if(a < 0.5, order_id, null) as order_id, customer_id,
                format('p{{:05d}}', hash(order_id) % 20000) as product_id, ceil(5 * sqrt(b)) as rating,
                1::bigint as rating_min, 5::bigint as rating_max,
                'The parcel with number ' || if(c < 0.01, cast(hash(order_id) % 500 as varchar), order_id)
                || ' came in good order and before the weekend' as body,
                ordered_at + to_hours(cast(24 * (3 + 10 * c) as int)) as created_at,
                if(b < 0.2, created_at + to_hours(cast(1 + 50 * a as int)), null) as replied_at, a < 0.9 as is_verified,
                {kept},
            from placed
            where number % {ORDERS_PER_VOICE} = 0""",
        "survey_responses": f"""
            select
                's' || order_id as response_id, 'care' as survey_id,
                if(a < 0.5, 'transactional', 'relational') as survey_type, customer_id,
                if(a < 0.5, order_id, null) as order_id, ordered_at + interval 20 days as submitted_at,
                {kept},
            from placed
            where number % {ORDERS_PER_VOICE} = 1""",
        "survey_answers": f"""
            select
                's' || order_id as response_id, 'care' as survey_id, item_id,
                case when item_id not like 'c_' then item_id end as role, item_id = 'recommend' as is_nps,
                case when item_id like 'c_' then item_id end as construct,
                scale_min + floor((scale_max - scale_min + 1) * sqrt((hash(order_id, item_id) % 1000) / 1000)) as value,
                scale_min::bigint as scale_min, scale_max::bigint as scale_max, false as is_reversed,
                {kept},
            from (
                select placed.order_id, items.item_id, {scale}
                from placed cross join (select unnest({list(ITEMS)}) as item_id) as items
                where number % {ORDERS_PER_VOICE} = 1
            )""",
    }
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            f"""create view placed as
            select
                *, cast(order_id[2:] as bigint) as number, (hash(order_id) >> 8) % 1000 / 1000 as a,
                (hash(order_id) >> 20) % 1000 / 1000 as b, (hash(order_id) >> 32) % 1000 / 1000 as c,
            from '{orders}'"""
        )
        for name, query in queries.items():
            file = f"{folder}/{name}.parquet"
            connection.execute(f"copy ({completed(query, name)}) to '{file}' (format parquet, compression zstd)")


if __name__ == "__main__":
    generate(int(sys.argv[1]), sys.argv[2], sys.argv[3])
    for voices in sys.argv[4:]:
        speak(sys.argv[2], voices)
