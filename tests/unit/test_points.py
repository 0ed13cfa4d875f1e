from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import day_end
from pipeline.core.loyalty.points import (
    EVENT,
    Points,
    delivered_events,
    earned_by_rule,
    keep_ledger,
    programme_of,
    with_rewards,
)
from pipeline.core.loyalty.settings import PointsSettings, RewardSettings
from schemas.registry import SEGMENTS
from tests.unit.buckets import assert_buckets_agree
from tests.unit.contracts import follows
from tests.unit.lake import AMSTERDAM, at, orders, table

AS_OF = date(2026, 6, 30)


def events(*rows: tuple[Any, ...], customer: str = "a") -> pl.DataFrame:
    """Delivered events of (date, kind, points[, date of expiry])."""
    found = [
        {
            "event_id": f"e{number:03}",
            "customer_id": customer,
            "occurred_at": row[0],
            "kind": row[1],
            "points": row[2],
            "expires_at": row[3] if len(row) > 3 else None,
        }
        for number, row in enumerate(rows)
    ]
    return table("loyalty_events", found)


def booked(delivered: pl.DataFrame, as_of: date = AS_OF, **points: Any) -> Points:
    found = keep_ledger(
        delivered_events(delivered, as_of=as_of, settings=PointsSettings(**points)),
        as_of=as_of,
        time_zone=AMSTERDAM,
        has_expiries=programme_of(delivered.lazy(), delivered.lazy(), as_of=as_of).has_expiries,
    )
    contract = SEGMENTS["points_ledger"]
    follows(contract, found.ledger.select(contract.polars_schema.names()))
    return found


def entries(*rows: tuple[Any, ...], **points: Any) -> list[tuple[Any, ...]]:
    return booked(events(*rows), **points).ledger.select("kind", "points", "shortfall_points", "balance").rows()


def held(*rows: tuple[Any, ...], as_of: date = AS_OF, **points: Any) -> tuple[int, int]:
    """Balance and points that expire within 30 days."""
    found: tuple[int, int] = (
        booked(events(*rows), as_of, **points).balances.select("points_balance", "points_expiring_30d").row(0)
    )
    return found


def test_a_balance_is_the_sum_of_the_entries_up_to_it() -> None:
    found = entries(("2026-01-01", "earn", 100), ("2026-02-01", "redeem", -30), ("2026-03-01", "adjust", 5))
    assert found == [("earn", 100, 0, 100), ("redeem", -30, 0, 70), ("adjust", 5, 0, 75)]


def test_what_would_take_the_balance_below_zero_takes_what_is_there_and_shows_the_rest() -> None:
    found = entries(("2026-01-01", "earn", 100), ("2026-02-01", "redeem", -130), ("2026-03-01", "earn", 5))
    assert found == [("earn", 100, 0, 100), ("redeem", -100, 30, 0), ("earn", 5, 0, 5)]


def test_the_oldest_points_are_used_first_and_only_the_rest_expires() -> None:
    found = entries(
        ("2026-01-01", "earn", 100, "2026-04-01"),
        ("2026-02-01", "earn", 50, "2026-05-01"),
        ("2026-03-01", "redeem", -70),
    )
    assert found == [
        ("earn", 100, 0, 100),
        ("earn", 50, 0, 150),
        ("redeem", -70, 0, 80),
        ("expire", -30, 0, 50),
        ("expire", -50, 0, 0),
    ]


def test_points_that_expire_are_used_before_points_that_never_do() -> None:
    rows = (("2026-01-01", "earn", 10), ("2026-02-01", "earn", 10, "2026-05-01"), ("2026-03-01", "redeem", -10))
    assert entries(*rows)[-1] == ("redeem", -10, 0, 10)


def test_points_expire_on_their_own_date_whatever_older_ones_do() -> None:
    # A bonus of 50 that the programme lets expire on 31 January, beside 100 points good for the year.
    rows = (("2026-01-01", "earn", 100, "2026-12-31"), ("2026-01-10", "earn", 50, "2026-01-31"))
    assert held(*rows, as_of=date(2026, 1, 30)) == (150, 50)
    assert held(*rows, as_of=date(2026, 2, 28)) == (100, 0)
    assert booked(events(*rows), date(2026, 2, 28)).ledger.select("kind", "points", "occurred_at").row(-1) == (
        *("expire", -50),
        at("2026-01-31"),
    )


def test_what_goes_out_takes_what_expires_soonest_though_it_came_later() -> None:
    rows = (("2026-01-01", "earn", 100, "2026-12-31"), ("2026-01-10", "earn", 50, "2026-01-31"))
    assert held(*rows, ("2026-01-20", "redeem", -50), as_of=date(2026, 2, 28)) == (100, 0)


