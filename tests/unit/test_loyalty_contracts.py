from typing import Any

import pytest

from pipeline.core.ingest.personal import identify
from schemas.faults import find_faults
from schemas.loyalty import LoyaltyEvents
from schemas.registry import ENTITIES
from tests.unit.lake import table

EVENT = {"event_id": "e1", "customer_id": "a", "occurred_at": "2026-06-01"}


def faults(**event: Any) -> list[str]:
    delivered = table("loyalty_events", [EVENT | event]).select(ENTITIES["loyalty_events"].polars_schema.names())
    return find_faults(delivered, LoyaltyEvents)["reason"].to_list()


@pytest.mark.parametrize(
    ("kind", "points"), [("earn", 1), ("redeem", -1), ("expire", -1), ("adjust", 1), ("adjust", -1), ("reverse", -1)]
)
def test_points_say_what_the_event_does_to_the_balance(kind: str, points: int) -> None:
    assert faults(kind=kind, points=points) == []


@pytest.mark.parametrize(("kind", "points"), [("earn", -1), ("redeem", 1), ("expire", 1)])
def test_points_of_the_wrong_sign_are_rejected(kind: str, points: int) -> None:
    assert faults(kind=kind, points=points) == [
        "points: is not above 0 for earn, below 0 for redeem and expire, other than 0 for any"
    ]


def test_an_event_of_no_points_is_rejected() -> None:
    assert len(faults(kind="adjust", points=0)) == 1


def test_points_that_expire_before_they_come_are_rejected() -> None:
    assert faults(kind="earn", points=1, expires_at="2026-06-01") == ["expires_at: is not after occurred_at"]
    assert faults(kind="earn", points=1, expires_at="2026-06-02") == []


def test_an_address_of_a_referred_customer_goes_no_further() -> None:
    rows = table("referrals", [{"referral_id": "r1", "referred_customer_id": "anna@example.com"}])
    found = identify(rows, b"key")
    assert found.frame["referred_customer_id"].to_list() == [None]
    assert found.faults["reason"].to_list() == [
        "referred_customer_id: holds an e-mail address; map the shop's own number"
    ]
