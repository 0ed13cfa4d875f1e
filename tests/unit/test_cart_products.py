from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.behaviour.cart_products import find_cart_products
from pipeline.core.behaviour.journey import find_abandoned_carts
from pipeline.core.behaviour.sessions import touchpoints_as_of
from pipeline.core.behaviour.settings import JourneySettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from schemas.faults import find_faults
from schemas.registry import ENTITIES
from tests.unit.buckets import assert_buckets_agree
from tests.unit.lake import (
    AMSTERDAM,
    assert_rows_in_any_order_agree,
    customers,
    delivered,
    on_polars,
    orders,
    segment,
    table,
)

AS_OF = date(2026, 6, 30)
JOURNEY = JourneySettings(months=3, cart_hours=24, recovery_days=10)
Row = dict[str, Any]
CART = {"kind": "cart", "customer_id": "a", "session_id": "s1", "occurred_at": "2026-06-20", "product_id": "tol"}
TOL = {
    "product_id": "tol",
    "product_name": "Tol Nova",
    "category": "speelgoed",
    "currency": "EUR",
    "price_amount": 895,
    "discounted_amount": 671,
    "discount_starts_at": "2026-06-24 22:00",  # midnight of the 25th in Amsterdam
    "discount_ends_at": "2026-07-04 22:00",
}


def finder(as_of: date = AS_OF, currency: str | None = "EUR") -> Callable[..., Frame]:
    def compute(touched: Frame, known: Frame, placed: Frame, products: Frame) -> Frame:
        ordered = orders_as_of(placed, as_of=as_of)
        seen = touchpoints_as_of(touched, known, ordered, as_of=as_of, months=JOURNEY.months)
        carts = find_abandoned_carts(seen, ordered, as_of=as_of, time_zone=AMSTERDAM, settings=JOURNEY)
        return find_cart_products(seen, carts, products, as_of=as_of, currency=currency)

    return compute


def tables(touched: list[Row], products: list[Row], placed: tuple[Row, ...] = ()) -> tuple[pl.DataFrame, ...]:
    numbered = [{"touchpoint_id": f"t{number:03}"} | row for number, row in enumerate(touched)]
    return (
        table("touchpoints", numbered),
        customers(*"abc"),
        orders(*placed),
        table("products", products),
    )


def found(touched: list[Row], products: list[Row], placed: tuple[Row, ...] = (), **by: Any) -> list[Row]:
    return segment("abandoned_cart_products", finder(**by), *tables(touched, products, placed)).to_dicts()


def test_a_product_of_an_abandoned_cart_has_its_usual_and_its_lower_price_and_the_last_day_of_it() -> None:
    (row,) = found([CART], [TOL])
    assert row == {
        "as_of_date": AS_OF,
        "cart_id": "t000",
        "product_id": "tol",
        "customer_id": "a",
        "session_id": "s1",
        "product_name": "Tol Nova",
        "category": "speelgoed",
        "price_amount": 895,
        "discounted_amount": 671,
        "discount_ends_on": date(2026, 7, 5),
    }


@pytest.mark.parametrize(
    ("as_of", "price"),
    [(date(2026, 6, 24), None), (date(2026, 6, 25), 671), (date(2026, 7, 5), 671), (date(2026, 7, 6), None)],
)
def test_a_discount_holds_from_its_first_to_its_last_local_day(as_of: date, price: int | None) -> None:
    (row,) = found([CART], [TOL], as_of=as_of)
    assert (row["price_amount"], row["discounted_amount"]) == (895, price)
    assert (row["discount_ends_on"] is None) == (price is None)


@pytest.mark.parametrize(
    ("change", "price"),
    [
        ({"discounted_amount": 894}, 894),
        ({"discounted_amount": 895}, None),
        ({"discounted_amount": 900}, None),
        ({"discounted_amount": 0}, None),
        ({"discounted_amount": None}, None),
        ({"price_amount": None}, None),
        ({"discount_starts_at": None, "discount_ends_at": None}, 671),
        ({"currency": "USD"}, None),
    ],
    ids=str,
)
def test_only_a_lower_price_in_the_shops_currency_is_a_discount(change: Row, price: int | None) -> None:
    (row,) = found([CART], [TOL | change])
    assert row["discounted_amount"] == price
    if "currency" in change:
        assert row["price_amount"] is None
        (row,) = found([CART], [TOL | change], currency=None)
        assert row["discounted_amount"] == 671


