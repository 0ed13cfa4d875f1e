from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.attitude.nps import count_nps_responses
from pipeline.core.attitude.settings import NpsSettings
from pipeline.core.behaviour.journey import (
    OF_STAGES,
    convert_stages,
    count_stages,
    find_abandoned_carts,
    follow_customers,
    months_of,
    praise,
)
from pipeline.core.behaviour.sessions import first_month, touchpoints_as_of
from pipeline.core.behaviour.settings import JourneySettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from schemas.types import AIDAS_STAGES, TOUCHPOINT_KINDS
from tests.unit.buckets import assert_counts_add_up
from tests.unit.lake import (
    AMSTERDAM,
    answered,
    assert_rows_in_any_order_agree,
    customers,
    on_polars,
    orders,
    segment,
    table,
)

AS_OF = date(2026, 6, 30)
JOURNEY = JourneySettings(months=3, cart_hours=24, recovery_days=10, satisfied_days=60, min_n=1)
Row = dict[str, Any]
CART = {"kind": "cart", "customer_id": "a", "cart_amount": 5000, "currency": "EUR"}
KNOWN = customers(*"abcdefgh")
NO_ORDERS = orders().lazy()


def touchpoints(*rows: Row) -> pl.DataFrame:
    return table("touchpoints", [{"touchpoint_id": f"t{number:03}"} | row for number, row in enumerate(rows)])


def seen(as_of: date = AS_OF, months: int = 3) -> Callable[[Frame, Frame], Frame]:
    return lambda given, known: touchpoints_as_of(given, known, NO_ORDERS, as_of=as_of, months=months)


def carts_of(as_of: date = AS_OF, by: JourneySettings = JOURNEY) -> Callable[[Frame, Frame, Frame], Frame]:
    return lambda given, known, placed: find_abandoned_carts(
        touchpoints_as_of(given, known, orders_as_of(placed, as_of=as_of), as_of=as_of, months=by.months),
        orders_as_of(placed, as_of=as_of),
        as_of=as_of,
        time_zone=AMSTERDAM,
        settings=by,
    )


def carts(*given: Row, placed: tuple[Row, ...] = (), as_of: date = AS_OF) -> pl.DataFrame:
    return segment("abandoned_carts", carts_of(as_of), touchpoints(*given), KNOWN, orders(*placed))


def journeys_of(as_of: date = AS_OF, by: JourneySettings = JOURNEY) -> Callable[..., Frame]:
    def compute(given: Frame, known: Frame, placed: Frame, responses: Frame, reviews: Frame) -> Frame:
        known_orders = orders_as_of(placed, as_of=as_of)
        recent = touchpoints_as_of(given, known, known_orders, as_of=as_of, months=by.months)
        praised = praise(promoters(responses, known, as_of), reviews, as_of=as_of, settings=by)
        return follow_customers(recent, known_orders, praised, months=months_of(recent), as_of=as_of, settings=by)

    return compute


def promoters(responses: Frame, known: Frame, as_of: date = AS_OF) -> Frame:
    return count_nps_responses(responses, known, as_of=as_of, settings=NpsSettings())


def converted(by: JourneySettings = JOURNEY) -> Callable[..., Frame]:
    def compute(given: Frame, known: Frame, placed: Frame, responses: Frame, reviews: Frame) -> Frame:
        journey = journeys_of()(given, known, placed, responses, reviews)
        return convert_stages(count_stages(journey, promoters(responses, known)), settings=by)

    return compute


def others(
    placed: tuple[Row, ...] = (), answers: tuple[Row, ...] = (), reviews: tuple[Row, ...] = ()
) -> tuple[pl.DataFrame, ...]:
    """Orders, survey responses with their Net Promoter answers, reviews."""
    responses = [{"response_id": f"r{number}"} | row for number, row in enumerate(answers)]
    items = [
        {
            "response_id": f"r{number}",
            "item_id": "recommend",
            "is_nps": True,
            "scale_min": 0,
            "scale_max": 10,
            "value": row["value"],
        }
        for number, row in enumerate(answers)
    ]
    sent = table("survey_responses", [{key: row[key] for key in row if key != "value"} for row in responses])
    return (
        orders(*placed),
        answered(sent, table("survey_answers", items)),
        table("reviews", [{"review_id": f"v{number}"} | row for number, row in enumerate(reviews)]),
    )


