"""Models of who buys in the horizon: fitted, kept as plain numbers, applied, and taken apart. Choosing one does not belong here.

A fitted model is a tree of numbers and words that JSON can hold: whoever reads it from the lake computes with it, and runs nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.core.outlook.buy_till_you_die import (
    Floats,
    Histories,
    NotFitted,
    PurchaseProcess,
    fit_process,
    parameters,
    process_with,
)
from pipeline.core.outlook.features import DAYS_PER_WEEK, GROUPS, histories, matrix
from pipeline.core.outlook.metrics import SMALLEST

Model: TypeAlias = dict[str, Any]
"""A fitted model: its kind, and its numbers."""

SIGNAL_GROUPS = ("refunds", "promises", "stars", "survey", "contacts", "visits")
BASELINES = ("base_rate", "recency", "rfm_sum", "bg_nbd")
"""What every model must not be worse than."""
CANDIDATES = (
    *BASELINES,
    "mbg_nbd",
    "bg_nbd_calibrated",
    "mbg_nbd_calibrated",
    "bg_nbd_with_signals",
    "logistic",
    "logistic_calibrated",
    "gradient_boosting",
    "gradient_boosting_calibrated",
)
"""All models that compete, the simpler before the less simple."""

CALIBRATED = "_calibrated"

SIGNALS = ("is_repeat", *(name for group in SIGNAL_GROUPS for name in GROUPS[group]))
"""What a purchase process does not see: what customers went through, said and looked at, and whether the first order was the last."""

RFM_BINS = 5
RFM_PARTS = {"recency": "days_since", "frequency": "n_days", "money": "net_total"}
"""What a reason speaks of -> the column that is scored."""
BOOSTING = {
    "max_iter": 60,
    "learning_rate": 0.1,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "early_stopping": False,
}
"""Few small trees: with some thousand customers more of them learn the noise."""
ROWS_AT_ONCE = 5_000
"""Rows that go through the trees together: what they need stays in the processor's cache."""


@dataclass(frozen=True)
class Window:
    """The customers at a cut and what they did in the horizon after it: `bought` 0 or 1, `spent` in minor units."""

    features: pl.DataFrame
    bought: Floats
    spent: Floats


def fit(name: str, windows: Sequence[Window], *, horizon_days: int, seed: int) -> Model | NotFitted:
    """Fit one of CANDIDATES on windows, the newest first; the same windows and seed give the same numbers, bit for bit
    on one thread.

    A purchase process is fitted on the histories at the cut of the newest window. Calibrated means that its log-odds are
    stretched and shifted to fit what followed the cuts (Platt, J. (1999), Advances in large margin classifiers, 61-74):
    those of a purchase process on all windows, as it has not seen what followed, those of a regression or of trees on the
    newest window, which is kept from them. With signals means that what a process does not see is weighed beside them.
    """
    bought = np.concatenate([window.bought for window in windows])
    if bought.min() == bought.max() and name not in ("base_rate", "bg_nbd", "mbg_nbd"):
        return NotFitted("all customers of the training windows did the same")
    if name == "base_rate":
        # The mean of Jeffreys' posterior: that nobody came back of those who were seen does not make it impossible.
        return {"kind": "constant", "p_buy": float((bought.sum() + 0.5) / (len(bought) + 1))}
    if name in ("recency", "rfm_sum", "logistic"):
        values = np.concatenate([_inputs(name, window.features) for window in windows])
        return {"kind": "linear", "inputs": name} | _fit_linear(values, bought, is_sum=name == "rfm_sum")
    if name in ("logistic_calibrated", "gradient_boosting_calibrated"):
        return _fit_and_calibrate(name.removesuffix(CALIBRATED), windows, horizon_days, seed)
    if name == "gradient_boosting":
        return _fit_trees(np.concatenate([matrix(window.features) for window in windows]), bought, seed)
    return _fit_process(name, windows, bought, horizon_days)


def p_buy(model: Model, features: pl.DataFrame) -> Floats:
    """Probability of a valid order in the horizon, one per row of `churn_features`."""
    return _apply(model, features)[0]


def contributions(model: Model, features: pl.DataFrame) -> tuple[Floats, Floats]:
    """Probability to buy, and what moved the log-odds of *not* buying, one column per name in GROUPS.

    Linear models: coefficient times the distance from the mean of the training customers. Trees: the steps of the expected
    value on the way from the root to the leaf, by the feature that each node asks (Saabas, A. (2014), Interpreting random
    forests). Purchase processes: the change when silence, or frequency, is set to the median of the shop.
    """
    return _apply(model, features)


