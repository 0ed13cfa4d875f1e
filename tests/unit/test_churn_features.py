"""Churn features: values by hand, what is known at the cut and nothing after it, and what a missing answer is."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from math import log
from statistics import median
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.facts.money import RATES, Money
from pipeline.core.facts.orders import order_facts, orders_as_of, with_buyers
from pipeline.core.outlook import signals
from pipeline.core.outlook.features import FEATURES, GROUPS, Sources, churn_features, histories, of_customers
from pipeline.core.outlook.purchases import count_rhythm, purchase_totals, rhythm_of
from pipeline.core.outlook.settings import ChurnSettings
from schemas.churn import HOLDING_REASONS, RISK_REASONS
from tests.unit import lake
from tests.unit.subsets import Tables, assert_customers_stand_alone, subsets

CUT = date(2026, 6, 30)
TABLES = ("orders", "order_lines", "reviews", "survey_responses", "survey_answers", "touchpoints")


def sources(**tables: pl.DataFrame) -> Sources:
    given = {name: tables.get(name, lake.table(name, [])) for name in TABLES}
    answers = given.pop("survey_answers")
    given["survey_responses"] = lake.answered(given["survey_responses"], answers, given["orders"])
    return Sources(*(frame.lazy() for frame in given.values()))


def features(given: Sources, cut: date = CUT) -> pl.DataFrame:
    return churn_features(given, cut=cut, settings=ChurnSettings())


def order(customer: str, day: str, **more: Any) -> dict[str, Any]:
    return {"order_id": f"{customer}-{day}", "customer_id": customer, "ordered_at": day, "channel": "web"} | more


def one(frame: pl.DataFrame, customer: str = "ann") -> dict[str, Any]:
    return frame.row(by_predicate=pl.col("customer_id") == customer, named=True)


SHOP = {
    "orders": lake.orders(
        order("ann", "2026-01-01"),
        order("ann", "2026-01-31", channel="app"),
        order("ann", "2026-04-01", gross_amount=4000, discount_amount=1000, promised_at="2026-04-03"),
        order("bob", "2026-06-20"),
        order("bob", "2026-06-25", status="cancelled"),
        order("cis", "2026-07-02"),
    ),
    "order_lines": lake.table(
        "order_lines",
        [
            {"order_id": "ann-2026-01-01", "line_number": 1, "ordered_at": "2026-01-01", "category": "books"},
            {"order_id": "ann-2026-01-31", "line_number": 1, "ordered_at": "2026-01-31", "category": "books"},
            {"order_id": "ann-2026-04-01", "line_number": 1, "ordered_at": "2026-04-01", "category": "toys"},
        ],
    ),
    "reviews": lake.table(
        "reviews",
        [
            {"review_id": "r1", "customer_id": "ann", "rating": 5.0, "created_at": "2026-02-01"},
            {"review_id": "r2", "customer_id": "ann", "rating": 2.0, "created_at": "2026-06-20"},
            {"review_id": "r3", "customer_id": "ann", "rating": 5.0, "created_at": "2026-07-01"},
        ],
    ),
    "survey_responses": lake.table(
        "survey_responses", [{"response_id": "s1", "customer_id": "ann", "submitted_at": "2026-06-29"}]
    ),
    "survey_answers": lake.table(
        "survey_answers",
        [
            {"response_id": "s1", "item_id": "q1", "role": "satisfaction", "value": 5.0},
            {"response_id": "s1", "item_id": "q2", "role": "repurchase", "value": 3.0},
            {"response_id": "s1", "item_id": "q3", "role": "recommend", "value": 4.0},
            {"response_id": "s1", "item_id": "n", "is_nps": True, "scale_min": 0, "scale_max": 10, "value": 6.0},
        ],
    ),
    "touchpoints": lake.table(
        "touchpoints",
        [
            {"touchpoint_id": "t1", "customer_id": "ann", "kind": "service_contact", "occurred_at": "2026-06-01"},
            {"touchpoint_id": "t2", "customer_id": "ann", "kind": "service_contact", "occurred_at": "2026-01-05"},
            {"touchpoint_id": "t3", "customer_id": "ann", "kind": "visit", "occurred_at": "2026-06-02"},
            {"touchpoint_id": "t4", "customer_id": "ann", "kind": "cart", "occurred_at": "2026-07-03"},
            {"touchpoint_id": "t5", "customer_id": "bob", "kind": "visit", "occurred_at": "2026-07-04"},
        ],
    ),
}


@pytest.mark.parametrize(
    ("given_back", "net_total", "repeat_spend", "refund_share"),
    # 1000 and 3000 were bought: of 2000 given back each purchase bears its share; nobody spends less than nothing.
    [(0, 4000, 3000, 0.0), (2000, 2000, 1500, 0.5), (4000, 0, 0, 1.0), (5000, 0, 0, 1.0)],
)
def test_cancellation_invoices_lower_what_was_spent_and_are_no_purchase(
    given_back: int, net_total: int, repeat_spend: int, refund_share: float
) -> None:
    invoice = {"status": "returned", "gross_amount": 0, "refund_amount": given_back}
    placed = lake.orders(
        order("ann", "2026-01-01"), order("ann", "2026-01-31", gross_amount=3000), order("ann", "2026-02-10", **invoice)
    )
    ann = one(features(sources(orders=placed)))
    assert (ann["net_total"], ann["repeat_spend"], ann["refund_share"]) == (net_total, repeat_spend, refund_share)
    assert (ann["n_days"], ann["days_since"]) == (2, 150)
    assert ann["log_order_value"] == pytest.approx(log(1 + net_total / 2))


@pytest.mark.parametrize(
    ("more", "refund_share", "is_refunded"),
    [
        ({}, 0.0, False),
        # 1000 of a valid order were paid, and all of another 3000 were given back: 3000 / 4000.
        ({"gross_amount": 3000, "refund_amount": 3000, "refunded_at": "2026-06-20"}, 0.75, True),
        ({"gross_amount": 3000, "refund_amount": 3000, "status": "returned"}, 0.75, True),
        ({"gross_amount": 3000, "refund_amount": 1000, "status": "cancelled"}, 0.5, True),
        ({"gross_amount": 3000, "status": "cancelled"}, 0.0, False),
        # Goodwill for a free sample.
        ({"gross_amount": 0, "refund_amount": 1000}, 0.5, True),
        # Given back after the cut.
        ({"gross_amount": 3000, "refund_amount": 3000, "refunded_at": "2026-07-02", "status": "returned"}, 0.0, False),
        # Of a valid order of 4000 a fourth: 1000 / (1000 + 4000).
        ({"gross_amount": 4000, "refund_amount": 1000}, 0.2, True),
    ],
)
def test_money_back_counts_for_every_order_also_for_one_that_no_longer_does(
    more: dict[str, Any], refund_share: float, is_refunded: bool
) -> None:
    placed = lake.orders(order("ann", "2026-06-01"), order("ann", "2026-06-10", **more), order("bob", "2026-06-01"))
    found = features(sources(orders=placed))
    assert (one(found)["refund_share"], one(found)["is_refunded"]) == (pytest.approx(refund_share), is_refunded)
    assert (one(found, "bob")["refund_share"], one(found, "bob")["is_refunded"]) == (0.0, False)


def test_money_back_in_a_currency_without_a_rate_is_money_back() -> None:
    dollars = {"currency": "USD", "gross_amount": 3000, "refund_amount": 500, "net_amount": 2500}
    euros = {"currency": "EUR", "gross_amount": 1000, "refund_amount": 0, "net_amount": 1000}
    delivered = lake.delivered(
        "orders",
        [
            {"status": "paid", "discount_amount": 0} | order("ann", day) | amounts
            for day, amounts in (("2026-06-01", euros), ("2026-06-10", dollars | {"refunded_at": "2026-06-20"}))
        ],
    )
    money = Money.of(RATES.to_frame(), currency="EUR", max_age_days=7)
    placed = order_facts(delivered.lazy(), time_zone="UTC", valid_statuses=["paid"], money=money).collect()
    ann, before = (one(features(sources(orders=placed), cut)) for cut in (CUT, date(2026, 6, 19)))
    assert (ann["n_days"], ann["refund_share"], ann["is_refunded"]) == (1, 0.0, True)
    assert not before["is_refunded"]


def test_an_answer_to_another_question_is_none_to_the_questions_that_the_words_for_it_name() -> None:
    sent = lake.table("survey_responses", [{"response_id": "s1", "customer_id": "ann", "submitted_at": "2026-06-01"}])
    items = [
        {"response_id": "s1", "item_id": "care", "construct": "care", "value": 4.0},
        {"response_id": "s1", "item_id": "q1", "role": "satisfaction", "value": 5.0},
    ]
    given = {"orders": lake.orders(order("ann", "2026-05-01")), "survey_responses": sent}
    ann = one(features(sources(**given, survey_answers=lake.table("survey_answers", items))))
    assert (ann["has_sci"], ann["has_nps"]) == (0, 0)
    # Ann did answer a survey, so the reason must not say that she never has.
    for reasons in (RISK_REASONS, HOLDING_REASONS):
        assert reasons["no_survey_answer"] == (
            "never answered the Net Promoter question, nor all of the Secure Customer Index"
        )


def test_the_days_of_contacts_begin_at_local_midnight_also_over_a_change_of_clocks() -> None:
    # Ninety days before 31 October is 2 August, which is over at 22:00 UTC; in winter a day is over at 23:00.
    at = {"t1": "2026-08-02 21:59", "t2": "2026-08-02 22:00", "t3": "2026-10-31 22:59", "t4": "2026-10-31 23:00"}
    contact = {"customer_id": "ann", "kind": "service_contact"}
    rows = [contact | {"touchpoint_id": name, "occurred_at": moment} for name, moment in at.items()]
    shop = sources(orders=lake.orders(order("ann", "2026-06-01")), touchpoints=lake.table("touchpoints", rows))
    assert one(features(shop, date(2026, 10, 31)))["log_contacts"] == pytest.approx(log(3))


def test_a_contact_a_visit_or_a_review_that_names_only_an_order_is_of_who_placed_it() -> None:
    placed = lake.orders(
        order("ann", "2026-06-01"), order("bob", "2026-06-01"), order("bob", "2026-07-01"), order("cis", "2026-06-01")
    )
    contact, look = {"kind": "service_contact"}, {"kind": "visit"}
    named = [
        contact | {"order_id": "ann-2026-06-01", "occurred_at": "2026-06-05"},
        look | {"order_id": "ann-2026-06-01", "occurred_at": "2026-06-06"},
        # Who it was goes before whose order it is about.
        contact | {"order_id": "ann-2026-06-01", "customer_id": "cis", "occurred_at": "2026-06-05"},
        # At the cut nobody knows of the order of July, nor of one that is not in the lake.
        look | {"order_id": "bob-2026-07-01", "occurred_at": "2026-06-29"},
        contact | {"order_id": "none", "occurred_at": "2026-06-29"},
        contact | {"occurred_at": "2026-06-29"},
    ]
    rows = [row | {"touchpoint_id": f"t{place}"} for place, row in enumerate(named)]
    rated = [
        {"review_id": f"r{place}", "order_id": order_id, "rating": 5.0, "created_at": "2026-06-29"}
        for place, order_id in enumerate(("ann-2026-06-01", "bob-2026-07-01"))
    ]
    tables = {"touchpoints": lake.table("touchpoints", rows), "reviews": lake.table("reviews", rated)}
    shop = sources(orders=placed, **tables)
    few = of_customers(shop, pl.Series(["ann", "bob", "cis"]))
    for told in (shop, few):
        found = {row["customer_id"]: row for row in features(told).to_dicts()}
        assert [row["log_contacts"] for row in found.values()] == [log(2), 0, log(2)]
        for feature in ("is_seen", "has_visits", "has_stars"):
            assert [row[feature] for row in found.values()] == [1, 0, 0]
    later = one(features(few, date(2026, 7, 1)), "bob")
    assert (later["has_visits"], later["has_stars"]) == (1, 1)


def test_every_feature_of_a_customer_by_hand() -> None:
    # Purchase days 1 and 31 January and 1 April: gaps 30 and 60, median 45 with the shop's own gaps the same.
    ann = one(features(sources(**SHOP)))
    assert (ann["days_since"], ann["tenure_days"], ann["n_days"], ann["n_gaps"]) == (90, 180, 3, 2)
    assert ann["typical_gap_days"] == 45
    assert ann["overdue_ratio"] == 2
    expected = {
        "log_recency": log(91),
        "log_overdue": log(91 / 46),
        "log_frequency": log(3),
        "is_repeat": 1,
        "log_rate": log(1 + 2 / 210),
        # Ages 180, 150 and 90 days: none in the last 90 days, two in the 90 before.
        "log_recent": 0,
        "log_previous": log(3),
        "log_order_value": log(1 + 5000 / 3),
        "log_last_value": log(3001),
        "discount_share": 1000 / 6000,
        "refund_share": 0,
        "main_channel_share": 2 / 3,
        "log_categories": log(3),
        # Promised for 3 April and never delivered, with the last order.
        "log_broken": log(2),
        "is_last_broken": 1,
        "stars": 0.25 - 0.5,
        "stars_age": log(11),
        # Boxes 3, 1 and 2: the lowest is 1, half a box below the middle.
        "sci": -0.5,
        "sci_age": log(2),
        "nps": -1,
        "log_contacts": log(2),
        # Last seen on 2 June, after the last order.
        "has_visits": 1,
        "is_seen": 1,
        "seen_age": log(29),
        "unseen_age": 0,
    }
    for name, value in expected.items():
        assert ann[name] == pytest.approx(value), name


def test_a_missing_answer_is_a_feature_of_its_own_and_no_value() -> None:
    bob = one(features(sources(**SHOP)), "bob")
    for name in ("stars", "sci", "nps"):
        assert (bob[f"has_{name}"], bob[name], bob[f"{name}_age"]) == (0, 0, 0)
    ann = one(features(sources(**SHOP)))
    assert (ann["has_stars"], ann["has_sci"], ann["has_nps"]) == (1, 1, 1)


def test_an_answer_without_all_three_items_is_no_answer() -> None:
    answers = SHOP["survey_answers"].filter(pl.col("item_id") != "q2")
    assert one(features(sources(**SHOP | {"survey_answers": answers})))["has_sci"] == 0


@pytest.mark.parametrize(
    ("sent", "mood"),
    [
        # Each response: the box of the index or none, and the Net Promoter answer or none. Only the last one speaks.
        ([(3, 10), (None, 0)], -1),
        ([(0, 0), (None, 9)], 1),
        ([(None, 10), (1, None)], -1),
        ([(None, 0), (2, None)], 1),
        ([(3, 7)], 1),
        ([(1, 8)], -1),
        ([(None, 8)], 0),
        # Secure, and would not recommend: neither happy nor unhappy.
        ([(3, 6)], 0),
        # An answer to other questions is none to these.
        ([(None, 0), (None, None)], -1),
        ([(None, None)], 0),
    ],
)
def test_the_mood_is_that_of_the_last_answer_alone(sent: list[tuple[int | None, int | None]], mood: int) -> None:
    rows = [
        {"response_id": f"s{place}", "customer_id": "ann", "submitted_at": f"2026-06-{place + 1:02}"}
        for place in range(len(sent))
    ]
    roles = {"q1": "satisfaction", "q2": "repurchase", "q3": "recommend"}
    # On a scale of 5 the boxes begin at 1, 3, 4 and 5.
    items = [
        {"response_id": f"s{place}", "item_id": item, "role": role, "value": [1.0, 3.0, 4.0, 5.0][box]}
        for place, (box, _) in enumerate(sent)
        for item, role in (roles.items() if box is not None else ())
    ]
    items += [
        {"response_id": f"s{place}", "item_id": "nps", "is_nps": True, "value": float(score)}
        for place, (_, score) in enumerate(sent)
        if score is not None
    ]
    given = {
        "survey_responses": lake.table("survey_responses", rows),
        "survey_answers": lake.table("survey_answers", items),
    }
    shop = sources(orders=lake.orders(order("ann", "2026-05-01")), **given)
    assert one(features(shop))["mood"] == mood
    # Before the first answer nothing is known.
    assert one(features(shop, date(2026, 5, 31)))["mood"] == 0


def test_customers_are_those_with_a_valid_order_by_the_cut() -> None:
    assert features(sources(**SHOP))["customer_id"].to_list() == ["ann", "bob"]


def test_moving_every_row_after_the_cut_changes_nothing() -> None:
    moments = {"ordered", "created", "submitted", "occurred", "promised", "delivered"}

    def moved(frame: pl.DataFrame) -> pl.DataFrame:
        shifts = [
            pl.when(pl.col(f"{name}_at") >= pl.datetime(2026, 6, 30, 22, time_zone="UTC"))
            .then(pl.col(column) + timedelta(days=200))
            .otherwise(column)
            .alias(column)
            for name in moments
            if f"{name}_at" in frame.columns
            for column in (f"{name}_at", f"{name}_date")
        ]
        return frame.with_columns(shifts)

    later = {
        "orders": lake.orders(
            order("ann", "2026-07-05", gross_amount=90_000),
            order("bob", "2026-06-20", delivered_at="2026-07-09", refund_amount=600, refunded_at="2026-07-12"),
        )
    }
    shop = SHOP | {
        "orders": pl.concat([SHOP["orders"].filter(pl.col("order_id") != "bob-2026-06-20"), later["orders"]])
    }
    assert_frame_equal(features(sources(**shop)), features(sources(**{n: moved(t) for n, t in shop.items()})))
    # Nor is it known who comes to look after the cut, bob for the first time.
    seen = shop["touchpoints"].filter(pl.col("occurred_at") < pl.datetime(2026, 6, 30, 22, time_zone="UTC"))
    assert seen.height == shop["touchpoints"].height - 2
    assert_frame_equal(features(sources(**shop)), features(sources(**shop | {"touchpoints": seen})))
    # The refund of July is not known either.
    assert one(features(sources(**shop)), "bob")["refund_share"] == 0
    assert one(features(sources(**shop), cut=date(2026, 7, 31)), "bob")["refund_share"] == pytest.approx(0.6)


def looks(*given: tuple[str, str]) -> dict[str, Any]:
    """What is known of the visits of ann, who ordered on 1 April at 12:00, from kinds and moments (UTC) of touchpoints."""
    rows = [
        {"touchpoint_id": f"t{number}", "customer_id": "ann", "kind": kind, "occurred_at": moment}
        for number, (kind, moment) in enumerate(given)
    ]
    orders = lake.orders(order("ann", "2026-03-01 12:00"), order("ann", "2026-04-01 12:00"))
    found = one(features(sources(orders=orders, touchpoints=lake.table("touchpoints", rows))))
    return {name: found[name] for name in GROUPS["visits"]}


UNKNOWN = {"has_visits": 0, "is_seen": 0, "seen_age": 0, "unseen_age": 0}
UNSEEN = {"has_visits": 1, "is_seen": 0, "seen_age": 0, "unseen_age": pytest.approx(log(91))}
"""91 = 90 days from 1 April to the cut, and one."""


@pytest.mark.parametrize("kind", ["visit", "product_view", "cart", "checkout", "store_visit"])
def test_a_look_after_the_last_order_is_seen_and_its_age_is_that_of_the_last_look(kind: str) -> None:
    seen = {"has_visits": 1, "is_seen": 1, "seen_age": pytest.approx(log(11)), "unseen_age": 0}
    assert looks(("visit", "2026-05-05"), (kind, "2026-06-20")) == seen


@pytest.mark.parametrize(
    ("kind", "moment"),
    [
        ("visit", "2026-03-20"),
        ("checkout", "2026-04-01 11:58"),
        # Six hours after the order, to the second.
        ("product_view", "2026-04-01 18:00"),
    ],
)
def test_a_look_before_the_last_order_or_in_the_hours_around_it_is_none_since(kind: str, moment: str) -> None:
    assert looks((kind, moment)) == UNSEEN


def test_a_look_that_is_later_than_the_hours_of_the_order_is_one_since() -> None:
    assert looks(("visit", "2026-04-01 18:01"))["is_seen"] == 1


def test_a_look_at_the_end_of_the_day_of_the_cut_counts_and_one_a_moment_later_does_not() -> None:
    # The day ends in Amsterdam, two hours before it does in UTC.
    assert looks(("visit", "2026-06-30 21:59")) == {"has_visits": 1, "is_seen": 1, "seen_age": 0, "unseen_age": 0}
    assert looks(("visit", "2026-03-20"), ("visit", "2026-06-30 22:00")) == UNSEEN
    assert looks(("visit", "2026-06-30 22:00")) == UNKNOWN


def test_who_is_known_from_no_visit_has_no_value_and_nobody_is_unseen_in_a_shop_without_visits() -> None:
    assert looks() == UNKNOWN
    assert looks(("service_contact", "2026-06-20"), ("order", "2026-04-01 12:00"), ("review", "2026-06-01")) == UNKNOWN


def test_an_order_on_the_day_of_the_cut_leaves_what_was_seen_before_it_behind() -> None:
    orders = lake.orders(order("ann", "2026-04-01"), order("ann", "2026-06-30 20:00"))
    rows = [{"touchpoint_id": "t1", "customer_id": "ann", "kind": "visit", "occurred_at": "2026-06-20"}]
    found = one(features(sources(orders=orders, touchpoints=lake.table("touchpoints", rows))))
    assert (found["has_visits"], found["is_seen"], found["unseen_age"]) == (1, 0, 0)


def test_the_order_of_rows_changes_nothing() -> None:
    backwards = {name: frame.reverse() for name, frame in SHOP.items()}
    assert_frame_equal(features(sources(**SHOP)), features(sources(**backwards)))


def test_no_feature_is_ever_null_and_a_shop_without_gaps_has_no_rhythm() -> None:
    found = features(sources(orders=lake.orders(order("ann", "2026-06-20", channel=None))))
    assert found.select(FEATURES).null_count().sum_horizontal().item() == 0
    assert one(found)["typical_gap_days"] is None
    assert one(found)["log_overdue"] == 0


def test_histories_are_in_weeks_and_count_repeats() -> None:
    seen = histories(features(sources(**SHOP)))
    assert seen.repeats.tolist() == [2, 0]
    assert seen.last_week.tolist() == pytest.approx([90 / 7, 0])
    assert seen.weeks.tolist() == pytest.approx([180 / 7, 10 / 7])


def test_orders_of_one_day_are_one_purchase_day() -> None:
    twice = [order("ann", "2026-06-01 09:00", order_id="x"), order("ann", "2026-06-01 18:00", order_id="y")]
    found = one(features(sources(orders=lake.orders(*twice))))
    assert (found["n_days"], found["is_repeat"], found["net_total"]) == (1, 0, 2000)


# Generated shops

DRAWN = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.integers(-5, 400),
        st.sampled_from(["paid", "paid", "delivered", "cancelled", "returned"]),
        st.sampled_from([0, 300, 1000]),
        st.sampled_from(["web", "app", None]),
    ),
    min_size=1,
    max_size=12,
)
FEW = settings(max_examples=12, deadline=None)


def drawn_orders(drawn: list[tuple[str, int, str, int, str | None]]) -> pl.DataFrame:
    """Orders of 10.00, some refunded in part or in whole; of what was returned every second is an invoice."""
    rows = []
    for number, (who, age, status, refund, channel) in enumerate(drawn):
        at = f"{CUT - timedelta(days=age)} {number % 24:02}:30"
        more = {"promised_at": str(CUT - timedelta(days=age - 3)), "delivered_at": f"{CUT - timedelta(days=age - 5)}"}
        row = {"order_id": f"o{number:02}", "customer_id": who, "ordered_at": at, "status": status, "channel": channel}
        gross = 0 if status == "returned" and number % 2 else 1000
        rows.append(row | more | {"gross_amount": gross, "refund_amount": refund})
    return lake.orders(*rows)


def purchases_of(drawn: pl.DataFrame) -> pl.DataFrame:
    return purchase_totals(orders_as_of(drawn.lazy(), as_of=CUT), cut=CUT, settings=ChurnSettings())


@FEW
@given(DRAWN)
def test_what_a_customer_bought_is_what_a_count_by_hand_finds(
    drawn: list[tuple[str, int, str, int, str | None]],
) -> None:
    placed = drawn_orders(drawn)
    known = orders_as_of(placed.lazy(), as_of=CUT).filter(pl.col("is_valid") | pl.col("is_invoice")).collect()
    expected = {}
    for who in sorted(set(known.filter("is_valid")["customer_id"])):
        own = known.filter(customer_id=who).to_dicts()
        net_of: dict[date, int] = {}
        for row in (row for row in own if row["is_valid"]):
            net_of[row["ordered_date"]] = net_of.get(row["ordered_date"], 0) + row["net_amount"]
        days, spent = sorted(net_of), sum(net_of.values())
        gaps = [(after - before).days for before, after in pairwise(days)]
        given_back = -sum(row["net_amount"] for row in own if row["is_invoice"])
        left, repeat = max(spent - given_back, 0), spent - net_of[days[0]]
        if given_back > 0 and spent > 0:
            repeat = round(repeat * (left / spent))
        recent = sum((CUT - day).days < 90 for day in days), sum(90 <= (CUT - day).days < 180 for day in days)
        expected[who] = (len(days), median(gaps) if gaps else None, left, repeat, net_of[days[-1]], *recent)
    columns = ("n_days", "own_gap_days", "net_total", "repeat_spend", "last_value", "n_recent", "n_previous")
    found = purchases_of(placed).select("customer_id", *columns).rows()
    assert {who: tuple(values) for who, *values in found} == expected


@FEW
@given(DRAWN)
def test_purchases_depend_on_no_other_customer_but_for_the_rhythm_of_the_shop(
    drawn: list[tuple[str, int, str, int, str | None]],
) -> None:
    tables = {"orders": drawn_orders(drawn)}

    def known(orders: pl.DataFrame) -> pl.LazyFrame:
        return orders_as_of(orders.lazy(), as_of=CUT)

    rhythm = rhythm_of([count_rhythm(known(tables["orders"]))])
    of_parts = [known(part["orders"]) for part in subsets(tables, 7)]
    assert rhythm_of(count_rhythm(part) for part in [known(tables["orders"].clear()), *of_parts]) == rhythm

    def compute(part: Tables) -> pl.DataFrame:
        return purchase_totals(known(part["orders"]), cut=CUT, settings=ChurnSettings(), rhythm=rhythm)

    assert_customers_stand_alone(compute, tables, "customer_id")
    assert_frame_equal(compute(tables), purchases_of(tables["orders"]))


def test_the_shop_has_the_channel_of_most_days_and_the_medians_of_its_gaps() -> None:
    # Days of ann: 1, 3, 9 April; of bob: 1, 5 April. Gaps 2, 6, 4; to the second 2, 4. Web on three days, app on two.
    placed = [("ann", 1, "web"), ("ann", 3, "app"), ("ann", 9, "web"), ("bob", 1, "web"), ("bob", 5, "app")]
    rows = lake.orders(
        *({"customer_id": who, "ordered_at": f"2026-04-{day:02}", "channel": channel} for who, day, channel in placed)
    )
    known = orders_as_of(rows.lazy(), as_of=CUT)
    assert rhythm_of([count_rhythm(known)]) == ("web", 4.0, 3.0)
    assert rhythm_of([count_rhythm(known.clear())]) == (None, None, None)


def owned(tables: dict[str, pl.LazyFrame], name: str) -> pl.LazyFrame:
    return with_buyers(tables[name], orders_as_of(tables["orders"], as_of=CUT)).filter(
        pl.col("customer_id").is_not_null()
    )


SIGNALS: dict[str, Callable[[dict[str, pl.LazyFrame]], pl.LazyFrame]] = {
    "money_back": lambda t: signals.money_back(orders_as_of(t["orders"], as_of=CUT), cut=CUT),
    "broken_promises": lambda t: signals.broken_promises(orders_as_of(t["orders"], as_of=CUT)),
    "breadth": lambda t: signals.breadth(t["order_lines"], orders_as_of(t["orders"], as_of=CUT), cut=CUT),
    "stars": lambda t: signals.stars(owned(t, "reviews"), cut=CUT),
    "secure": lambda t: signals.secure_answers(t["survey_responses"], cut=CUT),
    "promoters": lambda t: signals.promoter_answers(t["survey_responses"], cut=CUT),
    "mood": lambda t: signals.last_mood(t["survey_responses"], cut=CUT),
    "contacts": lambda t: signals.contacts(owned(t, "touchpoints"), cut=CUT, first=CUT - timedelta(days=89)),
    "looks": lambda t: signals.looks(owned(t, "touchpoints"), cut=CUT),
}


@pytest.mark.parametrize("name", SIGNALS)
@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_what_customers_went_through_and_said_depends_on_no_other_customer(name: str, data: st.DataObject) -> None:
    drawn = data.draw(DRAWN)
    placed = drawn_orders(drawn)
    who_and_when = [(who, str(CUT - timedelta(days=age))) for who, age, *_ in drawn]
    numbers = [data.draw(st.integers(1, 5)) for _ in drawn]
    tables = {
        "orders": placed,
        "order_lines": lake.table(
            "order_lines",
            [
                {"order_id": f"o{place:02}", "line_number": 1, "ordered_at": on, "category": f"c{numbers[place]}"}
                for place, (_, on) in enumerate(who_and_when)
            ],
        ),
        "reviews": lake.table(
            "reviews",
            [
                {"review_id": f"r{place}", "customer_id": who, "rating": float(numbers[place]), "created_at": on}
                for place, (who, on) in enumerate(who_and_when)
            ],
        ),
        "survey_responses": lake.answered(
            lake.table(
                "survey_responses",
                [
                    {"response_id": f"s{place}", "customer_id": who, "submitted_at": on}
                    for place, (who, on) in enumerate(who_and_when)
                ],
            ),
            lake.table(
                "survey_answers",
                [
                    {"response_id": f"s{place}", "item_id": role, "role": role, "is_nps": role == "recommend"}
                    | {"value": float(number)}
                    for place, number in enumerate(numbers)
                    for role in ("satisfaction", "repurchase", "recommend")[: 3 if number > 1 else 2]
                ],
            ),
        ),
        "touchpoints": lake.table(
            "touchpoints",
            [
                {"touchpoint_id": f"t{place}", "customer_id": who, "occurred_at": on}
                | {"kind": ("visit", "service_contact")[numbers[place] % 2]}
                for place, (who, on) in enumerate(who_and_when)
            ],
        ),
    }

    def compute(part: Tables) -> pl.DataFrame:
        return SIGNALS[name]({key: table.lazy() for key, table in part.items()}).collect(engine="streaming")

    assert_customers_stand_alone(compute, tables, "customer_id")


def test_customers_by_number_have_the_features_of_customers_by_name() -> None:
    numbers = {"ann": 0, "bob": 1, "cis": 2}
    numbered = {
        name: frame.with_columns(
            pl.col(column).replace_strict(ids, return_dtype=pl.Int64)
            for column, ids in (
                ("customer_id", numbers),
                ("order_id", {key: place for place, key in enumerate(SHOP["orders"]["order_id"])}),
            )
            if column in frame.columns
        )
        for name, frame in SHOP.items()
    }
    by_name, by_number = features(sources(**SHOP)), features(sources(**numbered))
    assert_frame_equal(by_name.drop("customer_id"), by_number.drop("customer_id"), check_exact=True)
    assert [numbers[name] for name in by_name["customer_id"]] == by_number["customer_id"].to_list()