def test_a_reversal_takes_the_points_of_the_event_it_names_before_any_other() -> None:
    rows = events(
        ("2026-01-01", "earn", 100, "2026-12-31"),
        ("2026-01-10", "earn", 50, "2026-03-31"),
        ("2026-01-20", "reverse", -120),
    )
    names_the_first = rows.with_columns(reverses_event_id=pl.Series([None, None, "e000"], dtype=pl.String))
    # 100 of the first and 20 of the second: 30 are left of the second. Naming none: 50 of the second, then 70 of the first.
    assert booked(names_the_first, date(2026, 4, 1)).ledger["points"].to_list() == [100, 50, -120, -30]
    assert booked(rows, date(2026, 4, 1)).ledger["points"].to_list() == [100, 50, -120]


def test_what_is_named_but_gone_or_of_somebody_else_is_taken_from_the_rest() -> None:
    mine = events(("2026-01-01", "earn", 10), ("2026-01-02", "redeem", -10), ("2026-01-03", "earn", 5))
    theirs = events(("2026-01-01", "earn", 7), customer="b").with_columns(event_id=pl.lit("theirs"))
    for named in ("e000", "theirs", "nobody's"):
        reversal = events(("2026-01-04", "reverse", -4)).with_columns(
            event_id=pl.lit("back"), reverses_event_id=pl.lit(named)
        )
        ledger = booked(pl.concat([mine, theirs, reversal])).ledger
        assert ledger.filter(customer_id="a").select("points", "shortfall_points", "balance").row(-1) == (-4, 0, 1)
        assert ledger.filter(customer_id="b")["balance"].to_list() == [7]


def test_a_refund_takes_back_the_points_of_its_own_order() -> None:
    placed = orders(
        {"customer_id": "a", "ordered_at": "2026-01-01", "gross_amount": 1000},
        {
            **{"customer_id": "a", "ordered_at": "2026-01-05", "gross_amount": 2000},
            **{"refund_amount": 2000, "refunded_at": "2026-01-08"},
        },
    )
    by_rule = earned_by_rule(
        orders_as_of(placed.lazy(), as_of=AS_OF).collect(), settings=PointsSettings(per_currency_unit=1, expiry_days=30)
    )
    ledger = keep_ledger(by_rule, as_of=AS_OF, time_zone=AMSTERDAM, has_expiries=False).ledger
    # The first order's 10 points are untouched until they expire.
    assert ledger.select("kind", "points").rows() == [("earn", 10), ("earn", 20), ("reverse", -20), ("expire", -10)]
    assert ledger["occurred_at"].to_list()[-1] == at("2026-01-31")


def test_points_without_a_date_of_expiry_get_the_configured_days() -> None:
    assert held(("2026-06-01", "earn", 10), expiry_days=29) == (0, 0)
    assert held(("2026-06-01", "earn", 10), expiry_days=30) == (10, 10)
    assert held(("2026-06-01", "earn", 10), expiry_days=59) == (10, 10)
    assert held(("2026-06-01", "earn", 10), expiry_days=60) == (10, 0)
    assert held(("2026-06-01", "earn", 10)) == (10, 0)


def test_expiry_of_the_source_itself_is_not_computed_a_second_time() -> None:
    rows = (
        ("2026-01-01", "earn", 40, "2026-03-01"),
        ("2026-02-01", "earn", 50, "2026-07-10"),
        ("2026-03-03", "expire", -40),
    )
    assert [kind for kind, *_ in entries(*rows)] == ["earn", "earn", "expire"]
    assert held(*rows) == (50, 50)


def test_points_that_the_source_has_let_live_past_their_date_are_not_among_those_that_expire_next() -> None:
    # The source expires points by itself: it did so with the first 5. The 100 were good until 29 June, the 50 are until
    # 10 July, and the 7 expire with the first moment of July in Amsterdam, which is the next day.
    own = ("2025-01-01", "earn", 5, "2025-12-31"), ("2026-01-01", "expire", -5)
    overdue = ("2025-02-01", "earn", 100, "2026-06-29")
    soon = ("2025-08-01", "earn", 50, "2026-07-10")
    assert held(*own, overdue) == (100, 0)
    assert held(*own, overdue, soon) == (150, 50)
    assert held(*own, overdue, soon, ("2025-09-01", "earn", 7, "2026-06-30 22:00")) == (157, 57)
    assert held(*own, overdue, soon, ("2025-09-01", "earn", 7, "2026-06-30 21:59")) == (157, 50)
    # What is spent takes the overdue points first: 120 are those 100 and 20 of the 50.
    assert held(*own, overdue, soon, ("2026-06-30", "redeem", -120)) == (30, 30)
    # Once the source books the expiry, they are gone.
    assert held(*own, overdue, soon, ("2026-06-30", "expire", -100)) == (50, 50)


