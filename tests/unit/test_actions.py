from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pydantic import ValidationError

from pipeline.core.facts.customers import consent_is_told
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from pipeline.core.local_dates import with_local_dates
from pipeline.core.loyalty.action_settings import ActionsSettings
from pipeline.core.loyalty.actions import (
    OF_CAUSE,
    Judged,
    OfShop,
    chosen_actions,
    control_rows,
    count_held_back,
    count_recoveries,
    judge_actions,
    playbook_rows,
    rank_customers,
    rank_keys,
    verdict_rows,
)
from pipeline.core.loyalty.contacts import not_yet_contacted, one_each, with_addresses
from pipeline.core.loyalty.due_actions import Shop, Sources, due_actions, due_when
from schemas.actions import ACTIONS
from schemas.registry import RECORDS, SEGMENTS
from schemas.types import CHURN_BANDS, MISSING_ITEMS
from tests.unit.buckets import assert_buckets_agree, assert_counts_add_up
from tests.unit.contracts import follows
from tests.unit.lake import AMSTERDAM, assert_rows_in_any_order_agree, at, orders, people, segment, table

AS_OF = date(2026, 6, 30)
SHOP = Shop(cart_recovery_days=30, has_survey=True)
NO_SURVEY = Shop(cart_recovery_days=30, has_survey=False)
Row = dict[str, Any]
YES = {"accepts_marketing": True}
DEFAULTS = ActionsSettings()
# Only an old order, so that nothing but what a test says is due.
CALM = {"customer_id": "a", "ordered_at": "2025-06-01"}


def settings(**changes: Any) -> ActionsSettings:
    return ActionsSettings.model_validate(changes)


def only(*actions: str, **changes: Any) -> ActionsSettings:
    """A playbook in which these actions are enabled and the others are not."""
    return settings(**{name: {"enabled": name in actions} | changes.get(name, {}) for name in ACTIONS})


def dated(name: str, rows: list[Row]) -> pl.DataFrame:
    schema = SEGMENTS[name].polars_schema
    filled = [dict.fromkeys(schema) | {"as_of_date": AS_OF} | row for row in rows]
    return moments(
        pl.DataFrame(
            [
                {key: at(value) if key.endswith("_at") and value else value for key, value in row.items()}
                for row in filled
            ],
            schema=schema,
        )
    )


def moments(rows: pl.DataFrame) -> pl.DataFrame:
    return with_local_dates(rows.lazy(), AMSTERDAM).collect()


def facts(
    placed: list[Row] | None = None,
    accounts: list[Row] | None = None,
    reviews: list[Row] | None = None,
    responses: list[Row] | None = None,
    invitations: list[Row] | None = None,
    contacts: list[Row] | None = None,
    churn: list[Row] | None = None,
    loyalty: list[Row] | None = None,
    says: dict[str, str] | None = None,
    say_do: list[Row] | None = None,
    carts: list[Row] | None = None,
    sci: list[Row] | None = None,
    cart_products: list[Row] | None = None,
    nps: list[Row] | None = None,
) -> tuple[pl.DataFrame, ...]:
    """The frames of Sources in its order, from what matters to a test; everybody called a, b or c accepts marketing."""
    told = [{"customer_id": name} | YES for name in "abc"] if accounts is None else accounts
    ordered = orders(*(placed or []))
    owners = {f"k{number:03}": row["customer_id"] for number, row in enumerate(carts or [])}
    exported = [row | {"exported_at": at(row["exported_at"])} for row in contacts or []]
    return (
        ordered,
        people(table("customers", told), ordered),
        table("reviews", [{"review_id": f"v{number}"} | row for number, row in enumerate(reviews or [])]),
        table("survey_responses", [{"response_id": f"r{number}"} | row for number, row in enumerate(responses or [])]),
        table("survey_invitations", [{"invitation_id": f"i{n}"} | row for n, row in enumerate(invitations or [])]),
        moments(pl.DataFrame(exported, schema=RECORDS["contacts"].polars_schema)),
        dated("churn_risk", churn or []),
        dated("loyalty", [{"is_vip": False, "pct_to_next_tier": 0.0} | row for row in loyalty or []]),
        dated("say_do", say_do or [{"customer_id": name, "says": value} for name, value in (says or {}).items()]),
        dated("abandoned_carts", [{"cart_id": f"k{number:03}"} | row for number, row in enumerate(carts or [])]),
        dated("sci", [{"age_days": 0} | row for row in sci or []]),
        dated(
            "abandoned_cart_products",
            [{"customer_id": owners.get(row["cart_id"])} | row for row in cart_products or []],
        ),
        dated("nps", nps or []),
    )


def shop_of(*frames: Frame, shop: Shop = SHOP) -> OfShop:
    given = sources(*frames)
    return OfShop(
        recoveries=count_recoveries(given.carts, as_of=AS_OF, shop=shop).collect(),
        is_consent_told=given.customers.select(consent_is_told()).collect().item(),
    )


def judged(*frames: Frame, by: ActionsSettings = DEFAULTS, shop: Shop = SHOP, of_shop: OfShop | None = None) -> Judged:
    told = of_shop or shop_of(*frames, shop=shop)
    return judge_actions(sources(*frames), told, as_of=AS_OF, shop=shop, settings=by)


def chooser(by: ActionsSettings = DEFAULTS, shop: Shop = SHOP) -> Callable[..., Frame]:
    def choose(*frames: Frame) -> Frame:
        found = judged(*frames, by=by, shop=shop)
        return chosen_actions(found, rank_customers(rank_keys(found)), as_of=AS_OF, settings=by)

    return choose


def holder(by: ActionsSettings) -> Callable[..., Frame]:
    return lambda *frames: count_held_back(judged(*frames, by=by), as_of=AS_OF)


def sources(placed: Frame, *others: Frame) -> Sources:
    return Sources(orders_as_of(placed, as_of=AS_OF), *others)


def actions(by: ActionsSettings = DEFAULTS, shop: Shop = SHOP, **given: Any) -> list[Row]:
    return segment("next_action", chooser(by, shop), *facts(**given)).to_dicts()


def action_of(by: ActionsSettings = DEFAULTS, **given: Any) -> str | None:
    rows = actions(by, **given)
    return rows[0]["action"] if rows else None


LATE = CALM | {"ordered_at": "2026-06-01", "promised_at": "2026-06-09", "delivered_at": "2026-06-12"}
LEAVING = {"customer_id": "a", "churn_band": "at_risk", "days_since_last_order": 150}
NEAR = {
    "customer_id": "a",
    "pct_to_next_tier": 90.0,
    "amount_to_next_tier": 1000,
    "tier_metric": "net_spend",
    "tier": "member",
}
CART = {"customer_id": "a", "abandoned_at": "2026-06-28", "cart_amount": 8000}


