from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.facts.customers import customer_facts, customers_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from pipeline.core.loyalty.recognition import (
    Evidence,
    count_referred,
    count_spends,
    net_spends,
    recognise_customers,
    vip_threshold,
)
from pipeline.core.loyalty.settings import LoyaltySettings
from tests.unit.buckets import assert_counts_add_up
from tests.unit.lake import customers, on_polars, orders, table

AS_OF = date(2026, 6, 30)
LOYALTY = LoyaltySettings()
HALF_VIP = LoyaltySettings(vip_share=0.5)


def recognised(by: LoyaltySettings = LOYALTY, as_of: date = AS_OF) -> Callable[..., Frame]:
    def found(placed: Frame, accounts: Frame, reviews: Frame, referrals: Frame, *dated: Frame) -> Frame:
        known = customers_as_of(customer_facts(accounts, placed), as_of=as_of)
        ordered = orders_as_of(placed, as_of=as_of)
        spends = net_spends(ordered, known, as_of=as_of, settings=by)
        return recognise_customers(
            spends,
            count_referred(referrals, ordered, as_of=as_of),
            Evidence(ordered, reviews, *dated),
            as_of=as_of,
            vip_from=vip_threshold(count_spends(spends).collect(), settings=by),
            settings=by,
        )

    return found


def tables(
    placed: pl.DataFrame,
    known: str = "a",
    secure: str = "",
    nps: dict[str, str] | None = None,
    reviews: list[dict[str, Any]] | None = None,
    bands: dict[str, str] | None = None,
    referrals: list[dict[str, Any]] | None = None,
) -> tuple[pl.DataFrame, ...]:
    """The inputs: `secure` lists secure customers, everyone else known is vulnerable; `nps` is the class of who has one."""
    classes = pl.DataFrame(
        [{"customer_id": name, "sci_class": "secure" if name in secure else "vulnerable"} for name in known],
        schema={"customer_id": pl.String, "sci_class": pl.String},
    )
    promoters = pl.DataFrame(
        list((nps or {}).items()), schema={"customer_id": pl.String, "nps_class": pl.String}, orient="row"
    )
    churn = pl.DataFrame(
        list((bands or {}).items()), schema={"customer_id": pl.String, "churn_band": pl.String}, orient="row"
    )
    rated = [{"review_id": f"v{number}"} | row for number, row in enumerate(reviews or [])]
    return placed, customers(*known), table("reviews", rated), _given(referrals or []), classes, promoters, churn


def _given(referrals: list[dict[str, Any]]) -> pl.DataFrame:
    return table("referrals", [{"referral_id": f"r{number}"} | row for number, row in enumerate(referrals)])


def loyalty(*inputs: pl.DataFrame, by: LoyaltySettings = LOYALTY, as_of: date = AS_OF) -> pl.DataFrame:
    return on_polars(recognised(by, as_of), *inputs).sort("customer_id")


def spent(**amounts: int) -> pl.DataFrame:
    """One order per customer, in minor units."""
    return orders(
        *({"customer_id": name, "ordered_at": "2026-06-01", "gross_amount": n} for name, n in amounts.items())
    )


def row_of(found: pl.DataFrame, customer: str = "a") -> dict[str, Any]:
    return found.row(by_predicate=pl.col("customer_id") == customer, named=True)


def test_net_spend_is_that_of_the_window_less_refunds_and_never_below_zero() -> None:
    placed = orders(
        {"customer_id": "a", "ordered_at": "2025-06-30 10:00", "gross_amount": 7000},
        {"customer_id": "a", "ordered_at": "2025-06-30 22:00", "gross_amount": 300},
        {"customer_id": "a", "ordered_at": "2026-06-01", "gross_amount": 500, "refund_amount": 200},
        {"customer_id": "a", "ordered_at": "2026-06-30 22:00", "gross_amount": 9000},
        {"customer_id": "b", "ordered_at": "2026-06-01", "gross_amount": 0, "refund_amount": 5, "status": "returned"},
    )
    # Local dates 30 June and 1 July 2025, 1 June and 1 July 2026; the window begins on 1 July 2025.
    found = loyalty(*tables(placed))
    assert found["net_spend"].to_list() == [600, 0]
    assert loyalty(*tables(placed), by=LoyaltySettings(window_days=None))["net_spend"].to_list() == [7600, 0]


