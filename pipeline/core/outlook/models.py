"""Models of who buys in the horizon: fitted, kept as plain numbers, applied, and taken apart. Choosing one does not belong here.

A fitted model is a tree of numbers and words that JSON can hold: whoever reads it from the lake computes with it, and runs nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no stubs

from pipeline.core.frames import add_up
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
from pipeline.core.outlook.fitted import Model, log_odds, sigmoid
from pipeline.core.outlook.trees import apply_trees, fit_trees
from pipeline.core.statistics import with_places

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
"""All models that compete, the simplest first."""

CALIBRATED = "_calibrated"


def better_baselines(losses: Mapping[str, float], name: str, *, by: float = 0.0) -> tuple[str, ...]:
    """The baselines whose mean log-loss over the cuts is lower than that of a model by more than so much.

    The choice and the check of what is published both ask here. The check allows for the last digits, which the card rounds.
    """
    return tuple(base for base in BASELINES if base in losses and losses[base] < losses[name] - by)


SIGNALS = ("is_repeat", *(name for group in SIGNAL_GROUPS for name in GROUPS[group]))
"""What a purchase process does not see: what customers went through, said and looked at, and whether the first order was the last."""

DECIMALS = 12
"""Of log-odds."""
RFM_BINS = 5
RFM_PARTS = {"recency": "days_since", "frequency": "n_days", "money": "net_total"}
"""What a reason speaks of -> the column that is scored."""
HISTORY_PARTS = ("recency", "frequency", "tenure")
"""What reasons say of a history: its silence, its purchases, its length."""

Ranked: TypeAlias = tuple[pl.DataFrame, ...]
"""For each of RFM_PARTS how many customers (`n`) have each `value`."""


@dataclass(frozen=True)
class Window:
    """The customers at a cut and what they did in the horizon after it: `bought` 0 or 1, `spent` in minor units."""

    features: pl.DataFrame
    bought: Floats
    spent: Floats

    @cached_property
    def processes(self) -> dict[bool, PurchaseProcess | NotFitted]:
        """BG/NBD and, modified, MBG/NBD fitted on the histories at the cut: several candidates rest on each."""
        seen = histories(self.features)
        return {is_modified: fit_process(seen, is_modified=is_modified) for is_modified in (False, True)}


@dataclass(frozen=True)
class Explained:
    """Probability to buy, and the log-odds of *not* buying as a sum: `base` plus `parts`, one column per name in GROUPS."""

    p_buy: Floats
    base: Floats
    parts: Floats


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Load the libraries that fit and judge candidates, and hold them to one thread: sums over several differ in the last digit from run
    to run, and only once loaded can a library be held."""
    import scipy.optimize
    import scipy.stats  # noqa: F401 (all are loaded for what comes with them)
    import sklearn.ensemble
    import sklearn.linear_model  # noqa: F401

    with threadpool_limits(limits=1):
        yield


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
        # The mean of Jeffreys' posterior: that none of those seen came back does not make it impossible.
        return {"kind": "constant", "p_buy": float((bought.sum() + 0.5) / (len(bought) + 1))}
    if name in ("recency", "rfm_sum", "logistic"):
        values = np.concatenate([_inputs(name, window.features) for window in windows])
        return {"kind": "linear", "inputs": name} | _fit_linear(values, bought, is_sum=name == "rfm_sum")
    if name in ("logistic_calibrated", "gradient_boosting_calibrated"):
        return _fit_and_calibrate(name.removesuffix(CALIBRATED), windows, horizon_days, seed)
    if name == "gradient_boosting":
        return fit_trees(np.concatenate([matrix(window.features) for window in windows]), bought, seed)
    return _fit_process(name, windows, bought, horizon_days)


def p_buy(model: Model, features: pl.DataFrame) -> Floats:
    """Probability of a valid order in the horizon, one per row of `churn_features`."""
    return _apply(model, features)[0]