def test_a_cart_knows_every_product_that_its_touchpoints_name_once() -> None:
    touched = [
        CART,
        CART | {"occurred_at": "2026-06-20 12:05", "product_id": "bal"},
        CART | {"occurred_at": "2026-06-20 12:06"},
        CART | {"occurred_at": "2026-06-20 12:07", "product_id": None},
        CART | {"occurred_at": "2026-06-20 12:08", "kind": "product_view", "product_id": "seen"},
        CART | {"session_id": "s2", "customer_id": "b", "product_id": "of another session"},
    ]
    rows = found(touched, [TOL])
    # The cart is named after the last touchpoint of its session; of a product that no source delivers nothing is known.
    assert [(row["cart_id"], row["product_id"], row["product_name"]) for row in rows] == [
        ("t003", "bal", None),
        ("t003", "tol", "Tol Nova"),
        ("t005", "of another session", None),
    ]


def test_without_a_session_a_cart_is_that_of_a_customer_and_day() -> None:
    touched = [
        CART | {"session_id": None},
        CART | {"session_id": None, "occurred_at": "2026-06-20 14:00", "product_id": "bal"},
        CART | {"session_id": None, "occurred_at": "2026-06-21", "product_id": "mes"},
        CART | {"session_id": None, "customer_id": None, "product_id": "kam"},
        CART | {"session_id": None, "customer_id": None, "product_id": "vaas"},
    ]
    rows = found(touched, [])
    assert [(row["cart_id"], row["product_id"]) for row in rows] == [
        ("t001", "bal"),
        ("t001", "tol"),
        ("t002", "mes"),
        ("t003", "kam"),
        ("t004", "vaas"),
    ]


def test_a_cart_that_was_ordered_is_not_abandoned_and_one_recovered_still_knows_its_products() -> None:
    at_once = ({"customer_id": "a", "ordered_at": "2026-06-20 18:00"},)
    assert found([CART], [TOL], at_once) == []
    days_later = ({"customer_id": "a", "ordered_at": "2026-06-25"},)
    assert len(found([CART], [TOL], days_later)) == 1


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({}, []),
        ({"currency": None}, ["currency"]),
        ({"currency": None, "price_amount": None, "discounted_amount": None}, []),
        ({"price_amount": -1}, ["price_amount"]),
        ({"product_id": ""}, ["product_id"]),
    ],
    ids=str,
)
def test_a_price_names_its_currency_and_is_not_below_zero(change: Row, faults: list[str]) -> None:
    rows = delivered("products", [TOL | change])
    assert find_faults(rows, ENTITIES["products"].model)["column"].to_list() == faults


MOMENTS = st.sampled_from(["2026-06-20 10:00", "2026-06-20 11:00", "2026-06-21 23:30"])
TOUCHED = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["cart", "cart", "product_view", "order"]),
            "customer_id": st.sampled_from(["a", "b", None]),
            "session_id": st.sampled_from(["s1", "s2", None]),
            "occurred_at": MOMENTS,
            "product_id": st.sampled_from(["tol", "bal", None]),
        }
    ),
    max_size=8,
)


@settings(max_examples=10, deadline=None)
@given(TOUCHED, st.booleans())
def test_neither_the_order_of_rows_nor_buckets_change_what_is_in_a_cart(touched: list[Row], has_order: bool) -> None:
    # Whole customers go to a bucket, so a session names one.
    own = [row | {"session_id": row["session_id"] and f"{row['customer_id']}{row['session_id']}"} for row in touched]
    placed = ({"customer_id": "a", "ordered_at": "2026-06-22"},) if has_order else ()
    given_tables = tables(own, [TOL], placed)
    rows = segment("abandoned_cart_products", finder(), *given_tables)
    assert set(rows["product_id"]) <= {row["product_id"] for row in own if row["kind"] == "cart"}
    if rows.height:
        assert_rows_in_any_order_agree("abandoned_cart_products", finder(), *given_tables)
    known = table("touchpoints", []).vstack(given_tables[0].filter(pl.col("customer_id").is_not_null()))
    assert_buckets_agree(
        lambda *frames: on_polars(finder(), *frames), known, *given_tables[1:], by=["cart_id", "product_id"]
    )