def test_who_registers_after_as_of_has_no_row_yet() -> None:
    placed, _, *others = tables(spent(buyer=100), known="ab")
    known = table("customers", [{"customer_id": "a", "registered_at": "2026-06-30 22:00"}, {"customer_id": "b"}])
    found = loyalty(placed, known, *others)
    assert found["customer_id"].to_list() == ["b", "buyer"]


def test_who_has_no_date_and_first_orders_after_as_of_has_no_row_yet() -> None:
    placed = orders({"customer_id": "a", "ordered_at": "2026-06-30 22:00"})
    assert loyalty(*tables(placed, known="ab"))["customer_id"].to_list() == ["b"]


def test_everyone_known_has_a_row() -> None:
    found = loyalty(*tables(spent(buyer=100), known="ab"))
    assert found["customer_id"].to_list() == ["a", "b", "buyer"]
    assert row_of(found)["net_spend"] == 0


def test_an_empty_shop_gives_an_empty_table() -> None:
    assert loyalty(*tables(orders(), known="")).height == 0


# VIP


def vips(by: LoyaltySettings = LOYALTY, **amounts: int) -> list[str]:
    return loyalty(*tables(spent(**amounts)), by=by).filter("is_vip")["customer_id"].to_list()


def test_vips_are_the_top_share_of_customers_with_net_spend() -> None:
    # Five percent of 40 spenders are two; the customer without spend does not count.
    assert vips(**{f"c{number:02}": 100 + number for number in range(40)}, none=0) == ["c38", "c39"]


def test_equal_spend_at_the_threshold_is_all_in() -> None:
    assert vips(HALF_VIP, b=300, c=200, d=200, e=100) == ["b", "c", "d"]
    assert vips(HALF_VIP, b=300, c=300, d=200, e=200) == ["b", "c"]


def test_a_share_that_floating_point_cannot_hold_lets_nobody_extra_in() -> None:
    # 0.07 * 100 is 7.000000000000001.
    seven = LoyaltySettings(vip_share=0.07)
    assert len(vips(seven, **{f"c{number:03}": 100 + number for number in range(100)})) == 7


def test_nobody_is_vip_without_spend() -> None:
    assert vips(HALF_VIP, b=0, c=0) == []


# Ambassadors


def is_ambassador(**inputs: Any) -> bool:
    return bool(row_of(loyalty(*tables(spent(a=100), **inputs)))["is_ambassador"])


PROMOTER = {"a": "promoter"}


def review(rating: float, on: str = "2026-06-01", **more: Any) -> dict[str, Any]:
    return {"customer_id": "a", "created_at": on, "rating": rating} | more


def test_an_ambassador_is_a_fan_with_a_good_review_who_is_not_leaving() -> None:
    assert is_ambassador(nps=PROMOTER, reviews=[review(4)], bands={"a": "active"})
    assert is_ambassador(secure="a", reviews=[review(4)], bands={"a": "cooling_down"})
    assert not is_ambassador(reviews=[review(4)], bands={"a": "active"})
    assert not is_ambassador(secure="a", nps=PROMOTER, bands={"a": "active"})


@pytest.mark.parametrize("band", ["at_risk", "highly_at_risk", "lost"])
def test_nobody_at_churn_risk_is_an_ambassador(band: str) -> None:
    assert not is_ambassador(secure="a", reviews=[review(5)], bands={"a": band})


def test_a_customer_without_a_churn_band_is_not_at_risk() -> None:
    assert is_ambassador(secure="a", reviews=[review(5)])


def test_of_the_net_promoter_classes_only_a_promoter_is_a_fan() -> None:
    found = {name: is_ambassador(nps={"a": name}, reviews=[review(5)]) for name in ("promoter", "passive", "detractor")}
    assert found == {"promoter": True, "passive": False, "detractor": False}
    assert not is_ambassador(nps={"b": "promoter"}, reviews=[review(5)])


