from collections import Counter
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.stats import CensoredData, ecdf

from pipeline.charts.customers import retention
from pipeline.charts.picture import to_png
from pipeline.core.behaviour.cohorts import (
    CohortCounts,
    Cohorts,
    Median,
    count_cohorts,
    follow_cohorts,
    median_survival,
    purchase_months,
)
from pipeline.core.behaviour.settings import CohortSettings
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.report.english import ENGLISH
from schemas.registry import SEGMENTS
from tests.unit.contracts import follows
from tests.unit.lake import orders
from tests.unit.subsets import Tables, assert_customers_stand_alone, subsets

AS_OF = date(2026, 3, 31)
FEW = CohortSettings(min_n=1)
Row = dict[str, Any]

# Weeks in remission of 42 patients with leukaemia, censored times apart: Gehan (1965), Biometrika 52, 203-223.
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
TREATED_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]


def order(customer: str | None, on: str, **more: Any) -> Row:
    return {"customer_id": customer, "ordered_at": on} | more


def months_of(placed: pl.DataFrame, as_of: date = AS_OF) -> pl.DataFrame:
    return purchase_months(orders_as_of(placed.lazy(), as_of=as_of))


def followed(*placed: Row, as_of: date = AS_OF, by: CohortSettings = FEW) -> Cohorts:
    """Both tables, checked against their contracts."""
    found = follow_cohorts([count_cohorts(months_of(orders(*placed), as_of), as_of=as_of)], as_of=as_of, settings=by)
    for name, rows in zip(("cohort_retention", "repeat_purchase"), found, strict=True):
        follows(SEGMENTS[name], rows)
    return found


def cells(found: Cohorts, column: str, cohort: date = date(2026, 1, 1)) -> list[Any]:
    return found.retention.filter(pl.col("cohort_month") == cohort).sort("months_since")[column].to_list()


def repeat(found: Cohorts, cohort: date | None = None) -> Row:
    return found.repeat.row(by_predicate=pl.col("cohort_month").eq_missing(cohort), named=True)


def median(events: list[int], censored: list[int]) -> Median:
    had, left = Counter(events), Counter(censored)
    days = sorted({*had, *left})
    counts = [np.array([counter[day] for day in days]) for counter in (had, left)]
    return median_survival(np.array(days), *counts)


def test_a_customer_is_active_in_the_months_with_a_valid_order() -> None:
    found = followed(
        order("ann", "2026-01-05"),
        order("ann", "2026-03-05"),
        order("ann", "2026-03-06"),
        order("bob", "2026-01-20"),
        order("bob", "2026-02-20", status="cancelled"),
    )
    assert cells(found, "n_customers") == [2, 2, 2]
    assert cells(found, "n_active") == [2, 0, 1]
    assert cells(found, "n_orders") == [2, 0, 2]
    assert cells(found, "pct_active") == [100, 0, 50]
    # Wilson at 1 of 2: (1 + z^2/2 -+ z sqrt(1/2 + z^2/4)) / (2 + z^2), z^2 = 3.841459.
    assert cells(found, "pct_active_low")[2] == pytest.approx(9.4531, abs=1e-4)
    assert cells(found, "pct_active_high")[2] == pytest.approx(90.5469, abs=1e-4)


def test_value_is_paid_less_refunds_and_adds_up_per_customer() -> None:
    found = followed(
        order("ann", "2026-01-05", gross_amount=1000),
        order("bob", "2026-01-05", gross_amount=501),
        order("ann", "2026-02-05", gross_amount=0, refund_amount=300, status="returned"),
        order("bob", "2026-03-05", gross_amount=400, refund_amount=100),
    )
    assert cells(found, "net_value") == [1501, -300, 300]
    assert cells(found, "n_active") == [2, 0, 1]
    assert cells(found, "cumulative_net_value") == [1501, 1201, 1501]
    # Half a cent is one.
    assert cells(found, "cumulative_value_per_customer") == [751, 601, 751]


def test_a_month_that_is_not_over_is_null_and_not_zero() -> None:
    placed = [order("ann", "2026-01-05"), order("ann", "2026-03-01")]
    for as_of, active in ((date(2026, 3, 30), [1, 0, None]), (date(2026, 3, 31), [1, 0, 1])):
        found = followed(*placed, as_of=as_of)
        assert cells(found, "n_active") == active
        for column in ("pct_active", "n_orders", "net_value", "cumulative_net_value", "cumulative_value_per_customer"):
            assert [value is None for value in cells(found, column)] == [value is None for value in active]
        assert cells(found, "is_censored") == [value is None for value in active]


def test_nothing_after_as_of_is_counted_and_days_are_the_shops() -> None:
    # 23:30 UTC on the last of January is February in Amsterdam.
    found = followed(order("ann", "2026-01-31 23:30"), order("bob", "2026-04-01"), order(None, "2026-02-01"))
    assert found.retention["cohort_month"].unique().to_list() == [date(2026, 2, 1)]
    assert cells(found, "n_customers", date(2026, 2, 1)) == [1, 1]


