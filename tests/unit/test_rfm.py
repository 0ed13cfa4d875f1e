from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipeline.core.behaviour.cut_points import CutPoint, CutPoints, score_under, stored_cut_points
from pipeline.core.behaviour.rfm import (
    KEY_OF_VALUES,
    Scoring,
    count_scored,
    customer_values,
    find_scoring,
    map_rows,
    rescore_segments,
    score_rfm,
)
from pipeline.core.behaviour.segment_maps import MAPS
from pipeline.core.behaviour.settings import RfmSettings
from pipeline.core.facts.customers import customer_facts, customers_as_of
from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame, day_end, day_start
from tests.unit.buckets import assert_buckets_agree, assert_counts_add_up
from tests.unit.lake import (
    AMSTERDAM,
    assert_rows_in_any_order_agree,
    at,
    customers,
    on_polars,
    orders,
    segment,
    table,
)

AS_OF = date(2026, 6, 30)
PAID = ["paid", "shipped", "delivered"]
VALUES = [1, 1, 1, 2, 3, 4, 5, 6, 7, 8]
"""Days, orders and tens of euros of ten customers."""
RFM = RfmSettings()
QUANTILE = RfmSettings(method="quantile")
EDGES = RfmSettings(
    method="edges", edges={"recency": [2, 4, 6, 8], "frequency": [2, 4, 6, 8], "monetary": [20, 40, 60, 80]}
)


def values(placed: Frame, accounts: Frame, as_of: date = AS_OF, settings: RfmSettings = RFM) -> Frame:
    known = customers_as_of(customer_facts(accounts, placed), as_of=as_of)
    return customer_values(orders_as_of(placed, as_of=as_of), known, as_of=as_of, settings=settings)


def scoring(
    placed: Frame, accounts: Frame, as_of: date, settings: RfmSettings, frozen: CutPoints | None = None
) -> Scoring:
    counts = count_scored(values(placed, accounts, as_of, settings)).collect(engine="streaming")
    return find_scoring(counts, as_of=as_of, settings=settings, frozen=frozen)


def scores(
    settings: RfmSettings = RFM, as_of: date = AS_OF, frozen: CutPoints | None = None
) -> Callable[[Frame, Frame], Frame]:
    return lambda placed, known: score_rfm(
        values(placed, known, as_of, settings),
        scoring(placed, known, as_of, settings, frozen),
        as_of=as_of,
        settings=settings,
    )


def cut_points(settings: RfmSettings = RFM, frozen: CutPoints | None = None) -> Callable[[Frame, Frame], Frame]:
    return lambda placed, known: scoring(placed, known, AS_OF, settings, frozen).cut_points.lazy()


def rfm(
    placed: pl.DataFrame,
    *known: str,
    settings: RfmSettings = RFM,
    as_of: date = AS_OF,
    frozen: CutPoints | None = None,
) -> pl.DataFrame:
    return segment("rfm", scores(settings, as_of, frozen), placed, customers(*known))


def cuts(placed: pl.DataFrame, dimension: str, settings: RfmSettings = RFM) -> list[tuple[Any, ...]]:
    table = segment("rfm_cut_points", cut_points(settings), placed, customers())
    return table.filter(dimension=dimension).select("bin", "lower", "upper", "n_customers").rows()


def only(frame: pl.DataFrame) -> dict[str, Any]:
    assert frame.height == 1
    return frame.row(0, named=True)


def bought(customer: str, days_ago: int, n_orders: int = 1, amount: int = 1000) -> list[dict[str, Any]]:
    moment = f"{AS_OF - timedelta(days=days_ago)} 10:00"
    return [{"customer_id": customer, "ordered_at": moment, "gross_amount": amount}] * n_orders


def ten_customers() -> pl.DataFrame:
    return orders(*(row for number, value in enumerate(VALUES) for row in bought(f"c{number}", value, value)))


@pytest.mark.parametrize("refunded_at", ["2026-06-15", "2026-07-15", None])
def test_an_order_that_came_back_counts_in_nothing_whenever_its_money_went_back(refunded_at: str | None) -> None:
    back = {"status": "returned", "refund_amount": 400, "refunded_at": refunded_at}
    found = only(rfm(orders({"customer_id": "a", "ordered_at": "2026-06-01"} | back)))
    assert (found["state"], found["frequency"], found["monetary"]) == ("prospect", 0, 0)


