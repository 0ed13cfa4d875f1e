"""Generated orders and customers, as Parquet with every column of their contracts. `python -m tests.bench.shop N ORDERS CUSTOMERS`.

Always the same rows for the same N. What is measured on them does not belong here.
"""

import sys

import duckdb

ORDERS_PER_CUSTOMER = 10
FAULTY_SHARE = 0.001
"""Rows with one fault each, so that both programs also pay for finding faults, as on any real export."""
SKEW = 4.0
"""The most faithful customers order exp(SKEW) times as often as the least."""


def generate(n_orders: int, orders: str, customers: str) -> None:
    """Write `n_orders` orders of two years up to the benchmark's as_of date, and a tenth as many customers.

    Amounts in minor units. One order in fifty is anonymous, one in a thousand breaks a rule of the contract.
    """
    n_customers = n_orders // ORDERS_PER_CUSTOMER
    # One thread: with more, the random numbers are not the same twice.
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("select setseed(0.8)").fetchall()
        connection.execute(
            f"""copy (
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
                    null::varchar as email_hash,
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
                from sold
            ) to '{orders}' (format parquet, compression zstd)"""
        )
        connection.execute(
            f"""copy (
                select
                    format('c{{:08d}}', number) as customer_id, null::varchar as email_hash, null::timestamptz as registered_at, 'NL' as country,
                    number % 2 = 0 as accepts_marketing, null::timestamptz as updated_at, 'shop' as source,
                    'batch' as batch_id,
                from range({n_customers}) as t (number)
            ) to '{customers}' (format parquet, compression zstd)"""
        )


def export(orders: str, file: str) -> None:
    """Write the orders as a shop's CSV export: amounts in whole units, local times of UTC, about 180 bytes a row."""
    moments = ("ordered_at", "promised_at", "delivered_at", "refunded_at", "updated_at")
    amounts = ("gross_amount", "discount_amount", "refund_amount", "net_amount")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(
            f"""copy (
                select
                    * exclude (email_hash, source, batch_id)
                    replace (
                        {", ".join(f"{name}::timestamp as {name}" for name in moments)},
                        {", ".join(f"({name} / 100)::decimal(12, 2) as {name}" for name in amounts)}
                    ),
                    'An item of the autumn collection, gift wrapped' as remark,
                from '{orders}'
            ) to '{file}' (format csv, header)"""
        )


if __name__ == "__main__":
    generate(int(sys.argv[1]), sys.argv[2], sys.argv[3])