# What is due


def test_a_broken_promise_is_to_be_mended_with_the_days_since_and_the_amount_of_the_order() -> None:
    (row,) = actions(only("mend_a_broken_promise"), placed=[LATE | {"gross_amount": 4200}])
    # Promised for 9 June, so broken from the 10th: 20 days before 30 June.
    assert row["action"] == "mend_a_broken_promise"
    assert row["reason"] == "delivered_late"
    assert (row["reason_days"], row["reason_amount"], row["order_id"]) == (20, 4200, "o000")
    assert (row["channel"], row["needs_consent"], row["consent_basis"]) == ("email", False, "not_needed")
    assert row["expires_on"] == date(2026, 7, 7)


def test_an_order_not_delivered_by_its_date_is_overdue_and_one_in_time_needs_no_apology() -> None:
    by = only("mend_a_broken_promise")
    overdue = {"ordered_at": "2026-06-01", "promised_at": "2026-06-28"}
    kept = overdue | {"delivered_at": "2026-06-28"}
    (row,) = actions(by, placed=[{"customer_id": "a"} | overdue, {"customer_id": "b"} | kept])
    assert (row["customer_id"], row["reason"], row["reason_days"]) == ("a", "delivery_overdue", 1)


@pytest.mark.parametrize(("within", "is_due"), [(20, False), (21, True)])
def test_a_promise_broken_long_ago_needs_no_apology_any_more(within: int, is_due: bool) -> None:
    by = only("mend_a_broken_promise", mend_a_broken_promise={"within_days": within})
    assert bool(actions(by, placed=[LATE])) == is_due


@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"status": "pending"}, {"refund_amount": 1000}])
def test_an_order_that_is_not_valid_needs_no_apology(change: Row) -> None:
    assert actions(only("mend_a_broken_promise"), placed=[LATE | change]) == []


def test_of_several_broken_promises_the_last_is_mended() -> None:
    earlier = LATE | {"promised_at": "2026-06-05"}
    (row,) = actions(only("mend_a_broken_promise"), placed=[LATE, earlier])
    assert row["order_id"] == "o000"


@pytest.mark.parametrize("band", CHURN_BANDS)
def test_a_customer_is_won_back_in_the_bands_of_the_playbook(band: str) -> None:
    found = actions(only("win_back"), churn=[LEAVING | {"churn_band": band, "value_at_risk": 900}])
    assert bool(found) == (band in {"at_risk", "highly_at_risk"})
    for row in found:
        assert (row["reason"], row["reason_days"]) == ("silent_too_long", 150)
        assert (row["expected_value"], row["expected_value_basis"]) == (900, "value_at_risk")


@pytest.mark.parametrize(
    ("says", "band", "reason"),
    [
        ("detractor", "active", "vip_is_unhappy"),
        ("detractor", "at_risk", "vip_is_unhappy"),
        ("secure", "cooling_down", "vip_is_slipping"),
        ("secure", "active", None),
        ("secure", "lost", None),
    ],
)
def test_a_vip_who_is_unhappy_or_slipping_is_cared_for(says: str, band: str, reason: str | None) -> None:
    given = {
        "churn": [LEAVING | {"churn_band": band}],
        "loyalty": [{"customer_id": "a", "is_vip": True, "net_spend": 70000}],
        "says": {"a": says},
    }
    found = actions(only("vip_care"), **given)
    assert [row["reason"] for row in found] == ([reason] if reason else [])
    assert all(row["reason_amount"] == 70000 and row["channel"] == "phone" for row in found)
    assert actions(only("vip_care"), **given | {"loyalty": [{"customer_id": "a", "net_spend": 70000}]}) == []


@pytest.mark.parametrize(
    ("sci_class", "says", "band", "days"),
    [
        ("vulnerable", "vulnerable", "at_risk", 40),
        ("unclassified", "detractor", "at_risk", 7),
        (None, "detractor", "active", 7),
        ("secure", "secure", "at_risk", 150),
    ],
)
def test_a_vip_is_unhappy_since_the_answer_that_says_so_and_slipping_since_the_last_order(
    sci_class: str | None, says: str, band: str, days: int
) -> None:
    (row,) = actions(
        only("vip_care"),
        churn=[LEAVING | {"churn_band": band}],
        loyalty=[{"customer_id": "a", "is_vip": True, "net_spend": 70000}],
        say_do=[{"customer_id": "a", "says": says, "sci_class": sci_class, "nps_class": "detractor"}],
        sci=[{"customer_id": "a", "age_days": 40, "sci_class": sci_class}] if sci_class else [],
        nps=[{"customer_id": "a", "age_days": 7}],
    )
    assert row["reason_days"] == days


def test_the_last_cart_that_is_open_is_called_to_mind() -> None:
    carts = [CART, CART | {"abandoned_at": "2026-06-25", "cart_amount": 100}]
    (row,) = actions(only("abandoned_cart"), carts=carts)
    assert (row["reason"], row["reason_days"], row["reason_amount"]) == ("cart_left_behind", 2, 8000)


@pytest.mark.parametrize(
    "change", [{"is_recovered": True}, {"customer_id": None}, {"abandoned_at": "2026-06-23"}], ids=str
)
def test_a_cart_that_was_ordered_or_is_nobodys_or_too_old_is_left_alone(change: Row) -> None:
    assert actions(only("abandoned_cart"), carts=[CART | change]) == []


def test_a_cart_is_worth_its_amount_times_the_share_of_older_carts_that_were_recovered() -> None:
    over = {"customer_id": "b", "abandoned_at": "2026-05-01", "cart_amount": 1}
    carts = [CART, over | {"is_recovered": True}, *[over | {"is_recovered": False}] * 3]
    # Its 30 days are not over: recovered carts show at once and others do not, so that it counts on neither side.
    young = over | {"abandoned_at": "2026-06-02", "is_recovered": True}
    by = settings(min_n=4, **{name: {"enabled": name == "abandoned_cart"} for name in ACTIONS})
    (row,) = actions(by, carts=[*carts, young])
    assert (row["expected_value"], row["n_evidence"], row["is_suppressed"]) == (2000, 4, False)
    assert row["expected_value_basis"] == "cart_recovery"
    (row,) = actions(by.model_copy(update={"min_n": 5}), carts=[*carts, young])
    assert (row["expected_value"], row["n_evidence"], row["is_suppressed"]) == (None, 4, True)
    assert row["expected_value_basis"] is None


OFFERED = {
    "cart_id": "k000",
    "product_id": "TOL-1",
    "product_name": "Tol Nova",
    "price_amount": 895,
    "discounted_amount": 671,
    "discount_ends_on": date(2026, 7, 3),
}


