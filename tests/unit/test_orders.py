from datetime import date, timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.behaviour.rfm import count_scored, customer_values
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.facts.orders import order_facts, orders_as_of, totals_per_customer
from pipeline.core.frames import Frame
from pipeline.core.loyalty.points import earned_by_rule
from pipeline.core.loyalty.settings import LoyaltySettings, PointsSettings, TierSettings
from pipeline.core.loyalty.tiers import gains_of_orders
from tests.unit.buckets import assert_buckets_agree
from tests.unit.lake import AMSTERDAM, PAID, delivered, on_polars, orders

AS_OF = date(2026, 6, 30)
TIERS = [TierSettings(name="member", from_amount=0), TierSettings(name="regular", from_amount=1)]


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
        ({"gross_amount": 0, "refund_amount": 5}, False),
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
        ({"discount_amount": 1200}, "free"),
        # Whatever is given back for it later, it was free from the start.
        ({"discount_amount": 1000, "refund_amount": 1}, "fully_refunded"),
        ({"discount_amount": 1000, "refund_amount": 1, "refunded_at": "2026-07-02"}, "free"),
        ({"gross_amount": 0, "refund_amount": 5}, "fully_refunded"),
        ({"gross_amount": 0, "refund_amount": 5, "refunded_at": "2026-07-02"}, "free"),
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


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"gross_amount": 900, "discount_amount": 900}, None),
        ({"gross_amount": 900, "discount_amount": 901}, "free"),
        ({"gross_amount": 0, "refund_amount": 5}, "fully_refunded"),
        ({"gross_amount": 0, "refund_amount": 5, "refunded_at": "2026-07-02"}, None),
    ],
)
def test_a_free_order_that_counts_is_no_purchase_of_negative_value(order: dict[str, Any], reason: str | None) -> None:
    amounts = {"discount_amount": 0, "refund_amount": 0} | order
    net = amounts["gross_amount"] - amounts["discount_amount"] - amounts["refund_amount"]
    placed = delivered("orders", [{"ordered_at": "2026-06-01", **amounts, "net_amount": net}]).lazy()
    facts = order_facts(placed, time_zone=AMSTERDAM, valid_statuses=PAID, count_free=True).collect()
    assert known_on(facts)["invalid_reason"].to_list() == [reason]


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
        is_free = row["gross_amount"] == 0
        is_fully_refunded = refund > 0 and net <= 0
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


AMOUNTS = st.sampled_from([0, 400, 1000])
REFUNDED_LATER = ORDER.map(
    lambda order: (
        order | {"customer_id": order["customer_id"] or "a", "refunded_at": f"{AS_OF + timedelta(days=1)} 12:00"}
    )
)


@settings(max_examples=25)
@given(st.lists(st.tuples(REFUNDED_LATER, AMOUNTS), min_size=1, max_size=8), st.booleans())
def test_nothing_depends_on_a_refund_before_its_date(orders_and_discounts: list[Any], count_free: bool) -> None:
    rows = [order | {"discount_amount": discount} for order, discount in orders_and_discounts]
    unpaid = [row | {"refund_amount": 0, "refunded_at": None} for row in rows]

    def all_of(rows: list[dict[str, Any]]) -> list[pl.DataFrame]:
        full = [row | {"order_id": f"o{number}", "net_amount": net_of(row)} for number, row in enumerate(rows)]
        facts = order_facts(
            delivered("orders", full).lazy(), time_zone=AMSTERDAM, valid_statuses=PAID, count_free=count_free
        )
        known = orders_as_of(facts, as_of=AS_OF).collect()
        nobody = pl.LazyFrame(schema={"customer_id": pl.String})
        values = customer_values(known.lazy(), nobody, as_of=AS_OF, settings=RfmSettings())
        counts = count_scored(values)
        kept = known.drop("refunded_at", "refunded_date")
        tiers = [
            gains_of_orders(known, settings=LoyaltySettings(metric=metric, tiers=TIERS))
            for metric in ("net_spend", "orders")
        ]
        earned = earned_by_rule(known, settings=PointsSettings(per_currency_unit=1))
        return [kept, values.collect(), counts.collect(), *tiers, earned]

    for before, without in zip(all_of(rows), all_of(unpaid), strict=True):
        assert_frame_equal(before, without, check_row_order=False)
        assert before.height == without.height


def net_of(row: dict[str, Any]) -> int:
    return row["gross_amount"] - row["discount_amount"] - row["refund_amount"]


FREE = {"gross_amount": 5000, "discount_amount": 5000}


@pytest.mark.parametrize("as_of", [date(2026, 3, 10), date(2026, 3, 31)])
def test_money_given_back_for_a_free_order_changes_neither_orders_nor_spend_nor_points_nor_tier(as_of: date) -> None:
    # Ann paid 20.00 and got a free replacement, for which 5.00 came back on 20 March; bob's discount is above the value.
    refund = {"refund_amount": 500, "refunded_at": "2026-03-20"}
    known = known_on(
        orders(
            {"customer_id": "ann", "ordered_at": "2026-02-01", "gross_amount": 2000},
            {"customer_id": "ann", "ordered_at": "2026-03-01"} | FREE | refund,
            {"customer_id": "bob", "ordered_at": "2026-03-01"} | FREE | {"discount_amount": 6000},
            {"customer_id": "cem", "ordered_at": "2026-03-01", "gross_amount": 0} | refund,
        ),
        as_of,
    )
    nobody = pl.LazyFrame(schema={"customer_id": pl.String})
    values = customer_values(known.lazy(), nobody, as_of=as_of, settings=RfmSettings()).collect()
    columns = ("customer_id", "state", "frequency", "monetary", "refund_exceeds_paid")
    assert sorted(values.select(columns).rows()) == [
        ("ann", "scored", 1, 2000, False),
        ("bob", "prospect", 0, 0, False),
        ("cem", "prospect", 0, 0, False),
    ]
    for metric, gain in (("net_spend", 2000), ("orders", 1)):
        gains = gains_of_orders(known, settings=LoyaltySettings(metric=metric, tiers=TIERS))
        assert gains.select("customer_id", "gain").rows() == [("ann", gain)]
    earned = earned_by_rule(known, settings=PointsSettings(per_currency_unit=1))
    assert earned.select("customer_id", "points").rows() == [("ann", 20)]


def test_an_order_that_counts_though_free_leaves_the_tier_by_orders_when_it_is_not_valid_any_more() -> None:
    row = {"customer_id": "a", "ordered_at": "2026-03-01", "gross_amount": 0, "refund_amount": 500}
    row |= {"discount_amount": 0, "net_amount": -500, "refunded_at": "2026-03-20"}
    facts = order_facts(
        delivered("orders", [row]).lazy(), time_zone=AMSTERDAM, valid_statuses=PAID, count_free=True
    ).collect()
    gains = gains_of_orders(known_on(facts), settings=LoyaltySettings(metric="orders", tiers=TIERS))
    assert gains.select("day", "gain").rows() == [(date(2026, 3, 1), 1), (date(2026, 3, 20), -1)]


def test_an_anonymous_order_is_an_order() -> None:
    assert known_on(orders({"ordered_at": "2026-06-01"})).height == 1
