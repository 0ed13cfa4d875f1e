from datetime import date, timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.facts.orders import order_facts, orders_as_of, totals_per_customer
from pipeline.core.frames import Frame
from tests.unit.buckets import assert_buckets_agree
from tests.unit.lake import AMSTERDAM, PAID, delivered, on_polars, orders

AS_OF = date(2026, 6, 30)


def only(frame: pl.DataFrame) -> dict[str, Any]:
    assert frame.height == 1
    return frame.row(0, named=True)


def known_on(placed: pl.DataFrame, as_of: date = AS_OF) -> pl.DataFrame:
    return on_polars(partial(orders_as_of, as_of=as_of), placed).sort("order_id")


# Orders as of a date


def test_an_order_at_half_past_eleven_utc_belongs_to_the_next_day_in_amsterdam() -> None:
    placed = orders({"customer_id": "a", "ordered_at": "2026-06-29 23:30"})
    assert known_on(placed)["ordered_date"].to_list() == [date(2026, 6, 30)]


def test_an_order_after_as_of_does_not_exist_by_local_date() -> None:
    # Amsterdam is two hours ahead of UTC in summer: 22:00 UTC is the next day.
    placed = orders(
        {"customer_id": "a", "ordered_at": "2026-06-30 21:59"}, {"customer_id": "a", "ordered_at": "2026-06-30 22:00"}
    )
    assert known_on(placed)["order_id"].to_list() == ["o000"]


def test_a_refund_after_as_of_has_not_happened() -> None:
    placed = orders({"ordered_at": "2026-06-01", "refund_amount": 400, "refunded_at": "2026-06-30 22:00"})
    assert known_on(placed).select("refund_amount", "net_amount").row(0) == (0, 1000)
    assert known_on(placed, date(2026, 7, 1)).select("refund_amount", "net_amount").row(0) == (400, 600)


def test_a_refund_without_a_date_counts_at_once() -> None:
    assert known_on(orders({"ordered_at": "2026-06-01", "refund_amount": 400}))["net_amount"].to_list() == [600]


@pytest.mark.parametrize(
    ("order", "is_valid"),
    [
        ({"status": "paid"}, True),
        ({"status": "shipped"}, True),
        ({"status": "delivered"}, True),
        ({"status": "pending"}, False),
        ({"status": "cancelled"}, False),
        ({"status": "returned", "gross_amount": 0, "refund_amount": 500}, False),
        ({"refund_amount": 999}, True),
        ({"refund_amount": 1000}, False),
        ({"discount_amount": 300, "refund_amount": 700}, False),
        ({"gross_amount": 0}, False),
        ({"gross_amount": 0, "refund_amount": 5}, True),
        ({"discount_amount": 1000}, False),
        ({"discount_amount": 999}, True),
        ({"refund_amount": 1000, "refunded_at": "2026-07-02"}, True),
    ],
)
def test_an_order_is_valid_when_paid_for_and_not_fully_refunded(order: dict[str, Any], is_valid: bool) -> None:
    assert known_on(orders({"ordered_at": "2026-06-01"} | order))["is_valid"].to_list() == [is_valid]


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"gross_amount": 0}, "free"),
        ({"gross_amount": 8000, "discount_amount": 8000}, "free"),
        ({"gross_amount": 0, "status": "cancelled"}, "status_cancelled"),
        # Money was given back, so that some had been paid.
        ({"discount_amount": 1000, "refund_amount": 1}, "fully_refunded"),
        ({"gross_amount": 0, "refund_amount": 5, "refunded_at": "2026-07-02"}, None),
    ],
)
def test_an_order_without_anything_to_pay_is_no_purchase(order: dict[str, Any], reason: str | None) -> None:
    assert known_on(orders({"ordered_at": "2026-06-01"} | order))["invalid_reason"].to_list() == [reason]


def test_a_free_order_can_be_counted_as_a_purchase() -> None:
    placed = delivered("orders", [{"ordered_at": "2026-06-01", "gross_amount": 0, "net_amount": 0}]).lazy()
    facts = order_facts(placed, time_zone=AMSTERDAM, valid_statuses=PAID, count_free=True).collect()
    assert known_on(facts).select("is_valid", "invalid_reason", "is_free", "is_sale").row(0) == (
        True,
        None,
        False,
        True,
    )


def test_the_promise_of_a_free_order_binds() -> None:
    late = orders({"gross_amount": 0, "ordered_at": "2026-06-01", "promised_at": "2026-06-03"})
    assert known_on(late).select("is_valid", "promise_status").row(0) == (False, "overdue")


def test_a_cancellation_invoice_is_no_sale_and_never_valid() -> None:
    invoice = only(known_on(orders({"ordered_at": "2026-06-01", "status": "returned", "gross_amount": 0})))
    assert (invoice["is_invoice"], invoice["is_valid"], invoice["invalid_reason"]) == (True, False, "status_returned")


DAYS = st.integers(-3, 2)
ORDER = st.fixed_dictionaries(
    {
        "customer_id": st.none() | st.sampled_from("abcdefgh"),
        "ordered_at": DAYS.map(lambda day: f"{AS_OF + timedelta(days=day)} 12:00"),
        "status": st.sampled_from(["paid", "pending", "returned"]),
        "gross_amount": st.sampled_from([0, 1000]),
        "refund_amount": st.sampled_from([0, 400, 1000]),
        "refunded_at": st.none() | DAYS.map(lambda day: f"{AS_OF + timedelta(days=day)} 13:00"),
    }
)


@settings(max_examples=25)
@given(st.lists(ORDER, min_size=1, max_size=8), st.integers(-3, 0))
def test_totals_are_those_of_a_plain_loop_and_of_any_buckets(rows: list[dict[str, Any]], since: int) -> None:
    first = AS_OF + timedelta(days=since)
    expected: dict[str, list[int]] = {}
    for row in rows:
        day = date.fromisoformat(row["ordered_at"][:10])
        if row["customer_id"] is None or day > AS_OF:
            continue
        is_refunded = row["refunded_at"] is None or date.fromisoformat(row["refunded_at"][:10]) <= AS_OF
        refund = row["refund_amount"] if is_refunded else 0
        net = row["gross_amount"] - refund
        is_free = row["gross_amount"] == 0 and row["refund_amount"] == 0
        is_fully_refunded = refund > 0 and net <= 0 and row["gross_amount"] > 0
        is_valid = row["status"] == "paid" and not is_free and not is_fully_refunded
        is_invoice = row["status"] == "returned" and row["gross_amount"] == 0
        totals = expected.setdefault(row["customer_id"], [0, 0, 0, 0])
        totals[0] += not is_invoice
        totals[1] += is_valid
        totals[2] += is_valid and day >= first
        totals[3] += net if (is_valid or is_invoice) and day >= first else 0

    def totalled(placed: Frame) -> Frame:
        nobody = pl.LazyFrame(schema={"customer_id": pl.String})
        return totals_per_customer(orders_as_of(placed, as_of=AS_OF), nobody, first_date=first)

    placed = orders(*rows)
    found = on_polars(totalled, placed).select("customer_id", "n_orders", "n_valid_orders", "n_valid", "net_total")
    assert {name: list(totals) for name, *totals in found.rows()} == expected
    assert_buckets_agree(partial(on_polars, totalled), placed, by=["customer_id"])


def test_an_anonymous_order_is_an_order() -> None:
    assert known_on(orders({"ordered_at": "2026-06-01"})).height == 1
