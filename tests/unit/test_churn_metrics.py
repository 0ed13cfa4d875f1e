"""The metrics of churn models: every figure by hand, and nothing depends on the order of the rows."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.outlook import metrics


def array(*values: float) -> metrics.Floats:
    return np.array(values, dtype=float)


def test_auc_counts_pairs_and_half_a_pair_for_a_tie() -> None:
    # Churners .8 and .4 against stayers .4 and .2: above, above, tie, above: 3.5 of 4 pairs.
    assert metrics.auc(array(0.8, 0.4, 0.4, 0.2), array(1, 1, 0, 0)) == 3.5 / 4


def test_auc_of_one_kind_only_is_none() -> None:
    assert metrics.auc(array(0.8, 0.4), array(1, 1)) is None
    assert metrics.auc(array(0.8, 0.4), array(0, 0)) is None


def test_brier_and_log_loss_by_hand() -> None:
    predicted, happened = array(0.8, 0.3), array(1, 0)
    assert metrics.brier(predicted, happened) == pytest.approx((0.04 + 0.09) / 2)
    np.testing.assert_allclose(metrics.log_losses(predicted, happened), [-log(0.8), -log(0.7)])


def test_one_surprise_costs_no_infinite_log_loss() -> None:
    assert metrics.log_losses(array(0.0), array(1))[0] == pytest.approx(-log(1e-6))


def test_lift_of_the_highest_tenth() -> None:
    # Twenty customers, four churn; of the two with the highest predictions one does: 1/2 over 4/20.
    happened = np.zeros(20)
    happened[[0, 5, 6, 7]] = 1
    assert metrics.lift(np.linspace(0.95, 0.0, 20), happened) == pytest.approx(2.5)


def test_rows_tied_at_the_edge_of_the_tenth_share_their_outcome() -> None:
    # One above the edge churns; of four tied the second place gets their mean, 1/4: 1.25 of 2, over 2/20.
    predicted = np.array([0.9, *[0.5] * 4, *[0.1] * 15])
    happened = np.zeros(20)
    happened[[0, 3]] = 1
    assert metrics.lift(predicted, happened) == pytest.approx(1.25 / 2 / 0.1)


def test_a_tenth_of_fifteen_is_one_and_half_of_the_next() -> None:
    # The two highest churn, two of fifteen: 1.5 of 1.5, over 2/15.
    happened = array(1, 1, *[0] * 13)
    assert metrics.lift(np.linspace(0.95, 0.0, 15), happened) == pytest.approx(7.5)


def test_lift_of_a_constant_is_one_and_of_no_churner_none() -> None:
    assert metrics.lift(np.full(30, 0.4), np.array([1.0] * 6 + [0.0] * 24)) == pytest.approx(1)
    assert metrics.lift(array(0.4, 0.2), array(0, 0)) is None


def test_calibration_error_over_ten_bins_of_equal_count() -> None:
    # Two rows a bin; both say p and one of two churns: distances |.05 - .5|, |.15 - .5|, ... of which the mean is .25.
    predicted = np.repeat((np.arange(10) + 0.5) / 10, 2) + np.tile([0.0, 1e-9], 10)
    happened = np.tile([0.0, 1.0], 10)
    assert metrics.calibration_error(predicted, happened) == pytest.approx(0.25)


def test_tied_rows_share_their_outcome_across_the_bins_they_fall_in() -> None:
    # Two of .5, of whom one churns, fall in either bin: (0 + 1/2) / 2 and (1/2 + 1) / 2.
    found = metrics.calibration(array(0.5, 0.9, 0.5, 0.1), array(1, 1, 0, 0), bins=2)
    assert [part.mean_predicted for part in found] == pytest.approx([0.3, 0.7])
    assert [part.observed for part in found] == pytest.approx([0.25, 0.75])


def test_a_bin_has_its_wilson_interval() -> None:
    # 0 of 10: upper bound z^2 / (n + z^2) = 3.8415 / 13.8415.
    (only,) = metrics.calibration(np.full(10, 0.2), np.zeros(10), bins=1)
    assert (only.n, only.mean_predicted, only.observed, only.low) == (
        10,
        pytest.approx(0.2),
        0.0,
        pytest.approx(0, abs=1e-12),
    )
    assert only.high == pytest.approx(3.841459 / 13.841459)


def test_drift_by_hand() -> None:
    # Two bins cut at the median 1.5 of the earlier: 2 and 2 of 4, then 1 and 3; half a row more each.
    # Shares 1/2, 1/2 against 1.5/5, 3.5/5: (.3 - .5) ln .6 + (.7 - .5) ln 1.4 = .2 ln(1.4 / .6).
    found = metrics.drift(array(0, 1, 2, 3), array(0, 2, 2, 3), bins=2)
    assert found == pytest.approx(0.2 * log(1.4 / 0.6))


def test_equal_distributions_have_no_drift() -> None:
    values = np.linspace(0, 1, 101)
    assert metrics.drift(values, values) == 0


rows = st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=2, max_size=60)


@given(rows, st.randoms())
def test_no_figure_depends_on_the_order_of_the_rows(given_rows: list[tuple[int, bool]], random: object) -> None:
    shuffled = list(given_rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def figures(table: list[tuple[int, bool]]) -> list[float | None]:
        predicted, happened = (np.array(column, dtype=float) for column in zip(*table, strict=True))
        return [
            metrics.auc(predicted / 10, happened),
            metrics.lift(predicted / 10, happened),
            metrics.calibration_error(predicted / 10, happened),
        ]

    for one, other in zip(figures(given_rows), figures(shuffled), strict=True):
        assert one == other or one == pytest.approx(other, abs=1e-12)


@given(rows)
def test_intervals_contain_the_observed_share_and_all_rows_are_in_a_bin(given_rows: list[tuple[int, bool]]) -> None:
    predicted, happened = (np.array(column, dtype=float) for column in zip(*given_rows, strict=True))
    bins = metrics.calibration(predicted / 10, happened)
    assert sum(part.n for part in bins) == len(given_rows)
    assert all(part.low - 1e-9 <= part.observed <= part.high + 1e-9 for part in bins)
    assert sum(part.n * part.observed for part in bins) == pytest.approx(happened.sum())