def test_an_offer_names_the_product_left_in_the_cart_its_old_and_new_price_and_their_last_day() -> None:
    by = only("offer_on_abandoned_product")
    over = {"customer_id": "b", "abandoned_at": "2026-05-01", "cart_amount": 1}
    carts = [CART, over | {"is_recovered": True}, *[over | {"is_recovered": False}] * 3]
    (row,) = actions(settings(min_n=4, **by.model_dump(exclude={"min_n"})), carts=carts, cart_products=[OFFERED])
    assert (row["customer_id"], row["action"], row["reason"]) == (
        "a",
        "offer_on_abandoned_product",
        "cart_product_discounted",
    )
    assert {name: row[name] for name in OFFERED if name != "cart_id"} == {
        name: value for name, value in OFFERED.items() if name != "cart_id"
    }
    # One of four older carts was recovered: 80.00 / 4.
    assert (row["reason_days"], row["reason_amount"], row["expected_value"]) == (2, 8000, 2000)
    assert (row["needs_consent"], row["consent_basis"]) == (True, "given")
    # Seven days of the action would end on 7 July, after the discount.
    assert row["expires_on"] == date(2026, 7, 3)
    (row,) = actions(by, carts=[CART], cart_products=[OFFERED | {"discount_ends_on": None}])
    assert row["expires_on"] == date(2026, 7, 7)


@pytest.mark.parametrize(
    ("cart", "product", "placed"),
    [
        ({}, {"discounted_amount": None}, []),
        ({"is_recovered": True}, {}, []),
        ({"customer_id": None}, {}, []),
        ({"abandoned_at": "2026-05-31"}, {}, []),
        ({}, {"cart_id": "k999"}, []),
        ({}, {}, [CALM | {"ordered_at": "2026-06-29"}]),
    ],
    ids=["not discounted", "ordered", "nobody's", "too old", "another cart", "bought since"],
)
def test_nothing_is_offered_of_a_cart_that_was_ordered_is_nobodys_too_old_or_at_its_usual_price(
    cart: Row, product: Row, placed: list[Row]
) -> None:
    by = only("offer_on_abandoned_product")
    assert actions(by, carts=[CART | cart], cart_products=[OFFERED | product], placed=placed) == []
    assert len(actions(by, carts=[CART], cart_products=[OFFERED], placed=[CALM])) == 1


def test_of_several_offers_the_largest_saving_of_the_last_cart_is_made() -> None:
    carts = [CART | {"abandoned_at": "2026-06-20"}, CART]
    offers = [
        OFFERED | {"product_id": "old", "discounted_amount": 1},
        OFFERED | {"cart_id": "k001", "product_id": "c", "price_amount": 1000, "discounted_amount": 800},
        OFFERED | {"cart_id": "k001", "product_id": "b", "price_amount": 500, "discounted_amount": 250},
        OFFERED | {"cart_id": "k001", "product_id": "d", "price_amount": 9000, "discounted_amount": None},
    ]
    by = only("offer_on_abandoned_product")
    # Savings of 2.00 and 2.50; the older cart's 8.94 does not count.
    assert [row["product_id"] for row in actions(by, carts=carts, cart_products=offers)] == ["b"]
    assert [row["product_id"] for row in actions(by, carts=carts, cart_products=offers[:1])] == ["old"]


def test_an_offer_comes_before_a_reminder_and_waits_for_consent_and_the_days_of_contact_as_any_marketing() -> None:
    given = {"carts": [CART], "cart_products": [OFFERED]}
    by = only("offer_on_abandoned_product", "abandoned_cart")
    (row,) = actions(by, **given)
    assert (row["action"], row["n_due"]) == ("offer_on_abandoned_product", 2)
    assert actions(by, **given, accounts=[{"customer_id": "a", "accepts_marketing": False}]) == []
    assert actions(by, **given, contacts=[exported("win_back", "2026-06-24")]) == []
    (row,) = actions(by, **given, contacts=[exported("offer_on_abandoned_product", "2026-06-10")])
    assert (row["action"], row["product_id"], row["n_held_back"]) == ("abandoned_cart", None, 1)


def test_a_cart_is_not_called_to_mind_when_its_customer_has_ordered_since() -> None:
    by = only("abandoned_cart", abandoned_cart={"within_days": 90})
    cart = CART | {"abandoned_at": "2026-05-01", "is_recovered": False}
    assert actions(by, carts=[cart], placed=[CALM | {"ordered_at": "2026-06-20"}]) == []
    assert len(actions(by, carts=[cart], placed=[CALM | {"ordered_at": "2026-04-20"}])) == 1


def test_the_first_order_brings_a_welcome_and_the_second_ends_it() -> None:
    by = only("welcome_series")
    first = {"customer_id": "a", "ordered_at": "2026-06-20", "gross_amount": 5000}
    churn = [{"customer_id": "a", "churn_band": "active", "expected_spend_h": 1500}]
    (row,) = actions(by, placed=[first], churn=churn)
    assert (row["reason"], row["reason_days"], row["reason_amount"]) == ("first_order", 10, 5000)
    assert (row["expected_value"], row["expected_value_basis"]) == (1500, "expected_spend")
    assert actions(by, placed=[first, first | {"ordered_at": "2026-06-21"}]) == []
    assert actions(by, placed=[first | {"ordered_at": "2026-06-16"}]) == []
    assert len(actions(by, placed=[first | {"ordered_at": "2026-06-17"}])) == 1


@pytest.mark.parametrize(("percent", "is_due"), [(79.9, False), (80.0, True)])
def test_a_customer_close_to_the_next_tier_hears_what_is_missing(percent: float, is_due: bool) -> None:
    found = actions(only("tier_nudge"), loyalty=[NEAR | {"pct_to_next_tier": percent}])
    assert [row["reason_amount"] for row in found] == ([1000] if is_due else [])


@pytest.mark.parametrize(("metric", "amount"), [("net_spend", 1000), ("points", None), ("orders", None)])
def test_what_is_missing_for_a_tier_is_an_amount_only_where_it_is_money(metric: str, amount: int | None) -> None:
    (found,) = actions(only("tier_nudge"), loyalty=[NEAR | {"tier_metric": metric}])
    assert found["reason_amount"] == amount


def test_nobody_is_nudged_in_the_highest_tier() -> None:
    top = NEAR | {"pct_to_next_tier": 100.0, "amount_to_next_tier": None}
    assert actions(only("tier_nudge"), loyalty=[top]) == []


