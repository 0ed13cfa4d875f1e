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
    # Waits of 10, 20, 30 and 40, 50 days: three of five up to 30, four up to 40, and all up to 50; six weeks hold four.
    found = proposed(
        lake.orders(
            *bought("ann", "2026-01-01", "2026-01-11", "2026-01-31", "2026-03-02"),
            *bought("bob", "2026-01-01", "2026-02-10", "2026-04-01"),
            *bought("cis", "2026-01-01"),
        )
    )
    assert found == Horizon(5, 2, {0.5: 30, 0.8: 40, 0.9: 50}, 42)


def test_the_weeks_hold_at_least_the_share_of_waits_that_is_proposed() -> None:
    # Five waits of 10 days and two of 100: within 84 days 5 of 7 have ended, 71%; 15 weeks hold all.
    waits = [
        row
        for place, end in enumerate(["2026-01-11"] * 5 + ["2026-04-11"] * 2)
        for row in bought(f"c{place}", "2026-01-01", end)
    ]
    assert proposed(lake.orders(*waits)) == Horizon(7, 7, {0.5: 10, 0.8: 100, 0.9: 100}, 105)
    # Four of ten days and one of 100 are 80%, no more.
    assert proposed(lake.orders(*waits[2:12])) == Horizon(5, 5, {0.5: 10, 0.8: 10, 0.9: 100}, 14)


def test_orders_of_one_day_and_after_as_of_are_no_wait() -> None:
    day = [{"customer_id": "ann", "ordered_at": f"2026-01-01 {hour}:00"} for hour in ("09", "12")]
    assert proposed(lake.orders(*day, *bought("ann", "2026-07-05"))) == Horizon(0, 0, {}, None)
