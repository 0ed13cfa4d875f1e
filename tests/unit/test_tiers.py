from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.facts.orders import orders_as_of
from pipeline.core.loyalty.points import earned_by_rule
from pipeline.core.loyalty.settings import LoyaltySettings, PointsSettings, TierSettings
from pipeline.core.loyalty.tiers import gains_of_orders, gains_of_points, stand_in_tiers
from tests.unit.buckets import assert_buckets_agree
from tests.unit.lake import AMSTERDAM, orders

AS_OF = date(2026, 6, 30)
TIERS = [TierSettings(name=name, from_amount=n) for name, n in (("member", 0), ("silver", 100), ("gold", 200))]
"""Thresholds of 100.00 and 200.00."""


def by(**more: Any) -> LoyaltySettings:
    return LoyaltySettings(**({"tiers": TIERS, "window_days": 100, "grace_days": 10} | more))


def standing(*rows: dict[str, Any], as_of: date = AS_OF, settings: LoyaltySettings | None = None) -> pl.DataFrame:
    """Where the customers of some orders stand, and one who never ordered."""
    settings = settings or by()
    placed = orders(*({"customer_id": "a"} | row for row in rows))
    known = pl.DataFrame({"customer_id": sorted({"a", "none", *placed["customer_id"].drop_nulls()})})
    return stand_of(placed, known, as_of=as_of, settings=settings)


def stand_of(placed: pl.DataFrame, customers: pl.DataFrame, *, as_of: date, settings: LoyaltySettings) -> pl.DataFrame:
    known = orders_as_of(placed.lazy(), as_of=as_of).collect()
    if settings.metric == "points":
        earned = earned_by_rule(known, settings=PointsSettings(per_currency_unit=1))
        gains = gains_of_points(earned, time_zone=AMSTERDAM, settings=settings)
    else:
        gains = gains_of_orders(known, settings=settings)
    return stand_in_tiers(customers, gains, as_of=as_of, settings=settings)