@pytest.mark.parametrize(("age", "is_due"), [(89, True), (90, False)])
def test_who_is_loyal_but_misses_something_is_asked_about_it_while_the_answer_is_new(age: int, is_due: bool) -> None:
    answered = {"customer_id": "a", "sci_missing_items": "satisfaction_and_recommend", "age_days": age}
    others = [{"customer_id": "b", "sci_missing_items": None}]
    found = actions(only("ask_what_is_missing"), sci=[answered, *others], churn=[LEAVING | {"value_at_risk": 900}])
    assert [(row["customer_id"], row["reason"], row["reason_days"]) for row in found] == [
        ("a", "loyal_but_missing_satisfaction_and_recommend", 89)
    ] * is_due
    assert all((row["expected_value"], row["needs_consent"]) == (900, True) for row in found)


DELIVERED = {"customer_id": "a", "ordered_at": "2026-06-10", "delivered_at": "2026-06-20"}


@pytest.mark.parametrize(
    ("delivered", "is_due"), [("2026-06-28", False), ("2026-06-27", True), ("2026-06-01", True), ("2026-05-31", False)]
)
def test_a_review_is_asked_for_when_the_order_can_be_judged_and_is_not_forgotten(delivered: str, is_due: bool) -> None:
    placed = [DELIVERED | {"ordered_at": "2026-05-25", "delivered_at": delivered}]
    assert bool(actions(only("thank_and_ask_for_a_review"), placed=placed)) == is_due


@pytest.mark.parametrize(
    "given",
    [
        {"reviews": [{"order_id": "o000", "created_at": "2026-06-22"}]},
        {"reviews": [{"customer_id": "a", "created_at": "2026-06-22"}]},
        {"says": {"a": "detractor"}},
        {"placed": [DELIVERED | {"promised_at": "2026-06-15"}]},
    ],
    ids=["order reviewed", "customer wrote since", "unhappy", "late"],
)
def test_no_review_is_asked_of_who_wrote_one_is_unhappy_or_was_let_down(given: dict[str, Any]) -> None:
    by = only("thank_and_ask_for_a_review")
    earlier = [{"customer_id": "a", "created_at": "2026-06-01"}]
    assert len(actions(by, placed=[DELIVERED], reviews=earlier, says={"a": "promoter"})) == 1
    assert actions(by, **{"placed": [DELIVERED]} | given) == []


def test_a_review_or_an_invitation_that_names_an_order_alone_is_the_buyers() -> None:
    old = CALM | {"order_id": "old", "ordered_at": "2026-01-10"}
    since = [{"order_id": "old", "created_at": "2026-06-22"}]
    by = only("thank_and_ask_for_a_review")
    assert len(actions(by, placed=[DELIVERED, old])) == 1
    assert actions(by, placed=[DELIVERED, old], reviews=since) == []
    # An order that is no purchase has a buyer too.
    cancelled = old | {"status": "cancelled"}
    assert actions(by, placed=[DELIVERED, cancelled], reviews=since) == []
    invited = [{"order_id": "old", "invited_at": "2026-06-22"}]
    assert actions(only("ask_for_a_survey"), placed=[DELIVERED, cancelled], invitations=invited) == []


def test_a_survey_is_asked_for_after_the_pause_from_an_invitation_or_an_answer() -> None:
    by, placed = only("ask_for_a_survey"), [CALM | {"ordered_at": "2026-06-01"}]
    (row,) = actions(by, placed=placed)
    assert (row["reason"], row["reason_days"]) == ("never_answered_a_survey", None)
    # 1 April is 90 days before 30 June.
    for day, is_due in (("2026-04-01", True), ("2026-04-02", False)):
        answered = actions(by, placed=placed, responses=[{"customer_id": "a", "submitted_at": day}])
        invited = actions(by, placed=placed, invitations=[{"order_id": "o000", "invited_at": day}])
        told = [(row["reason"], row["reason_days"]) for row in answered]
        assert told == [("no_recent_answer", 90)] * is_due
        assert [row["reason"] for row in invited] == ["never_answered_a_survey"] * is_due


def test_days_without_an_answer_count_from_the_last_one_and_not_from_an_invitation_or_order() -> None:
    given = {
        "placed": [CALM | {"ordered_at": "2026-06-01"}],
        "responses": [{"customer_id": "a", "submitted_at": day} for day in ("2025-06-30", "2026-01-01")],
        "invitations": [{"order_id": "o000", "invited_at": "2026-03-01"}],
    }
    (row,) = actions(only("ask_for_a_survey"), **given)
    # 1 January to 30 June: 31 + 28 + 31 + 30 + 31 + 29 days.
    assert (row["reason"], row["reason_days"]) == ("no_recent_answer", 180)


def test_a_shop_without_a_survey_asks_for_none() -> None:
    assert actions(shop=NO_SURVEY, placed=[CALM | {"ordered_at": "2026-01-10"}]) == []


def test_nothing_after_the_date_makes_an_action_due() -> None:
    later = {"customer_id": "a", "ordered_at": "2026-06-30 22:00"}  # midnight in Amsterdam
    assert actions(placed=[CALM, later], reviews=[], contacts=[]) == []
    by = only("thank_and_ask_for_a_review")
    assert len(actions(by, placed=[DELIVERED], reviews=[{"order_id": "o000", "created_at": "2026-06-30 22:00"}])) == 1


def test_a_disabled_action_is_never_due() -> None:
    assert action_of(only("win_back", "tier_nudge"), churn=[LEAVING], loyalty=[NEAR]) == "win_back"
    assert action_of(only("tier_nudge"), churn=[LEAVING], loyalty=[NEAR]) == "tier_nudge"


# What is allowed


def test_of_several_actions_the_one_of_the_lowest_priority_number_is_taken() -> None:
    (row,) = actions(
        placed=[LATE], churn=[LEAVING], loyalty=[NEAR], invitations=[{"order_id": "o000", "invited_at": "2026-06-29"}]
    )
    assert (row["action"], row["priority"], row["n_due"], row["n_held_back"]) == ("mend_a_broken_promise", 1, 3, 0)


def test_of_equal_priority_the_higher_expected_value_is_taken_and_none_is_the_least() -> None:
    by = settings(win_back={"priority": DEFAULTS.tier_nudge.priority})
    churn = [LEAVING | {"value_at_risk": 500, "expected_spend_h": 501}]
    assert action_of(by, churn=churn, loyalty=[NEAR]) == "tier_nudge"
    assert (
        action_of(by, churn=[LEAVING | {"value_at_risk": 502, "expected_spend_h": 501}], loyalty=[NEAR]) == "win_back"
    )
    assert action_of(by, churn=[LEAVING | {"value_at_risk": 0}], loyalty=[NEAR]) == "win_back"
    assert action_of(by, churn=[LEAVING | {"expected_spend_h": 0}], loyalty=[NEAR]) == "tier_nudge"