def journeys(*given: Row, as_of: date = AS_OF, **more: tuple[Row, ...]) -> pl.DataFrame:
    return segment("customer_journey", journeys_of(as_of), touchpoints(*given), KNOWN, *others(**more))


def stages(*given: Row, as_of: date = AS_OF, **more: tuple[Row, ...]) -> dict[str, str]:
    """Customer -> stage, where every customer has one month."""
    found = journeys(*given, as_of=as_of, **more)
    assert found["customer_id"].is_unique().all()
    return dict(found.select("customer_id", "stage").iter_rows())


# Whose touchpoints, and which


def test_the_last_months_begin_with_the_first_day_of_a_month() -> None:
    assert first_month(date(2026, 6, 30), 1) == date(2026, 6, 1)
    assert first_month(date(2026, 1, 1), 2) == date(2025, 12, 1)
    assert first_month(date(2026, 12, 31), 24) == date(2025, 1, 1)


def test_touchpoints_outside_the_months_up_to_the_date_do_not_exist() -> None:
    # In Amsterdam, two hours ahead of UTC, 1 April begins at 31 March 22:00 and 30 June ends at 22:00.
    moments = ("2026-03-31 21:59", "2026-03-31 22:00", "2026-06-30 21:59", "2026-06-30 22:00")
    found = on_polars(seen(), touchpoints(*({"customer_id": "a", "occurred_at": moment} for moment in moments)), KNOWN)
    assert sorted(found["touchpoint_id"]) == ["t001", "t002"]
    assert sorted(found["month"]) == [date(2026, 4, 1), date(2026, 6, 1)]


def test_a_session_belongs_to_the_only_customer_named_in_it() -> None:
    given = [
        ("one", None),
        ("one", "a"),
        ("two", "a"),
        ("two", "b"),
        ("two", None),
        ("stranger", "nobody"),
        (None, None),
        ("shared with a stranger", "a"),
        ("shared with a stranger", "nobody"),
        ("shared with a stranger", None),
    ]
    rows = [{"session_id": session, "customer_id": name, "occurred_at": "2026-06-01"} for session, name in given]
    found = on_polars(seen(), touchpoints(*rows), KNOWN).sort("touchpoint_id")
    assert found["customer_id"].to_list() == ["a", "a", "a", "b", None, None, None, "a", None, None]


IN_ONE_SESSION = [
    {"session_id": "s1", "kind": kind, "channel": "ads", "occurred_at": f"2026-06-10 11:{minute}", "order_id": order_id}
    for kind, minute, order_id in (("visit", 50, None), ("product_view", 51, None), ("order", 53, "o000"))
]


def test_a_touchpoint_that_names_nobody_is_the_buyers_of_its_order_and_so_is_its_session() -> None:
    placed = ({"customer_id": "a", "ordered_at": "2026-06-10 11:53", "channel": "web"},)
    (row,) = journeys(*IN_ONE_SESSION, placed=placed).to_dicts()
    assert (row["customer_id"], row["channel"], row["n_touchpoints"]) == ("a", "ads", 3)


def test_an_order_tells_whose_a_touchpoint_is_where_it_has_a_buyer_and_was_placed_by_the_date() -> None:
    order = {"customer_id": "a", "ordered_at": "2026-06-10 11:53", "channel": "web"}
    assert journeys(*IN_ONE_SESSION, placed=(order | {"customer_id": None},)).is_empty()
    assert journeys(*IN_ONE_SESSION, placed=(order | {"ordered_at": "2026-07-01"},)).is_empty()
    # Whoever is named counts for more, also a stranger.
    for name, touched in (("b", {"a": 0, "b": 3}), ("stranger", {"a": 0})):
        named = [row | {"customer_id": name} for row in IN_ONE_SESSION]
        found = journeys(*named, placed=(order,)).select("customer_id", "n_touchpoints")
        assert dict(found.iter_rows()) == touched


def test_a_cart_in_a_session_that_names_its_buyer_by_an_order_alone_is_the_buyers() -> None:
    cart = {"kind": "cart", "session_id": "s1", "cart_amount": 5000, "currency": "EUR"}
    contact = {"kind": "service_contact", "session_id": "s1", "occurred_at": "2026-06-10 12:00", "order_id": "o000"}
    placed = ({"customer_id": "a", "ordered_at": "2026-06-01"}, {"customer_id": "a", "ordered_at": "2026-06-13 13:00"})
    (row,) = carts(cart | {"occurred_at": "2026-06-10 13:00"}, contact, placed=placed).to_dicts()
    assert (row["customer_id"], row["is_recovered"], row["hours_to_recovery"]) == ("a", True, 72)


