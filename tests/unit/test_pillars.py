from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from pipeline.core.loyalty.pillars import (
    PillarCounts,
    convenience_pillars,
    count_pillars,
    counts_pieces,
    customer_pillars,
    find_replies,
    judge_deliveries,
)
from pipeline.core.loyalty.settings import PillarSettings
from tests.unit.buckets import assert_buckets_agree, assert_counts_add_up
from tests.unit.lake import AMSTERDAM, assert_rows_in_any_order_agree, customers, on_polars, orders, segment, table

Row = dict[str, Any]
AS_OF = date(2026, 6, 30)


def order(order_id: str, **more: Any) -> Row:
    """An order promised on the 10th of May and delivered on the 5th."""
    delivery = {"status": "delivered", "promised_at": "2026-05-10", "delivered_at": "2026-05-05"}
    return delivery | {"order_id": order_id, "customer_id": order_id, "ordered_at": "2026-05-01"} | more


def line(order_id: str, number: int, quantity: int, delivered: int | None) -> Row:
    pieces = {"quantity": quantity, "quantity_delivered": delivered}
    return {"order_id": order_id, "line_number": number, "ordered_at": "2026-05-01"} | pieces


def judged(as_of: date = AS_OF, is_counted: bool | None = None) -> Callable[[Frame, Frame], Frame]:
    def deliveries(placed: Frame, lines: Frame) -> Frame:
        known = orders_as_of(placed, as_of=as_of)
        of_these = counts_pieces(known, lines).item() if is_counted is None else is_counted
        return judge_deliveries(known, lines, as_of=as_of, counts_pieces=of_these)

    return deliveries


LATE = "2026-05-12"
ORDERS = [
    order("full"),
    order("late", delivered_at=LATE),
    order("short"),
    order("uncounted"),
    order("unpromised", promised_at=None),
    order("moved", delivered_at=LATE, redelivery_at="2026-05-12 06:00"),
    order("missed", delivered_at="2026-05-13", redelivery_at=LATE),
    order("too early", redelivery_at=LATE),
    order("overdue", status="shipped", delivered_at=None, redelivery_at=LATE),
    order("open", status="shipped", delivered_at=None, promised_at="2026-06-30", redelivery_at="2026-07-01"),
    order("undated", delivered_at=None, redelivery_at=LATE),
    order("cancelled", status="cancelled", redelivery_at="2026-05-05"),
]
LINES = [
    line("full", 1, 2, 2),
    line("full", 2, 1, None),
    line("full", 3, -1, 0),
    line("late", 1, 1, 1),
    line("short", 1, 1, 5),
    line("short", 2, 2, 1),
    line("uncounted", 1, 1, None),
    line("unpromised", 1, 1, 1),
    line("undated", 1, 1, 1),
    line("cancelled", 1, 1, 1),
]
JUDGEMENTS = ("on_time", "in_full", "otif", "honoured")
EXPECTED: dict[str, tuple[int | None, ...]] = {
    "full": (1, 1, 1, None),
    "late": (0, 1, 0, None),
    "short": (1, 0, 0, None),
    "uncounted": (1, None, None, None),
    "unpromised": (None, 1, None, None),
    "moved": (0, None, None, 1),
    "missed": (0, None, None, 0),
    "too early": (1, None, None, 0),
    "overdue": (0, 0, 0, 0),
    "open": (None, None, None, None),
    "undated": (None, None, None, None),
    "cancelled": (None, None, None, None),
}


def by_order(placed: list[Row], lines: list[Row], as_of: date = AS_OF) -> dict[str, tuple[int | None, ...]]:
    rows = on_polars(judged(as_of), orders(*placed), table("order_lines", lines))
    return {row["customer_id"]: tuple(row[name] for name in JUDGEMENTS) for row in rows.to_dicts()}


def test_each_delivery_is_judged_by_what_is_known_of_it() -> None:
    assert by_order(ORDERS, LINES) == EXPECTED


def test_in_a_shop_that_counts_no_pieces_nothing_is_in_full_or_short() -> None:
    uncounted = [line(row["order_id"], 1, 1, None) for row in ORDERS]
    assert {row[1:3] for row in by_order(ORDERS, uncounted).values()} == {(None, None)}


def test_a_delivery_after_as_of_says_nothing_yet() -> None:
    assert by_order(ORDERS[:1], LINES, date(2026, 5, 4)) == {"full": (None, None, None, None)}


def review(customer: str | None, written: str, replied: str | None) -> Row:
    said = {"review_id": f"{customer} {written}", "rating": 3, "customer_id": customer}
    return said | {"created_at": written, "replied_at": replied}


def contact(customer: str | None, occurred: str, replied: str | None, kind: str = "service_contact") -> Row:
    asked = {"touchpoint_id": f"{customer} {occurred}", "customer_id": customer, "kind": kind}
    return asked | {"occurred_at": occurred, "replied_at": replied}