def test_a_cancellation_invoice_makes_no_cohort() -> None:
    found = followed(
        order("ann", "2026-01-05", gross_amount=0, refund_amount=300, status="returned"), order("ann", "2026-02-05")
    )
    assert found.retention["cohort_month"].unique().to_list() == [date(2026, 2, 1)]
    assert cells(found, "net_value", date(2026, 2, 1)) == [1000, 0]


def test_a_cohort_below_the_minimum_shows_counts_but_no_share_mean_or_median() -> None:
    placed = [order("ann", "2026-01-05"), order("ann", "2026-01-07"), order("bob", "2026-01-05")]
    for min_n, is_suppressed in ((2, False), (3, True)):
        found = followed(*placed, by=CohortSettings(min_n=min_n))
        assert cells(found, "n_active") == [2, 0, 0]
        assert cells(found, "is_suppressed") == [is_suppressed] * 3
        for column in ("pct_active", "pct_active_low", "pct_active_high", "cumulative_value_per_customer"):
            assert [value is None for value in cells(found, column)] == [is_suppressed] * 3
        row = repeat(found)
        assert (row["n_customers"], row["n_repeat"], row["is_suppressed"]) == (2, 1, is_suppressed)
        assert (row["pct_repeat"] is None, row["median_days_to_second"] is None) == (is_suppressed, is_suppressed)


def test_two_orders_on_one_day_are_a_repeat_purchase_but_no_second_day() -> None:
    found = followed(order("ann", "2026-01-05 08:00"), order("ann", "2026-01-05 18:00"), order("bob", "2026-01-05"))
    row = repeat(found)
    assert (row["n_repeat"], row["pct_repeat"]) == (1, 50)
    assert (row["n_second_days"], row["median_days_to_second"]) == (0, None)


def test_the_median_counts_days_to_the_second_date_in_the_same_month_or_a_later_one() -> None:
    found = followed(
        order("ann", "2026-01-05"),
        order("ann", "2026-01-08"),
        order("ann", "2026-01-06", status="cancelled"),
        order("bob", "2026-02-05"),
        order("bob", "2026-03-17"),
        order("bob", "2026-03-02"),
    )
    assert repeat(found, date(2026, 1, 1))["median_days_to_second"] == 3
    assert repeat(found, date(2026, 2, 1))["median_days_to_second"] == 25
    assert repeat(found)["median_days_to_second"] == 3
    assert found.repeat["cohort_month"].to_list() == [None, date(2026, 1, 1), date(2026, 2, 1)]


def test_a_customer_without_a_second_date_is_censored_at_as_of() -> None:
    # Ann came back at day 10. With two others still away after 30 days that is one of three at risk; when their first
    # orders are 9 days old, one of one.
    for first, median_days in (("2026-03-01", None), ("2026-03-22", 10)):
        found = followed(
            order("ann", "2026-01-05"), order("ann", "2026-01-15"), order("bob", first), order("cid", first)
        )
        assert repeat(found)["median_days_to_second"] == median_days
        assert repeat(found, date(2026, 3, 1))["median_days_to_second"] is None


def test_the_medians_of_gehans_leukaemia_trial_are_8_and_23_weeks() -> None:
    assert median(PLACEBO, []) == Median(8, 4, 11)
    assert median(TREATED, TREATED_CENSORED) == Median(23, 13, None)


times = st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=2, max_size=40)


@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
@given(times)
@settings(max_examples=30, deadline=None)
def test_the_median_and_its_interval_are_those_of_scipys_curve(sample: list[tuple[int, bool]]) -> None:
    events = [time for time, is_event in sample if is_event]
    censored = [time for time, is_event in sample if not is_event]
    found = median(events, censored)
    if not events:
        assert found == Median(None, None, None)
        return
    curve = ecdf(CensoredData(uncensored=events, right=censored)).sf
    with np.errstate(all="ignore"):
        bounds = curve.confidence_interval(method="log-log")
    expected = []
    for function in (curve, bounds.low, bounds.high):
        inside = function.quantiles[(function.probabilities <= 0.5 + 1e-9) & (curve.probabilities < 1)]
        expected.append(inside[0] if inside.size else None)
    assert found == Median(*expected)


purchases = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(1, 12), st.integers(1, 28), st.sampled_from(["paid", "returned"])),
    min_size=1,
    max_size=12,
)


