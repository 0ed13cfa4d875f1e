"""Candidates tried out: what each predicts for customers it has not learnt from. Choosing one does not belong here."""

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.core.outlook import metrics
from pipeline.core.outlook.buy_till_you_die import Floats, NotFitted
from pipeline.core.outlook.models import Window, fit, p_buy
from pipeline.core.outlook.settings import ChurnSettings

FOLDS = 5


@dataclass(frozen=True)
class Tried:
    """A candidate over the cuts: predicted churn per cut, and mean log-losses per cut or fold; or why there are none.

    `weights` are what the losses weigh in their mean: cuts alike, folds by their customers, as the loss at the one cut is the
    mean over all of them.
    """

    predicted: list[Floats]
    losses: Floats
    weights: Floats
    failed: NotFitted | None = None


def try_at_cuts(name: str, windows: list[Window], n_cuts: int, settings: ChurnSettings) -> Tried:
    """Each cut predicted by a model of the windows before it."""
    predicted, losses = [], []
    for number in range(n_cuts):
        earlier = windows[number + 1 : number + 1 + settings.training_windows]
        model = fit(name, earlier, horizon_days=settings.horizon_days, seed=settings.seed)
        if isinstance(model, NotFitted):
            return not_tried(model)
        predicted.append(1 - p_buy(model, windows[number].features))
        losses.append(metrics.log_losses(predicted[-1], 1 - windows[number].bought).mean())
    return Tried(predicted, np.array(losses), np.ones(n_cuts))


def try_in_folds(name: str, window: Window, folds: NDArray[np.int64], settings: ChurnSettings) -> Tried:
    """Each fold of the customers predicted by a model of the others."""
    predicted, losses = np.zeros(window.bought.size), []
    for fold in np.unique(folds):
        model = fit(name, [_part(window, folds != fold)], horizon_days=settings.horizon_days, seed=settings.seed)
        if isinstance(model, NotFitted):
            return not_tried(model)
        kept_out = _part(window, folds == fold)
        predicted[folds == fold] = 1 - p_buy(model, kept_out.features)
        losses.append(metrics.log_losses(predicted[folds == fold], 1 - kept_out.bought).mean())
    return Tried([predicted], np.array(losses), np.unique_counts(folds).counts.astype(np.float64))


def not_tried(failed: NotFitted) -> Tried:
    """A candidate that could not be fitted."""
    return Tried([], np.zeros(0), np.zeros(0), failed)


def _part(window: Window, rows: NDArray[np.bool_]) -> Window:
    return Window(window.features.filter(pl.Series(rows)), window.bought[rows], window.spent[rows])


def fold_numbers(names: pl.Series) -> NDArray[np.int64]:
    """The fold of each customer, from the hash of the name: who joins or leaves moves nobody else."""
    return np.array([int(hashlib.sha256(str(name).encode()).hexdigest()[:8], 16) % FOLDS for name in names])
