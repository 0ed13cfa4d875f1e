from typing import Any

import polars as pl
import pytest

from pipeline.core.facts.orders import latest_channels
from tests.unit.lake import at, on_polars, orders

Row = dict[str, Any]


def bought(order_id: str, channel: str, at_moment: str, customer: str = "ann") -> Row:
    return {"order_id": order_id, "channel": channel, "ordered_at": at_moment, "customer_id": customer}


def channel_at(moment: str, *placed: Row) -> str | None:
    moments = pl.DataFrame({"response_id": ["r"], "customer_id": ["ann"], "responded_at": [at(moment)]})
    found = on_polars(latest_channels, moments, orders(*placed))
    return found["channel"].item() if found.height else None


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