def ranks_customers(model: Model) -> bool:
    """Whether what a model says of a customer depends on who else is scored with it: then all are to be counted first."""
    return bool(model["kind"] == "linear" and model["inputs"] == "rfm_sum")


def explain(model: Model, features: pl.DataFrame, ranked: Ranked | None = None) -> Explained:
    """The probability to buy, and the log-odds of *not* buying taken apart by what each feature speaks of.

    Linear models: coefficient times the distance from the mean of the training customers. Trees: the steps of the expected
    value on the way from the root to the leaf, by the feature that each node asks (Saabas, A. (2014), Interpreting random
    forests). Purchase processes: Shapley values of silence, frequency and tenure against the median customer of the cohort
    (Shapley, L. (1953), A value for n-person games). With one purchase there is only the silence: tenure and trend are
    the same fact, and count as it. `ranked` counts all customers, where the features are those of some: for a model that
    `ranks_customers`.
    """
    given, base, parts = _apply(model, features, ranked)
    is_one_time = (features["n_days"] == 1).to_numpy()
    recency, *same = (list(GROUPS).index(name) for name in ("recency", "tenure", "trend"))
    for group in same:
        parts[is_one_time, recency] += parts[is_one_time, group]
        parts[is_one_time, group] = 0.0
    return Explained(given, base, parts)


def _apply(model: Model, features: pl.DataFrame, ranked: Ranked | None = None) -> tuple[Floats, Floats, Floats]:
    """Probability to buy; and of the log-odds of not buying, the part all share and one column per name in GROUPS."""
    kind = model["kind"]
    if kind == "linear":
        values = _inputs(model["inputs"], features, ranked)
        terms = (values - np.array(model["means"])) * np.array(model["weights"])
        base = np.full(features.height, -model["intercept"])
        # The same scores in another order add up to another last digit: their customers are tied all the same.
        given = sigmoid((model["intercept"] + terms.sum(axis=1)).round(DECIMALS))
        return given, base, -_by_group(terms, _groups_of(model["inputs"]))
    if kind == "trees":
        return apply_trees(model, matrix(features))
    if kind == "process":
        return _apply_process(model, features)
    given = np.full(features.height, model["p_buy"])
    return given, -log_odds(given), np.zeros((features.height, len(GROUPS)))


def _inputs(name: str, features: pl.DataFrame, ranked: Ranked | None = None) -> Floats:
    """The columns that a linear model reads."""
    if name == "recency":
        return features.select("log_recency").to_numpy()
    return rfm_scores(features, ranked) if name == "rfm_sum" else matrix(features)


def _groups_of(name: str) -> tuple[str, ...]:
    """What each input of a linear model speaks of."""
    if name == "recency":
        return ("recency",)
    if name == "rfm_sum":
        return tuple(RFM_PARTS)
    return tuple(group for group, members in GROUPS.items() for _ in members)


def count_ranked(features: pl.DataFrame) -> Ranked:
    """What the ranks of the customers rest on. Counts of different customers can be added."""
    return tuple(
        features[column].alias("value").value_counts(name="n").cast({"n": pl.Int64}) for column in RFM_PARTS.values()
    )


def add_ranked(parts: Iterable[Ranked]) -> Ranked:
    """What the ranks of customers rest on who are counted in any number of parts."""
    return tuple(add_up(counts, by=["value"]) for counts in zip(*parts, strict=True))


def rfm_scores(features: pl.DataFrame, ranked: Ranked | None = None) -> Floats:
    """Scores 1 to 5 of recency, frequency and money among the customers of a cut: ceil(5 * average rank / n).

    Frequency counts purchase days and money all that was paid net of refunds, over all history. `ranked` counts all
    customers of the cut, by default those of the features. Definitions, section 1.
    """
    counts = dict(zip(RFM_PARTS.items(), ranked or count_ranked(features), strict=True))
    scores = [
        _rank_scores(features[column], of_part, is_best_low=part == "recency")
        for (part, column), of_part in counts.items()
    ]
    return np.column_stack(scores)