def test_a_good_review_reaches_the_configured_share_of_its_own_scale() -> None:
    assert [is_ambassador(secure="a", reviews=[review(rating)]) for rating in (3.9, 4)] == [False, True]
    on_ten = {"rating_min": 0, "rating_max": 10}
    assert [is_ambassador(secure="a", reviews=[review(n, **on_ten)]) for n in (7.4, 7.5)] == [False, True]
    assert not is_ambassador(secure="a", reviews=[review(1, rating_min=1, rating_max=1)])


def test_one_good_review_by_as_of_is_enough() -> None:
    assert is_ambassador(secure="a", reviews=[review(5, "2026-05-01"), review(1, "2026-06-01")])
    assert is_ambassador(secure="a", reviews=[review(1, "2026-05-01"), review(5, "2026-06-30 21:59")])
    assert not is_ambassador(secure="a", reviews=[review(1, "2026-05-01"), review(5, "2026-06-30 22:00")])


def test_a_review_without_a_customer_is_that_of_the_customer_of_its_order() -> None:
    assert is_ambassador(secure="a", reviews=[review(5, customer_id=None, order_id="o000")])
    assert not is_ambassador(secure="a", reviews=[review(5, customer_id=None, order_id="unknown")])
    assert not is_ambassador(secure="a", reviews=[review(5, customer_id="b", order_id="o000")])


# Referrals


def given_orders(*inputs: dict[str, Any], referrals: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """Referred orders and their net value, by who recommended the shop."""
    found = loyalty(*tables(orders(*inputs), known="ab", referrals=referrals)).filter(pl.col("n_referred_orders") > 0)
    return {name: (n, value) for name, n, value in found.select(REFERRED).iter_rows()}


REFERRED = ("customer_id", "n_referred_orders", "referred_net_value")


def referral(on: str, customer: str = "a", **more: Any) -> dict[str, Any]:
    return {"customer_id": customer, "referred_at": on} | more


FRIEND = {"customer_id": "friend", "ordered_at": "2026-06-05", "gross_amount": 3000, "refund_amount": 500}


def test_a_referral_leads_to_the_order_that_it_names() -> None:
    assert given_orders(FRIEND, referrals=[referral("2026-06-01", order_id="o000")]) == {"a": (1, 2500)}
    assert given_orders(FRIEND | {"status": "cancelled"}, referrals=[referral("2026-06-01", order_id="o000")]) == {}
    assert given_orders(FRIEND, referrals=[referral("2026-06-30 22:00", order_id="o000")]) == {}


def test_without_an_order_it_is_the_first_valid_one_of_the_referred_customer_from_then_on() -> None:
    placed = [FRIEND | {"ordered_at": day, "gross_amount": n} for day, n in (("2026-05-01", 900), ("2026-06-09", 800))]
    named = [referral("2026-06-01", referred_customer_id="friend")]
    assert given_orders(*placed, FRIEND, referrals=named) == {"a": (1, 2500)}
    assert given_orders(placed[0], referrals=named) == {}


def test_an_order_counts_once_for_the_earliest_referral_and_never_for_who_placed_it() -> None:
    twice = [referral("2026-06-02", "a", order_id="o000"), referral("2026-06-01", "b", order_id="o000")]
    assert given_orders(FRIEND, referrals=twice) == {"b": (1, 2500)}
    assert given_orders(FRIEND | {"customer_id": "a"}, referrals=twice[:1]) == {}
    assert given_orders(FRIEND, referrals=[referral("2026-06-02", customer_id=None, order_id="o000")]) == {}


def reason(**inputs: Any) -> str | None:
    found: str | None = row_of(loyalty(*tables(orders(FRIEND), **inputs)))["ambassador_reason"]
    return found


def test_a_referred_order_makes_an_ambassador_as_a_good_review_does_and_the_reason_says_which() -> None:
    referred = {"referrals": [referral("2026-06-01", order_id="o000")]}
    assert reason(nps=PROMOTER, reviews=[review(5)], secure="a", **referred) == "promoter_with_review"
    assert reason(nps=PROMOTER, secure="a", **referred) == "promoter_with_referral"
    assert reason(secure="a", reviews=[review(5)], **referred) == "secure_with_review"
    assert reason(secure="a", **referred) == "secure_with_referral"
    assert reason(**referred) is None
    assert reason(secure="a", bands={"a": "lost"}, **referred) is None


def test_the_reason_of_a_vip_is_the_net_spend() -> None:
    found = loyalty(*tables(spent(b=300, c=100)), by=HALF_VIP)
    assert dict(found.select("customer_id", "vip_reason").iter_rows()) == {"a": None, "b": "top_net_spend", "c": None}


# Properties


REASONS = ["promoter_with_review", "secure_with_review", "secure_with_referral"]


AMOUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 60000), max_size=8)
FEW = settings(max_examples=12, deadline=None)


