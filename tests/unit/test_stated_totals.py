"""A shop's own totals of its customers beside the orders that are here."""

from datetime import date

import polars as pl

from pipeline.core.facts.stated_totals import compare_totals

AS_OF = date(2026, 1, 31)


def test_totals_are_compared_where_the_orders_are_as_many_and_nobody_without_orders_has_a_row() -> None:
    stated = {
        "same": (2, 3000),
        "invoiced": (1, 600),
        "paid": (1, 900),
        "gone": (1, 500),
        "more": (1, 700),
        "dollar": (1, 100),
        "counted": (1, None),
        "one_more": (1, None),
        "new": (0, 0),
    }
    customers = pl.LazyFrame(
        [(name, n, spent) for name, (n, spent) in stated.items()] + [("silent", None, None)],
        schema={"customer_id": pl.String, "stated_orders": pl.Int64, "stated_spent_amount": pl.Int64},
        orient="row",
    )
    placed = [
        ("same", 1000, None),
        ("same", 2000, None),
        ("invoiced", 1000, None),
        ("invoiced", -400, None),
        ("paid", 800, None),
        ("more", 700, None),
        ("more", 300, None),
        ("dollar", 90, "USD"),
        ("counted", 700, None),
        ("one_more", 700, None),
        ("one_more", 700, None),
        ("silent", 100, None),
    ]
    orders = pl.LazyFrame(
        placed,
        schema={"customer_id": pl.String, "net_amount": pl.Int64, "original_currency": pl.String},
        orient="row",
    ).with_columns(is_invoice=pl.col("net_amount") < 0)
    found = compare_totals(customers, orders, as_of=AS_OF).sort("customer_id").collect()
    assert found.select("customer_id", "outcome", "n_orders", "spent_amount").rows() == [
        # The list says one order, and no amount: nobody knows whether 7.00 agree with it.
        ("counted", "no_amount", 1, 700),
        ("dollar", "other_currency", 1, 90),
        ("gone", "fewer_orders", 0, 0),
        ("invoiced", "agrees", 1, 600),
        ("more", "more_orders", 2, 1000),
        ("one_more", "more_orders", 2, 1400),
        ("paid", "spent_differs", 1, 800),
        ("same", "agrees", 2, 3000),
    ]