def test_recency_is_counted_in_days_of_the_shop() -> None:
    assert only(rfm(orders({"customer_id": "a", "ordered_at": "2026-06-29 23:30"})))["recency_days"] == 0
    placed = orders(
        {"customer_id": "a", "ordered_at": "2026-06-30 21:59"}, {"customer_id": "a", "ordered_at": "2026-06-30 22:00"}
    )
    assert only(rfm(placed))["frequency"] == 1
    assert only(rfm(placed, as_of=date(2026, 7, 1)))["frequency"] == 2


# Who is known


def test_who_registers_or_first_orders_after_as_of_by_local_date_is_no_customer_yet() -> None:
    registered = {
        "that_evening": "2026-06-30 21:59",
        "next_day": "2026-06-30 22:00",
        "guest_before": "2026-08-01",
        "undated": None,
        "undated_and_buying": None,
        "undated_and_first_buying_later": None,
    }
    known = table("customers", [{"customer_id": name, "registered_at": at} for name, at in registered.items()])
    placed = orders(
        {"customer_id": "guest_before", "ordered_at": "2026-06-01"},
        {"customer_id": "undated", "ordered_at": "2026-06-30 21:59"},
        {"customer_id": "undated_and_buying", "ordered_at": "2026-06-02"},
        {"customer_id": "undated_and_buying", "ordered_at": "2026-06-30 22:00"},
        {"customer_id": "undated_and_first_buying_later", "ordered_at": "2026-06-30 22:00", "status": "cancelled"},
        {"ordered_at": "2026-07-02"},
    )
    found = segment("rfm", scores(RFM), placed, known)
    assert found["customer_id"].to_list() == ["guest_before", "that_evening", "undated", "undated_and_buying"]


def test_an_anonymous_order_is_left_out_of_segments() -> None:
    assert rfm(orders({"ordered_at": "2026-06-01"})).height == 0


def test_a_day_starts_at_local_midnight_also_where_clocks_skip_it() -> None:
    assert day_start(date(2026, 1, 1), AMSTERDAM) == at("2025-12-31 23:00")
    assert day_end(date(2026, 3, 29), AMSTERDAM) == at("2026-03-29 22:00")
    # Cairo went from 24 April 2026 00:00 (UTC+2) to 01:00 (UTC+3).
    assert day_start(date(2026, 4, 24), "Africa/Cairo") == at("2026-04-23 22:00")


# States, window and money


def test_the_window_leaves_out_its_first_edge_and_takes_in_the_next_day() -> None:
    placed = orders(*bought("edge", 365), *bought("inside", 364))
    assert rfm(placed).select("customer_id", "state", "frequency", "recency_days").rows() == [
        ("edge", "lapsed", 0, 365),
        ("inside", "scored", 1, 364),
    ]


def test_without_a_window_all_history_counts() -> None:
    placed = orders(*bought("a", 5000), *bought("a", 1))
    assert only(rfm(placed, settings=RfmSettings(window_days=None)))["frequency"] == 2


def test_a_lapsed_customer_has_dates_but_no_scores() -> None:
    placed = orders(*bought("a", 500), *bought("a", 400))
    row = only(rfm(placed))
    assert (row["first_order_date"], row["last_order_date"]) == (date(2025, 2, 15), date(2025, 5, 26))
    assert (row["state"], row["segment"], row["recency_days"]) == ("lapsed", "lapsed", 400)
    assert [row[name] for name in ("r_score", "f_score", "m_score", "fm_score")] == [None] * 4


def test_a_lapsed_customer_does_not_borrow_the_score_of_a_customer_who_spent_nothing() -> None:
    sent_back = {"customer_id": "sent_back", "ordered_at": "2026-06-01", "status": "returned", "gross_amount": 0}
    placed = orders(*bought("lapsed", 400), *bought("sent_back", 1), sent_back | {"refund_amount": 1000})
    found = rfm(placed)
    assert found.select("customer_id", "monetary", "m_score").rows() == [("lapsed", 0, None), ("sent_back", 0, 5)]


def test_a_customer_without_a_valid_order_is_a_prospect() -> None:
    placed = orders({"customer_id": "cancelled", "ordered_at": "2026-06-01", "status": "cancelled"})
    found = rfm(placed, "registered")
    assert found["customer_id"].to_list() == ["cancelled", "registered"]
    for row in found.iter_rows(named=True):
        assert (row["state"], row["segment"], row["frequency"], row["monetary"]) == ("prospect", "prospect", 0, 0)
        assert (row["recency_days"], row["last_order_date"], row["r_score"]) == (None, None, None)