# Abandoned carts


def test_a_cart_is_abandoned_when_its_hours_have_passed_without_an_order() -> None:
    given = [CART | {"occurred_at": "2026-06-10 10:00", "customer_id": name, "session_id": name} for name in "abc"]
    found = carts(
        *given,
        placed=(
            {"customer_id": "a", "ordered_at": "2026-06-11 10:00"},
            {"customer_id": "b", "ordered_at": "2026-06-11 10:01"},
        ),
    )
    assert found.select("customer_id", "is_recovered", "hours_to_recovery").rows() == [
        ("b", True, pytest.approx(24 + 1 / 60)),
        ("c", False, None),
    ]


def test_a_cart_whose_hours_are_not_over_at_the_end_of_the_date_is_not_abandoned() -> None:
    # The date ends at 22:00 UTC.
    late = CART | {"occurred_at": "2026-06-29 22:01", "session_id": "late"}
    on_time = CART | {"occurred_at": "2026-06-29 22:00", "session_id": "on time"}
    assert carts(late, on_time)["session_id"].to_list() == ["on time"]


def test_the_last_state_of_a_cart_in_its_session_counts() -> None:
    given = [
        CART | {"occurred_at": "2026-06-10 10:00", "session_id": "s", "cart_amount": 1000},
        CART | {"occurred_at": "2026-06-10 10:05", "session_id": "s", "cart_amount": 2500},
        CART | {"occurred_at": "2026-06-10 11:00", "session_id": "other", "cart_amount": 700},
    ]
    found = carts(*given)
    assert found.select("cart_id", "cart_amount").rows() == [("t001", 2500), ("t002", 700)]


def test_without_sessions_a_customer_has_one_cart_a_day_and_an_unknown_visitor_one_a_touchpoint() -> None:
    moments = ("2026-06-10 10:00", "2026-06-10 11:00", "2026-06-11 10:00")
    assert carts(*(CART | {"occurred_at": moment} for moment in moments))["cart_id"].to_list() == ["t001", "t002"]
    assert carts(*(CART | {"occurred_at": moment, "customer_id": None} for moment in moments)).height == 3


def test_an_unknown_visitor_has_not_abandoned_a_cart_that_the_session_ordered() -> None:
    def anonymous(session: str, kind: str, at: str) -> Row:
        return CART | {"customer_id": None, "session_id": session, "kind": kind, "occurred_at": f"2026-06-10 {at}"}

    found = carts(
        anonymous("ordered", "cart", "10:00"),
        anonymous("ordered", "order", "10:10"),
        anonymous("ordered before", "order", "09:00"),
        anonymous("ordered before", "cart", "10:00"),
        anonymous("left", "cart", "10:00"),
    )
    assert sorted(found["session_id"]) == ["left", "ordered before"]
    assert found["is_recovered"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("left_on", "ordered_at", "is_recovered"),
    [
        # 10 days: 240 hours.
        ("2026-06-10 10:00", "2026-06-20 10:00", True),
        ("2026-06-10 10:00", "2026-06-20 10:01", False),
        ("2026-06-10 10:00", None, False),
        ("2026-06-20 22:00", None, False),
        ("2026-06-20 22:01", None, None),
        ("2026-06-25 10:00", "2026-06-27 10:00", True),
        # An order after the date does not exist.
        ("2026-06-25 10:00", "2026-06-30 22:00", None),
    ],
)
def test_a_cart_is_recovered_in_time_or_not_or_it_is_too_early_to_say(
    left_on: str, ordered_at: str | None, is_recovered: bool | None
) -> None:
    placed = ({"customer_id": "a", "ordered_at": ordered_at},) if ordered_at else ()
    (row,) = carts(CART | {"occurred_at": left_on}, placed=placed).rows(named=True)
    assert row["is_recovered"] is is_recovered
    assert (row["recovered_order_id"], row["hours_to_recovery"] is None) == (
        ("o000", False) if is_recovered else (None, True)
    )


