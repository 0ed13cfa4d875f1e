"""The contract of touchpoints, what is told of them when sources are tried, and the settings of what is computed from them."""

import polars as pl
import pytest
from pydantic import ValidationError

from pipeline.core.behaviour.settings import JourneySettings
from schemas.faults import find_faults
from schemas.registry import ENTITIES
from schemas.touchpoints import Touchpoints
from tests.unit.lake import table

CART = {"touchpoint_id": "t1", "occurred_at": "2026-06-01", "kind": "cart"}


def reasons(*rows: dict[str, object]) -> list[str]:
    delivered = table("touchpoints", list(rows)).select(ENTITIES["touchpoints"].polars_schema.names())
    return find_faults(delivered, Touchpoints)["reason"].to_list()


def test_a_touchpoint_needs_a_number_a_time_and_a_kind_only() -> None:
    required = {name for name, column in Touchpoints.to_schema().columns.items() if not column.nullable}
    assert required == {"touchpoint_id", "occurred_at", "kind", "source", "batch_id"}
    assert reasons(CART | {"channel": None}) == []


def test_a_cart_with_a_value_says_in_which_currency() -> None:
    assert reasons(CART | {"cart_amount": 100, "currency": "EUR"}, CART | {"touchpoint_id": "t2"}) == []
    assert reasons(CART | {"cart_amount": 100}) == ["currency: is missing beside cart_amount"]


def test_a_value_below_zero_and_an_unknown_kind_are_faults() -> None:
    assert reasons(CART | {"cart_amount": -100, "currency": "EUR"}) == ["cart_amount: is below 0"]
    (reason,) = reasons(CART | {"kind": "click"})
    assert reason.startswith("kind: is not one of visit, product_view, cart")


def test_touchpoints_grow_by_month_and_the_newest_version_wins() -> None:
    assert (ENTITIES["touchpoints"].month_of, ENTITIES["touchpoints"].is_delivered) == ("occurred_at", True)
    assert ENTITIES["touchpoints"].polars_schema["cart_amount"] == pl.Int64


def test_a_recovery_that_is_over_before_a_cart_is_abandoned_is_refused() -> None:
    JourneySettings(cart_hours=47, recovery_days=2)
    with pytest.raises(ValidationError, match=r"recovery_days \(2\) must be longer than cart_hours \(48\)"):
        JourneySettings(cart_hours=48, recovery_days=2)
