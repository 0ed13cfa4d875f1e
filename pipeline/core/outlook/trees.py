"""Gradient-boosted trees of who buys: fitted, kept as plain numbers, applied, and taken apart. Other models do not belong here."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.core.outlook.buy_till_you_die import Floats
from pipeline.core.outlook.features import GROUPS
from pipeline.core.outlook.fitted import Model, sigmoid

BOOSTING = {
    "max_iter": 60,
    "learning_rate": 0.1,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 40,
    "l2_regularization": 1.0,
    "early_stopping": False,
}
"""Few small trees: with a few thousand customers more of them learn the noise."""
ROWS_AT_ONCE = 20_000
"""Rows that go through the trees together: what they need stays in the processor's cache."""

GROUP_OF = np.array([place for place, members in enumerate(GROUPS.values()) for _ in members])
"""The position in GROUPS of each of FEATURES."""


def fit_trees(values: Floats, bought: Floats, seed: int) -> Model:
    """Trees fitted on FEATURES, as plain numbers."""
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


def apply_trees(model: Model, values: Floats) -> tuple[Floats, Floats, Floats]:
    """Probability to buy; and of the log-odds of not buying, the part all share and one column per name in GROUPS."""
    trees = [_Tree.of(tree) for tree in model["trees"]]
    # The root is the mean of what is left to explain: nearly 0, and nobody's doing.
    odds = model["start"] + sum(tree["value"][0] for tree in model["trees"])
    found = np.zeros((values.shape[0], len(GROUPS)))
    for start in range(0, values.shape[0], ROWS_AT_ONCE):
        columns = np.ascontiguousarray(values[start : start + ROWS_AT_ONCE].T)
        steps = np.zeros((len(GROUPS), columns.shape[1]))
        for tree in trees:
            answers = tree.answers(columns)
            for group, moved in tree.moved.items():
                steps[group] += moved.take(answers)
        found[start : start + ROWS_AT_ONCE] = steps.T
    return sigmoid(odds + found.sum(axis=1)), np.full(values.shape[0], -odds), -found


@dataclass(frozen=True)
class _Tree:
    """A tree as what it asks, and what follows from any answers.

    To put every question to every row, in order, takes a fraction of the time of going down node by node. `questions`: the feature and
    the threshold of each inner node; `moved`: per position in GROUPS that the tree speaks of, by the answers read as a binary
    number, the steps of the expected value on the way from the root to the leaf.
    """

    questions: list[tuple[int, float]]
    moved: dict[int, Floats]

    @staticmethod
    def of(tree: Model) -> "_Tree":
        """The tree of a model."""
        feature, left, right, value = (np.array(tree[name]) for name in ("feature", "left", "right", "value"))
        inner = np.flatnonzero(left != np.arange(left.size))
        place = np.zeros(left.size, dtype=np.intp)
        place[inner] = np.arange(inner.size)[::-1]
        answers = np.arange(1 << inner.size)
        group = GROUP_OF[feature]
        moved = {int(name): np.zeros(answers.size) for name in np.unique(group[inner])}
        node = np.zeros_like(answers)
        for _ in range(tree["depth"]):
            is_left = (answers >> place[node]) & 1 == 1
            reached = np.where(is_left, left[node], right[node])
            for name, steps in moved.items():
                steps += np.where(group[node] == name, value[reached] - value[node], 0.0)
            node = reached
        return _Tree([(tree["feature"][one], tree["threshold"][one]) for one in inner], moved)

    def answers(self, columns: Floats) -> NDArray[np.intp]:
        """What each row answers, as a binary number: a digit per question, 1 for a feature that is not above the threshold."""
        found = np.zeros(columns.shape[1], dtype=np.min_scalar_type((1 << len(self.questions)) - 1))
        for feature, threshold in self.questions:
            found += found
            found += columns[feature] <= threshold
        return found.astype(np.intp)