def test_the_first_order_after_a_cart_recovers_it_and_of_those_at_one_moment_the_first_by_number() -> None:
    moments = ("2026-06-14 10:00", "2026-06-12 10:00", "2026-06-12 10:00", "2026-06-09 10:00")
    placed = tuple({"customer_id": "a", "ordered_at": moment} for moment in moments)
    found = carts(CART | {"occurred_at": "2026-06-10 10:00"}, placed=placed)
    assert found.select("recovered_order_id", "hours_to_recovery").rows() == [("o001", 48.0)]


def test_a_cancellation_invoice_recovers_nothing() -> None:
    invoice = {
        "customer_id": "a",
        "ordered_at": "2026-06-12",
        "status": "returned",
        "gross_amount": 0,
        "refund_amount": 900,
    }
    assert carts(CART | {"occurred_at": "2026-06-10"}, placed=(invoice,))["is_recovered"].to_list() == [False]
    # What came back for more than it cost was an order all the same.
    came_back = invoice | {"gross_amount": 800}
    assert carts(CART | {"occurred_at": "2026-06-10"}, placed=(came_back,))["is_recovered"].to_list() == [True]


def test_a_free_order_recovers_no_cart() -> None:
    sample = {"customer_id": "a", "ordered_at": "2026-06-12", "gross_amount": 900, "discount_amount": 900}
    assert carts(CART | {"occurred_at": "2026-06-10"}, placed=(sample,))["is_recovered"].to_list() == [False]


# Stages


@pytest.mark.parametrize(
    ("kinds", "stage"),
    [
        (["visit"], "attention"),
        (["product_view", "visit"], "interest"),
        (["visit", "cart"], "desire"),
        (["checkout"], "desire"),
        (["order", "visit"], "action"),
        (["visit", "service_contact", "review"], "attention"),
    ],
)
def test_the_furthest_stage_of_the_month_counts(kinds: list[str], stage: str) -> None:
    given = [{"customer_id": "a", "kind": kind, "occurred_at": "2026-06-10"} for kind in kinds]
    (row,) = journeys(*given).rows(named=True)
    assert (row["stage"], row["stage_number"], row["n_touchpoints"]) == (
        stage,
        AIDAS_STAGES.index(stage) + 1,
        len(kinds),
    )


def test_a_month_with_a_service_contact_only_has_no_stage() -> None:
    assert stages({"customer_id": "a", "kind": "service_contact", "occurred_at": "2026-06-10"}) == {}


def test_an_order_without_a_visit_is_action_in_months_that_have_touchpoints() -> None:
    visit = {"customer_id": "b", "occurred_at": "2026-06-30"}
    placed = (
        {"customer_id": "a", "ordered_at": "2026-06-01", "channel": "store"},
        {"customer_id": "a", "ordered_at": "2026-05-01"},
        {"customer_id": None, "ordered_at": "2026-06-01"},
    )
    found = journeys(visit, placed=placed)
    assert found.select("customer_id", "month", "stage", "channel", "n_touchpoints").rows() == [
        ("a", date(2026, 6, 1), "action", "store", 0),
        ("b", date(2026, 6, 1), "attention", "web", 1),
    ]
    assert journeys(placed=placed).height == 0


def test_months_are_apart_and_the_channel_is_that_of_the_first_touchpoint_of_each() -> None:
    found = journeys(
        {"customer_id": "a", "occurred_at": "2026-05-31 21:59", "channel": "app"},
        {"customer_id": "a", "occurred_at": "2026-05-31 22:00", "channel": None},
        {"customer_id": "a", "occurred_at": "2026-06-02", "channel": "web"},
    )
    assert found.select("month", "channel").rows() == [(date(2026, 5, 1), "app"), (date(2026, 6, 1), "unknown")]


@pytest.mark.parametrize(("visited_at", "channel"), [("09:59", "web"), ("10:00", "web"), ("10:01", "store")])
def test_the_channel_is_that_of_an_order_before_the_first_touchpoint(visited_at: str, channel: str) -> None:
    visit = {"customer_id": "a", "occurred_at": f"2026-06-10 {visited_at}", "channel": "web"}
    placed = ({"customer_id": "a", "ordered_at": "2026-06-10 10:00", "channel": "store", "order_id": "a1"},)
    assert journeys(visit, placed=placed)["channel"].to_list() == [channel]