def _rank_scores(values: pl.Series, counts: pl.DataFrame, *, is_best_low: bool) -> Floats:
    """The scores of values among those that are counted: the customers with the same value share the mean of their ranks."""
    placed = with_places(counts.lazy()).sort("value").collect()
    n, n_below, n_total = placed["n"], placed["n_below"], placed["n"].sum()
    n_worse = n_total - n_below - n if is_best_low else n_below
    # In integers: a rank right at the edge of two scores is none above it.
    twice_the_rank = 2 * n_worse + n + 1
    score = -(-RFM_BINS * twice_the_rank // (2 * n_total))
    return score.cast(pl.Float64).gather(placed["value"].search_sorted(values)).to_numpy()


def _fit_linear(values: Floats, bought: Floats, *, is_sum: bool = False) -> Model:
    """Logistic regression on standardised inputs with a weak ridge penalty; weights are per unit of the input.

    With `is_sum` all inputs get one weight, that of their sum.
    """
    from sklearn.linear_model import LogisticRegression

    given = values.sum(axis=1, keepdims=True) if is_sum else values
    means, scales = given.mean(axis=0), given.std(axis=0)
    scales = np.where(scales > 1e-12, scales, 1.0)
    # Rows are many and inputs few: a handful of Newton's steps instead of a hundred of the default's.
    fitted = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=1000, tol=1e-8).fit(
        (given - means) / scales, bought
    )
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
    return rescaled(model, fit_line(log_odds(p_buy(model, newest.features)), newest.bought))


@dataclass(frozen=True)
class Line:
    """The factor and the summand that correct log-odds to buy."""

    weight: float
    shift: float


def fit_line(odds: Floats, bought: Floats) -> Line:
    """The line that makes log-odds to buy fit what followed (Platt 1999)."""
    line = _fit_linear(odds[:, None], bought)
    (weight,), (mean,) = line["weights"], line["means"]
    return Line(weight, line["intercept"] - weight * mean)


def on_line(line: Line, probability: Floats) -> Floats:
    """The probabilities to buy, corrected by the line."""
    return sigmoid(line.shift + line.weight * log_odds(probability))


def rescaled(model: Model, line: Line) -> Model:
    """The model with its log-odds to buy corrected by the line, and the parts that add up to them too."""
    if model["kind"] == "linear":
        return model | _on_line(model, line)
    if model["kind"] == "process":
        return model | {"line": model["line"] | _on_line(model["line"], line)}
    trees = [tree | {"value": [line.weight * step for step in tree["value"]]} for tree in model["trees"]]
    return model | {"start": line.shift + line.weight * model["start"], "trees": trees}


def _on_line(linear: Model, line: Line) -> Model:
    weights = [line.weight * given for given in linear["weights"]]
    return {"weights": weights, "intercept": line.shift + line.weight * linear["intercept"]}


def _fit_process(name: str, windows: Sequence[Window], bought: Floats, horizon_days: int) -> Model | NotFitted:
    """A purchase process, with its log-odds as they are or calibrated."""
    process = windows[0].processes[name.startswith("mbg")]
    if isinstance(process, NotFitted):
        return process
    model = {
        "kind": "process",
        "parameters": parameters(process),
        "is_modified": process.is_modified,
        "weeks": horizon_days / DAYS_PER_WEEK,
        "median": _median_histories(windows[0].features),
        "line": {"means": [0.0], "weights": [1.0], "intercept": 0.0},
        "signals": list(SIGNALS) if name.endswith("_with_signals") else [],
    }
    if name.endswith((CALIBRATED, "_with_signals")):
        inputs = [_process_inputs(model, window.features, histories(window.features)) for window in windows]
        model["line"] = _fit_linear(np.concatenate(inputs), bought)
    return model


