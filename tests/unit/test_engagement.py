from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.behaviour.engagement import (
    count_interactions,
    count_levels,
    count_repurchases,
    engage_customers,
    engaged_from,
    has_reviews,
    interactions,
    repurchase_by_engagement,
    window_before,
)
from pipeline.core.behaviour.influence import OF_KIND, count_influence, count_touched, touchpoint_influence
from pipeline.core.behaviour.sessions import touchpoints_as_of
from pipeline.core.behaviour.settings import EngagementSettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.facts.reviews import reviews_as_of
from pipeline.core.frames import Frame
from schemas.types import TOUCHPOINT_KINDS
from tests.unit.buckets import assert_buckets_agree, assert_counts_add_up
from tests.unit.lake import customers, on_polars, orders, segment, table

AS_OF = date(2026, 6, 30)
KNOWN = customers(*"abcdef")
BY = EngagementSettings(days=90, top_share=1 / 3, influence_days=30, min_n=1)
Row = dict[str, Any]


def touchpoints(*rows: Row) -> pl.DataFrame:
    return table("touchpoints", [{"touchpoint_id": f"t{number:03}"} | row for number, row in enumerate(rows)])


def reviews(*rows: Row) -> pl.DataFrame:
    return table("reviews", [{"review_id": f"v{number}", "rating": 4} | row for number, row in enumerate(rows)])


NO_REVIEWS, NO_ORDERS = reviews(), orders()


def found(touched: Frame, written: Frame, placed: Frame) -> Frame:
    known = orders_as_of(placed, as_of=AS_OF)
    seen = touchpoints_as_of(touched, KNOWN.lazy(), known, as_of=AS_OF, months=BY.months)
    said = reviews_as_of(written, known, as_of=AS_OF)
    return interactions(seen, said, are_delivered=has_reviews(said).collect().item())


def engage(interacted: Frame, *, by: EngagementSettings = BY) -> Frame:
    counted = count_interactions(interacted, as_of=AS_OF, settings=by)
    return engage_customers(counted, as_of=AS_OF, reached=engaged_from(count_levels(counted), settings=by))


def repurchased(interacted: Frame, placed: Frame, *, by: EngagementSettings) -> Frame:
    before = count_interactions(interacted, as_of=window_before(AS_OF, by), settings=by)
    counts = count_repurchases(before, orders_as_of(placed, as_of=AS_OF), as_of=AS_OF, settings=by)
    reached = engaged_from(count_levels(before), settings=by)
    return repurchase_by_engagement(counts, as_of=AS_OF, reached=reached, settings=by)


def influenced(touched: Frame, placed: Frame, *, by: EngagementSettings) -> Frame:
    known = orders_as_of(placed, as_of=AS_OF)
    seen = touchpoints_as_of(touched, KNOWN.lazy(), known, as_of=AS_OF, months=by.months)
    counts, totals = (count(seen, known, as_of=AS_OF, settings=by) for count in (count_influence, count_touched))
    return touchpoint_influence(counts, totals, as_of=AS_OF, settings=by)


def engaged(
    *touched: Row, written: pl.DataFrame = NO_REVIEWS, by: EngagementSettings = BY
) -> dict[str, dict[str, Any]]:
    rows = segment(
        "customer_engagement",
        lambda *frames: engage(found(*frames), by=by),
        *(touchpoints(*touched), written, NO_ORDERS),
    ).to_dicts()
    return {row["customer_id"]: row for row in rows}


def repurchase(*touched: Row, placed: pl.DataFrame, by: EngagementSettings = BY) -> dict[str, dict[str, Any]]:
    rows = segment(
        "engagement_repurchase",
        lambda *frames: repurchased(found(*frames), frames[2], by=by),
        *(touchpoints(*touched), NO_REVIEWS, placed),
    ).to_dicts()
    return {row["engagement"]: row for row in rows}


def influence(
    *touched: Row, placed: pl.DataFrame, by: EngagementSettings = BY
) -> dict[tuple[str, str], dict[str, Any]]:
    rows = segment(
        "touchpoint_influence",
        lambda *frames: influenced(*frames, by=by),
        *(touchpoints(*touched), placed),
    ).to_dicts()
    return {(row["channel"], row["kind"]): row for row in rows}


def test_every_kind_has_its_column_and_mails_and_orders_are_no_interactions() -> None:
    kinds = [{"customer_id": "a", "kind": kind, "occurred_at": "2026-06-20"} for kind in TOUCHPOINT_KINDS]
    (row,) = engaged(*kinds).values()
    counted = ("visits", "product_views", "service_contacts", "reviews", "votes", "shares", "social", "store_visits")
    assert [row[f"n_{name}"] for name in (*counted, "email_opens", "email_clicks")] == [1] * 10
    assert row["n_interactions"] == 8