REVIEWS = [
    # 1 May 2026 0:30 in Amsterdam.
    review("ann", "2026-04-30 22:30", "2026-05-01 00:30"),
    review("ann", "2026-05-02", None),
    review("ann", "2026-05-03", "2026-05-02"),
    review("ann", "2026-06-30", "2026-06-30 22:00"),
    review("x9", "2026-05-04 10:00", "2026-05-04 20:00"),
]
CONTACTS = [
    contact("ann", "2026-05-05 10:00", "2026-05-05 15:30"),
    contact(None, "2026-06-06 10:00", "2026-06-06 10:15"),
    contact("bob", "2026-06-07 10:00", None),
    contact("bob", "2026-06-08 10:00", "2026-06-08 11:00", kind="visit"),
]


def replies(placed: Frame, reviews: Frame, touchpoints: Frame) -> Frame:
    known = orders_as_of(placed, as_of=AS_OF)
    return find_replies(reviews, touchpoints, known, as_of=AS_OF, time_zone=AMSTERDAM)


def test_a_reply_is_counted_in_hours_from_what_it_answers_in_the_month_of_that() -> None:
    rows = on_polars(replies, orders(), table("reviews", REVIEWS), table("touchpoints", CONTACTS))
    assert rows.sort("month", "reply_hours").rows() == [
        ("ann", date(2026, 5, 1), 2.0),
        ("ann", date(2026, 5, 1), 5.5),
        ("x9", date(2026, 5, 1), 10.0),
        (None, date(2026, 6, 1), 0.25),
    ]


def test_a_contact_about_an_order_is_its_buyers() -> None:
    asked = contact(None, "2026-06-06 10:00", "2026-06-06 10:15") | {"order_id": "full"}
    rows = on_polars(replies, orders(order("full")), table("reviews", []), table("touchpoints", [asked]))
    assert rows["customer_id"].to_list() == ["full"]


def test_a_reply_in_the_hour_that_the_clock_shows_twice_took_no_time_below_nought() -> None:
    # 02:50 in summer time, and 02:10 in winter time twenty minutes later.
    asked = contact("ann", "2025-10-26 00:50", "2025-10-26 01:10")
    rows = on_polars(replies, orders(), table("reviews", []), table("touchpoints", [asked]))
    assert rows["reply_hours"].to_list() == [0.0]


def test_an_anonymous_order_counts_for_the_shop_only() -> None:
    given_tables = shop_tables([order("a", customer_id=None)], [], [], [])
    assert per_customer(given_tables).height == 0
    assert of_shop(given_tables, 1).filter(pl.col("month").is_null(), measure="on_time")["n"].to_list() == [1]


def shop_tables(placed: list[Row], lines: list[Row], reviews: list[Row], contacts: list[Row]) -> list[pl.DataFrame]:
    return [
        orders(*placed),
        table("order_lines", lines),
        table("reviews", reviews),
        table("touchpoints", contacts),
        customers("ann", "bob"),
    ]


def _per_customer(placed: Frame, lines: Frame, reviews: Frame, touchpoints: Frame, people: Frame) -> Frame:
    answered = replies(placed, reviews, touchpoints)
    return customer_pillars(judged()(placed, lines), answered, people, as_of=AS_OF)


def _of_shop(min_n: int) -> Callable[..., Frame]:
    def found(placed: Frame, lines: Frame, reviews: Frame, touchpoints: Frame, _: Frame) -> Frame:
        counts = count_pillars(judged()(placed, lines), replies(placed, reviews, touchpoints))
        return convenience_pillars([counts], as_of=AS_OF, settings=PillarSettings(min_n=min_n)).lazy()

    return found


def per_customer(tables: list[pl.DataFrame]) -> pl.DataFrame:
    return segment("customer_pillars", _per_customer, *tables)


def of_shop(tables: list[pl.DataFrame], min_n: int) -> pl.DataFrame:
    return segment("convenience_pillars", _of_shop(min_n), *tables)


ANNS = [row | {"customer_id": "ann"} for row in ORDERS]
TABLES = shop_tables(ANNS, LINES, REVIEWS, CONTACTS)


def test_a_customer_has_the_shares_of_what_is_known_and_the_median_of_the_answers() -> None:
    # Of ORDERS by hand: kept full, short, uncounted, too early of 8 judged; of 4 on time and in full only one.
    assert per_customer(TABLES).rows(named=True) == [
        {
            "customer_id": "ann",
            "as_of_date": AS_OF,
            **{"n_otif_known": 4, "n_otif": 1, "pct_otif": 25.0},
            **{"n_on_time_known": 8, "n_on_time": 4, "pct_on_time": 50.0},
            **{"n_in_full_known": 5, "n_in_full": 3, "pct_in_full": 60.0},
            **{"n_honoured_known": 4, "n_honoured": 1, "pct_honoured": 25.0},
            "n_replies": 2,
            "median_reply_hours": 3.75,
        }
    ]