ORDER = {"customer_id": "a", "order_id": "o1", "ordered_at": "2026-04-10 12:00", "channel": "web"}
VISIT = {"customer_id": "a", "occurred_at": "2026-04-10 11:00"}


def test_a_promoter_after_the_order_is_satisfied() -> None:
    def stage(value: float, at: str = "2026-04-20", **more: Any) -> str:
        answer = {"customer_id": "a", "submitted_at": at, "value": value} | more
        return stages(VISIT, placed=(ORDER,), answers=(answer,))["a"]

    assert stage(9) == "satisfaction"
    assert stage(8) == "action"
    assert stage(10, at="2026-04-10 11:59") == "action"
    assert stage(10, at="2026-06-09 12:00") == "satisfaction"
    assert stage(10, at="2026-06-09 12:01") == "action"
    assert stage(10, order_id="o1") == "satisfaction"
    assert stage(10, order_id="another") == "action"
    assert stage(10, customer_id="b") == "action"


def test_a_good_review_after_the_order_is_satisfaction_and_belongs_to_its_order() -> None:
    def stage(rating: float, **more: Any) -> str:
        review = {"customer_id": "a", "created_at": "2026-04-20", "rating": rating} | more
        return stages(VISIT, placed=(ORDER,), reviews=(review,))["a"]

    # 4 of 1 to 5 is 75 percent of the scale, 7 of 0 to 10 is 70.
    assert stage(4) == "satisfaction"
    assert stage(3) == "action"
    assert stage(7, rating_min=0, rating_max=10) == "action"
    assert stage(8, rating_min=0, rating_max=10) == "satisfaction"
    assert stage(5, customer_id=None, order_id="o1") == "satisfaction"


def test_an_answer_after_the_date_has_not_been_given() -> None:
    answer = {"customer_id": "a", "submitted_at": "2026-04-20", "value": 10}
    before = date(2026, 4, 19)
    assert stages(VISIT, placed=(ORDER,), answers=(answer,), as_of=before) == {"a": "action"}


# Conversion


def conversion(*given: Row, by: JourneySettings = JOURNEY, **more: tuple[Row, ...]) -> pl.DataFrame:
    return segment("stage_conversion", converted(by), touchpoints(*given), KNOWN, *others(**more))


def at_stage(*names: str, kind: str = "visit", channel: str = "web") -> list[Row]:
    return [{"customer_id": name, "kind": kind, "occurred_at": "2026-06-10", "channel": channel} for name in names]


def test_who_got_further_counts_for_every_stage_before() -> None:
    given = at_stage("a", "b") + at_stage("c", kind="product_view") + at_stage("d", kind="cart", channel="app")
    placed = ({"customer_id": "e", "ordered_at": "2026-06-10", "channel": "web"},)
    found = conversion(*given, placed=placed)
    names = ("stage", "n_furthest", "n_reached", "n_next", "pct_next")
    assert found.filter(channel="all").sort("stage_number").select(names).rows() == [
        ("attention", 2, 5, 3, 60.0),
        ("interest", 1, 3, 2, pytest.approx(200 / 3)),
        ("desire", 1, 2, 1, 50.0),
        ("action", 1, 1, 0, 0.0),
        ("satisfaction", 0, 0, None, None),
    ]
    assert dict(found.filter(stage="attention").select("channel", "n_reached").iter_rows()) == {
        "all": 5,
        "app": 1,
        "web": 4,
    }


def test_a_conversion_of_too_few_is_suppressed_and_keeps_its_counts() -> None:
    given = at_stage("a", "b", "c")
    shown, hidden = (conversion(*given, by=JourneySettings(min_n=n)).filter(stage="attention") for n in (3, 4))
    assert shown["is_suppressed"].to_list() == [False, False]
    assert hidden["is_suppressed"].to_list() == [True, True]
    assert hidden["n_reached"].to_list() == [3, 3]
    assert hidden["pct_next"].null_count() == hidden["pct_next_high"].null_count() == 2


def answer(name: str, value: int, on: str = "2026-06-20", **more: Any) -> Row:
    return {"customer_id": name, "submitted_at": on, "value": value} | more


def scores(found: pl.DataFrame, survey_type: str = "relational") -> dict[str, tuple[int | None, float | None]]:
    """Stage -> n and score of all channels."""
    rows = found.filter(channel="all").select("stage", f"n_nps_{survey_type}", f"nps_{survey_type}")
    return {stage: (n, score) for stage, n, score in rows.iter_rows()}