def test_who_only_opened_a_mail_is_not_active_and_nobody_unknown_is() -> None:
    assert engaged({"customer_id": "a", "kind": "email_open", "occurred_at": "2026-06-20"}) == {}
    assert engaged({"customer_id": "zoe", "occurred_at": "2026-06-20"}, {"occurred_at": "2026-06-20"}) == {}


# 90 local days: (2026-04-01, 2026-06-30].
@pytest.mark.parametrize(("day", "is_counted"), [("2026-04-01", False), ("2026-04-02", True), ("2026-06-30", True)])
def test_interactions_count_in_the_window_alone(day: str, is_counted: bool) -> None:
    assert bool(engaged({"customer_id": "a", "occurred_at": day})) == is_counted


def test_reviews_come_from_reviews_where_the_shop_delivers_any() -> None:
    row: Row = {"customer_id": "a", "kind": "review", "occurred_at": "2026-06-20"}
    written = reviews({"customer_id": "b", "created_at": "2026-06-20"})
    assert engaged(row, written=written).keys() == {"b"}
    assert engaged(row)["a"]["n_reviews"] == 1


def test_the_share_answered_is_of_contacts_and_reviews() -> None:
    contact: Row = {"customer_id": "a", "kind": "service_contact", "occurred_at": "2026-06-20"}
    late = contact | {"replied_at": "2026-07-01"}
    written = reviews({"customer_id": "a", "created_at": "2026-06-20", "replied_at": "2026-06-22"})
    row = engaged(contact | {"replied_at": "2026-06-21"}, contact, late, written=written)["a"]
    assert (row["n_answerable"], row["n_answered"], row["pct_answered"]) == (4, 2, 50.0)
    assert engaged({"customer_id": "a", "occurred_at": "2026-06-20"})["a"]["pct_answered"] is None


def visits(**n: int) -> list[Row]:
    return [{"customer_id": name, "occurred_at": "2026-06-20"} for name, times in n.items() for _ in range(times)]


def test_the_engaged_are_at_most_the_top_third_and_equals_stand_together() -> None:
    def top(**n: int) -> set[str]:
        return {name for name, row in engaged(*visits(**n)).items() if row["is_engaged"]}

    assert top(a=9, b=5, c=1, d=1, e=1, f=1) == {"a", "b"}
    assert top(a=9, b=5, c=5, d=1, e=1, f=1) == {"a"}
    assert top(a=5, b=5, c=5, d=1, e=1, f=1) == set()


@pytest.mark.parametrize(("share", "n", "n_engaged"), [(0.58, 50, 29), (1 / 3, 6, 2), (0.57, 50, 0), (1, 2, 2)])
def test_a_top_share_that_is_a_whole_number_of_customers_is_met_by_as_many(
    share: float, n: int, n_engaged: int
) -> None:
    # 58% of 50 are 29; as floating-point numbers 0.58 * 50 is a little less.
    seen = [f"c{number}" for number in range(n) for _ in range(2 if number < max(n_engaged, 29 * (n == 50)) else 1)]
    rows = {"customer_id": seen, "kind": ["visit"] * len(seen), "day": [AS_OF] * len(seen)}
    interacted = pl.LazyFrame(rows).with_columns(replied_date=pl.lit(None, pl.Date))
    by = EngagementSettings(top_share=share)
    assert engage(interacted, by=by).collect()["is_engaged"].sum() == n_engaged


def test_repurchase_is_compared_between_those_who_were_engaged_before_and_those_who_were_silent() -> None:
    # The window before the last ends on 2026-04-01. a, b, c were active, a most; d was silent; e had not bought by then.
    touched = [row | {"occurred_at": "2026-03-01"} for row in visits(a=3, b=1, c=1, e=1)]
    placed = orders(
        *({"customer_id": name, "ordered_at": "2026-01-10"} for name in "abcd"),
        *({"customer_id": name, "ordered_at": "2026-05-10"} for name in "abe"),
    )
    rows = repurchase(*touched, placed=placed)
    assert {name: (row["n_customers"], row["n_repurchased"]) for name, row in rows.items()} == {
        "engaged": (1, 1),
        "active": (2, 1),
        "silent": (1, 0),
    }
    assert (rows["engaged"]["pct_repurchased"], rows["active"]["difference"]) == (100.0, 50.0)
    # Newcombe's interval of 1 of 2 less 0 of 1. Wilson by hand, z^2 = 3.8415: 1 of 2 [9.45; 90.55], 0 of 1 [0; 79.35].
    # Lower: 50 - sqrt(40.55^2 + 79.35^2) = -39.1; upper: 50 + sqrt(40.55^2 + 0) = 90.5.
    assert rows["active"]["difference_low"] == pytest.approx(-39.1, abs=0.05)
    assert rows["active"]["difference_high"] == pytest.approx(90.5, abs=0.1)
    assert rows["silent"]["difference"] is None