def row(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return standing(*rows, **more).row(by_predicate=pl.col("customer_id") == "a", named=True)


def order(on: str | date, amount: int = 10000, **more: Any) -> dict[str, Any]:
    return {"ordered_at": str(on), "gross_amount": amount} | more


@pytest.mark.parametrize(
    ("amount", "tier", "next_tier", "missing", "percent"),
    [
        (2500, "member", "silver", 7500, 25.0),
        (9999, "member", "silver", 1, 99.99),
        (10000, "silver", "gold", 10000, 0.0),
        (15000, "silver", "gold", 5000, 50.0),
        (20000, "gold", None, None, 100.0),
        (990000, "gold", None, None, 100.0),
    ],
)
def test_the_tier_and_the_way_to_the_next_follow_from_net_spend(
    amount: int, tier: str, next_tier: str | None, missing: int | None, percent: float
) -> None:
    found = row(order("2026-06-01", amount))
    assert (found["tier_value"], found["tier"], found["next_tier"]) == (amount, tier, next_tier)
    assert (found["amount_to_next_tier"], found["pct_to_next_tier"]) == (missing, percent)


def test_who_never_ordered_is_in_the_first_tier_since_no_date() -> None:
    found = standing(order("2026-06-01")).row(by_predicate=pl.col("customer_id") == "none", named=True)
    assert (found["tier"], found["tier_value"], found["tier_since"], found["tier_until"]) == ("member", 0, None, None)
    assert (found["next_tier"], found["amount_to_next_tier"], found["pct_to_next_tier"]) == ("silver", 10000, 0.0)
    assert (found["is_in_grace"], found["pace_days_with_gain"], found["next_tier_on"]) == (False, 0, None)


def test_who_only_gave_back_has_gained_nothing_and_is_in_the_first_tier_since_no_date() -> None:
    found = row(order("2026-06-01", 0, refund_amount=4000, status="returned"))
    assert (found["tier"], found["tier_value"], found["tier_since"]) == ("member", 0, None)


def test_a_single_tier_is_the_highest() -> None:
    found = row(order("2026-06-01"), settings=by(tiers=TIERS[:1]))
    assert (found["tier"], found["next_tier"], found["pct_to_next_tier"]) == ("member", None, 100.0)
    assert found["tier_since"] == date(2026, 6, 1)


# Holding a tier: the order counts from 1 January to 10 April (100 dates), grace lasts to 20 April.
ONCE = order("2026-01-01")


@pytest.mark.parametrize(
    ("as_of", "tier", "value", "is_in_grace", "missing"),
    [
        (date(2026, 1, 1), "silver", 10000, False, 0),
        (date(2026, 4, 10), "silver", 10000, False, 0),
        (date(2026, 4, 11), "silver", 0, True, 10000),
        (date(2026, 4, 20), "silver", 0, True, 10000),
        (date(2026, 4, 21), "member", 0, False, 0),
    ],
)
def test_a_tier_is_kept_for_the_grace_period(
    as_of: date, tier: str, value: int, is_in_grace: bool, missing: int
) -> None:
    found = row(ONCE, as_of=as_of)
    assert (found["tier"], found["tier_value"]) == (tier, value)
    assert (found["is_in_grace"], found["amount_to_keep_tier"]) == (is_in_grace, missing)
    if tier == "silver":
        assert (found["tier_since"], found["tier_until"]) == (date(2026, 1, 1), date(2026, 4, 20))
    else:
        assert (found["tier_since"], found["tier_until"]) == (date(2026, 4, 21), None)


def test_who_meets_the_threshold_again_within_grace_never_lost_the_tier() -> None:
    found = row(ONCE, order("2026-04-15"), as_of=date(2026, 5, 1))
    assert (found["tier"], found["tier_since"], found["is_in_grace"]) == ("silver", date(2026, 1, 1), False)
    # 15 April and 99 days more is 23 July.
    assert found["tier_until"] == date(2026, 8, 2)
    on_the_day_after = row(ONCE, order("2026-04-21"), as_of=date(2026, 5, 1))
    assert on_the_day_after["tier_since"] == date(2026, 1, 1)
    too_late = row(ONCE, order("2026-04-22"), as_of=date(2026, 5, 1))
    assert too_late["tier_since"] == date(2026, 4, 22)


def test_who_falls_from_a_tier_holds_the_lower_one_since_the_day_after() -> None:
    # Gold from 1 February on, for 100 dates of the first order to 10 April and grace to 20 April; silver from then on.
    both = (ONCE, order("2026-02-01"))
    assert row(*both, as_of=date(2026, 4, 20))["tier"] == "gold"
    found = row(*both, as_of=date(2026, 4, 21))
    assert (found["tier"], found["tier_since"], found["is_in_grace"]) == ("silver", date(2026, 4, 21), False)
    assert found["tier_until"] == date(2026, 5, 21)
    assert row(*both, as_of=date(2026, 1, 31))["tier_since"] == date(2026, 1, 1)


def test_who_rises_while_another_holds_the_tier_holds_it_since_the_own_date() -> None:
    small = order("2026-03-30", 1000, customer_id="b")
    found = standing(order("2026-05-01"), small, order("2026-06-01", customer_id="b"))
    assert dict(found.select("customer_id", "tier_since").iter_rows()) == {
        "a": date(2026, 5, 1),
        "b": date(2026, 6, 1),
        "none": None,
    }


def test_a_refund_takes_the_tier_away_on_its_date_after_grace() -> None:
    refunded = order("2026-06-01", refund_amount=1, refunded_at="2026-06-15")
    # Met to 14 June, kept to 24 June.
    assert [row(refunded, as_of=date(2026, 6, day))["tier"] for day in (14, 24, 25)] == ["silver", "silver", "member"]
    assert row(refunded, as_of=date(2026, 6, 15))["tier_value"] == 9999
    assert row(order("2026-06-01", refund_amount=1))["tier"] == "member"


def test_a_refund_after_the_order_left_the_window_changes_nothing() -> None:
    late = order("2026-01-01", refund_amount=10000, refunded_at="2026-06-01")
    assert row(late, order("2026-06-10", 500))["tier_value"] == 500


def test_without_a_window_a_tier_met_is_held_for_good() -> None:
    found = row(order("2020-01-01"), settings=by(window_days=None))
    assert (found["tier"], found["tier_since"], found["tier_until"]) == ("silver", date(2020, 1, 1), None)


def test_tiers_can_be_made_by_orders_or_by_points() -> None:
    few = [TierSettings(name=name, from_amount=n) for name, n in (("new", 0), ("regular", 2))]
    rows = (
        order("2026-06-01"),
        order("2026-06-03"),
        order("2026-06-04", refund_amount=10000, refunded_at="2026-06-20"),
    )
    found = row(*rows, settings=by(metric="orders", tiers=few))
    assert (found["tier"], found["tier_value"], found["tier_since"]) == ("regular", 2, date(2026, 6, 3))
    assert row(*rows, order("2026-06-05", status="cancelled"), settings=by(metric="orders"))["tier_value"] == 2
    assert row(*rows, order("2026-06-05", 0), settings=by(metric="orders"))["tier_value"] == 2
    found = row(*rows, settings=by(metric="points"))
    # 100 points for each of three orders, less 100 for the refund on 20 June.
    assert (found["tier"], found["tier_value"], found["tier_since"]) == ("gold", 200, date(2026, 6, 3))


def test_points_leave_the_window_with_what_a_refund_took_back_from_them() -> None:
    # 100 days before 30 June is 22 March: the first order has left, with its refund in May; so has the last one's, before it.
    rows = (
        order("2026-03-20", refund_amount=10000, refunded_at="2026-05-20"),
        order("2026-05-25"),
        order("2026-06-25", 8000, refund_amount=3000, refunded_at="2026-06-28"),
    )
    for metric, value in (("points", 150), ("net_spend", 15000)):
        assert row(*rows, settings=by(metric=metric))["tier_value"] == value


def test_a_reversal_of_the_shops_own_programme_goes_with_the_event_it_names_else_by_its_own_day() -> None:
    def booked(on: date, points: int, event: str, reverses: str | None = None) -> dict[str, Any]:
        kind = "earn" if points > 0 else "reverse"
        moment = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)
        names = {"event_id": event, "order_id": None, "reverses_event_id": reverses}
        return {"customer_id": "a", "occurred_at": moment, "kind": kind, "origin": "source", "points": points, **names}

    def value(reverses: str | None) -> int:
        days = (date(2026, 3, 20), 100, "e1"), (date(2026, 5, 25), 120, "e2"), (date(2026, 5, 26), -30, "e3", reverses)
        events = pl.DataFrame(
            [booked(*day) for day in days], schema_overrides={"reverses_event_id": pl.String, "order_id": pl.String}
        )
        gains = gains_of_points(events, time_zone=AMSTERDAM, settings=by(metric="points"))
        found = stand_in_tiers(pl.DataFrame({"customer_id": ["a"]}), gains, as_of=AS_OF, settings=by(metric="points"))
        total: int = found["tier_value"].item()
        return total

    assert {reverses: value(reverses) for reverses in ("e1", "e2", None)} == {"e1": 120, "e2": 90, None: 90}


