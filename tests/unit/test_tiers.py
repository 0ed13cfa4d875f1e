from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.frames import Frame
from pipeline.core.loyalty.tiers import assign_tiers
from pipeline.settings import LoyaltySettings, TierSettings
from schemas.registry import SEGMENTS
from tests.unit.lake import AMSTERDAM, assert_both_backends_agree, customers, orders, segment, table

AS_OF = date(2026, 6, 30)
LOYALTY = LoyaltySettings()
HALF_VIP = LoyaltySettings(vip_share=0.5)


def tiers(by: LoyaltySettings = LOYALTY, as_of: date = AS_OF) -> Callable[..., Frame]:
    return lambda *frames: assign_tiers(
        *frames, as_of=as_of, time_zone=AMSTERDAM, valid_statuses=["paid", "shipped", "delivered"], settings=by
    )


def tables(
    placed: pl.DataFrame,
    known: str = "a",
    secure: str = "",
    nps: dict[str, str] | None = None,
    reviews: list[dict[str, Any]] | None = None,
    bands: dict[str, str] | None = None,
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
        list((bands or {}).items()), schema={"customer_id": pl.String, "band": pl.String}, orient="row"
    )
    rated = [{"review_id": f"v{number}"} | row for number, row in enumerate(reviews or [])]
    return placed, customers(*known), classes, promoters, table("reviews", rated), churn


def loyalty(*inputs: pl.DataFrame, by: LoyaltySettings = LOYALTY, as_of: date = AS_OF) -> pl.DataFrame:
    return segment("loyalty", tiers(by, as_of), *inputs)


def spent(**amounts: int) -> pl.DataFrame:
    """One order per customer, in minor units."""
    return orders(
        *({"customer_id": name, "ordered_at": "2026-06-01", "gross_amount": n} for name, n in amounts.items())
    )


def row_of(found: pl.DataFrame, customer: str = "a") -> dict[str, Any]:
    return found.row(by_predicate=pl.col("customer_id") == customer, named=True)


@pytest.mark.parametrize(
    ("amount", "tier", "next_tier", "missing", "share"),
    [
        (0, "member", "bronze", 10000, 0.0),
        (2500, "member", "bronze", 7500, 0.25),
        (9999, "member", "bronze", 1, 0.9999),
        (10000, "bronze", "silver", 15000, 0.0),
        (17500, "bronze", "silver", 7500, 0.5),
        (25000, "silver", "gold", 25000, 0.0),
        (49999, "silver", "gold", 1, 24999 / 25000),
        (50000, "gold", None, None, 1.0),
        (990000, "gold", None, None, 1.0),
    ],
)
def test_the_tier_and_the_way_to_the_next_follow_from_net_spend(
    amount: int, tier: str, next_tier: str | None, missing: int | None, share: float
) -> None:
    row = row_of(loyalty(*tables(spent(a=amount))))
    assert (row["net_spend"], row["tier"], row["next_tier"]) == (amount, tier, next_tier)
    assert (row["amount_to_next_tier"], row["pct_to_next_tier"]) == (missing, share)


def test_a_single_tier_is_the_highest() -> None:
    one = LoyaltySettings(tiers=[TierSettings(name="all", from_amount=0)])
    row = row_of(loyalty(*tables(spent(a=5)), by=one))
    assert (row["tier"], row["next_tier"], row["amount_to_next_tier"], row["pct_to_next_tier"]) == (
        "all",
        None,
        None,
        1,
    )


def test_thresholds_are_in_whole_currency_units_rounded_to_a_cent() -> None:
    by = LoyaltySettings(tiers=[TierSettings(name="low", from_amount=0), TierSettings(name="high", from_amount=19.99)])
    found = loyalty(*tables(spent(a=1998, b=1999)), by=by)
    assert found["tier"].to_list() == ["low", "high"]


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


def test_everyone_known_has_a_row() -> None:
    found = loyalty(*tables(spent(buyer=100), known="ab"))
    assert found["customer_id"].to_list() == ["a", "b", "buyer"]
    assert row_of(found)["tier"] == "member"


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


def test_the_latest_review_at_as_of_decides() -> None:
    assert not is_ambassador(secure="a", reviews=[review(5, "2026-05-01"), review(1, "2026-06-01")])
    assert not is_ambassador(secure="a", reviews=[review(1, "2026-06-01"), review(5, "2026-05-01")])
    assert is_ambassador(secure="a", reviews=[review(1, "2026-05-01"), review(5, "2026-06-01")])
    assert is_ambassador(secure="a", reviews=[review(5, "2026-05-01"), review(1, "2026-06-30 22:00")])


def test_a_review_without_a_customer_is_that_of_the_customer_of_its_order() -> None:
    assert is_ambassador(secure="a", reviews=[review(5, customer_id=None, order_id="o000")])
    assert not is_ambassador(secure="a", reviews=[review(5, customer_id=None, order_id="unknown")])
    assert not is_ambassador(secure="a", reviews=[review(5, customer_id="b", order_id="o000")])


# Both backends, and properties


def test_tiers_are_equal_on_both_backends() -> None:
    inputs = tables(
        spent(a=100, b=25000, c=25000, d=60000, e=9999),
        known="abcxyz",
        secure="bx",
        nps={"a": "promoter", "c": "detractor", "ghost": "promoter"},
        reviews=[review(5, customer_id=None, order_id="o000"), review(4, customer_id="b"), review(5, customer_id="c")],
        bands={"b": "active", "a": "cooling_down", "c": "lost"},
    )
    assert_both_backends_agree("loyalty", tiers(HALF_VIP), *inputs)


AMOUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 60000), max_size=8)
FEW = settings(max_examples=12, deadline=None)


@FEW
@given(AMOUNTS, st.sampled_from([0.05, 0.3, 0.5]))
def test_more_spend_never_means_less(amounts: dict[str, int], share: float) -> None:
    found = loyalty(*tables(spent(**amounts), known="az"), by=LoyaltySettings(vip_share=share)).sort("net_spend")
    assert set(found["customer_id"]) == set(amounts) | {"a", "z"}
    names = [tier.name for tier in LOYALTY.tiers]
    assert found["tier"].map_elements(names.index, return_dtype=pl.Int64).is_sorted()
    assert found["is_vip"].is_sorted()
    assert found.group_by("net_spend").agg(pl.col("is_vip").n_unique())["is_vip"].is_in([1]).all()
    n_vip, n_spenders = found["is_vip"].sum(), (found["net_spend"] > 0).sum()
    assert n_vip >= share * n_spenders


@FEW
@given(AMOUNTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(amounts: dict[str, int], random: Any) -> None:
    placed = spent(**amounts)
    shuffled = placed[random.sample(range(placed.height), placed.height)]
    found = loyalty(*tables(placed, known="abz", secure="a"))
    assert found.equals(loyalty(*tables(shuffled, known="zba", secure="a")))
    assert tuple(found.columns) == tuple(SEGMENTS["loyalty"].polars_schema)
