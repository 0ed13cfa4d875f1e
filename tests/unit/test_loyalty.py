from datetime import date
from typing import Any

import polars as pl

from pipeline.core.facts.customers import customers_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.loyalty.loyalty import Standing, stand
from pipeline.core.loyalty.points import programme_of
from pipeline.core.loyalty.recognition import (
    Evidence,
    count_referred,
    count_spends,
    net_spends,
    recognise_customers,
    vip_threshold,
)
from pipeline.core.loyalty.settings import LoyaltySettings, PointsSettings, RewardSettings
from schemas.registry import SEGMENTS
from tests.unit.contracts import follows
from tests.unit.lake import AMSTERDAM, customers, orders, people, table

AS_OF = date(2026, 6, 30)
EARNING = LoyaltySettings(
    points=PointsSettings(per_currency_unit=2, rewards=[RewardSettings(name="coupon", points=50)])
)


def standing(
    *placed: dict[str, Any], events: tuple[dict[str, Any], ...] = (), by: LoyaltySettings = EARNING
) -> Standing:
    dated = [
        pl.DataFrame(schema={"customer_id": pl.String, column: pl.String})
        for column in ("sci_class", "nps_class", "churn_band")
    ]
    ordered = orders(*placed)
    known = people(customers("a", "b"), ordered)
    placed_by_then = orders_as_of(ordered.lazy(), as_of=AS_OF)
    spends = net_spends(placed_by_then, customers_as_of(known.lazy(), as_of=AS_OF), as_of=AS_OF, settings=by)
    happened = table("loyalty_events", list(events)).lazy()
    recognised = recognise_customers(
        spends,
        count_referred(table("referrals", []).lazy(), placed_by_then, as_of=AS_OF),
        Evidence(placed_by_then, *(frame.lazy() for frame in (table("reviews", []), *dated))),
        as_of=AS_OF,
        vip_from=vip_threshold(count_spends(spends).collect(), settings=by),
        settings=by,
    ).collect()
    programme = programme_of(happened, recognised.lazy(), as_of=AS_OF)
    found = stand(recognised, placed_by_then, happened, programme, as_of=AS_OF, time_zone=AMSTERDAM, settings=by)
    for name, rows in (("loyalty", found.loyalty), ("points_ledger", found.ledger)):
        assert set(rows.columns) == set(SEGMENTS[name].polars_schema)
        follows(SEGMENTS[name], rows.select(SEGMENTS[name].polars_schema.names()))
    return found


ORDER = {"customer_id": "a", "ordered_at": "2026-06-01", "gross_amount": 12000}
REWARD = ("points_balance", "next_reward", "points_to_next_reward", "pct_to_next_reward")


def test_tier_points_and_net_spend_of_one_order_stand_in_one_row() -> None:
    found = standing(ORDER | {"gross_amount": 1200}).loyalty
    assert found.select("customer_id", "tier", "tier_value", "net_spend", *REWARD).rows() == [
        ("a", "member", 1200, 1200, 24, "coupon", 26, 48.0),
        ("b", "member", 0, 0, 0, "coupon", 50, 0.0),
    ]


def test_delivered_events_take_the_place_of_the_rule_and_those_of_strangers_are_left_out() -> None:
    earned = {"occurred_at": "2026-06-02", "kind": "earn", "points": 60}
    found = standing(
        ORDER,
        events=(earned | {"event_id": "e1", "customer_id": "b"}, earned | {"event_id": "e2", "customer_id": "who"}),
    )
    assert found.ledger.select("customer_id", "points", "origin").rows() == [("b", 60, "source")]
    assert found.loyalty.select("customer_id", *REWARD).rows() == [
        ("a", 0, "coupon", 50, 0.0),
        ("b", 60, None, None, 100.0),
    ]


def test_a_shop_without_points_has_no_balances_and_an_empty_ledger() -> None:
    found = standing(ORDER, by=LoyaltySettings())
    assert found.ledger.height == 0
    assert found.loyalty.select(*REWARD).unique().rows() == [(None, None, None, None)]


def test_an_empty_shop_gives_empty_tables() -> None:
    assert standing().loyalty.height == 2
