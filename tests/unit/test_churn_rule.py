from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from pipeline.core.outlook.churn_rule import band_customers
from pipeline.core.outlook.purchases import ShopRhythm, count_rhythm, rhythm_of
from pipeline.core.outlook.settings import ChurnSettings
from schemas.churn import HOLDING_REASONS, RISK_REASONS
from schemas.types import CHURN_BANDS
from tests.unit.lake import assert_rows_in_any_order_agree, orders, segment
from tests.unit.subsets import Tables, assert_customers_stand_alone, subsets

AS_OF = date(2026, 6, 30)
CHURN = ChurnSettings()
OWN_ONLY = ChurnSettings(rhythm_prior_gaps=0)


def bands(by: ChurnSettings = CHURN, as_of: date = AS_OF, rhythm: ShopRhythm | None = None) -> Callable[[Frame], Frame]:
    return lambda placed: band_customers(orders_as_of(placed, as_of=as_of), as_of=as_of, settings=by, rhythm=rhythm)


def churn(placed: pl.DataFrame, by: ChurnSettings = CHURN, as_of: date = AS_OF) -> pl.DataFrame:
    return segment("churn_risk", bands(by, as_of), placed)


def bought(customer: str, *days_ago: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {"customer_id": customer, "ordered_at": f"{AS_OF - timedelta(days=days)} 10:00"} | more for days in days_ago
    ]


def row_of(placed: pl.DataFrame, customer: str = "a", by: ChurnSettings = CHURN) -> dict[str, Any]:
    return churn(placed, by).row(by_predicate=pl.col("customer_id") == customer, named=True)


def reason(row: dict[str, Any]) -> tuple[str | None, float | None]:
    """What raises or holds the risk, and by how much; no row has both."""
    raises, holds = ((row[f"{side}_reason_1"], row[f"{side}_contribution_1"]) for side in ("risk", "holding"))
    assert None in (raises[0], holds[0])
    return raises if raises[0] else holds


@pytest.mark.parametrize(
    ("days", "band", "because"),
    [
        (0, "active", "bought_recently"),
        (59, "active", "bought_recently"),
        (60, "cooling_down", None),
        (61, "cooling_down", "long_silence"),
        (119, "cooling_down", "long_silence"),
        (120, "at_risk", "long_silence"),
        (180, "highly_at_risk", "long_silence"),
        (239, "highly_at_risk", "long_silence"),
        (240, "lost", "long_silence"),
        (5000, "lost", "long_silence"),
    ],
)
def test_a_one_time_buyer_is_banded_by_days_since_the_only_order(days: int, band: str, because: str | None) -> None:
    # Nobody has ever ordered twice, so no word says when a second order is due.
    row = row_of(orders(*bought("a", days)))
    assert (row["churn_band"], row["method"], row["days_since_last_order"]) == (band, "one_time_rule", days)
    assert reason(row) == (because, days - 60 if because else None)
    assert (row["typical_gap_days"], row["overdue_ratio"], row["churn_probability"]) == (None, None, None)
    assert row["overdue_after_days"] is None


@pytest.mark.parametrize(
    ("days", "because"),
    [
        (59, "first_order_recent"),
        (60, None),
        (61, "second_order_overdue"),
        (239, "second_order_overdue"),
        (240, "long_silence"),
    ],
)
def test_where_a_customer_has_come_back_it_is_known_when_a_second_order_is_due(days: int, because: str | None) -> None:
    row = row_of(orders(*bought("b", 500, 560), *bought("a", days)))
    assert (row["overdue_after_days"], row["risk_reason_1"] or row["holding_reason_1"]) == (60, because)


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (9, "active"),
        (10, "cooling_down"),
        (14, "cooling_down"),
        (15, "at_risk"),
        (19, "at_risk"),
        (20, "highly_at_risk"),
        (29, "highly_at_risk"),
        (30, "lost"),
    ],
)
def test_a_repeat_customer_is_banded_by_days_against_the_own_rhythm(days: int, band: str) -> None:
    row = row_of(orders(*bought("a", days, days + 10, days + 20, days + 30)), by=OWN_ONLY)
    assert (row["churn_band"], row["method"]) == (band, "rhythm_rule")
    assert (row["typical_gap_days"], row["overdue_ratio"]) == (10.0, days / 10)
    because = {9: "within_own_rhythm", 10: None}.get(days, "overdue_against_own_rhythm")
    assert reason(row) == (because, pytest.approx(days / 10 - 1) if because else None)


