"""How many rows name a customer or an order that the lake does not know."""

import duckdb

from pipeline.checks import REFERENCES


def test_loyalty_events_of_nobody_known_are_counted_and_those_of_another_account_are_not() -> None:
    _, count = REFERENCES["points_ledger"]
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as build; create schema build.lake; create schema marts")
        connection.execute(
            """create table build.lake.loyalty_events as
            select unnest(['ann', 'second account of ann', 'ghost', null]) as customer_id"""
        )
        connection.execute(
            """create table build.lake.identity as
            select 'second account of ann' as identifier, 'ann' as customer_id"""
        )
        connection.execute("create table marts.dim_customers as select 'ann' as customer_id")
        assert connection.execute(count).fetchall() == [(2, 4)]