def test_of_actions_that_nothing_tells_apart_the_first_by_name_is_taken() -> None:
    by = settings(
        mend_a_broken_promise={"priority": 4}, tier_nudge={"priority": 4}, ask_for_a_survey={"enabled": False}
    )
    churn = [LEAVING | {"customer_id": name} for name in "abc"]
    found = actions(by, churn=churn, placed=[LATE | {"customer_id": "b"}], loyalty=[NEAR, NEAR | {"customer_id": "c"}])
    wanted = {"a": "tier_nudge", "b": "mend_a_broken_promise", "c": "tier_nudge"}
    assert {row["customer_id"]: row["action"] for row in found} == wanted


def test_the_rank_goes_by_priority_then_by_value_then_by_name() -> None:
    values = {"a": None, "b": 100, "c": 200, "d": 100}
    churn = [LEAVING | {"customer_id": name, "value_at_risk": value} for name, value in values.items()]
    told = [{"customer_id": name} | YES for name in "abcde"]
    found = actions(accounts=told, churn=churn, placed=[LATE | {"customer_id": "e"}])
    ranks = {row["customer_id"]: row["rank"] for row in found}
    assert ranks == {"e": 1, "c": 2, "b": 3, "d": 4, "a": 5}


def exported(action: str, day: str, as_of: date = date(2026, 6, 1)) -> Row:
    return {"customer_id": "a", "action": action, "as_of_date": as_of, "exported_at": day}


@pytest.mark.parametrize(("day", "is_due"), [("2026-06-23", True), ("2026-06-24", False), ("2026-07-05", False)])
def test_marketing_waits_for_the_days_of_contact_after_any_exported_action(day: str, is_due: bool) -> None:
    contact = exported("mend_a_broken_promise", day)
    assert bool(actions(churn=[LEAVING], contacts=[contact])) == is_due


def test_a_service_message_does_not_wait_for_the_days_of_contact() -> None:
    contact = exported("tier_nudge", "2026-06-29")
    (row,) = actions(placed=[LATE], churn=[LEAVING], contacts=[contact], shop=NO_SURVEY)
    assert (row["action"], row["n_due"], row["n_held_back"]) == ("mend_a_broken_promise", 2, 1)


def test_what_is_held_back_is_counted_by_its_first_cause_though_the_customer_gets_no_action() -> None:
    # a agreed and was written to on the 29th, b has not agreed: both are about to leave, and neither gets a message.
    tables = facts(
        accounts=[{"customer_id": "a"} | YES, {"customer_id": "b"}],
        churn=[LEAVING, LEAVING | {"customer_id": "b"}],
        contacts=[exported("tier_nudge", "2026-06-29"), exported("tier_nudge", "2026-06-29") | {"customer_id": "b"}],
    )
    assert segment("next_action", chooser(), *tables).is_empty()
    held = segment("actions_held_back", holder(DEFAULTS), *tables)
    assert held.select("action", "cause", "n_customers").rows() == [
        ("win_back", "contact_pause", 1),
        ("win_back", "no_consent", 1),
    ]


@pytest.mark.parametrize(("day", "wanted"), [("2026-05-31", "win_back"), ("2026-06-01", "tier_nudge")])
def test_an_action_is_not_repeated_in_its_days_and_the_next_takes_its_place(day: str, wanted: str) -> None:
    by = settings(win_back={"repeat_days": 30})
    (row,) = actions(by, churn=[LEAVING], loyalty=[NEAR], contacts=[exported("win_back", day)])
    assert row["action"] == wanted
    assert (row["n_due"], row["n_held_back"]) == (2, int(wanted == "tier_nudge"))


def test_what_was_exported_from_this_date_leaves_it_as_it_is() -> None:
    contacts = [exported("win_back", "2026-07-01", as_of=AS_OF)]
    assert action_of(churn=[LEAVING], contacts=contacts) == "win_back"


def test_a_contact_holds_back_its_own_customer_only() -> None:
    churn = [LEAVING, LEAVING | {"customer_id": "b"}]
    found = actions(churn=churn, contacts=[exported("win_back", "2026-06-29")])
    assert [row["customer_id"] for row in found] == ["b"]


@pytest.mark.parametrize("word", [False, None])
def test_without_consent_there_is_a_service_message_or_nothing(word: bool | None) -> None:
    told = [{"customer_id": "a", "accepts_marketing": word}, {"customer_id": "b"} | YES]
    given = {"accounts": told, "churn": [LEAVING], "loyalty": [NEAR]}
    assert actions(**given) == []
    (row,) = actions(**given, placed=[LATE], shop=NO_SURVEY)
    assert (row["action"], row["n_due"], row["n_held_back"]) == ("mend_a_broken_promise", 3, 2)
    # The setting is for shops that never tell; here another customer's word shows that the shop asks.
    assert actions(settings(consent_without_flag=True), **given) == []


@pytest.mark.parametrize("is_assumed", [True, False])
def test_where_no_source_tells_of_consent_the_configuration_decides(is_assumed: bool) -> None:
    found = actions(settings(consent_without_flag=is_assumed), accounts=[{"customer_id": "a"}], churn=[LEAVING])
    assert [row["consent_basis"] for row in found] == ["assumed"] * is_assumed


def test_consent_that_a_customer_gave_is_called_given() -> None:
    assert [row["consent_basis"] for row in actions(churn=[LEAVING])] == ["given"]


def test_an_action_that_needs_consent_in_the_configuration_waits_for_it() -> None:
    by = settings(mend_a_broken_promise={"needs_consent": True}, ask_for_a_survey={"enabled": False})
    told = [{"customer_id": "a", "accepts_marketing": False}]
    assert actions(by, placed=[LATE], accounts=told) == []


def test_a_rule_that_gives_no_value_leaves_the_expected_value_open() -> None:
    (row,) = actions(churn=[LEAVING | {"value_at_risk": None}])
    assert (row["action"], row["expected_value"]) == ("win_back", None)


def test_an_empty_shop_has_no_actions() -> None:
    assert actions() == []


# What became of every action that is due


def outcomes(by: ActionsSettings = DEFAULTS, **given: Any) -> dict[tuple[str, str], str]:
    """Customer and action -> outcome."""
    found = segment(
        "action_verdicts",
        lambda *frames: verdict_rows(judged(*frames, by=by, shop=NO_SURVEY), as_of=AS_OF),
        *facts(**given),
    )
    return {(row["customer_id"], row["action"]): row["outcome"] for row in found.to_dicts()}