def test_the_typical_gap_is_the_own_median_shrunk_to_the_shops() -> None:
    # Gaps: a 10, 10, 10; b 30; c 18, 6, median 12. All six: 6, 10, 10, 10, 18, 30, median 10. Prior 3 gaps.
    placed = orders(*bought("a", 40, 30, 20, 10), *bought("b", 130, 100), *bought("c", 26, 20, 2))
    found = churn(placed)
    assert found["typical_gap_days"].to_list() == [10.0, (1 * 30 + 3 * 10) / 4, (2 * 12 + 3 * 10) / 5]
    assert found["overdue_ratio"].to_list() == pytest.approx([1.0, 100 / 15, 2 / 10.8], abs=1e-9)
    assert found["churn_band"].to_list() == ["cooling_down", "lost", "active"]
    assert found["risk_reason_1"].to_list() == [None, "overdue_against_shop_rhythm", None]
    assert found["holding_reason_1"].to_list() == [None, None, "within_shop_rhythm"]


def test_the_words_of_the_rhythm_name_the_gap_that_is_measured_and_not_the_own_median_alone() -> None:
    # Own gaps of 10, 10 and 10 days, where others wait 50, four times: the typical gap is (3 * 10 + 3 * 50) / 6 = 30. After 20
    # days the customer is silent for twice the own median, and yet within what the word means.
    row = row_of(orders(*bought("a", 20, 30, 40, 50), *bought("b", 0, 50, 100, 150, 200)))
    assert (row["typical_gap_days"], row["holding_reason_1"]) == (30, "within_own_rhythm")
    for reasons, word in ((HOLDING_REASONS, "within"), (RISK_REASONS, "overdue_against")):
        for whose in ("own", "shop"):
            assert "typical_gap_days" in reasons[f"{word}_{whose}_rhythm"]
            assert "the shop's" in reasons[f"{word}_{whose}_rhythm"]


def test_an_even_number_of_gaps_has_the_mean_of_the_middle_two_as_median() -> None:
    # Gaps 1, 4, 6 and 100 days.
    assert row_of(orders(*bought("a", 0, 1, 5, 11, 111)), by=OWN_ONLY)["typical_gap_days"] == 5.0


def test_one_time_buyers_do_not_move_the_rhythm_of_the_shop() -> None:
    placed = orders(*bought("a", 5, 15), *bought("b", 1), *bought("c", 300))
    assert row_of(placed)["typical_gap_days"] == 10.0


def test_a_slow_rhythm_can_hold_a_long_silence() -> None:
    row = row_of(orders(*bought("a", 300, 700, 1100, 1500)))
    assert (row["churn_band"], reason(row)) == ("active", ("within_own_rhythm", -0.25))


def test_a_one_time_buyer_is_not_worse_than_cooling_down_before_half_of_those_who_came_back_had_done_so() -> None:
    # First gaps 300, 200 and 250 days: their median is 250. The second gap of a counts in no median of first gaps.
    back = [*bought("a", 900, 600, 590), *bought("b", 500, 300), *bought("c", 650, 400)]
    found = churn(orders(*back, *bought("d", 249), *bought("e", 250)))
    rows = {row["customer_id"]: row for row in found.to_dicts()}
    assert [rows[name]["overdue_after_days"] for name in "de"] == [250, 250]
    assert [(rows[name]["churn_band"], rows[name]["is_held_by_rhythm"]) for name in "de"] == [
        ("cooling_down", True),
        ("lost", False),
    ]