def test_a_stage_has_the_score_of_who_got_to_it_and_answered_that_month() -> None:
    given = at_stage("a", "b", "e") + at_stage("c", kind="product_view") + at_stage("d", kind="cart")
    answers = (
        answer("a", 0),
        answer("b", 9, "2026-06-01"),
        # The latest of the month counts, the one of May belongs to a month in which b did not come.
        answer("b", 8),
        answer("b", 0, "2026-05-31"),
        answer("c", 10),
        answer("d", 10),
        answer("d", 3, survey_type="transactional"),
    )
    found = conversion(*given, answers=answers)
    # Attention: a detractor, a passive, two promoters of four; from interest on promoters only.
    assert scores(found) == {
        "attention": (4, 25.0),
        "interest": (2, 100.0),
        "desire": (1, 100.0),
        "action": (0, None),
        "satisfaction": (None, None),
    }
    assert scores(found, "transactional")["desire"] == (1, -100.0)
    (row,) = found.filter(channel="web", stage="attention").rows(named=True)
    # Three answers are added: p = 2.75/7, d = 1.75/7, so 1/7 -/+ 1.959964 * sqrt((4.5/7 - 1/49) / 7) = 1/7 -/+ 0.584455.
    assert (row["nps_relational_low"], row["nps_relational_high"]) == pytest.approx((-44.1598, 72.7312), abs=1e-3)


@pytest.mark.parametrize(("min_n", "is_suppressed"), [(2, False), (3, True)])
def test_a_score_of_too_few_is_suppressed(min_n: int, is_suppressed: bool) -> None:
    by = JOURNEY.model_copy(update={"min_n": min_n})
    found = conversion(*at_stage("a", "b", "c"), by=by, answers=(answer("a", 10), answer("b", 10)))
    (row,) = found.filter(channel="all", stage="attention").rows(named=True)
    assert (row["n_nps_relational"], row["is_nps_relational_suppressed"]) == (2, is_suppressed)
    assert row["nps_relational"] == (None if is_suppressed else 100.0)
    assert (row["nps_relational_low"] is None, row["nps_relational_high"] is None) == (is_suppressed, is_suppressed)


def test_without_touchpoints_every_table_is_empty() -> None:
    placed = ({"customer_id": "a", "ordered_at": "2026-06-01"},)
    assert carts(placed=placed).height == 0
    assert journeys(placed=placed).height == 0
    assert conversion(placed=placed).height == 0


# Any rows


def test_carts_journeys_and_conversion_do_not_depend_on_the_order_of_rows() -> None:
    given = touchpoints(
        CART | {"occurred_at": "2026-06-10 10:00", "session_id": "s"},
        CART | {"occurred_at": "2026-06-12 10:00", "customer_id": "b"},
        CART | {"occurred_at": "2026-06-12 10:00", "customer_id": None, "session_id": "x"},
        {"customer_id": "b", "kind": "order", "session_id": "x", "occurred_at": "2026-06-12 09:00"},
        {"customer_id": "c", "kind": "service_contact", "occurred_at": "2026-05-31 22:30", "channel": None},
        VISIT,
    )
    placed = (ORDER, {"customer_id": "a", "ordered_at": "2026-06-15 11:30"})
    answers = ({"customer_id": "a", "submitted_at": "2026-04-20", "value": 9},)
    reviews = ({"customer_id": "a", "created_at": "2026-06-20", "rating": 5},)
    assert_rows_in_any_order_agree("abandoned_carts", carts_of(), given, KNOWN, orders(*placed))
    rest = others(placed=placed, answers=answers, reviews=reviews)
    assert_rows_in_any_order_agree("customer_journey", journeys_of(), given, KNOWN, *rest)
    assert_rows_in_any_order_agree("stage_conversion", converted(), given, KNOWN, *rest)


HOURS = st.integers(0, 90 * 24)
TOUCH = st.tuples(
    st.sampled_from("abcdef"), st.sampled_from(["1", "2", None]), st.sampled_from(TOUCHPOINT_KINDS), HOURS
)
BOUGHT = st.tuples(st.sampled_from("abcdef"), HOURS)
RATED = st.tuples(st.sampled_from("abcdef"), HOURS, st.integers(1, 5))
Touches = list[tuple[str, str | None, str, int]]
Bought = list[tuple[str, int]]
Rated = list[tuple[str, int, int]]