def test_every_action_that_is_due_has_one_outcome() -> None:
    told = [{"customer_id": "a"} | YES, {"customer_id": "b", "accepts_marketing": False}, {"customer_id": "c"} | YES]
    found = outcomes(
        accounts=told,
        placed=[LATE | {"customer_id": "b"}],
        churn=[LEAVING | {"customer_id": name} for name in "abc"],
        loyalty=[NEAR | {"customer_id": name} for name in "ac"],
        contacts=[exported("win_back", "2026-06-10") | {"customer_id": "c"}],
    )
    assert found == {
        ("a", "win_back"): "chosen",
        ("a", "tier_nudge"): "after_another",
        ("b", "mend_a_broken_promise"): "chosen",
        ("b", "win_back"): "no_consent",
        ("c", "win_back"): "repeat_pause",
        ("c", "tier_nudge"): "chosen",
    }


def test_the_action_of_a_control_is_not_carried_out_and_no_other_takes_its_place() -> None:
    by = only("win_back", "tier_nudge", win_back={"control_share": 0.5})
    names = [f"n{number}" for number in range(40)]
    found = outcomes(
        by,
        accounts=[{"customer_id": name} | YES for name in names],
        churn=[LEAVING | {"customer_id": name} for name in names],
        loyalty=[NEAR | {"customer_id": name} for name in names],
    )
    assert set(found.values()) == {"chosen", "control_group", "after_another"}
    assert all(found[name, "win_back"] in ("chosen", "control_group") for name in names)
    assert all(found[name, "tier_nudge"] == "after_another" for name in names)


def test_the_playbook_says_when_each_action_is_due_with_the_figures_of_the_configuration() -> None:
    by = settings(win_back={"bands": ["lost"], "priority": 3, "enabled": False}, tier_nudge={"min_pct": 62.5})
    rows = {row["action"]: row for row in playbook_rows(by, as_of=AS_OF, has_survey=False).to_dicts()}
    assert list(rows) == list(ACTIONS) == list(due_when(by))
    assert rows["win_back"]["due_when"] == "the churn band is lost"
    assert (rows["win_back"]["priority"], rows["win_back"]["is_enabled"]) == (3, False)
    assert rows["tier_nudge"]["due_when"] == "there is a next tier, and pct_to_next_tier is at least 62.5"
    assert rows["vip_care"]["due_when"].endswith("churn band cooling_down or at_risk")
    assert rows["thank_and_ask_for_a_review"]["due_when"].startswith(
        "the last delivery broke no promise and came 3 to 29 days ago"
    )
    assert (rows["vip_care"]["contact_days"], rows["win_back"]["contact_days"]) == (None, 7)
    # Without a survey nobody can be asked to answer one, and nobody's answer says what is missing.
    assert [name for name, row in rows.items() if not row["is_enabled"]] == [
        *("win_back", "ask_what_is_missing", "ask_for_a_survey"),
    ]
    follows(SEGMENTS["action_playbook"], playbook_rows(by, as_of=AS_OF, has_survey=True))


# The control group


def test_a_control_gets_no_action_in_place_of_the_one_kept_back_and_is_counted_as_held_back() -> None:
    names = [f"n{number}" for number in range(40)]
    by = only("win_back", "tier_nudge", "mend_a_broken_promise", control_share=0.0, win_back={"control_share": 0.5})
    tables = facts(
        placed=[LATE | {"customer_id": "n0"}],
        accounts=[{"customer_id": name} | YES for name in names],
        churn=[LEAVING | {"customer_id": name} for name in names],
        loyalty=[NEAR | {"customer_id": name} for name in names],
    )
    chosen = segment("next_action", chooser(by), *tables)
    controls = segment(
        "action_controls",
        lambda *frames: control_rows(judged(*frames, by=by), as_of=AS_OF),
        *tables,
    )
    # The service message comes first, and has no control group; the others were all to be won back.
    assert chosen.filter(customer_id="n0")["action"].to_list() == ["mend_a_broken_promise"]
    assert set(chosen.filter(pl.col("customer_id") != "n0").select("action", "control_draw").rows()) == {
        ("win_back", "50%")
    }
    assert set(controls.select("action", "control_draw").rows()) == {("win_back", "50%")}
    assert sorted([*chosen["customer_id"], *controls["customer_id"]]) == sorted(names)
    assert 5 < controls.height < 35
    assert chosen["rank"].sort().to_list() == list(range(1, chosen.height + 1))
    held = segment("actions_held_back", holder(by), *tables)
    assert held.rows_by_key("cause")["control_group"] == [(AS_OF, "win_back", controls.height)]


def test_a_control_is_left_in_peace_as_long_as_who_was_contacted() -> None:
    by = settings(win_back={"repeat_days": 30}, contact_days=7)
    for day, wanted in (("2026-06-29", None), ("2026-06-20", "tier_nudge"), ("2026-05-31", "win_back")):
        control = exported("win_back", day) | {"is_control": True, "control_draw": "10%"}
        assert action_of(by, churn=[LEAVING], loyalty=[NEAR], contacts=[control]) == wanted


def test_once_exported_a_customer_keeps_the_arm_whatever_the_name_says() -> None:
    names = [f"n{number}" for number in range(40)]
    by = only("win_back", win_back={"control_share": 0.5, "repeat_days": 30})
    given = {
        "accounts": [{"customer_id": name} | YES for name in names],
        "churn": [LEAVING | {"customer_id": name} for name in names],
    }
    for is_in, n_chosen in ((True, 0), (False, 40)):
        told = {"is_control": is_in, "control_draw": "50%"}
        contacts = [exported("win_back", "2026-04-01") | {"customer_id": name} | told for name in names]
        assert len(actions(by, contacts=contacts, **given)) == n_chosen
    assert 5 < len(actions(by, **given)) < 35


# What an export since the night stands against

PLANNED = {"customer_id": "a", "action": "win_back", "as_of_date": AS_OF, "needs_consent": True}


def kept(*contacts: Row, on: date = date(2026, 7, 5), **changes: Any) -> bool:
    by = settings(contact_days=7, win_back={"repeat_days": 30})
    given = facts(contacts=list(contacts))[5]
    rows = pl.DataFrame([PLANNED | changes, PLANNED | changes | {"customer_id": "z"}])
    left = not_yet_contacted(rows, given, on=on, settings=by)["customer_id"].to_list()
    assert left[-1] == "z"
    return left == ["a", "z"]


def test_the_same_action_of_the_same_date_can_be_exported_again() -> None:
    assert kept(exported("win_back", "2026-07-05", as_of=AS_OF))


@pytest.mark.parametrize(("day", "is_kept"), [("2026-06-28", True), ("2026-06-29", False)])
def test_marketing_is_left_out_for_the_days_of_contact_whatever_was_exported(day: str, is_kept: bool) -> None:
    # 28 June is 7 days before 5 July.
    assert kept(exported("vip_care", day, as_of=AS_OF)) == is_kept
    assert kept(exported("vip_care", day)) == is_kept
    assert kept(exported("vip_care", day), needs_consent=False)


