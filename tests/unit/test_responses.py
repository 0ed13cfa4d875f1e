from typing import Any

import pytest

from tests.unit.lake import answered, orders, table

Row = dict[str, Any]


def bought(order_id: str, channel: str, at_moment: str, customer: str = "ann") -> Row:
    return {"order_id": order_id, "channel": channel, "ordered_at": at_moment, "customer_id": customer}


def channel_at(moment: str, *placed: Row, about: str | None = None) -> str | None:
    sent = table(
        "survey_responses",
        [{"response_id": "r", "customer_id": "ann", "order_id": about, "submitted_at": moment}],
    )
    found: str | None = answered(sent, table("survey_answers", []), orders(*placed))["channel"].item()
    return found


@pytest.mark.parametrize("turn", [1, -1])
def test_of_orders_at_one_moment_the_last_by_number_is_the_latest(turn: int) -> None:
    placed = [bought("o2", "app", "2026-05-01"), bought("o1", "web", "2026-05-01"), bought("o3", "shop", "2026-04-01")]
    assert channel_at("2026-06-01", *placed[::turn]) == "app"


def test_an_order_at_the_moment_itself_counts_and_a_later_one_does_not() -> None:
    placed = [bought("o1", "web", "2026-05-01 10:00"), bought("o2", "app", "2026-05-01 10:01")]
    assert channel_at("2026-05-01 10:00", *placed) == "web"
    assert channel_at("2026-05-01 10:01", *placed) == "app"


def test_another_customers_order_is_not_the_customers() -> None:
    assert channel_at("2026-06-01", bought("o1", "web", "2026-05-01", "bob")) is None


def test_the_order_that_a_response_is_about_goes_before_a_later_one() -> None:
    placed = [bought("o1", "web", "2026-05-01"), bought("o2", "app", "2026-05-02")]
    assert channel_at("2026-06-01", *placed, about="o1") == "web"
    assert channel_at("2026-06-01", *placed, about="o9") == "app"


def test_a_cancellation_invoice_is_no_order_of_a_channel() -> None:
    invoice = bought("o2", "backoffice", "2026-05-02") | {"status": "returned", "gross_amount": 0, "refund_amount": 500}
    placed = [bought("o1", "web", "2026-05-01"), invoice]
    assert channel_at("2026-06-01", *placed) == "web"
    assert channel_at("2026-06-01", *placed, about="o2") == "web"


def test_an_order_without_a_channel_or_of_a_later_date_tells_nothing() -> None:
    silent = bought("o2", "app", "2026-05-02") | {"channel": None}
    placed = [bought("o1", "web", "2026-05-01"), silent, bought("o3", "store", "2026-06-02")]
    assert channel_at("2026-06-01", *placed) == "web"
    assert channel_at("2026-06-01", *placed, about="o2") == "web"
    assert channel_at("2026-06-01", *placed, about="o3") == "web"