def _process_inputs(model: Model, features: pl.DataFrame, seen: Histories) -> Floats:
    """The log-odds of the process, and the signals of the model."""
    odds = log_odds(process_of(model).p_buys(seen, within_weeks=model["weeks"]))
    return np.column_stack([odds, features.select(model["signals"]).to_numpy()]) if model["signals"] else odds[:, None]


def process_of(model: Model) -> PurchaseProcess:
    """The purchase process of a fitted model."""
    return process_with(model["parameters"], is_modified=model["is_modified"])


def _median_histories(features: pl.DataFrame) -> dict[str, list[float]]:
    """Per cohort the median silence, purchases after the first, and length, in weeks; of everyone if it is empty."""
    measured = features.select(
        silence=pl.col("days_since") / DAYS_PER_WEEK,
        repeats=(pl.col("n_days") - 1).cast(pl.Float64),
        weeks=pl.col("tenure_days") / DAYS_PER_WEEK,
    )
    is_repeat = measured["repeats"] > 0
    cohorts = {"one_time": measured.filter(~is_repeat), "repeat": measured.filter(is_repeat)}
    return {
        name: [float(value) for value in (rows if rows.height else measured).median().row(0)]
        for name, rows in cohorts.items()
    }


def _apply_process(model: Model, features: pl.DataFrame) -> tuple[Floats, Floats, Floats]:
    line, seen = model["line"], histories(features)
    inputs = _process_inputs(model, features, seen)
    terms = (inputs - np.array(line["means"])) * np.array(line["weights"])
    group_of = {name: group for group, members in GROUPS.items() for name in members}
    found = -_by_group(terms[:, 1:], [group_of[name] for name in model["signals"]])
    moved = _history_parts(model, seen, inputs[:, 0]) * line["weights"][0]
    for column, group in enumerate(HISTORY_PARTS):
        found[:, list(GROUPS).index(group)] -= moved[:, column]
    base = -(line["intercept"] + terms[:, 0] - moved.sum(axis=1))
    return sigmoid(line["intercept"] + terms.sum(axis=1)), base, found


def _history_parts(model: Model, seen: Histories, odds: Floats) -> Floats:
    """What HISTORY_PARTS add to the log-odds of the process, against the median history of the cohort.

    For repeat customers their Shapley values: the mean, over the orders in which the three can be set from the median
    to the customer's own, of the change that each makes. With one purchase the length is the silence, and the only
    part.
    """
    process, within, median = process_of(model), model["weeks"], model["median"]
    found = np.zeros((odds.size, len(HISTORY_PARTS)))
    is_repeat = seen.repeats > 0
    usual = np.array([median["one_time"][2]])
    zero = np.zeros(1)
    found[~is_repeat, 0] = (
        odds[~is_repeat] - log_odds(process.p_buys(Histories(zero, zero, usual), within_weeks=within))[0]
    )
    own = (seen.weeks - seen.last_week)[is_repeat], seen.repeats[is_repeat], seen.weeks[is_repeat]
    value = {}
    for given in product((False, True), repeat=3):
        silence, repeats, weeks = (
            mine if is_own else np.full_like(mine, other)
            for mine, other, is_own in zip(own, median["repeat"], given, strict=True)
        )
        # A silence of one customer can be longer than the history of another.
        mixed = Histories(repeats, np.maximum(weeks - silence, 0.0), weeks)
        value[given] = log_odds(process.p_buys(mixed, within_weeks=within))
    for part in range(3):
        for given, before in value.items():
            if not given[part]:
                with_own = (*given[:part], True, *given[part + 1 :])
                weight = 1 / 6 if sum(given) == 1 else 1 / 3
                found[is_repeat, part] += weight * (value[with_own] - before)
    return found


def _by_group(terms: NDArray[np.float64], groups: Sequence[str]) -> Floats:
    """Sums of the columns that speak of the same group."""
    found = np.zeros((terms.shape[0], len(GROUPS)))
    names = list(GROUPS)
    for column, group in enumerate(groups):
        found[:, names.index(group)] += terms[:, column]
    return found