def test_nothing_after_as_of_counts_in_the_time_zone_of_the_shop() -> None:
    rows = (("2026-06-30 21:59", "earn", 1), ("2026-06-30 22:00", "earn", 2))
    assert held(*rows) == (1, 0)


def test_events_of_no_customer_are_left_out() -> None:
    assert (
        booked(events(("2026-01-01", "earn", 5)).with_columns(customer_id=pl.lit(None, pl.String))).ledger.height == 0
    )


# Earned by rule


def by_rule(*rows: dict[str, Any], **points: Any) -> list[tuple[Any, ...]]:
    settings = PointsSettings(**({"per_currency_unit": 1} | points))
    placed = orders(*({"customer_id": "a"} | row for row in rows)).lazy()
    known = orders_as_of(placed, as_of=date(2030, 1, 1))
    found = earned_by_rule(known.collect(), settings=settings)
    assert tuple(found.columns) == EVENT
    return found.select("kind", "points", pl.col("occurred_at").dt.date()).rows()


def test_an_order_earns_whole_points_of_what_was_paid() -> None:
    order = {"ordered_at": "2026-06-01", "gross_amount": 2599, "discount_amount": 500}
    assert by_rule(order) == [("earn", 20, date(2026, 6, 1))]
    assert by_rule(order, per_currency_unit=0.04) == []
    assert by_rule({"ordered_at": "2026-06-01", "gross_amount": 10000}, per_currency_unit=0.29)[0][1] == 29


def test_a_refund_takes_back_the_points_of_what_it_gives_back() -> None:
    refunded = {"ordered_at": "2026-06-01", "gross_amount": 2550, "refund_amount": 60, "refunded_at": "2026-06-09"}
    # 25 points for 25.50; 24 for the 24.90 that are left.
    assert by_rule(refunded) == [("earn", 25, date(2026, 6, 1)), ("reverse", -1, date(2026, 6, 9))]
    whole = refunded | {"refund_amount": 9999, "refunded_at": None}
    assert by_rule(whole) == [("earn", 25, date(2026, 6, 1)), ("reverse", -25, date(2026, 6, 1))]


def test_a_cancellation_invoice_takes_back_the_points_of_its_amount() -> None:
    invoice = {"ordered_at": "2026-06-01", "status": "returned", "gross_amount": 0, "refund_amount": 1299}
    assert by_rule(invoice) == [("reverse", -12, date(2026, 6, 1))]


def test_orders_of_other_statuses_excluded_channels_or_nobody_earn_nothing() -> None:
    order = {"ordered_at": "2026-06-01"}
    assert by_rule(order | {"status": "pending"}, order | {"customer_id": None}) == []
    assert by_rule(order | {"channel": "store"}, excluded_channels=["store"]) == []
    assert len(by_rule(order | {"channel": None}, order | {"channel": "web"}, excluded_channels=["store"])) == 2


# Rewards

REWARDS = [RewardSettings(name="coupon", points=100), RewardSettings(name="gift", points=400)]


@pytest.mark.parametrize(
    ("balance", "expected"),
    [
        (0, ("coupon", 100, 0.0)),
        (99, ("coupon", 1, 99.0)),
        (100, ("gift", 300, 25.0)),
        (400, (None, None, 100.0)),
        (None, (None, None, None)),
    ],
)
def test_the_next_reward_is_the_cheapest_above_the_balance(balance: int | None, expected: tuple[Any, ...]) -> None:
    found = pl.DataFrame({"n": [balance]}, schema={"n": pl.Int64})
    assert found.select(**with_rewards(pl.col("n"), settings=PointsSettings(rewards=REWARDS))).row(0) == expected


def test_without_rewards_there_is_none_to_come() -> None:
    found = pl.DataFrame({"n": [7]}).select(**with_rewards(pl.col("n"), settings=PointsSettings()))
    assert found.row(0) == (None, None, None)


def test_rewards_must_ascend() -> None:
    with pytest.raises(ValueError, match="rewards: must ascend strictly by points, not "):
        PointsSettings(rewards=REWARDS[::-1])


# Against a reference model that follows every lot

DAY = st.integers(0, 180)
STEP = st.one_of(
    st.tuples(
        *(DAY, st.sampled_from(["earn", "adjust", "reverse"]), st.integers(1, 60), st.none() | st.integers(1, 120)),
        st.none(),
    ),
    st.tuples(
        *(DAY, st.sampled_from(["redeem", "adjust", "reverse"]), st.integers(-90, -1), st.none()),
        st.none() | st.integers(0, 24),
    ),
)
START = date(2026, 1, 1)