@given(purchases, st.randoms(use_true_random=False))
@settings(max_examples=12, deadline=None)
def test_the_order_of_the_rows_changes_nothing_and_intervals_hold_their_share(placed: Any, random: Any) -> None:
    rows = [
        order(who, f"2025-{month:02}-{day:02}", status=status, order_id=f"{number}")
        for number, (who, month, day, status) in enumerate([*placed, ("z", 6, 1, "paid")])
    ]
    found = followed(*rows)
    random.shuffle(rows)
    again = followed(*rows)
    assert_frame_equal(found.retention, again.retention)
    assert_frame_equal(found.repeat, again.repeat)
    seen = found.retention.drop_nulls("pct_active")
    low, share, high = (seen[name] for name in ("pct_active_low", "pct_active", "pct_active_high"))
    assert ((low <= share + 1e-9) & (share <= high + 1e-9)).all()
    total = seen.filter(pl.col("months_since") == 0)
    assert (total["n_active"] == total["n_customers"]).all()
    # Every valid order is in one cell, and every customer in one cohort.
    assert seen["n_orders"].sum() == sum(row["status"] == "paid" for row in rows)
    assert total["n_customers"].sum() == repeat(found)["n_customers"]


def test_purchase_months_hold_what_was_bought_and_given_back() -> None:
    placed = orders(
        order("ann", "2026-01-05"),
        order("ann", "2026-01-05 20:00"),
        order("ann", "2026-01-31 23:30"),
        order("ann", "2026-02-09", gross_amount=0, refund_amount=5, status="returned"),
        order("bob", "2026-02-10", refund_amount=200, refunded_at="2026-05-01"),
        order("bob", "2026-02-12"),
        order(None, "2026-02-12"),
    )
    assert months_of(placed).rows() == [
        ("ann", date(2026, 1, 1), 2, 2000, date(2026, 1, 5), None),
        ("ann", date(2026, 2, 1), 1, 995, date(2026, 2, 1), None),
        ("bob", date(2026, 2, 1), 2, 2000, date(2026, 2, 10), date(2026, 2, 12)),
    ]


def test_the_heat_map_shows_what_was_observed_and_is_left_out_where_nothing_was() -> None:
    found = followed(order("ann", "2026-01-05"), order("ann", "2026-03-05"), order("bob", "2026-02-05"))
    picture = retention(found.retention, ENGLISH)
    assert picture is not None
    (shown,) = picture.chart.to_dict()["datasets"].values()
    assert [(row["cohort"], row["months_since"], row["pct_active"]) for row in shown] == [
        ("2026-01", 1, 0),
        ("2026-01", 2, 100),
        ("2026-02", 1, 0),
    ]
    assert "n = 2 customers in 2 cohorts" in picture.chart.to_dict()["title"]["subtitle"]
    # Of the cohorts of one customer each, none ordered in the first month after, and one of one in the second.
    assert picture.says.endswith(
        "On average 0.0% of a cohort order in the month after the first, and 100.0% in month 2."
    )
    assert to_png(picture).startswith(b"\x89PNG")
    assert retention(followed(order("ann", "2026-03-05")).retention, ENGLISH) is None


def drawn_orders(placed: Any) -> pl.DataFrame:
    """Orders of 10.00, of which those returned are invoices of 3.00."""
    invoice = {"gross_amount": 0, "refund_amount": 300}
    return orders(
        *(
            order(who, f"2025-{month:02}-{day:02}", status=status, **(invoice if status == "returned" else {}))
            for who, month, day, status in placed
        )
    )


@given(purchases)
@settings(max_examples=20, deadline=None)
def test_the_months_of_a_customer_are_those_of_a_count_by_hand(placed: Any) -> None:
    days: dict[tuple[str, date], list[date]] = {}
    value: Counter[tuple[str, date]] = Counter()
    for who, month, day, status in placed:
        key = (who, date(2025, month, 1))
        value[key] += 1000 if status == "paid" else -300
        days.setdefault(key, []).extend([date(2025, month, day)] if status == "paid" else [])
    expected = [
        (
            *key,
            len(found),
            value[key],
            min(found, default=None),
            min((day for day in found if day > min(found)), default=None),
        )
        for key, found in sorted(days.items())
    ]
    assert months_of(drawn_orders(placed)).rows() == expected


@given(purchases)
@settings(max_examples=10, deadline=None)
def test_the_months_of_a_customer_depend_on_no_other(placed: Any) -> None:
    def compute(tables: Tables) -> pl.DataFrame:
        return months_of(tables["orders"])

    assert_customers_stand_alone(compute, {"orders": drawn_orders(placed)}, "customer_id", "month")


@given(purchases)
@settings(max_examples=10, deadline=None)
def test_counts_of_parts_of_the_customers_make_the_same_cohorts(placed: Any) -> None:
    def counts(rows: pl.DataFrame) -> CohortCounts:
        return count_cohorts(months_of(rows), as_of=AS_OF)

    drawn = drawn_orders(placed)
    whole = follow_cohorts([counts(drawn)], as_of=AS_OF, settings=FEW)
    parts = [counts(drawn.clear()), *(counts(part["orders"]) for part in subsets({"orders": drawn}, 7))]
    for found, expected in zip(follow_cohorts(parts, as_of=AS_OF, settings=FEW), whole, strict=True):
        assert_frame_equal(found, expected)