def _apply(model: Model, features: pl.DataFrame) -> tuple[Floats, Floats]:
    kind = model["kind"]
    if kind == "linear":
        values = _inputs(model["inputs"], features)
        terms = (values - np.array(model["means"])) * np.array(model["weights"])
        return _sigmoid(model["intercept"] + terms.sum(axis=1)), -_by_group(terms, _groups_of(model["inputs"]))
    if kind == "trees":
        return _apply_trees(model, matrix(features))
    if kind == "process":
        return _apply_process(model, features)
    return np.full(features.height, model["p_buy"]), np.zeros((features.height, len(GROUPS)))


def _inputs(name: str, features: pl.DataFrame) -> Floats:
    """The columns that a linear model reads."""
    if name == "recency":
        return features.select("log_recency").to_numpy()
    return rfm_scores(features) if name == "rfm_sum" else matrix(features)


def _groups_of(name: str) -> tuple[str, ...]:
    """What each input of a linear model speaks of."""
    if name == "recency":
        return ("recency",)
    if name == "rfm_sum":
        return tuple(RFM_PARTS)
    return tuple(group for group, members in GROUPS.items() for _ in members)


def rfm_scores(features: pl.DataFrame) -> Floats:
    """Scores 1 to 5 of recency, frequency and money among the customers of a cut: ceil(5 * average rank / n).

    Frequency counts purchase days and money all that was paid net of refunds, over all history. Definitions, section 1.
    """
    ranks = {name: pl.col(column).rank("average") for name, column in RFM_PARTS.items()}
    ranks["recency"] = pl.col("days_since").rank("average", descending=True)
    scored = features.select(**{name: (RFM_BINS * rank / pl.len()).ceil() for name, rank in ranks.items()})
    return scored.to_numpy().astype(np.float64)


def _fit_linear(values: Floats, bought: Floats, *, is_sum: bool = False) -> Model:
    """Logistic regression on standardised inputs with a weak ridge penalty; weights are per unit of the input.

    With `is_sum` all inputs get one weight, that of their sum.
    """
    from sklearn.linear_model import LogisticRegression

    given = values.sum(axis=1, keepdims=True) if is_sum else values
    means, scales = given.mean(axis=0), given.std(axis=0)
    scales = np.where(scales > 1e-12, scales, 1.0)
    fitted = LogisticRegression(C=1.0, max_iter=1000, tol=1e-8).fit((given - means) / scales, bought)
    weights = np.broadcast_to(fitted.coef_[0] / scales, values.shape[1])
    intercept = float(fitted.intercept_[0])
    return {"means": values.mean(axis=0).tolist(), "weights": weights.tolist(), "intercept": intercept}


def _fit_and_calibrate(name: str, windows: Sequence[Window], horizon_days: int, seed: int) -> Model | NotFitted:
    """A regression or trees fitted on all windows but the newest, with the log-odds that fit the newest."""
    newest, *earlier = windows
    if not earlier:
        return NotFitted("one training window, and calibration needs another")
    if newest.bought.min() == newest.bought.max():
        return NotFitted("all customers of the newest training window did the same")
    model = fit(name, earlier, horizon_days=horizon_days, seed=seed)
    if isinstance(model, NotFitted):
        return model
    line = _fit_linear(_log_odds(p_buy(model, newest.features))[:, None], newest.bought)
    (weight,), (mean,) = line["weights"], line["means"]
    shift = line["intercept"] - weight * mean
    if model["kind"] == "linear":
        return model | {
            "weights": [weight * given for given in model["weights"]],
            "intercept": shift + weight * model["intercept"],
        }
    trees = [tree | {"value": [weight * step for step in tree["value"]]} for tree in model["trees"]]
    return model | {"start": shift + weight * model["start"], "trees": trees}


def _fit_process(name: str, windows: Sequence[Window], bought: Floats, horizon_days: int) -> Model | NotFitted:
    """A purchase process, with its log-odds as they are or calibrated."""
    process = fit_process(histories(windows[0].features), is_modified=name.startswith("mbg"))
    if isinstance(process, NotFitted):
        return process
    median = (
        windows[0]
        .features.select(silence=pl.col("days_since").median() / DAYS_PER_WEEK, repeats=(pl.col("n_days") - 1).median())
        .row(0, named=True)
    )
    model = {
        "kind": "process",
        "parameters": parameters(process),
        "is_modified": process.is_modified,
        "weeks": horizon_days / DAYS_PER_WEEK,
        "median": median,
        "line": {"means": [0.0], "weights": [1.0], "intercept": 0.0},
        "signals": list(SIGNALS) if name.endswith("_with_signals") else [],
    }
    if name.endswith((CALIBRATED, "_with_signals")):
        inputs = [_process_inputs(model, window.features, histories(window.features)) for window in windows]
        model["line"] = _fit_linear(np.concatenate(inputs), bought)
    return model