def after(hours: int) -> datetime:
    return datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=hours)


def shop(given: Touches, placed: Bought, rated: Rated) -> tuple[pl.DataFrame, ...]:
    """Touchpoints, customers, orders, and reviews that name no order."""
    touched = [
        {"customer_id": name, "session_id": session and name + session, "kind": kind, "occurred_at": f"{after(hours):%Y-%m-%d %H:%M}"}
        for name, session, kind, hours in given
    ]  # fmt: skip
    bought = [{"customer_id": name, "ordered_at": f"{after(hours):%Y-%m-%d %H:%M}"} for name, hours in placed]
    reviews = [
        {"review_id": f"v{number}", "customer_id": name, "created_at": f"{after(hours):%Y-%m-%d %H:%M}", "rating": stars}
        for number, (name, hours, stars) in enumerate(rated)
    ]  # fmt: skip
    return touchpoints(*touched), KNOWN, orders(*bought), table("reviews", reviews)


def local_month(hours: int) -> date:
    """April to June in Amsterdam, two hours ahead of UTC."""
    return (after(hours) + timedelta(hours=2)).date().replace(day=1)


def stages_one_by_one(given: Touches, placed: Bought, rated: Rated) -> dict[tuple[str, date], int]:
    """The same in plain Python: the furthest stage of each customer and month."""
    furthest: dict[tuple[str, date], int] = {}
    number = {"visit": 1, "product_view": 2, "cart": 3, "checkout": 3, "order": 4}
    steps = [(name, hours, number[kind]) for name, _, kind, hours in given if kind in number]
    for name, hours in placed:
        followed = any(who == name and 0 <= on - hours <= 60 * 24 and stars >= 4 for who, on, stars in rated)
        steps.append((name, hours, 5 if followed else 4))
    seen_months = {local_month(hours) for _, _, _, hours in given}
    for name, hours, stage in steps:
        if local_month(hours) in seen_months:
            key = (name, local_month(hours))
            furthest[key] = max(furthest.get(key, 0), stage)
    return furthest


def carts_one_by_one(given: Touches, placed: Bought) -> dict[str, bool | None]:
    """The same in plain Python: whether each abandoned cart was recovered."""
    last: dict[Any, int] = {}
    for number, (name, session, kind, hours) in sorted(enumerate(given), key=lambda item: (item[1][3], item[0])):
        if kind == "cart":
            last[(name, session or (after(hours) + timedelta(hours=2)).date())] = number
    found: dict[str, bool | None] = {}
    end = int((datetime(2026, 6, 30, 22, tzinfo=UTC) - after(0)).total_seconds()) // 3600
    for number in last.values():
        name, session, _, hours = given[number]
        in_session = [row for row in given if session and row[:3] == (name, session, "order") and row[3] >= hours]
        waits = sorted(on - hours for who, on in placed if who == name and on >= hours)
        if hours > end - 24 or in_session or (waits and waits[0] <= 24):
            continue
        is_recovered = bool(waits) and waits[0] <= 240
        found[f"t{number:03}"] = is_recovered if is_recovered or hours <= end - 240 else None
    return found


UNASKED = answered(table("survey_responses", []), table("survey_answers", []))


@settings(max_examples=12)
@given(st.lists(TOUCH, min_size=1, max_size=14), st.lists(BOUGHT, max_size=5), st.lists(RATED, max_size=4))
def test_stages_and_carts_are_those_found_one_by_one(given: Touches, placed: Bought, rated: Rated) -> None:
    touched, known, bought, reviews = shop(given, placed, rated)
    found = on_polars(journeys_of(), touched, known, bought, UNASKED, reviews)
    assert {
        (name, month): stage for name, month, stage in found.select("customer_id", "month", "stage_number").iter_rows()
    } == stages_one_by_one(given, placed, rated)
    left = segment("abandoned_carts", carts_of(), touched, known, bought)
    assert dict(left.select("cart_id", "is_recovered").iter_rows()) == carts_one_by_one(given, placed)


