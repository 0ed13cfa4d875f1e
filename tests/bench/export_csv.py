"""Generated orders as a shop's CSV export. `python -m tests.bench.export_csv ORDERS CSV`."""

import sys

import duckdb


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
    export(sys.argv[1], sys.argv[2])
