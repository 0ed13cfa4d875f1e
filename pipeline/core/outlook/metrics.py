"""How good a predicted probability is. Which model is judged, and by what rule one is chosen, does not belong here.

`predicted` is the probability of the outcome, `happened` 0 or 1. Ties never depend on the order of the rows.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from pipeline.core.outlook.buy_till_you_die import Floats
from pipeline.core.statistics import Z_95

BINS = 10
SMALLEST = 1e-6
"""How far probabilities are kept from 0 and 1, so that one surprise does not decide a mean log-loss."""


@dataclass(frozen=True)
class Bin:
    """One of the equal-count bins by predicted probability, with the Wilson 95% interval of what happened."""

    n: int
    mean_predicted: float
    observed: float
    low: float
    high: float


def auc(predicted: Floats, happened: Floats) -> float | None:
    """Probability that one to whom it happened has the higher prediction, ties counting half; null without both kinds.

    The Mann-Whitney statistic over its maximum: Hanley & McNeil (1982), Radiology 143, 29-36.
    """
    from scipy.stats import rankdata

    positives = float(happened.sum())
    negatives = happened.size - positives
    if not positives or not negatives:
        return None
    ranks = rankdata(predicted)
    return float((ranks[happened == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def brier(predicted: Floats, happened: Floats) -> float:
    """Mean squared distance: Brier (1950), Monthly Weather Review 78, 1-3."""
    return float(np.mean((predicted - happened) ** 2))


def log_losses(predicted: Floats, happened: Floats) -> Floats:
    """Minus the logarithm of the probability given to what happened, per row."""
    kept = np.clip(predicted, SMALLEST, 1 - SMALLEST)
    return -np.where(happened == 1, np.log(kept), np.log1p(-kept))


def lift(predicted: Floats, happened: Floats, *, share: float = 0.1) -> float | None:
    """How many times the base rate it happens among the top share by prediction; null when it happens to nobody.

    Rows tied at the edge count with their mean outcome for the part that is still in: no order among equals is made up.
    """
    base = float(happened.mean())
    if base == 0:
        return None
    wanted = share * happened.size
    place = predicted.size - max(int(np.ceil(wanted)), 1)
    edge = np.partition(predicted, place)[place]
    above, tied = predicted > edge, predicted == edge
    caught = happened[above].sum() + (wanted - above.sum()) * happened[tied].mean()
    return float(caught / wanted / base)


def calibration(predicted: Floats, happened: Floats, *, bins: int = BINS) -> list[Bin]:
    """The rows in bins of equal count by prediction; tied rows share their mean outcome across the bins they fall in."""
    order = np.argsort(predicted, kind="stable")
    ordered = predicted[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    count = np.diff(starts, append=ordered.size)
    shared = np.repeat(np.add.reduceat(happened[order], starts) / count, count)
    parts = zip(np.array_split(ordered, bins), np.array_split(shared, bins), strict=True)
    return [_bin(*part) for part in parts if part[0].size]


def calibration_error(predicted: Floats, happened: Floats) -> float:
    """Expected calibration error: mean distance of predicted and observed over the bins, weighted by their rows.

    Naeini, Cooper & Hauskrecht (2015), Proceedings of AAAI 29, with bins of equal count.
    """
    bins = calibration(predicted, happened)
    return float(sum(part.n * abs(part.mean_predicted - part.observed) for part in bins) / predicted.size)


def drift(before: Floats, now: Floats, *, bins: int = BINS) -> float:
    """Population stability index of two distributions, over the bins that divide the earlier one into equal counts.

    Sum of (share now - share before) * log(share now / share before), each share counted with half a row more, so that an
    empty bin is not infinite: Yurdakul (2018), Statistical properties of population stability index.
    """
    edges = np.unique(np.quantile(before, np.linspace(0, 1, bins + 1)[1:-1]))
    shares = []
    for values in (before, now):
        counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=edges.size + 1) + 0.5
        shares.append(counts / counts.sum())
    return float(np.sum((shares[1] - shares[0]) * np.log(shares[1] / shares[0])))


def _bin(predicted: Floats, happened: Floats) -> Bin:
    n, share = predicted.size, float(happened.mean())
    scale = 1 + Z_95**2 / n
    centre = (share + Z_95**2 / (2 * n)) / scale
    spread = Z_95 * sqrt(max(share * (1 - share), 0.0) / n + Z_95**2 / (4 * n * n)) / scale
    return Bin(n, float(predicted.mean()), share, max(centre - spread, 0.0), min(centre + spread, 1.0))