def test_silence_is_a_reason_only_where_it_agrees_with_when_the_next_order_is_due() -> None:
    # First gaps 40, 50 and 60 days: the second order is due after 50, while the first band ends at 60.
    back = [*bought("a", 540, 500), *bought("b", 550, 500), *bought("c", 560, 500)]
    found = churn(orders(*back, *(row for days in (49, 50, 59, 60, 61) for row in bought(f"d{days}", days))))
    rows = {row["customer_id"]: row for row in found.to_dicts() if row["customer_id"].startswith("d")}
    told = {
        name: (row["holding_reason_1"], row["risk_reason_1"], row["other_contribution"]) for name, row in rows.items()
    }
    assert told == {
        "d49": ("first_order_recent", None, 0.0),
        "d50": (None, None, -10.0),
        "d59": (None, None, -1.0),
        "d60": (None, None, 0.0),
        "d61": (None, "second_order_overdue", 0.0),
    }
    # First gaps of 250 days: on day 245 the second order is not due, though the last band has begun.
    row = row_of(orders(*bought("a", 750, 500), *bought("d", 245)), "d")
    assert (row["churn_band"], row["is_held_by_rhythm"]) == ("cooling_down", True)
    assert (row["risk_reason_1"], row["other_contribution"]) == (None, 185.0)


@pytest.mark.parametrize(
    ("first_edge", "days", "holds", "raises", "other"),
    [(1.5, 12, None, None, -0.3), (0.5, 8, None, None, 0.3), (1.5, 9, "within_own_rhythm", None, 0.0)],
)
def test_the_own_rhythm_is_a_reason_only_where_it_agrees_with_the_edge(
    first_edge: float, days: int, holds: str | None, raises: str | None, other: float
) -> None:
    by = ChurnSettings(rhythm_prior_gaps=0, rhythm_ratios=[first_edge, 2.0, 3.0, 4.0])
    row = row_of(orders(*bought("a", days, days + 10, days + 20, days + 30)), by=by)
    assert (row["holding_reason_1"], row["risk_reason_1"]) == (holds, raises)
    assert row["other_contribution"] == pytest.approx(other)


def test_a_repeat_customer_is_not_worse_than_cooling_down_before_the_own_rhythm_whatever_the_edges() -> None:
    early = ChurnSettings(rhythm_prior_gaps=0, rhythm_ratios=[0.1, 0.2, 0.3, 0.4])
    for days, expected in ((9, ("cooling_down", True)), (10, ("lost", False))):
        row = row_of(orders(*bought("a", days, days + 10, days + 20, days + 30)), by=early)
        assert (row["churn_band"], row["is_held_by_rhythm"]) == expected
        assert row["overdue_after_days"] == 10


def test_orders_of_one_local_day_are_one_purchase_day() -> None:
    # 23:30 UTC on the 9th is the 10th in Amsterdam.
    placed = orders(
        {"customer_id": "a", "ordered_at": "2026-06-09 23:30"}, {"customer_id": "a", "ordered_at": "2026-06-10 20:00"}
    )
    row = row_of(placed)
    assert (row["method"], row["days_since_last_order"]) == ("one_time_rule", 20)


def test_only_valid_orders_by_as_of_count() -> None:
    placed = orders(
        *bought("a", 100),
        *bought("a", 5, status="cancelled"),
        *bought("a", 4, refund_amount=1000),
        *bought("a", -1),
        *bought("b", 3, status="pending"),
        {"ordered_at": "2026-06-01"},
    )
    found = churn(placed)
    assert found.select("customer_id", "days_since_last_order").rows() == [("a", 100)]


def test_a_refund_after_as_of_leaves_the_order_valid() -> None:
    placed = orders(*bought("a", 3, refund_amount=1000, refunded_at="2026-07-01 09:00"))
    assert churn(placed).height == 1
    assert churn(placed, as_of=date(2026, 7, 1)).height == 0


def test_an_empty_shop_has_nobody_to_lose() -> None:
    assert churn(orders()).height == 0