def test_shares_of_few_are_withheld() -> None:
    rows = repurchase(placed=orders({"customer_id": "a", "ordered_at": "2026-01-10"}), by=EngagementSettings(min_n=2))
    assert all(row["is_suppressed"] and row["pct_repurchased"] is None for row in rows.values())


def test_touchpoints_count_for_an_order_in_the_days_before_it() -> None:
    placed = orders({"customer_id": "a", "ordered_at": "2026-06-20 12:00"})
    rows = influence(
        {"customer_id": "a", "kind": "social", "channel": "social", "occurred_at": "2026-05-21 11:59"},
        {"customer_id": "a", "kind": "visit", "occurred_at": "2026-05-21 12:00"},
        {"customer_id": "a", "kind": "visit", "occurred_at": "2026-06-19"},
        {"customer_id": "a", "kind": "email_click", "channel": None, "occurred_at": "2026-06-20 11:59"},
        {"customer_id": "a", "kind": "cart", "occurred_at": "2026-06-20 12:00"},
        {"customer_id": "b", "kind": "vote", "occurred_at": "2026-06-20 11:00"},
        placed=placed,
    )
    before = {key: (row["n_orders_with"], row["n_first"], row["n_last"]) for key, row in rows.items()}
    assert before == {
        ("web", "visit"): (1, 1, 0),
        ("unknown", "email_click"): (1, 0, 1),
        # Touched before 2026-05-31: it counts for conversion alone.
        ("social", "social"): (0, 0, 0),
    }
    assert {row["pct_orders_with"] for row in rows.values()} == {0.0, 100.0}
    assert all(row["n_orders"] == 1 for row in rows.values())


@pytest.mark.parametrize(("n_orders", "share"), [(2, None), (3, 100 / 3)])
def test_a_share_of_few_orders_is_withheld_and_does_not_need_customers_of_the_month_before(
    n_orders: int, share: float | None
) -> None:
    rows = influence(
        {"customer_id": "a", "kind": "visit", "occurred_at": "2026-06-10"},
        placed=orders(*({"customer_id": name, "ordered_at": "2026-06-20"} for name in "abc"[:n_orders])),
        by=EngagementSettings(min_n=3),
    )
    visit = rows["web", "visit"]
    assert (visit["n_orders"], visit["n_orders_with"], visit["n_customers_with"]) == (n_orders, 1, 0)
    assert visit["pct_orders_with"] == pytest.approx(share)
    assert (visit["is_orders_suppressed"], visit["is_suppressed"]) == (share is None, True)


def test_those_with_a_touchpoint_are_compared_with_those_who_had_another() -> None:
    # Touched in (2026-05-01, 2026-05-31], converted after it.
    day: Row = {"occurred_at": "2026-05-15"}
    rows = influence(
        *({"customer_id": name, "kind": "social", "channel": "social"} | day for name in "ab"),
        *({"customer_id": name, "kind": "visit"} | day for name in "bcd"),
        {"customer_id": "e", "kind": "vote", "occurred_at": "2026-05-01"},
        placed=orders(*({"customer_id": name, "ordered_at": "2026-06-05"} for name in "ae")),
    )
    social = rows["social", "social"]
    assert (social["n_customers_with"], social["n_customers_without"]) == (2, 2)
    assert (social["pct_converted_with"], social["pct_converted_without"], social["difference"]) == (50.0, 0.0, 50.0)
    assert (rows["web", "visit"]["pct_converted_with"], rows["web", "visit"]["pct_converted_without"]) == (0.0, 100.0)


DAYS = st.sampled_from([0, 1, 29, 30, 31, 59, 60, 61, 89, 90, 91, 119, 120, 121, 200])
TOUCHED = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(TOUCHPOINT_KINDS), st.sampled_from(["web", "app"]), DAYS),
    max_size=25,
)
BOUGHT = st.lists(st.tuples(st.sampled_from("abcdef"), DAYS, st.booleans()), max_size=12)


