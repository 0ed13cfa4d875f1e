"""Probabilities that do not hold: mended by a line learnt from earlier cuts, or not published."""

from typing import Any

import numpy as np
import pytest

from pipeline.core.outlook.buy_till_you_die import Floats
from pipeline.core.outlook.recalibration import calibrate
from pipeline.core.outlook.settings import ChurnSettings

EACH = 1000
"""Customers per prediction and cut."""


def cuts(*given: tuple[tuple[float, float], ...]) -> tuple[list[Floats], list[Floats]]:
    """Predicted churn and what happened, per cut: groups of EACH customers with a prediction and the share that left."""
    left = [np.concatenate([np.arange(EACH) < round(share * EACH) for _, share in cut]) for cut in given]
    predicted = [np.repeat([prediction for prediction, _ in cut], EACH).astype(float) for cut in given]
    return predicted, [part.astype(float) for part in left]


def doubled(p: float) -> float:
    """The probability with twice the log-odds: too sure of itself."""
    return p * p / (p * p + (1 - p) * (1 - p))


TOO_SURE = ((doubled(0.2), 0.2), (0.5, 0.5), (doubled(0.8), 0.8))
# Predicted 1/17 and 16/17 where 0.2 and 0.8 leave: off by 0.141 for two thirds.
ERROR = 2 / 3 * (0.2 - 1 / 17)
RIGHT = ((0.2, 0.2), (0.5, 0.5), (0.8, 0.8))


def calibrated(*given: tuple[tuple[float, float], ...], **settings: Any) -> Any:
    return calibrate(*cuts(*given), ChurnSettings(**{"goal_calibration_n": 1_000_000} | settings))


def test_a_model_that_is_too_sure_at_every_cut_is_mended_by_what_the_earlier_ones_show() -> None:
    found = calibrated(TOO_SURE, TOO_SURE, TOO_SURE)
    assert (found.publishes, found.line.weight, found.line.shift) == (
        "probabilities",
        pytest.approx(0.5, abs=1e-3),
        pytest.approx(0, abs=1e-9),
    )
    for mended in found.predicted[:2]:
        np.testing.assert_allclose(mended[[0, EACH, 2 * EACH]], [0.2, 0.5, 0.8], atol=1e-3)
    # Nothing was known before the earliest cut.
    assert found.predicted[2][0] == doubled(0.2)
    assert f"mean calibration error {ERROR:.4f} over 3 cuts, limit 0.05; recalibrated on earlier cuts" in found.why
    assert "over the 2 cuts after them" in found.why


def test_what_follows_a_cut_does_not_change_its_probabilities() -> None:
    other = ((doubled(0.2), 0.3), (0.5, 0.6), (doubled(0.8), 0.9))
    first, second = calibrated(TOO_SURE, TOO_SURE, TOO_SURE), calibrated(other, TOO_SURE, TOO_SURE)
    assert first.line is not None
    assert second.line is not None
    assert (first.predicted[0] == second.predicted[0]).all()


def test_where_the_share_who_leave_swings_from_cut_to_cut_only_bands_are_published() -> None:
    # Too low, too high, too low by 0.15: what an earlier cut shows makes the next one worse.
    low, high = (tuple((p, p + by) for p in (0.2, 0.5, 0.8)) for by in (0.15, -0.15))
    found = calibrated(low, high, low)
    assert (found.line, found.publishes) == (None, "bands")
    assert "mean calibration error 0.1500 over 3 cuts, limit 0.05" in found.why
    assert found.why.endswith("which is no better")


def test_one_cut_has_no_earlier_one_to_learn_from() -> None:
    found = calibrated(TOO_SURE)
    assert (found.line, found.publishes) == (None, "bands")
    assert found.why.endswith("nothing earlier to recalibrate it on")


def test_a_model_that_says_the_same_of_everyone_has_no_line() -> None:
    found = calibrated(((0.5, 0.7),), ((0.4, 0.5),), ((0.6, 0.8),))
    assert (found.line, found.publishes) == (None, "bands")


def test_a_model_within_the_limit_stays_as_it_is() -> None:
    found = calibrated(RIGHT, RIGHT, RIGHT)
    assert (found.line, found.publishes, found.why) == (None, "probabilities", None)


def test_of_few_customers_nothing_is_said_against_a_model() -> None:
    found = calibrated(TOO_SURE, min_calibration_n=3001)
    assert (found.publishes, found.why) == ("probabilities", None)
    assert calibrated(TOO_SURE, min_calibration_n=3000).publishes == "bands"


def test_of_many_customers_the_goal_is_tried_but_only_the_limit_takes_probabilities_away() -> None:
    # Off by 0.03: over the goal of 0.02, below the limit of 0.05.
    low, high = (tuple((p, p + by) for p in (0.2, 0.5, 0.8)) for by in (0.03, -0.03))
    swings = calibrated(low, high, low, goal_calibration_n=9000)
    assert (swings.line, swings.publishes) == (None, "probabilities")
    assert "limit 0.02" in swings.why
    steady = calibrated(low, low, low, goal_calibration_n=9000)
    assert steady.line is not None
    assert calibrated(low, low, low, goal_calibration_n=9001).line is None
