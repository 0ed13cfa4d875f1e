from datetime import date
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from pipeline.core.behaviour.orders import orders_as_of
from pipeline.core.frames import Frame
from pipeline.core.loyalty.pillars import judge_deliveries
from tests.unit.lake import AMSTERDAM, on_duckdb, on_polars, orders, table

Row = dict[str, Any]


def order(order_id: str, **more: Any) -> Row:
    """An order promised on the 10th of May and delivered on the 5th."""
    delivery = {"status": "delivered", "promised_at": "2026-05-10", "delivered_at": "2026-05-05"}
    return delivery | {"order_id": order_id, "customer_id": "ann", "ordered_at": "2026-05-01"} | more


def line(order_id: str, number: int, quantity: int, delivered: int | None) -> Row:
    pieces = {"quantity": quantity, "quantity_delivered": delivered}
    return {"order_id": order_id, "line_number": number, "ordered_at": "2026-05-01"} | pieces


def judged(all_orders: Frame, lines: Frame, as_of: date = date(2026, 6, 30)) -> Frame:
    known = orders_as_of(all_orders, as_of=as_of, time_zone=AMSTERDAM, valid_statuses=["shipped", "delivered"])
    return judge_deliveries(known, lines, as_of=as_of, time_zone=AMSTERDAM)


LATE = "2026-05-12"
ORDERS = [
    order("full"),
    order("late", delivered_at=LATE),
    order("short"),
    order("uncounted"),
    order("unpromised", promised_at=None),
    order("moved", delivered_at=LATE, redelivery_at=LATE),
    order("missed", delivered_at="2026-05-13", redelivery_at=LATE),
    order("overdue", status="shipped", delivered_at=None),
    order("cancelled", status="cancelled"),
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
    line("cancelled", 1, 1, 1),
]
EXPECTED = {  # on time, in full, both, by the date it was moved to
    "full": (True, True, True, None),
    "late": (False, True, False, None),
    "short": (True, False, False, None),
    "uncounted": (True, None, None, None),
    "unpromised": (None, True, None, None),
    "moved": (False, None, None, True),
    "missed": (False, None, None, False),
    "overdue": (False, None, None, None),
    "cancelled": (None, None, None, None),
}
JUDGEMENTS = ("is_on_time", "is_in_full", "is_otif", "is_moved_on_time")


def by_order(rows: pl.DataFrame) -> dict[str, tuple[bool | None, ...]]:
    return {row["order_id"]: tuple(row[name] for name in JUDGEMENTS) for row in rows.to_dicts()}


def test_each_delivery_is_judged_by_what_is_known_of_it() -> None:
    assert by_order(on_polars(judged, orders(*ORDERS), table("order_lines", LINES))) == EXPECTED


def test_a_delivery_after_as_of_says_nothing_yet() -> None:
    rows = on_polars(
        lambda placed, lines: judged(placed, lines, date(2026, 5, 4)), orders(ORDERS[0]), table("order_lines", LINES)
    )
    assert by_order(rows) == {"full": (None, None, None, None)}


def test_both_backends_judge_deliveries_alike() -> None:
    given = orders(*ORDERS), table("order_lines", LINES)
    here, there = (on_backend(judged, *given).sort("order_id") for on_backend in (on_polars, on_duckdb))
    assert_frame_equal(here, there)