def test_monetary_is_net_of_discounts_refunds_and_cancellation_invoices_in_the_window() -> None:
    day = "2026-06-01"
    placed = orders(
        {"customer_id": "a", "ordered_at": day, "gross_amount": 5000, "discount_amount": 500, "refund_amount": 1000},
        {"customer_id": "a", "ordered_at": day, "gross_amount": 2000, "refund_amount": 2000},
        {"customer_id": "a", "ordered_at": day, "gross_amount": 0, "refund_amount": 700, "status": "returned"},
        {"customer_id": "a", "ordered_at": day, "gross_amount": 9000, "status": "cancelled"},
        {"customer_id": "a", "ordered_at": "2024-06-01", "gross_amount": 9000},
        {"customer_id": "a", "ordered_at": "2024-06-01", "gross_amount": 0, "refund_amount": 9, "status": "returned"},
    )
    # 50.00 - 5.00 - 10.00 - 7.00: the second order is fully refunded, the others are cancelled or before the window.
    row = only(rfm(placed))
    assert (row["monetary"], row["frequency"], row["refund_exceeds_paid"]) == (2800, 1, False)


def test_refunds_beyond_what_was_paid_raise_monetary_to_zero_with_a_flag() -> None:
    refund = {"customer_id": "a", "ordered_at": "2026-06-01", "status": "returned", "gross_amount": 0}
    placed = orders(*bought("a", 10), refund | {"refund_amount": 1001})
    assert (only(rfm(placed))["monetary"], only(rfm(placed))["refund_exceeds_paid"]) == (0, True)
    placed = orders(*bought("a", 10), refund | {"refund_amount": 1000})
    assert (only(rfm(placed))["monetary"], only(rfm(placed))["refund_exceeds_paid"]) == (0, False)


def test_orders_of_the_same_day_stay_separate() -> None:
    assert only(rfm(orders(*bought("a", 3, n_orders=2))))["frequency"] == 2


def test_an_empty_shop_gives_empty_tables() -> None:
    for method in (RFM, QUANTILE, EDGES):
        assert segment("rfm", scores(method), orders(), customers()).height == 0
        assert segment("rfm_cut_points", cut_points(method), orders(), customers()).height == 0


def test_a_shop_of_prospects_has_customers_and_no_cut_points() -> None:
    assert rfm(orders(), "a")["is_f_degenerate"].to_list() == [False]
    assert segment("rfm_cut_points", cut_points(), orders(), customers("a")).height == 0


# Scores


def test_rank_scores_are_the_bins_times_the_average_rank_over_n_rounded_up() -> None:
    # Ranks of 1, 1, 1, 2, 3 … 8: 2, 2, 2, 4, 5 … 10 of 10, times 5/10. Recency from the other side: 9, 9, 9, 7, 6 … 1.
    found = rfm(ten_customers())
    assert found["r_score"].to_list() == [5, 5, 5, 4, 3, 3, 2, 2, 1, 1]
    assert found["f_score"].to_list() == [1, 1, 1, 2, 3, 3, 4, 4, 5, 5]
    assert found["m_score"].to_list() == [1, 1, 1, 2, 3, 3, 4, 4, 5, 5]