@pytest.mark.parametrize(("day", "is_kept"), [("2026-06-05", True), ("2026-06-06", False)])
def test_an_action_of_another_date_is_left_out_for_its_days_of_repetition(day: str, is_kept: bool) -> None:
    assert kept(exported("win_back", day)) == is_kept
    assert kept(exported("win_back", day), needs_consent=False) == is_kept


def test_the_days_since_a_contact_are_those_of_the_shops_calendar() -> None:
    # 22:30 on 28 June in UTC is 29 June in Amsterdam.
    assert not kept(exported("vip_care", "2026-06-28 22:30"))


# Whatever the shop

NAMES = ("a", "b", "c")
days = st.integers(1, 30).map(lambda number: f"2026-06-{number:02}")
who = st.fixed_dictionaries({"customer_id": st.sampled_from(NAMES)})


def rows_of(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Row]]:
    return st.lists(st.fixed_dictionaries({"customer_id": st.sampled_from(NAMES), **columns}), max_size=4)


amounts = st.none() | st.integers(0, 3).map(lambda number: 100 * number)
each = {"unique_by": lambda row: row["customer_id"], "max_size": 3}
shops = st.fixed_dictionaries(
    {
        "placed": rows_of(ordered_at=days, promised_at=st.none() | days),
        "accounts": st.lists(
            st.fixed_dictionaries(
                {"customer_id": st.sampled_from(NAMES), "accepts_marketing": st.sampled_from([True, False, None])}
            ),
            **each,  # type: ignore[arg-type]
        ),
        "contacts": st.lists(
            st.builds(
                lambda name, action, day: {**exported(action, day), "customer_id": name},
                st.sampled_from(NAMES),
                st.sampled_from(ACTIONS),
                days,
            ),
            unique_by=lambda row: (row["customer_id"], row["action"]),
            max_size=3,
        ),
        "churn": st.lists(
            st.fixed_dictionaries(
                {
                    "customer_id": st.sampled_from(NAMES),
                    "churn_band": st.sampled_from(CHURN_BANDS),
                    "days_since_last_order": st.just(9),
                    "value_at_risk": amounts,
                    "expected_spend_h": amounts,
                }
            ),
            **each,  # type: ignore[arg-type]
        ),
        "loyalty": st.lists(
            st.fixed_dictionaries(
                {
                    "customer_id": st.sampled_from(NAMES),
                    "is_vip": st.booleans(),
                    "net_spend": st.just(5000),
                    "pct_to_next_tier": st.sampled_from([10.0, 90.0]),
                    "amount_to_next_tier": st.just(700),
                }
            ),
            **each,  # type: ignore[arg-type]
        ),
        "carts": rows_of(abandoned_at=days, cart_amount=amounts),
        "cart_products": st.lists(
            st.fixed_dictionaries(
                {
                    "cart_id": st.sampled_from(["k000", "k001", "k002", "k003"]),
                    "product_id": st.sampled_from(["p", "q"]),
                    "price_amount": st.just(900),
                    "discounted_amount": st.sampled_from([None, 500, 700]),
                }
            ),
            unique_by=lambda row: (row["cart_id"], row["product_id"]),
            max_size=4,
        ),
        "sci": st.lists(
            st.fixed_dictionaries(
                {"customer_id": st.sampled_from(NAMES), "sci_missing_items": st.sampled_from([None, *MISSING_ITEMS])}
            ),
            **each,  # type: ignore[arg-type]
        ),
    }
)
quickly = hypothesis_settings(max_examples=15, deadline=None)


@quickly
@given(shops, st.booleans())
def test_marketing_never_goes_to_who_said_no_or_was_just_written_to(given: dict[str, Any], is_assumed: bool) -> None:
    found = actions(settings(consent_without_flag=is_assumed), **given)
    words = {row["customer_id"]: row["accepts_marketing"] for row in given["accounts"]}
    has_flag = any(word is not None for word in words.values())
    recent = {row["customer_id"] for row in given["contacts"] if row["exported_at"] >= "2026-06-24"}
    assert len({row["customer_id"] for row in found}) == len(found)
    assert sorted(row["rank"] for row in found) == list(range(1, len(found) + 1))
    for row in found:
        assert row["n_held_back"] < row["n_due"]
        if row["needs_consent"]:
            assert words.get(row["customer_id"]) or (is_assumed and not has_flag)
            assert row["customer_id"] not in recent
        assert not any(
            contact["customer_id"] == row["customer_id"]
            and contact["action"] == row["action"]
            and row["action"] != "thank_and_ask_for_a_review"
            for contact in given["contacts"]
            if contact["exported_at"] > "2026-06-01"
        )


@hypothesis_settings(max_examples=6, deadline=None)
@given(shops)
def test_the_same_is_due_for_a_customer_in_one_and_in_many_buckets(given: dict[str, Any]) -> None:
    def due(*tables: pl.DataFrame) -> pl.DataFrame:
        lazy = sources(*(frame.lazy() for frame in tables))
        return due_actions(lazy, as_of=AS_OF, shop=SHOP, settings=DEFAULTS).collect()

    assert_buckets_agree(due, *facts(**given), by=["customer_id", "action"])


@hypothesis_settings(max_examples=6, deadline=None)
@given(shops)
def test_a_customer_gets_the_same_in_one_and_in_many_buckets(given: dict[str, Any]) -> None:
    tables = [frame.lazy() for frame in facts(**given)]
    of_shop = shop_of(*tables)
    ranks = rank_customers(rank_keys(judged(*tables)))

    def judge(parts: tuple[pl.DataFrame, ...]) -> Judged:
        return judged(*(frame.lazy() for frame in parts), of_shop=of_shop)

    def chosen(*parts: pl.DataFrame) -> pl.DataFrame:
        return chosen_actions(judge(parts), ranks, as_of=AS_OF, settings=DEFAULTS).collect()

    def became(*parts: pl.DataFrame) -> pl.DataFrame:
        return verdict_rows(judge(parts), as_of=AS_OF).collect()

    def held_back(*parts: pl.DataFrame) -> pl.DataFrame:
        return count_held_back(judge(parts), as_of=AS_OF).collect()

    assert_buckets_agree(chosen, *facts(**given), by=["customer_id"])
    assert_buckets_agree(became, *facts(**given), by=["customer_id", "action"])
    if held_back(*facts(**given)).height:
        assert_counts_add_up(held_back, *facts(**given), by=OF_CAUSE)