# Pace


def test_the_next_tier_comes_when_the_pace_fills_what_is_missing() -> None:
    # 60.00 in the 30 days from 1 to 30 June is 2.00 a day: the 40.00 that are missing take 20 days.
    found = row(order("2026-06-01", 3000), order("2026-06-11", 3000))
    assert (found["pace_days_with_gain"], found["next_tier_on"]) == (2, date(2026, 7, 20))


def test_one_day_of_buying_is_no_pace() -> None:
    twice_on_a_day = (order("2026-06-01", 3000), order("2026-06-01 15:00", 3000))
    assert row(*twice_on_a_day)["next_tier_on"] is None
    assert row(*twice_on_a_day, settings=by(pace_min_days=1))["next_tier_on"] == date(2026, 7, 20)


def test_what_leaves_the_window_has_to_be_earned_again() -> None:
    # 0.60 a day (54.00 in 90 days) on top of 81.00: 19.00 would take 32 days, to 1 August. But the 27.00 of 30 March leave
    # on 8 July; 54.00 + 46.00 takes 77 days, when the orders of May and June are still there: 15 September, too late for May's.
    rows = [order("2026-03-30", 2700), order("2026-05-01", 2700), order("2026-06-01", 2700)]
    assert row(*rows)["next_tier_on"] is None


