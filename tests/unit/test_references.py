"""How many rows name a customer or an order that the lake does not know."""

import duckdb
import pytest

from pipeline.checks import REFERENCES, judge_references


@pytest.mark.parametrize(("unknown", "rows", "is_passed"), [(0, 0, True), (5, 100, True), (6, 100, False)])
def test_references_to_the_unknown_warn_above_the_limit_and_always_show_their_figure(
    unknown: int, rows: int, is_passed: bool
) -> None:
    judged = judge_references("fct_reviews", unknown, rows, "reviews name nobody", 0.05)
    assert judged.passed == is_passed
    assert judged.description == f"{unknown} of {rows} reviews name nobody; the limit is 5.0%"


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