def test_what_is_not_known_of_a_customer_is_null_and_not_nought() -> None:
    (row,) = per_customer(shop_tables([], [], REVIEWS[:1], [])).rows(named=True)
    assert (row["n_otif_known"], row["n_otif"], row["pct_otif"]) == (0, 0, None)
    assert (row["n_replies"], row["median_reply_hours"]) == (1, 2.0)


def test_a_month_has_each_measure_with_its_wilson_interval() -> None:
    rows = of_shop(TABLES, 1).filter(month=date(2026, 5, 1))
    shown = {row["measure"]: row for row in rows.to_dicts()}
    assert {name: (row["n"], row["n_met"], row["pct"]) for name, row in shown.items()} == {
        "otif": (4, 1, 25.0),
        "on_time": (8, 4, 50.0),
        "in_full": (5, 3, 60.0),
        "honoured": (4, 1, 25.0),
        "reply_hours": (3, None, None),
    }
    # 4 of 8 by the formula of Wilson: centre 1/2, half width 1.96 * sqrt(1/4/8 + 1.96^2/4/64) / (1 + 1.96^2/8) = 0.2848.
    assert shown["on_time"]["pct_low"] == pytest.approx(21.52, abs=0.01)
    assert shown["on_time"]["pct_high"] == pytest.approx(78.48, abs=0.01)
    assert shown["reply_hours"]["median_hours"] == 5.5


def test_all_months_together_are_a_row_of_their_own() -> None:
    hours = of_shop(TABLES, 1).filter(measure="reply_hours").select("month", "n", "median_hours")
    assert hours.rows() == [(None, 4, 3.75), (date(2026, 5, 1), 3, 5.5), (date(2026, 6, 1), 1, 0.25)]


@pytest.mark.parametrize(("min_n", "is_suppressed"), [(8, False), (9, True)])
def test_below_the_minimum_a_number_is_null(min_n: int, is_suppressed: bool) -> None:
    (row,) = of_shop(TABLES, min_n).filter(pl.col("month").is_null(), measure="on_time").rows(named=True)
    assert (row["is_suppressed"], row["pct"] is None, row["n"]) == (is_suppressed, is_suppressed, 8)
    assert of_shop(TABLES, min_n).filter(measure="reply_hours")["median_hours"].null_count() == 3


def test_deliveries_do_not_depend_on_the_order_of_rows() -> None:
    assert_rows_in_any_order_agree("customer_pillars", _per_customer, *TABLES)
    assert_rows_in_any_order_agree("convenience_pillars", _of_shop(2), *TABLES)


@given(st.permutations(range(len(ANNS))), st.permutations(range(len(LINES))))
@settings(max_examples=10)
def test_the_order_of_rows_changes_nothing(places: list[int], line_places: list[int]) -> None:
    shuffled = [TABLES[0][places], TABLES[1][line_places], *TABLES[2:]]
    assert_frame_equal(of_shop(shuffled, 1), of_shop(TABLES, 1))


@given(st.integers(0, 40), st.integers(0, 40))
@example(10, 0)
@settings(max_examples=15)
def test_the_interval_holds_the_share(n_kept: int, n_late: int) -> None:
    placed = [order(f"k{number}") for number in range(n_kept)]
    placed += [order(f"l{number}", delivered_at=LATE) for number in range(n_late)]
    for row in of_shop(shop_tables(placed, [], [], []), 1).filter(measure="on_time").rows(named=True):
        assert row["pct"] == pytest.approx(100 * n_kept / (n_kept + n_late))
        assert row["pct_low"] <= row["pct"] <= row["pct_high"]


# Whatever the shop

JUDGED_ON = st.sampled_from([None, "2026-05-08", "2026-05-10", "2026-05-12", "2026-06-30", "2026-07-01"])
PLACED = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from([None, "ann", "bob", "cas", "dan"]),
            "status": st.sampled_from(["shipped", "delivered", "cancelled", "pending"]),
            "ordered_at": st.sampled_from(["2026-04-30", "2026-05-01", "2026-06-30 22:00"]),
            "promised_at": JUDGED_ON,
            "delivered_at": JUDGED_ON,
            "redelivery_at": JUDGED_ON,
            "pieces": st.none() | st.tuples(st.integers(1, 2), st.integers(0, 2)),
        }
    ),
    max_size=12,
)
ANSWERED = st.lists(
    st.tuples(st.sampled_from(["ann", "bob", "eve"]), st.integers(0, 9), st.none() | st.integers(0, 9)),
    max_size=8,
)
FEW = settings(max_examples=8, deadline=None)
NAMES = customers("ann", "bob", "cas", "dan")