def test_no_date_when_the_pace_never_reaches_the_next_tier() -> None:
    slow = [order("2026-04-15", 100), order("2026-06-15", 100)]
    assert row(*slow)["next_tier_on"] is None
    assert row(order("2026-06-01", 90000), order("2026-06-02", 90000))["next_tier_on"] is None


# Properties

DAYS = st.integers(0, 400)
BOUGHT = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        DAYS,
        st.integers(0, 15000),
        st.none() | st.tuples(st.integers(0, 150), st.integers(1, 15000)),
    ),
    max_size=10,
)
START = date(2025, 6, 1)


def bought(rows: list[Any]) -> list[dict[str, Any]]:
    found = []
    for customer, day, amount, refund in rows:
        on = START + timedelta(days=day)
        back = (
            {}
            if refund is None
            else {"refund_amount": min(amount, refund[1]), "refunded_at": str(on + timedelta(days=refund[0]))}
        )
        found.append(order(on, amount, customer_id=customer, **back))
    return found


@settings(max_examples=40, deadline=None)
@given(BOUGHT, st.integers(0, 500))
def test_a_tier_held_is_the_highest_met_within_the_grace_period_day_by_day(rows: list[Any], days: int) -> None:
    as_of = START + timedelta(days=days)

    def value(day: date) -> int:
        """Net spend of a date, order by order."""
        total = 0
        for customer, number, amount, refund in rows:
            on = START + timedelta(days=number)
            if customer == "a" and on <= day < on + timedelta(days=100):
                back = 0 if refund is None or on + timedelta(days=refund[0]) > day else min(amount, refund[1])
                total += amount - back
        return total

    def held(day: date) -> int:
        return max(sum(value(day - timedelta(days=n)) >= edge for edge in (10000, 20000)) for n in range(11))

    found = row(*bought(rows), as_of=as_of)
    assert found["tier_value"] == value(as_of)
    assert found["tier"] == ("member", "silver", "gold")[held(as_of)]
    if held(as_of):
        first = as_of
        while held(first - timedelta(days=1)) == held(as_of):
            first -= timedelta(days=1)
        assert found["tier_since"] == first


@settings(max_examples=25, deadline=None)
@given(BOUGHT, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[Any], random: Any) -> None:
    made = [{"order_id": f"x{n}"} | one for n, one in enumerate(bought(rows))]
    assert standing(*made).equals(standing(*random.sample(made, len(made))))


@settings(max_examples=12, deadline=None)
@given(BOUGHT, st.sampled_from(["net_spend", "orders", "points"]), st.sampled_from([None, 100]))
def test_a_customer_stands_alike_in_one_and_in_many_buckets(rows: list[Any], metric: str, window: int | None) -> None:
    made = orders(*({"order_id": f"x{n}"} | one for n, one in enumerate(bought(rows))))
    names = pl.DataFrame({"customer_id": ["a", "b", "none"]})

    def stand(placed: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
        return stand_of(
            placed, customers, as_of=START + timedelta(days=300), settings=by(metric=metric, window_days=window)
        )

    assert_buckets_agree(stand, made, names, by=["customer_id"])