@settings(max_examples=12, deadline=None)
@given(TOUCHED, BOUGHT)
def test_all_counts_agree_with_a_count_of_one_after_the_other(
    touched: list[tuple[str, str, str, int]], bought: list[tuple[str, int, bool]]
) -> None:
    def moment(days: int, hour: int) -> datetime:
        return datetime(2026, 6, 30, hour) - timedelta(days=days)

    rows = [
        {"customer_id": who, "kind": kind, "channel": channel, "occurred_at": str(moment(days, 10))[:16]}
        for who, kind, channel, days in touched
    ]
    placed = orders(
        *(
            {"customer_id": who, "ordered_at": str(moment(days, 12))[:16], "status": "paid" if is_paid else "pending"}
            for who, days, is_paid in bought
        )
    )
    valid = [(who, days) for who, days, is_paid in bought if is_paid]
    recent = [(who, day) for who, day in valid if day < 90]
    touches = [(who, (channel, kind), at) for who, kind, channel, at in touched if kind != "order"]

    # A touchpoint is two hours earlier in its day than an order, so 30 days before is too early.
    def comes_before(who: str, day: int, way: tuple[str, str] | None = None) -> bool:
        return any(name == who and way in (None, its) and day <= at < day + 30 for name, its, at in touches)

    wanted = {
        way: (
            sum(comes_before(who, day, way) for who, day in recent),
            len({who for who, its, at in touches if its == way and 30 <= at < 60}),
        )
        for way in {its for _, its, _ in touches}
    }
    result = influence(*rows, placed=placed)
    counted = {way: (row["n_orders_with"], row["n_customers_with"]) for way, row in result.items()}
    assert counted == {way: counts for way, counts in wanted.items() if any(counts)}
    n_before = sum(comes_before(who, day) for who, day in recent)
    assert sum(row["n_first"] for row in result.values()) == sum(row["n_last"] for row in result.values()) == n_before
    levels = repurchase(*rows, placed=placed).values()
    customers_then = {who for who, day in valid if day >= 90}
    assert sum(row["n_customers"] for row in levels) == len(customers_then)
    assert sum(row["n_repurchased"] for row in levels) == len({who for who, _ in recent} & customers_then)


def test_counts_of_parts_of_the_customers_are_added() -> None:
    days = ("2026-03-10", "2026-05-10", "2026-05-20", "2026-06-25")
    rows = [
        {"customer_id": name, "kind": kind, "occurred_at": day, "channel": "web" if name in "abc" else None}
        for number, name in enumerate("abcdef")
        for day in days[: 1 + number % 4]
        for kind in ("visit", "cart", "email_open")[: 1 + number % 3]
    ]
    placed = orders(
        *(
            {"customer_id": name, "ordered_at": day}
            for number, name in enumerate("abcdef")
            for day in ("2026-02-01", "2026-06-15", "2026-06-26")[number % 2 :]
        )
    )
    seen = on_polars(
        lambda touched: touchpoints_as_of(touched, KNOWN.lazy(), NO_ORDERS.lazy(), as_of=AS_OF, months=BY.months),
        touchpoints(*rows),
    )
    known = on_polars(lambda bought: orders_as_of(bought, as_of=AS_OF), placed)

    def counted(touched: Frame, day: date = AS_OF) -> Frame:
        found = interactions(
            touched, reviews_as_of(NO_REVIEWS.lazy(), NO_ORDERS.lazy(), as_of=AS_OF), are_delivered=False
        )
        return count_interactions(found, as_of=day, settings=BY)

    def repurchases(touched: Frame, bought: Frame) -> Frame:
        return count_repurchases(counted(touched, window_before(AS_OF, BY)), bought, as_of=AS_OF, settings=BY)

    def influence_of(touched: Frame, bought: Frame) -> Frame:
        return count_influence(touched, bought, as_of=AS_OF, settings=BY)

    def touched_of(touched: Frame, bought: Frame) -> Frame:
        return count_touched(touched, bought, as_of=AS_OF, settings=BY).with_columns(of=pl.lit("all"))

    assert_buckets_agree(lambda *frames: on_polars(counted, *frames), seen, by=["customer_id"])
    assert_counts_add_up(
        lambda rows: on_polars(lambda each: count_levels(counted(each)), rows), seen, by=["n_interactions"]
    )
    for count, by in ((repurchases, ["n_interactions"]), (influence_of, OF_KIND), (touched_of, ["of"])):
        assert_counts_add_up(partial(on_polars, count), seen, known, by=by)