def generated(rows: list[Row], answered: list[tuple[str, int, int | None]]) -> tuple[pl.DataFrame, ...]:
    """Orders, lines and reviews of a generated shop."""
    made = [row | {"order_id": f"o{number:02}"} for number, row in enumerate(rows)]
    placed = orders(*({key: value for key, value in row.items() if key != "pieces"} for row in made))
    lines = table("order_lines", [line(row["order_id"], 1, *row["pieces"]) for row in made if row["pieces"]])
    written = [
        review(name, f"2026-05-01 1{hour}:00", None if reply is None else f"2026-05-01 1{reply}:00")
        | {"review_id": f"v{number}"}
        for number, (name, hour, reply) in enumerate(answered)
    ]
    return placed, lines, table("reviews", written)


def pieces_are_counted(placed: pl.DataFrame, lines: pl.DataFrame) -> bool:
    return bool(counts_pieces(orders_as_of(placed.lazy(), as_of=AS_OF), lines.lazy()).item())


@FEW
@given(PLACED, ANSWERED)
def test_pillars_are_the_same_in_one_and_in_many_buckets(rows: list[Row], answered: list[Any]) -> None:
    placed, lines, reviews = generated(rows, answered)
    is_counted = pieces_are_counted(placed, lines)

    def deliveries_and_replies(*parts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        bought, asked = parts
        deliveries = on_polars(judged(is_counted=is_counted), bought, lines)
        return deliveries, on_polars(replies, bought, asked, table("touchpoints", []))

    def per_customer(*parts: pl.DataFrame) -> pl.DataFrame:
        found = deliveries_and_replies(*parts)
        return on_polars(lambda *frames: customer_pillars(*frames, as_of=AS_OF), *found, NAMES)

    def counted(*parts: pl.DataFrame) -> PillarCounts:
        return count_pillars(*(frame.lazy() for frame in deliveries_and_replies(*parts)))

    assert_buckets_agree(per_customer, placed, reviews, by=["customer_id"])
    assert_counts_add_up(lambda *parts: counted(*parts).deliveries, placed, reviews, by=["month"])
    assert_counts_add_up(lambda *parts: counted(*parts).hours, placed, reviews, by=["month", "reply_hours"])
    people = placed["customer_id"].unique()
    of_each = [pieces_are_counted(placed.filter(pl.col("customer_id").eq_missing(name)), lines) for name in people]
    assert any(of_each) == is_counted


@settings(max_examples=30, deadline=None)
@given(PLACED, ANSWERED)
def test_a_count_of_order_after_order_agrees(rows: list[Row], answered: list[Any]) -> None:
    today = str(AS_OF)
    known = [row for row in rows if row["ordered_at"] <= today]
    for row in known:
        row["came"] = row["delivered_at"] if row["delivered_at"] and row["delivered_at"] <= today else None
    goods = [row for row in known if row["pieces"] and row["came"] and row["status"] != "cancelled"]

    def kept(row: Row, day: str | None) -> bool | None:
        if day is None or row["status"] == "cancelled":
            return None
        if row["came"]:
            return bool(row["came"] <= day)
        is_undated = row["status"] == "delivered" and row["delivered_at"] is None
        return False if day < today and not is_undated else None

    def in_full(row: Row) -> bool | None:
        if row in goods:
            return bool(row["pieces"][1] >= row["pieces"][0])
        return False if goods and not row["came"] and kept(row, row["promised_at"]) is False else None

    def honoured(row: Row) -> bool | None:
        answer = kept(row, row["redelivery_at"])
        return None if answer is None else answer and row["came"] == row["redelivery_at"]

    found = on_polars(_per_customer, *generated(rows, answered), table("touchpoints", []), NAMES).to_dicts()
    for name in NAMES["customer_id"]:
        own = [row for row in known if row["customer_id"] == name]
        on_time = [kept(row, row["promised_at"]) for row in own]
        full = [in_full(row) for row in own]
        wanted = {
            "on_time": on_time,
            "in_full": full,
            "otif": [None if None in pair else all(pair) for pair in zip(on_time, full, strict=True)],
            "honoured": [honoured(row) for row in own],
        }
        n_replies = sum(who == name and reply is not None and reply >= hour for who, hour, reply in answered)
        has_row = n_replies > 0 or any(value is not None for values in wanted.values() for value in values)
        mine = [row for row in found if row["customer_id"] == name]
        assert len(mine) == has_row
        for row in mine:
            assert row["n_replies"] == n_replies
            for measure, values in wanted.items():
                told = [value for value in values if value is not None]
                assert (row[f"n_{measure}_known"], row[f"n_{measure}"]) == (len(told), sum(map(bool, told))), measure