@quickly
@given(shops, st.booleans())
def test_what_is_held_back_agrees_with_a_count_of_one_after_the_other(given: dict[str, Any], is_assumed: bool) -> None:
    tables = facts(**given)
    due = due_actions(sources(*(frame.lazy() for frame in tables)), as_of=AS_OF, shop=SHOP, settings=DEFAULTS).collect()
    words = {row["customer_id"]: row["accepts_marketing"] for row in given["accounts"]}
    has_flag = any(word is not None for word in words.values())

    def held_by(name: str, action: str) -> str | None:
        entry = DEFAULTS.playbook[action]
        ago = [
            ((AS_OF - date.fromisoformat(contact["exported_at"])).days, contact["action"])
            for contact in given["contacts"]
            if contact["customer_id"] == name
        ]
        is_pressed = any(days < DEFAULTS.contact_days for days, _ in ago)
        may = words.get(name) if has_flag else is_assumed
        if entry.needs_consent and not may:
            return "no_consent"
        if any(days < entry.repeat_days and what == action for days, what in ago):
            return "repeat_pause"
        return "contact_pause" if entry.needs_consent and is_pressed else None

    wanted: dict[str, list[str | None]] = {}
    causes: Counter[tuple[str, str]] = Counter()
    for name, action in due.select("customer_id", "action").iter_rows():
        cause = held_by(name, action)
        wanted.setdefault(name, []).append(cause)
        if cause:
            causes[action, cause] += 1
    by = settings(consent_without_flag=is_assumed)
    found = segment("next_action", chooser(by), *tables).to_dicts()
    assert {row["customer_id"]: (row["n_due"], row["n_held_back"]) for row in found} == {
        name: (len(held), len(held) - held.count(None)) for name, held in wanted.items() if None in held
    }
    counted = segment("actions_held_back", holder(by), *tables).to_dicts()
    assert {(row["action"], row["cause"]): row["n_customers"] for row in counted} == causes


@quickly
@given(shops, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(given: dict[str, Any], random: Any) -> None:
    tables = facts(**given)
    shuffled = [frame.sample(fraction=1, shuffle=True, seed=random.randint(0, 99)) for frame in tables]
    assert_frame_equal(segment("next_action", chooser(), *tables), segment("next_action", chooser(), *shuffled))


def test_the_order_of_rows_changes_nothing_of_a_shop_with_everything() -> None:
    over = {"customer_id": "b", "abandoned_at": "2026-05-01", "cart_amount": 1}
    told = [{"customer_id": name, "accepts_marketing": name != "f"} for name in "abcdefg"]
    given = facts(
        placed=[
            LATE | {"customer_id": "e"},
            DELIVERED | {"customer_id": "d"},
            DELIVERED | {"customer_id": "d", "ordered_at": "2026-06-19", "delivered_at": None},
            {"customer_id": "g", "ordered_at": "2026-06-21"},
        ],
        accounts=told,
        reviews=[{"customer_id": "e", "created_at": "2026-06-22"}],
        responses=[{"customer_id": "g", "submitted_at": "2026-01-01"}],
        invitations=[{"order_id": "o003", "invited_at": "2026-06-22"}],
        contacts=[exported("abandoned_cart", "2026-06-20"), exported("win_back", "2026-06-29")],
        churn=[LEAVING, LEAVING | {"customer_id": "b", "value_at_risk": 300}, LEAVING | {"customer_id": "f"}],
        loyalty=[NEAR, NEAR | {"customer_id": "b"}, {"customer_id": "f", "is_vip": True, "net_spend": 900}],
        says={"f": "detractor", "d": "promoter"},
        carts=[CART | {"customer_id": "c"}, over | {"is_recovered": True}, over | {"is_recovered": False}],
        sci=[{"customer_id": "a", "sci_missing_items": "recommend"}],
        cart_products=[OFFERED, OFFERED | {"product_id": "TOL-2", "discounted_amount": 600}],
    )
    assert_rows_in_any_order_agree("next_action", chooser(settings(min_n=2)), *given)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"thank_and_ask_for_a_review": {"from_days": 30}}, "raise within_days"),
        ({"win_back": {"priority": 0}}, "greater than or equal to 1"),
        ({"send_a_poem": {}}, "Extra inputs"),
    ],
)
def test_a_playbook_that_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        settings(**changes)


def test_of_several_addresses_the_newest_yes_is_written_to_and_one_that_said_no_gets_no_marketing() -> None:
    actions = pl.DataFrame(
        [
            ("both", True),
            ("both", False),
            ("no", True),
            ("no", False),
            ("silent", True),
            ("undated", True),
            ("new", True),
            ("none", False),
        ],
        schema=["customer_id", "needs_consent"],
        orient="row",
    )
    people = pl.DataFrame(
        [
            ("both", "no@"),
            ("no", "no2@"),
            ("both", "yes@"),
            ("both", "nothing@"),
            ("silent", "first@"),
            ("silent", "second@"),
            ("undated", "undated@"),
            ("undated", "dated@"),
            ("new", "older@"),
            ("new", "newer@"),
        ],
        schema=["customer_id", "email"],
        orient="row",
    ).with_columns(address=pl.col("email"))
    said = pl.DataFrame(
        [
            # The no is newer, of another account.
            ("no@", False, 2026),
            ("yes@", True, 2024),
            ("no2@", False, 2024),
            ("undated@", True, None),
            ("dated@", True, 2020),
            ("older@", True, 2024),
            ("newer@", True, 2025),
        ],
        schema=["customer_id", "accepts_marketing", "year"],
        orient="row",
    ).select("customer_id", "accepts_marketing", updated_at=pl.date("year", 1, 1))
    found = with_addresses(actions, people, said)
    assert found["email"].to_list() == ["yes@", "yes@", None, "no2@", "first@", "dated@", "newer@", None]


def test_people_who_were_joined_since_get_one_action_between_them_and_a_control_stays_one() -> None:
    rows = pl.DataFrame(
        [
            ("a", "vip_care", 1),
            ("a", "win_back", 3),
            ("b", "win_back", 2),
            ("c", "mend_a_broken_promise", 4),
            ("d", "win_back", 5),
        ],
        schema=["customer_id", "action", "rank"],
        orient="row",
    )
    controls = pl.DataFrame(
        [("b", "win_back"), ("c", "win_back"), ("d", "abandoned_cart"), ("e", "win_back"), ("e", "win_back")],
        schema=["customer_id", "action"],
        orient="row",
    )
    kept, left_alone = one_each(rows, controls, settings=DEFAULTS)
    # The promise (1) comes before the win-back (5), and the cart (4) too.
    assert kept.rows() == [("a", "vip_care", 1), ("c", "mend_a_broken_promise", 4)]
    assert left_alone.rows() == [("b", "win_back"), ("d", "abandoned_cart"), ("e", "win_back")]