@FEW
@given(AMOUNTS, st.sampled_from([0.05, 0.3, 0.5]))
def test_more_spend_never_means_less(amounts: dict[str, int], share: float) -> None:
    found = loyalty(*tables(spent(**amounts), known="az"), by=LoyaltySettings(vip_share=share)).sort("net_spend")
    assert set(found["customer_id"]) == set(amounts) | {"a", "z"}
    assert found["is_vip"].is_sorted()
    assert found.group_by("net_spend").agg(pl.col("is_vip").n_unique())["is_vip"].is_in([1]).all()
    n_vip, n_spenders = found["is_vip"].sum(), (found["net_spend"] > 0).sum()
    assert n_vip >= share * n_spenders


def test_spends_and_referred_orders_of_parts_of_the_customers_are_added() -> None:
    names = "abcdefgh"
    placed = [
        {"customer_id": name, "ordered_at": "2026-06-05", "gross_amount": 100 * (n % 3)} for n, name in enumerate(names)
    ]
    ordered = on_polars(partial(orders_as_of, as_of=AS_OF), orders(*placed, *placed[:3]))
    count = partial(net_spends, as_of=AS_OF, settings=LOYALTY)
    known = customers(*names, "z")
    assert_counts_add_up(
        lambda *frames: on_polars(lambda *each: count_spends(count(*each)), *frames), ordered, known, by=["net_spend"]
    )
    given_referrals = _given(
        [
            referral("2026-06-01", "a", referred_customer_id="b"),
            referral("2026-06-02", "a", order_id="o004"),
            referral("2026-06-01", "c", order_id="o004"),
            referral("2026-06-01", "c", referred_customer_id="h"),
            referral("2026-06-01", "c", order_id="o001"),
        ]
    ).rename({"customer_id": "referrer"})

    def referred(rows: Frame, given: Frame) -> Frame:
        return count_referred(given.rename({"referrer": "customer_id"}), rows, as_of=AS_OF)

    # All referrals go to each part of the customers, as they are the orders of somebody else.
    assert_counts_add_up(partial(on_polars, referred), ordered, given_referrals, by=["customer_id"])


@FEW
@given(AMOUNTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(amounts: dict[str, int], random: Any) -> None:
    placed = spent(**amounts)
    shuffled = placed[random.sample(range(placed.height), placed.height)]
    found = loyalty(*tables(placed, known="abz", secure="a"))
    assert found.equals(loyalty(*tables(shuffled, known="zba", secure="a")))


@FEW
@given(AMOUNTS, st.sampled_from([0.05, 0.07, 0.3, 0.5]))
def test_vips_are_those_whom_fewer_than_the_share_of_spenders_have_outspent(
    amounts: dict[str, int], share: float
) -> None:
    spenders = [amount for amount in amounts.values() if amount > 0]
    wanted = [
        name
        for name, amount in sorted(amounts.items())
        if amount > 0 and sum(other > amount for other in spenders) * 100 < round(share * 100) * len(spenders)
    ]
    assert vips(LoyaltySettings(vip_share=share), **amounts) == wanted