@pytest.mark.parametrize("n", [5, 55, 105, 245])
def test_distinct_values_fill_the_bins_equally(n: int) -> None:
    placed = orders(*(row for number in range(n) for row in bought(f"c{number}", 1, amount=100 + number)))
    assert [count for *_, count in cuts(placed, "monetary")] == [n // 5] * 5


def test_quantile_scores_use_linear_interpolation_with_lower_edges_included() -> None:
    # Positions 1.8, 3.6, 5.4 and 7.2 of the sorted values: cuts 1, 2.6, 4.4 and 6.2.
    found = rfm(ten_customers(), settings=QUANTILE)
    assert found["r_score"].to_list() == [4, 4, 4, 4, 3, 3, 2, 2, 1, 1]
    assert found["f_score"].to_list() == [2, 2, 2, 2, 3, 3, 4, 4, 5, 5]
    assert found["m_score"].to_list() == [2, 2, 2, 2, 3, 3, 4, 4, 5, 5]


def test_r_compatible_quantiles_add_one_unit_to_every_inner_cut() -> None:
    # Cuts 2, 3.6, 5.4 and 7.2 days and orders; 11.00, 27.00, 45.00 and 63.00 euros.
    found = rfm(ten_customers(), settings=RfmSettings(method="quantile", r_compatible=True))
    assert found["r_score"].to_list() == [5, 5, 5, 4, 4, 3, 3, 2, 2, 1]
    assert found["f_score"].to_list() == [1, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert found["m_score"].to_list() == [1, 1, 1, 2, 3, 3, 4, 4, 5, 5]


def test_the_r_compatible_unit_of_money_is_a_whole_currency_unit() -> None:
    # The first cut is the value at position 1.8, 10.00, plus 1.00: 10.50 is still below it.
    amounts = [1000, 1000, 1000, 1050, 3000, 4000, 5000, 6000, 7000, 8000]
    placed = orders(*(row for number, amount in enumerate(amounts) for row in bought(f"c{number}", 1, amount=amount)))
    found = rfm(placed, settings=RfmSettings(method="quantile", r_compatible=True))
    assert found["m_score"].to_list()[:5] == [1, 1, 1, 1, 3]


def test_edges_are_fixed_cut_points_with_lower_edges_included() -> None:
    found = rfm(ten_customers(), settings=EDGES)
    assert found["r_score"].to_list() == [5, 5, 5, 4, 4, 3, 3, 2, 2, 1]
    assert found["f_score"].to_list() == [1, 1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert found["m_score"].to_list() == [1, 1, 1, 2, 2, 3, 3, 4, 4, 5]


def test_an_edge_of_money_is_in_whole_currency_units_and_rounded_to_a_cent() -> None:
    fixed = RfmSettings(method="edges", edges=EDGES.edges | {"monetary": [19.99, 40, 60, 80]})
    placed = orders(*bought("a", 1, amount=1998), *bought("b", 1, amount=1999))
    assert rfm(placed, settings=fixed)["m_score"].to_list() == [1, 2]


def test_halves_of_the_fm_score_are_rounded_up_and_both_axes_name_a_segment() -> None:
    # Two orders of 12.50 the same day: R 5, F 2, M 3, so FM 2.5 becomes 3: cell 53; on the axes R and F cell 52.
    placed = orders(*bought("a", 1, n_orders=2, amount=1250))
    edges = {"recency": [2, 3, 4, 5], "frequency": [2, 3, 4, 5], "monetary": [10, 20, 30, 40]}
    row = only(rfm(placed, settings=RfmSettings(method="edges", edges=edges)))
    assert [row[name] for name in ("r_score", "f_score", "m_score", "fm_score")] == [5, 2, 3, 3]
    assert (row["segment"], row["segment_map"]) == ("loyal", "rfm11")
    row = only(rfm(placed, settings=RfmSettings(method="edges", edges=edges, map="rf10")))
    assert (row["segment"], row["segment_map"]) == ("potential_loyalist", "rf10")


def test_segments_of_the_ten_customers_are_those_of_their_cells() -> None:
    # Cells 51, 51, 51, 42, 33, 33, 24, 24, 15, 15.
    assert rfm(ten_customers())["segment"].to_list() == [
        *["recent"] * 3,
        *["potential_loyalist"] * 3,
        *["at_risk"] * 2,
        *["cant_lose"] * 2,
    ]


@pytest.mark.parametrize("settings", [RFM, QUANTILE])
def test_degenerate_frequency_is_scored_by_count(settings: RfmSettings) -> None:
    placed = orders(*bought("a", 1), *bought("b", 2), *bought("c", 3, 2), *bought("d", 4, 4), *bought("e", 5, 7))
    found = rfm(placed, settings=settings)
    assert found["f_score"].to_list() == [1, 1, 2, 4, 5]
    assert found["is_f_degenerate"].to_list() == [True] * 5
    table = segment("rfm_cut_points", cut_points(settings), placed, customers())
    assert table.filter(dimension="frequency").select("method", "is_degenerate").unique().rows() == [("count", True)]
    assert table.filter(dimension="recency").select("method", "is_degenerate").unique().rows() == [
        (settings.method, False)
    ]
    assert cuts(placed, "frequency", settings)[2:] == [(3, 3, 4, 0), (4, 4, 5, 1), (5, 5, None, 1)]


def test_frequency_is_degenerate_when_so_many_bought_once_that_nobody_would_score_one() -> None:
    # Six of ten bought once: their shared rank 3.5 would score ceil(5 * 3.5 / 10) = 2. By count they score 1.
    counts = [1, 1, 1, 1, 1, 1, 2, 3, 4, 5]
    placed = orders(*(row for number, n in enumerate(counts) for row in bought(f"c{number}", number + 1, n)))
    found = rfm(placed)
    assert found["is_f_degenerate"].to_list() == [True] * 10
    assert found["f_score"].to_list() == counts


def test_frequency_is_not_degenerate_while_somebody_scores_one_by_rank() -> None:
    # Four of ten bought once: their shared rank 2.5 scores ceil(5 * 2.5 / 10) = 2, three of ten: ceil(5 * 2 / 10) = 1.
    assert not rfm(ten_customers())["is_f_degenerate"].any()


def test_five_distinct_frequencies_are_not_degenerate_for_five_bins() -> None:
    placed = orders(*(row for number in range(1, 6) for row in bought(f"c{number}", 1, number)))
    found = rfm(placed)
    assert found["is_f_degenerate"].to_list() == [False] * 5
    assert found["f_score"].to_list() == [1, 2, 3, 4, 5]


def test_degenerate_recency_and_money_keep_the_method_and_ties_stay_together() -> None:
    placed = orders(*(row for number in range(4) for row in bought(f"c{number}", 7)))
    found = rfm(placed)
    # The average rank of four equals is 2.5: ceil(5 * 2.5 / 4) = 4.
    assert found["r_score"].to_list() == [4] * 4
    assert found["m_score"].to_list() == [4] * 4
    table = segment("rfm_cut_points", cut_points(), placed, customers())
    assert table.filter(pl.col("dimension") != "frequency")["is_degenerate"].to_list() == [True] * 10
    assert table.filter(pl.col("dimension") != "frequency")["method"].to_list() == ["rank"] * 10


def test_fixed_edges_are_kept_when_frequency_is_degenerate() -> None:
    found = only(rfm(orders(*bought("a", 1, 3)), settings=EDGES))
    assert (found["f_score"], found["is_f_degenerate"]) == (2, False)


# Cut points


def test_cut_points_tell_which_values_got_which_score() -> None:
    days, counts = cuts(ten_customers(), "recency"), cuts(ten_customers(), "frequency")
    assert days == [(1, 7, None, 2), (2, 5, 7, 2), (3, 3, 5, 2), (4, 2, 3, 1), (5, 0, 2, 3)]
    assert counts == [(1, 0, 2, 3), (2, 2, 3, 1), (3, 3, 5, 2), (4, 5, 7, 2), (5, 7, None, 2)]
    assert cuts(ten_customers(), "monetary")[3:] == [(4, 5000, 7000, 2), (5, 7000, None, 2)]


def test_cut_points_are_the_cuts_themselves_where_a_method_has_some() -> None:
    bins = [row[:3] for row in cuts(ten_customers(), "monetary", QUANTILE)]
    assert bins == [(1, 0, 1000), (2, 1000, 2600), (3, 2600, 4400), (4, 4400, 6200), (5, 6200, None)]
    bins = [row[:3] for row in cuts(ten_customers(), "recency", EDGES)]
    assert bins == [(1, 8, None), (2, 6, 8), (3, 4, 6), (4, 2, 4), (5, 0, 2)]


def test_a_bin_that_ranks_left_empty_takes_in_no_value() -> None:
    # All four share rank 2.5, which scores 4: neither more nor less of anything gives another score.
    placed = orders(*(row for number in range(4) for row in bought(f"c{number}", 7)))
    assert cuts(placed, "monetary") == [(1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0), (4, 0, None, 4), (5, None, None, 0)]
    assert cuts(placed, "recency") == [
        (1, None, None, 0),
        (2, None, None, 0),
        (3, None, None, 0),
        (4, 0, None, 4),
        (5, 0, 0, 0),
    ]


def test_an_empty_bin_has_a_row() -> None:
    assert cuts(ten_customers(), "frequency", QUANTILE)[0] == (1, 0, 1, 0)


def test_lapsed_customers_are_in_no_bin() -> None:
    placed = pl.concat([ten_customers(), orders(*[{"order_id": "late"} | row for row in bought("old", 400)])])
    assert sum(n for *_, n in cuts(placed, "monetary")) == 10


# Frozen cut points


def cut_bins(*bins: tuple[float, float | None], is_degenerate: bool = False) -> list[CutPoint]:
    return [CutPoint(number, *values, is_degenerate) for number, values in enumerate(bins, start=1)]


FROZEN = {
    "recency": cut_bins((8, None), (5, 8), (5, 5), (3, 5), (0, 3)),
    "frequency": cut_bins((0, 2), (2, 4), (4, 7), (7, 7), (7, None), is_degenerate=True),
    "monetary": cut_bins((0, 2000), (2000, 3000), (3000, 5000), (5000, 8000), (8000, None)),
}
"""Two bins are empty."""


def under_frozen(dimension: str, *values: int) -> list[int]:
    frame = pl.LazyFrame({"value": values})
    scored = frame.select(score=score_under(pl.col("value"), dimension, FROZEN))
    return scored.collect()["score"].to_list()


def test_a_value_has_the_score_of_the_bin_that_it_is_in() -> None:
    assert under_frozen("monetary", 1000, 1999, 2000, 2999, 3000, 4999, 5000, 7999) == [1, 1, 2, 2, 3, 3, 4, 4]
    # The fewer days the better: 3 to 4 days score 4, and from 5 days on it is 2, as nobody scored 3.
    assert under_frozen("recency", 1, 2, 3, 4, 5, 7, 8, 9) == [5, 5, 4, 4, 2, 2, 1, 1]


def test_a_value_beyond_all_bins_gets_the_score_at_that_end() -> None:
    assert under_frozen("monetary", 0, 999, 9001, 10**9) == [1, 1, 5, 5]
    assert under_frozen("recency", 0, 13, 10_000) == [5, 1, 1]


def test_nobody_gets_the_score_of_an_empty_bin() -> None:
    assert under_frozen("frequency", 4, 5, 6, 7) == [3, 3, 3, 5]


def test_the_stored_cut_points_of_a_date_score_its_own_values_as_they_were_scored() -> None:
    for method in (RFM, QUANTILE, EDGES):
        before = rfm(ten_customers(), settings=method)
        stored = stored_cut_points(segment("rfm_cut_points", cut_points(method), ten_customers(), customers()))
        assert stored is not None
        columns = ["customer_id", "r_score", "f_score", "m_score", "segment", "is_f_degenerate"]
        assert_frame_equal(rfm(ten_customers(), settings=method, frozen=stored).select(columns), before.select(columns))


def test_frozen_cut_points_score_and_are_handed_on_as_they_were() -> None:
    placed = orders(*bought("a", 2, 8), *bought("b", 6, 3, amount=900))
    found = rfm(placed, frozen=FROZEN)
    assert found.select("r_score", "f_score", "m_score", "is_f_degenerate").rows() == [(5, 5, 5, True), (2, 2, 2, True)]
    table = segment("rfm_cut_points", cut_points(frozen=FROZEN), placed, customers())
    assert set(table["method"]) == {"frozen"}
    assert table.filter(dimension="frequency").select(
        "bin", "lower", "upper", "n_customers", "is_degenerate"
    ).rows() == [
        (1, 0, 2, 0, True),
        (2, 2, 4, 1, True),
        (3, 4, 7, 0, True),
        (4, 7, 7, 0, True),
        (5, 7, None, 1, True),
    ]
    again = stored_cut_points(table)
    assert again == FROZEN


def test_cut_points_of_another_number_of_bins_are_not_used() -> None:
    placed = ten_customers()
    assert_frame_equal(rfm(placed, settings=THIRDS, frozen=FROZEN), rfm(placed, settings=THIRDS))


def test_a_date_on_which_nobody_was_scored_has_no_cut_points_to_freeze() -> None:
    assert stored_cut_points(segment("rfm_cut_points", cut_points(), orders(), customers("a"))) is None


def test_segments_under_other_cut_points_leave_who_is_outside_scoring_where_they_are() -> None:
    # 2 days, 8 orders, 80.00: scores 5, 5, 5. 6 days, 3 orders, 27.00: scores 2, 2, 2.
    placed = orders(*bought("a", 2, 8), *bought("b", 6, 3, amount=900), *bought("old", 400))
    for name, segments in (
        ("rfm11", ["champions", "needs_attention", "lapsed", "prospect"]),
        ("r_rfm", ["champions", "loyal_customers", "lapsed", "prospect"]),
    ):

        def rescored(rows: Frame, name: str = name) -> Frame:
            return rescore_segments(rows, FROZEN, map_rows(name, MAPS[name], as_of=AS_OF))

        before = rfm(placed, "z")
        found = on_polars(rescored, before).sort("customer_id")
        assert found["customer_id"].to_list() == ["a", "b", "old", "z"]
        assert found["segment"].to_list() == segments


# Ordered rules


def test_the_first_rule_that_holds_names_the_segment_and_the_remainder_takes_the_rest() -> None:
    # Scores R/F/M by fixed edges: a 5/5/5; b 4/4/4, in potential_loyalist and loyal_customers; c 5/1/1; d 1/1/1;
    # e 2/1/5, in no rule.
    placed = orders(
        *bought("a", 1, 9, 1000),
        *bought("b", 3, 7, 1000),
        *bought("c", 1),
        *bought("d", 9),
        *bought("e", 7, 1, 8500),
    )
    by_rules = RfmSettings(method="edges", edges=EDGES.edges, map="r_rfm")
    found = rfm(placed, settings=by_rules)
    assert found.select("r_score", "f_score", "m_score").rows() == [
        (5, 5, 5),
        (4, 4, 4),
        (5, 1, 1),
        (1, 1, 1),
        (2, 1, 5),
    ]
    assert found["segment"].to_list() == ["champions", "potential_loyalist", "new_customers", "lost", "others"]
    assert set(found["segment_map"]) == {"r_rfm"}


# Properties


@pytest.mark.parametrize("frozen", [None, FROZEN], ids=["by_method", "frozen"])
@pytest.mark.parametrize(
    "settings", [RFM, EDGES, RfmSettings(method="quantile", r_compatible=True), RfmSettings(map="r_rfm")]
)
def test_scores_and_cut_points_depend_neither_on_the_order_of_rows_nor_on_buckets(
    settings: RfmSettings, frozen: CutPoints | None
) -> None:
    extra = orders(
        *({"order_id": f"x{days}"} | row for days in (0, 365, 400) for row in bought("old", days, amount=777)),
        {"order_id": "back", "customer_id": "c1", "ordered_at": "2026-06-02", "gross_amount": 0}
        | {"refund_amount": 1500, "status": "returned"},
        {"order_id": "gone", "customer_id": "c2", "ordered_at": "2026-06-02 23:30"}
        | {"refund_amount": 900, "refunded_at": "2026-06-30 22:30"},
    )
    placed, known = pl.concat([ten_customers(), extra]), customers("c1", "nobody")
    assert_rows_in_any_order_agree("rfm", scores(settings, frozen=frozen), placed, known)
    assert_rows_in_any_order_agree("rfm_cut_points", cut_points(settings, frozen), placed, known)
    counted = partial(on_polars, lambda *frames: count_scored(values(*frames, AS_OF, settings)))
    assert_counts_add_up(counted, placed, known, by=KEY_OF_VALUES)
    found = scoring(placed.lazy(), known.lazy(), AS_OF, settings, frozen)

    def scored(*frames: Frame) -> Frame:
        return score_rfm(values(*frames, AS_OF, settings), found, as_of=AS_OF, settings=settings)

    assert_buckets_agree(partial(on_polars, scored), placed, known, by=["customer_id"])


ORDER = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from("abcdefgh"),
        "ordered_at": st.integers(-3, 400).map(lambda days: f"{AS_OF - timedelta(days=days)} 12:00"),
        "gross_amount": st.integers(0, 5000),
        "status": st.sampled_from(["paid", "delivered", "cancelled"]),
    }
)
PLACED = st.lists(ORDER, max_size=40)
THIRDS = RfmSettings.model_validate(
    {
        "bins": 3,
        "frequency_counts": [2, 3],
        "map": "thirds",
        "maps": {
            "thirds": {"axes": "r_fm", "bins": 3, "segments": {row: [f"{row}{n}" for n in "123"] for row in "123"}}
        },
    }
)
TENTHS = RfmSettings.model_validate(
    {
        "bins": 10,
        "frequency_counts": [2, 3, 4, 5, 6, 7, 8, 9, 10],
        "map": "tenths",
        "maps": {
            "tenths": {
                "bins": 10,
                "rules": [{"segment": "best", "r": [9, 10], "f": [1, 10], "m": [1, 10]}],
                "remainder": "rest",
            }
        },
    }
)
SCORED_BY = st.sampled_from([RFM, QUANTILE, EDGES, THIRDS, TENTHS, RfmSettings(map="r_rfm")])
FEW = settings(max_examples=5)


@FEW
@given(PLACED, SCORED_BY)
def test_every_customer_has_exactly_one_row_and_a_segment_of_the_map(
    rows: list[dict[str, Any]], by: RfmSettings
) -> None:
    found = rfm(orders(*rows), "a", "z", settings=by)
    placed = {row["customer_id"] for row in rows if row["ordered_at"] <= f"{AS_OF} 12:00"}
    # An account without a date is known, unless a first order shows that it came later.
    later = {row["customer_id"] for row in rows} - placed
    assert set(found["customer_id"]) == placed | {"a", "z"} - later
    assert found["segment"].is_in([*by.segment_map.names, "lapsed", "prospect"]).all()
    scored = found.filter(state="scored")
    assert scored.select(pl.col("r_score", "f_score", "m_score").is_between(1, by.bins)).to_numpy().all()


@FEW
@given(PLACED, SCORED_BY)
def test_scores_never_fall_when_the_value_gets_better_and_equal_values_score_equally(
    rows: list[dict[str, Any]], by: RfmSettings
) -> None:
    scored = rfm(orders(*rows), settings=by).filter(state="scored")
    for column, score, is_better_high in (
        ("recency_days", "r_score", False),
        ("frequency", "f_score", True),
        ("monetary", "m_score", True),
    ):
        by_value = scored.group_by(column).agg(pl.col(score).unique()).sort(column, descending=not is_better_high)
        assert by_value[score].list.len().to_list() == [1] * by_value.height
        assert by_value[score].list.first().is_sorted()


@FEW
@given(PLACED, st.randoms(use_true_random=False), SCORED_BY)
def test_the_order_of_rows_changes_nothing(rows: list[dict[str, Any]], random: Any, by: RfmSettings) -> None:
    placed = orders(*rows)
    shuffled = placed[random.sample(range(placed.height), placed.height)]
    assert_frame_equal(rfm(placed, settings=by), rfm(shuffled, settings=by))


@FEW
@given(PLACED, st.integers(2, 50), st.sampled_from([RFM, QUANTILE]))
def test_scaling_money_changes_no_score(rows: list[dict[str, Any]], factor: int, by: RfmSettings) -> None:
    scaled = [row | {"gross_amount": row["gross_amount"] * factor} for row in rows]
    columns = ["customer_id", "r_score", "f_score", "m_score", "segment"]
    before, after = rfm(orders(*rows), settings=by), rfm(orders(*scaled), settings=by)
    assert_frame_equal(before.select(columns), after.select(columns))


@FEW
@given(PLACED, SCORED_BY)
def test_cut_points_count_every_scored_customer_once_per_dimension(rows: list[dict[str, Any]], by: RfmSettings) -> None:
    n_scored = rfm(orders(*rows), settings=by).filter(state="scored").height
    table = segment("rfm_cut_points", cut_points(by), orders(*rows), customers())
    assert table.height == (3 * by.bins if n_scored else 0)
    assert all(
        total == n_scored for total in table.group_by("dimension").agg(pl.col("n_customers").sum())["n_customers"]
    )


@FEW
@given(PLACED, SCORED_BY)
def test_every_value_is_in_one_bin_and_it_is_the_bin_of_its_score(rows: list[dict[str, Any]], by: RfmSettings) -> None:
    found = rfm(orders(*rows), settings=by).filter(state="scored")
    table = segment("rfm_cut_points", cut_points(by), orders(*rows), customers())
    for dimension, column in (("recency", "recency_days"), ("frequency", "frequency"), ("monetary", "monetary")):
        bins = table.filter(dimension=dimension).rows(named=True)
        scores_of = dict(found.select(column, f"{dimension[0]}_score").iter_rows())
        between = {value + step for value in scores_of for step in (-1, 1) if value + step >= 0}
        stored = stored_cut_points(table)
        for value in {*scores_of, *between}:
            inside = [
                cut["bin"]
                for cut in bins
                if cut["lower"] is not None and cut["lower"] <= value and (cut["upper"] is None or value < cut["upper"])
            ]
            assert len(inside) == 1
            assert inside[0] == scores_of.get(value, inside[0])
            assert stored is not None
            frame = pl.LazyFrame({"value": [value]}).select(score_under(pl.col("value"), dimension, stored))
            assert frame.collect().item() == inside[0]