@settings(max_examples=4)
@given(st.lists(TOUCH, min_size=1, max_size=14), st.lists(BOUGHT, max_size=5), st.lists(RATED, max_size=4))
def test_customers_are_followed_alike_in_one_and_in_many_buckets(given: Touches, placed: Bought, rated: Rated) -> None:
    touched, known, bought, reviews = shop(given, placed, rated)
    recent = on_polars(seen(), touched, known)
    months = months_of(recent.lazy())

    def follow(names: str) -> list[pl.DataFrame]:
        touches, orders_of, said = (
            frame.lazy().filter(pl.col("customer_id").is_in(list(names))) for frame in (recent, bought, reviews)
        )
        known_orders = orders_as_of(orders_of, as_of=AS_OF)
        answered = promoters(*(frame.lazy() for frame in (UNASKED, known)))
        praised = praise(answered, said, as_of=AS_OF, settings=JOURNEY)
        journey = follow_customers(touches, known_orders, praised, months=months, as_of=AS_OF, settings=JOURNEY)
        left = find_abandoned_carts(touches, known_orders, as_of=AS_OF, time_zone=AMSTERDAM, settings=JOURNEY)
        return pl.collect_all([journey, left])

    whole = follow("abcdef")
    # Of 7 buckets one has two customers; of 64 each has one or none.
    for buckets in (("a", "b", "", "cd", "e", "", "f"), tuple("abcdef")):
        parts = [follow(names) for names in buckets]
        for table_of, key in enumerate((["customer_id", "month"], ["cart_id"])):
            assert_frame_equal(pl.concat([part[table_of] for part in parts]).sort(key), whole[table_of].sort(key))


def test_stages_of_parts_of_the_customers_are_added() -> None:
    kinds = {"a": "visit", "b": "order", "c": "cart", "d": "visit", "e": "product_view"}
    given_rows = [
        {"customer_id": name, "kind": kind, "occurred_at": "2026-06-10", "channel": "web" if name in "abc" else "app"}
        for name, kind in kinds.items()
    ]
    said = tuple({"customer_id": name, "submitted_at": "2026-06-12", "value": 8 + n} for n, name in enumerate("abd"))
    bought, responses, reviews = others(answers=said)
    journey = on_polars(journeys_of(), touchpoints(*given_rows), KNOWN, bought, responses, reviews)
    answers = on_polars(promoters, responses, KNOWN)
    assert_counts_add_up(lambda *frames: on_polars(count_stages, *frames), journey, answers, by=OF_STAGES)


MOMENT = st.integers(0, 90 * 24).map(lambda hours: datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=hours))
TOUCHPOINT = st.tuples(
    st.sampled_from(["a", "b", "c", None]),
    st.sampled_from(["s", "t", "u", None]),
    st.sampled_from(TOUCHPOINT_KINDS),
    MOMENT,
    st.sampled_from(["web", "app", None]),
)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(TOUCHPOINT, min_size=1, max_size=12),
    st.lists(st.tuples(st.sampled_from("abc"), MOMENT), max_size=4),
    st.randoms(use_true_random=False),
)
def test_the_order_of_rows_changes_nothing_and_every_interval_holds_its_share(
    given: list[tuple[Any, ...]], placed: list[tuple[str, datetime]], random: Any
) -> None:
    rows: list[Row] = [
        {
            "touchpoint_id": f"t{number}",
            "customer_id": name,
            "session_id": session,
            "kind": kind,
            "occurred_at": f"{at:%Y-%m-%d %H:%M}",
            "channel": channel,
        }
        for number, (name, session, kind, at, channel) in enumerate(given)
    ]
    bought = tuple({"customer_id": name, "ordered_at": f"{at:%Y-%m-%d %H:%M}"} for name, at in placed)
    shuffled = random.sample(rows, len(rows))
    assert carts(*rows, placed=bought).equals(carts(*shuffled, placed=bought))
    found = conversion(*rows, placed=bought)
    assert found.equals(conversion(*shuffled, placed=bought))
    assert found.filter(pl.col("n_next") > pl.col("n_reached")).height == 0
    rated = found.drop_nulls("pct_next")
    holds = (pl.col("pct_next_low") <= pl.col("pct_next") + 1e-9) & (
        pl.col("pct_next") <= pl.col("pct_next_high") + 1e-9
    )
    assert rated.filter(~holds).height == 0
    # Every customer-month is at one stage, in one channel.
    sums = dict(found.group_by(pl.col("channel") == "all").agg(pl.col("n_furthest").sum()).iter_rows())
    assert sums.get(True, 0) == sums.get(False, 0) == journeys(*rows, placed=bought).height