def test_bands_do_not_depend_on_the_order_of_rows() -> None:
    placed = orders(
        *bought("a", 40, 30, 20, 10),
        *bought("b", 130, 100),
        *bought("c", 26, 20, 2, 2),
        *bought("d", 250),
        *bought("e", 7, status="cancelled"),
        {"customer_id": "f", "ordered_at": "2026-06-29 23:30"},
    )
    assert_rows_in_any_order_agree("churn_risk", bands(), placed)


PLACED = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 500)), max_size=25)
FEW = settings(max_examples=8, deadline=None)


@FEW
@given(PLACED, st.randoms(use_true_random=False))
def test_every_buyer_has_one_row_whatever_the_order_of_rows(placed: list[tuple[str, int]], random: Any) -> None:
    table = orders(*(row for customer, days in placed for row in bought(customer, days)))
    found = churn(table)
    assert found["customer_id"].to_list() == sorted({customer for customer, _ in placed})
    at_risk = found.filter(pl.col("churn_band").is_in(CHURN_BANDS[2:]))
    assert (at_risk["risk_contribution_1"] > 0).all()
    assert at_risk["risk_reason_1"].null_count() == 0
    parts = found.select("score_base", pl.col("^.*_contribution.*$")).sum_horizontal()
    assert parts.to_list() == pytest.approx(found["churn_score"].to_list())
    assert churn(table[random.sample(range(table.height), table.height)]).equals(found)


@FEW
@given(PLACED, st.integers(1, 300))
def test_silence_never_betters_a_band(placed: list[tuple[str, int]], later: int) -> None:
    table = orders(*(row for customer, days in placed for row in bought(customer, days)))
    before, after = churn(table)["churn_band"], churn(table, as_of=AS_OF + timedelta(days=later))["churn_band"]
    levels = [(CHURN_BANDS.index(old), CHURN_BANDS.index(new)) for old, new in zip(before, after, strict=True)]
    assert all(new >= old for old, new in levels)


@FEW
@given(PLACED)
def test_a_band_by_hand(placed: list[tuple[str, int]]) -> None:
    table = orders(*(row for customer, days in placed for row in bought(customer, days)))
    found = churn(table, by=OWN_ONLY)
    days_of = {customer: sorted({days for who, days in placed if who == customer}) for customer, _ in placed}
    expected, firsts = {}, [days[-2:] for days in days_of.values() if len(days) > 1]
    second = median(before - after for after, before in firsts) if firsts else 0
    for customer, days in days_of.items():
        gaps = [later - earlier for earlier, later in pairwise(days)]
        silence = days[0] / median(gaps) if gaps else days[0]
        edges = OWN_ONLY.rhythm_ratios if gaps else OWN_ONLY.one_time_days
        level = sum(silence >= edge for edge in edges)
        is_early = days[0] < (median(gaps) if gaps else second)
        expected[customer] = CHURN_BANDS[min(level, 1) if is_early else level]
    assert dict(found.select("customer_id", "churn_band").iter_rows()) == expected

    def compute(tables: Tables) -> pl.DataFrame:
        # When the second order is due is what the shop's others tell.
        return churn(tables["orders"], by=OWN_ONLY).filter(pl.col("method") == "rhythm_rule")

    if placed:
        assert_customers_stand_alone(compute, {"orders": table}, "customer_id")


@FEW
@given(PLACED.filter(bool))
def test_against_the_rhythm_of_all_a_band_is_the_same_whoever_is_banded_with_it(placed: list[tuple[str, int]]) -> None:
    table = orders(*(row for customer, days in placed for row in bought(customer, days)))
    parts = [orders_as_of(part["orders"].lazy(), as_of=AS_OF) for part in subsets({"orders": table}, 2)]
    rhythm = rhythm_of(count_rhythm(part) for part in parts)

    def compute(tables: Tables) -> pl.DataFrame:
        return segment("churn_risk", bands(rhythm=rhythm), tables["orders"])

    assert_frame_equal(compute({"orders": table}), churn(table), check_exact=True)
    assert_customers_stand_alone(compute, {"orders": table}, "customer_id")
