"""Amounts in other currencies: the rate of a day, and what an order is worth by it."""

from datetime import date
from functools import partial
from typing import Any

import polars as pl
import pytest

from pipeline.core.facts.money import RATES, Money
from pipeline.core.facts.orders import order_facts, orders_as_of, totals_per_customer
from tests.unit.lake import AMSTERDAM, PAID, delivered, on_polars

AS_OF = date(2026, 6, 30)
FRIDAY, MONDAY = date(2026, 6, 5), date(2026, 6, 8)
GIVEN = pl.DataFrame([("USD", FRIDAY, 0.9), ("USD", MONDAY, 0.8), ("JPY", FRIDAY, 0.006)], schema=RATES, orient="row")


def known(*rows: dict[str, Any], rates: pl.DataFrame = GIVEN, max_age_days: int = 7) -> pl.DataFrame:
    money = Money.of(rates, currency="EUR", max_age_days=max_age_days)
    filled = []
    for number, row in enumerate(rows):
        full = {"order_id": f"o{number}", "customer_id": f"c{number}", "ordered_at": "2026-06-08", "currency": "USD"}
        full |= {"gross_amount": 10000, "discount_amount": 0, "refund_amount": 0} | row
        full["net_amount"] = full["gross_amount"] - full["discount_amount"] - full["refund_amount"]
        filled.append(full)
    facts = on_polars(
        partial(order_facts, time_zone=AMSTERDAM, valid_statuses=PAID, money=money), delivered("orders", filled)
    )
    return on_polars(partial(orders_as_of, as_of=AS_OF), facts).sort("order_id")


@pytest.mark.parametrize(
    ("moment", "rate"),
    [
        ("2026-06-04", None),
        ("2026-06-05", 0.9),
        # At the weekend Friday's rate is the last one.
        ("2026-06-07 21:59", 0.9),
        # Monday begins at 22:00 UTC in Amsterdam.
        ("2026-06-07 22:00", 0.8),
        ("2026-06-15", 0.8),
        ("2026-06-16", None),
    ],
)
def test_an_order_has_the_last_rate_by_its_local_date_unless_that_is_too_old(moment: str, rate: float | None) -> None:
    assert known({"ordered_at": moment})["exchange_rate"].to_list() == [rate]


def test_amounts_are_converted_and_what_was_paid_stays_beside_them() -> None:
    # 100.00 - 10.00 - 20.00 dollars at 0.80: 80.00 - 8.00 - 16.00 euros.
    found = known({"discount_amount": 1000, "refund_amount": 2000})
    columns = ("currency", "gross_amount", "discount_amount", "refund_amount", "net_amount", "is_valid")
    assert found.select(columns).row(0) == ("EUR", 8000, 800, 1600, 5600, True)
    assert found.select("original_currency", "original_net_amount").row(0) == ("USD", 7000)


def test_an_order_in_the_shops_currency_stays_as_it_is() -> None:
    found = known({"currency": "EUR"})
    columns = ("currency", "net_amount", "original_currency", "original_net_amount", "exchange_rate", "is_valid")
    assert found.select(columns).row(0) == ("EUR", 10000, None, None, None, True)


def test_yen_are_kept_in_hundredths_as_any_currency() -> None:
    # 5,000 yen at 0.006: 30.00 euros.
    assert known({"currency": "JPY", "gross_amount": 500000})["net_amount"].to_list() == [3000]


def test_half_a_cent_is_rounded_away_from_zero() -> None:
    # 179.10 and 17.50 dollars at 0.85 and 0.942: 152.235 and 16.485 euros. In floating point 12.50 at 1.146, 62.50 at 1.158
    # and 69.50 at 1.13 are a little below 14.325, 72.375 and 78.535.
    halves = ((17910, 0.85, 15224), (1750, 0.942, 1649), (1250, 1.146, 1433), (6250, 1.158, 7238), (6950, 1.13, 7854))
    for amount, rate, worth in halves:
        rates = pl.DataFrame([("USD", MONDAY, rate)], schema=RATES, orient="row")
        assert known({"gross_amount": amount}, rates=rates)["net_amount"].to_list() == [worth]


def test_an_order_of_which_all_was_given_back_keeps_nothing_however_its_amounts_are_rounded() -> None:
    # At 0.8 the parts 0.09 and 0.04 of 0.13 round to 0.07 and 0.03; 0.13 to 0.10.
    found = known({"gross_amount": 13, "discount_amount": 4, "refund_amount": 9})
    assert found.select("net_amount", "invalid_reason").row(0) == (0, "fully_refunded")


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"currency": "GBP"}, "no_rate"),
        ({"currency": "GBP", "status": "cancelled"}, "status_cancelled"),
        ({"currency": "GBP", "gross_amount": 0}, "free"),
    ],
)
def test_an_order_without_a_rate_is_kept_outside_money(order: dict[str, Any], reason: str) -> None:
    found = known(order)
    assert found.select("is_valid", "invalid_reason", "gross_amount", "net_amount").row(0) == (False, reason, 0, 0)
    assert found.select("original_currency", "original_net_amount").row(0) == ("GBP", order.get("gross_amount", 10000))


def test_a_returned_order_without_a_rate_is_no_cancellation_invoice() -> None:
    assert known({"currency": "GBP", "status": "returned"})["is_invoice"].to_list() == [False]


def test_who_bought_without_a_rate_is_told_from_who_did_not() -> None:
    placed = known({"currency": "GBP"}, {"currency": "GBP", "status": "cancelled"}, {"currency": "USD"}).lazy()
    nobody = pl.LazyFrame(schema={"customer_id": pl.String})
    totals = totals_per_customer(placed, nobody, first_date=date.min).sort("customer_id").collect()
    assert totals.select("customer_id", "has_unpriced", "n_valid").rows() == [
        ("c0", True, 0),
        ("c1", False, 0),
        ("c2", False, 1),
    ]