def _process_inputs(model: Model, features: pl.DataFrame, seen: Histories) -> Floats:
    """The log-odds of the process, and the signals of the model."""
    odds = _log_odds(process_of(model).p_buys(seen, within_weeks=model["weeks"]))
    return np.column_stack([odds, features.select(model["signals"]).to_numpy()]) if model["signals"] else odds[:, None]


def process_of(model: Model) -> PurchaseProcess:
    """The purchase process of a fitted model."""
    return process_with(model["parameters"], is_modified=model["is_modified"])


def _apply_process(model: Model, features: pl.DataFrame) -> tuple[Floats, Floats]:
    """Contributions of silence and frequency by setting them to the median, those of signals as in any linear model."""
    line, median, seen = model["line"], model["median"], histories(features)

    def terms(histories: Histories) -> Floats:
        inputs = _process_inputs(model, features, histories)
        return np.asarray((inputs - np.array(line["means"])) * np.array(line["weights"]))

    own = terms(seen)
    group_of = {name: group for group, members in GROUPS.items() for name in members}
    found = -_by_group(own[:, 1:], [group_of[name] for name in model["signals"]])
    # Of one purchase the silence is all there is: another silence is another length of the history.
    is_repeat = seen.repeats > 0
    last_week = np.where(is_repeat, np.maximum(seen.weeks - median["silence"], 0.0), 0.0)
    weeks = np.where(is_repeat, seen.weeks, median["silence"])
    as_usual = {
        "recency": Histories(seen.repeats, last_week, weeks),
        "frequency": Histories(np.full_like(seen.repeats, median["repeats"]), seen.last_week, seen.weeks),
    }
    for group, usual in as_usual.items():
        found[:, list(GROUPS).index(group)] += terms(usual)[:, 0] - own[:, 0]
    return _sigmoid(line["intercept"] + own.sum(axis=1)), found


def _fit_trees(values: Floats, bought: Floats, seed: int) -> Model:
    from sklearn.ensemble import HistGradientBoostingClassifier

    fitted = HistGradientBoostingClassifier(random_state=seed, **BOOSTING).fit(values, bought)
    trees = [predictors[0].nodes for predictors in fitted._predictors]
    return {
        "kind": "trees",
        "start": float(fitted._baseline_prediction.item()),
        "trees": [
            {
                # A leaf leads to itself.
                "feature": np.where(nodes["is_leaf"], 0, nodes["feature_idx"]).tolist(),
                "threshold": np.where(nodes["is_leaf"], 0.0, nodes["num_threshold"]).tolist(),
                "left": np.where(nodes["is_leaf"], np.arange(nodes.size), nodes["left"]).tolist(),
                "right": np.where(nodes["is_leaf"], np.arange(nodes.size), nodes["right"]).tolist(),
                "value": nodes["value"].tolist(),
                "depth": int(nodes["depth"].max()),
            }
            for nodes in trees
        ],
    }


def _apply_trees(model: Model, values: Floats) -> tuple[Floats, Floats]:
    group_names = [group for group, members in GROUPS.items() for _ in members]
    group_of = np.array([list(GROUPS).index(group) for group in group_names])
    odds = np.full(values.shape[0], model["start"])
    found = np.zeros((values.shape[0], len(GROUPS)))
    trees = [
        {name: np.array(numbers) if name != "depth" else numbers for name, numbers in tree.items()}
        for tree in model["trees"]
    ]
    for start in range(0, values.shape[0], ROWS_AT_ONCE):
        part = values[start : start + ROWS_AT_ONCE]
        rows = np.arange(part.shape[0])
        steps = np.zeros((part.shape[0], len(GROUPS)))
        for tree in trees:
            node = np.zeros(part.shape[0], dtype=np.intp)
            value = np.full(part.shape[0], tree["value"][0])
            # The root is the mean of what is left to explain: nearly 0, and nobody's doing.
            odds[start : start + part.shape[0]] += value
            for _ in range(tree["depth"]):
                feature = tree["feature"][node]
                goes_left = part[rows, feature] <= tree["threshold"][node]
                node = np.where(goes_left, tree["left"][node], tree["right"][node])
                reached = tree["value"][node]
                steps[rows, group_of[feature]] += reached - value
                value = reached
        found[start : start + part.shape[0]] = steps
    odds += found.sum(axis=1)
    return _sigmoid(odds), -found


def _by_group(terms: NDArray[np.float64], groups: Sequence[str]) -> Floats:
    """Sums of the columns that speak of the same."""
    found = np.zeros((terms.shape[0], len(GROUPS)))
    names = list(GROUPS)
    for column, group in enumerate(groups):
        found[:, names.index(group)] += terms[:, column]
    return found


def _sigmoid(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-odds)))


def _log_odds(probability: Floats) -> Floats:
    kept = np.clip(probability, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(kept / (1 - kept)))
