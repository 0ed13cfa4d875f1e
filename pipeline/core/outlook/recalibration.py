"""Whether the probabilities of a model hold, and a line that makes them hold. Which model is chosen does not belong here.

A line is judged on later cuts than those it is learnt from: nothing that follows a cut is known at it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pipeline.core.outlook import metrics
from pipeline.core.outlook.buy_till_you_die import Floats
from pipeline.core.outlook.fitted import log_odds
from pipeline.core.outlook.models import Line, fit_line, on_line
from pipeline.core.outlook.settings import ChurnSettings

Publishes = Literal["probabilities", "bands"]


@dataclass(frozen=True)
class Calibration:
    """What became of a model's predicted churn per cut, the newest first.

    `line` stretches and shifts the log-odds to buy, null where they stay as they are; then `predicted` of all cuts but the
    first in time is what lines learnt from earlier cuts give. `publishes`: whether the probabilities hold. `why` in words,
    null where nothing was amiss.
    """

    predicted: list[Floats]
    line: Line | None
    publishes: Publishes
    why: str | None


def calibrate(predicted: list[Floats], churned: list[Floats], settings: ChurnSettings) -> Calibration:
    """The predictions of a model as they are, recalibrated, or only good for bands. Definitions, section 5.

    Over the limit of the mean calibration error they are recalibrated, if that lowers the error without raising the
    log-loss on the later cuts. With few customers chance alone exceeds a limit, and they pass.
    """
    n = sum(part.size for part in predicted)
    if n < settings.min_calibration_n:
        return Calibration(predicted, None, "probabilities", None)
    error, largest = _mean_error(predicted, churned), settings.max_calibration_error
    limit = min(largest, settings.goal_calibration_error) if n >= settings.goal_calibration_n else largest
    if error < limit:
        return Calibration(predicted, None, "probabilities", None)
    words = f"mean calibration error {error:.4f} over {_cuts(len(predicted))}, limit {limit:g}"
    again = _recalibrated(predicted, churned)
    if again is None:
        words += "; nothing earlier to recalibrate it on"
        return Calibration(predicted, None, "probabilities" if error < largest else "bands", words)
    later = slice(len(again))
    before, after = (_mean_error(given[later], churned[later]) for given in (predicted, again))
    words += (
        f"; recalibrated on earlier cuts {after:.4f} instead of {before:.4f} over the {_cuts(len(again))} after them"
    )
    if after < before and _mean_loss(again, churned) <= _mean_loss(predicted[later], churned[later]):
        line = fit_line(log_odds(1 - np.concatenate(predicted)), 1 - np.concatenate(churned))
        publishes: Publishes = "probabilities" if after < largest else "bands"
        return Calibration([*again, *predicted[len(again) :]], line, publishes, words)
    words += ", which is no better"
    return Calibration(predicted, None, "probabilities" if error < largest else "bands", words)


def _recalibrated(predicted: list[Floats], churned: list[Floats]) -> list[Floats] | None:
    """The predictions at every cut but the earliest by the line that the earlier ones give; none without such a line.

    A model that says the same of everyone has none.
    """
    if all(part.min() == part.max() for part in predicted):
        return None
    found = []
    for cut in range(len(predicted) - 1):
        odds = log_odds(1 - np.concatenate(predicted[cut + 1 :]))
        bought = 1 - np.concatenate(churned[cut + 1 :])
        if bought.min() == bought.max() or odds.min() == odds.max():
            return None
        line = fit_line(odds, bought)
        if line.weight <= 0:
            return None
        found.append(1 - on_line(line, 1 - predicted[cut]))
    return found or None


def _cuts(n: int) -> str:
    return f"{n} cut" + ("s" if n > 1 else "")


def _mean_error(predicted: Sequence[Floats], churned: Sequence[Floats]) -> float:
    errors = [metrics.calibration_error(*pair) for pair in zip(predicted, churned, strict=True)]
    return float(np.mean(errors))


def _mean_loss(predicted: Sequence[Floats], churned: Sequence[Floats]) -> float:
    losses = [metrics.log_losses(given, was).mean() for given, was in zip(predicted, churned, strict=False)]
    return float(np.mean(losses))