def followed(steps: list[tuple[Any, ...]], as_of: date) -> tuple[int, int, int]:
    """Balance, shortfall and what expires within 30 days, lot by lot and day by day."""
    lots: dict[int, list[Any]] = {}
    shortfall = 0

    def expire(day: date) -> int:
        due = [name for name, (_, until) in lots.items() if until <= day]
        return sum(lots.pop(name)[0] for name in due)

    for number in range((as_of - START).days + 1):
        day = START + timedelta(days=number)
        expire(day)
        today = [(name, step) for name, step in enumerate(steps) if step[0] == number]
        for name, (_, _, points, days, _) in today:
            if points > 0:
                lots[name] = [points, day + timedelta(days=days) if days else date.max]
        for _, (_, kind, points, _, cancels) in today:
            wanted = max(-points, 0)
            soonest_first = sorted(lots, key=lambda name: (lots[name][1], steps[name][0], name))
            if kind == "reverse" and cancels in lots:
                soonest_first.insert(0, cancels)
            for name in soonest_first:
                taken = min(wanted, lots[name][0])
                lots[name][0] -= taken
                wanted -= taken
            shortfall += wanted
    balance = sum(points for points, _ in lots.values())
    return balance, shortfall, expire(as_of + timedelta(days=30))


@settings(max_examples=60, deadline=None)
@given(st.lists(STEP, max_size=25), st.integers(0, 240), st.randoms(use_true_random=False))
def test_the_ledger_agrees_with_a_model_that_follows_every_lot(steps: list[Any], days: int, random: Any) -> None:
    as_of = START + timedelta(days=days)
    rows = []
    for day, kind, points, expires, _ in steps:
        on = START + timedelta(days=day)
        rows.append((str(on), kind, points, str(on + timedelta(days=expires)) if expires else None))
    cancels = [None if step[4] is None else f"e{step[4]:03}" for step in steps]
    delivered = events(*rows).with_columns(reverses_event_id=pl.Series(cancels, dtype=pl.String))
    other = events(("2026-01-01", "earn", 7), customer="b").with_columns(event_id=pl.lit("other"))
    both = pl.concat([delivered, other])
    found = booked(both[random.sample(range(both.height), both.height)], as_of)
    ledger = found.ledger.filter(customer_id="a")
    theirs = found.balances.filter(customer_id="a")
    # The lots of one day come in the order of their events, as in the model.
    balance, shortfall, expiring = followed(steps, as_of)
    assert (ledger["points"].sum(), ledger["shortfall_points"].sum()) == (balance, shortfall)
    assert ledger["balance"].to_list() == ledger["points"].cum_sum().to_list()
    assert (ledger["occurred_at"] < day_end(as_of, AMSTERDAM)).all()
    if ledger.height:
        assert theirs.select("points_balance", "points_expiring_30d").row(0) == (balance, expiring)
    assert found.balances.filter(customer_id="b")["points_balance"].item() == 7


PLACED = st.lists(
    st.fixed_dictionaries(
        {
            "customer_id": st.sampled_from("abc"),
            "ordered_at": DAY.map(lambda day: str(START + timedelta(days=day))),
            "gross_amount": st.integers(0, 5000),
            "status": st.sampled_from(["paid", "pending"]),
            "refund_amount": st.sampled_from([0, 0, 750, 9999]),
            "refunded_at": st.none() | DAY.map(lambda day: str(START + timedelta(days=day))),
        }
    ),
    max_size=10,
)


def earned(placed: pl.DataFrame, rate: float = 1) -> pl.DataFrame:
    known = orders_as_of(placed.lazy(), as_of=AS_OF).collect()
    return earned_by_rule(known, settings=PointsSettings(per_currency_unit=rate, expiry_days=40))


@settings(max_examples=8, deadline=None)
@given(PLACED)
def test_a_customers_ledger_is_the_same_in_one_and_in_many_buckets(rows: list[dict[str, Any]]) -> None:
    def ledger(happened: pl.DataFrame) -> pl.DataFrame:
        return keep_ledger(happened, as_of=AS_OF, time_zone=AMSTERDAM, has_expiries=False).ledger

    assert_buckets_agree(ledger, earned(orders(*rows)), by=["customer_id", "entry_number"])


@settings(max_examples=20, deadline=None)
@given(PLACED, st.sampled_from([1, 3]))
def test_orders_earn_what_a_count_of_one_after_the_other_gives(rows: list[dict[str, Any]], rate: int) -> None:
    wanted = dict.fromkeys("abc", 0)
    for row in rows:
        back = min(row["refund_amount"], row["gross_amount"]) if (row["refunded_at"] or "") <= str(AS_OF) else 0
        if row["status"] == "paid":
            wanted[row["customer_id"]] += (row["gross_amount"] - back) * rate // 100
    found = dict(earned(orders(*rows), rate).group_by("customer_id").agg(pl.col("points").sum()).iter_rows())
    assert {name: found.get(name, 0) for name in "abc"} == wanted
