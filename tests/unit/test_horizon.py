"""The proposed horizon of churn."""

from datetime import date

import polars as pl

from pipeline.core.facts.orders import orders_as_of
from pipeline.core.outlook.horizon import Horizon, propose_horizon
from tests.unit import lake


def proposed(orders: pl.DataFrame) -> Horizon:
    return propose_horizon(orders_as_of(orders.lazy(), as_of=date(2026, 6, 30)))


def bought(customer: str, *days: str) -> list[dict[str, str]]:
    return [{"customer_id": customer, "ordered_at": day} for day in days]


def test_the_horizon_holds_four_of_five_waits_in_whole_weeks() -> None:
    # Waits of 10, 20, 30 and 40, 50 days: half up to 30, 80% up to 42, which is six weeks.
    found = proposed(
        lake.orders(
            *bought("ann", "2026-01-01", "2026-01-11", "2026-01-31", "2026-03-02"),
            *bought("bob", "2026-01-01", "2026-02-10", "2026-04-01"),
            *bought("cis", "2026-01-01"),
        )
    )
    assert found == Horizon(5, 2, {0.5: 30, 0.8: 42, 0.9: 46}, 42)


def test_orders_of_one_day_and_after_as_of_are_no_wait() -> None:
    day = [{"customer_id": "ann", "ordered_at": f"2026-01-01 {hour}:00"} for hour in ("09", "12")]
    assert proposed(lake.orders(*day, *bought("ann", "2026-07-05"))) == Horizon(0, 0, {}, None)
