"""Gradient-boosted trees of who buys: fitted, kept as plain numbers, applied, and taken apart. Other models do not belong here."""

import numpy as np

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
ROWS_AT_ONCE = 5_000
"""Rows that go through the trees together: what they need stays in the processor's cache."""


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
    group_names = [group for group, members in GROUPS.items() for _ in members]
    group_of = np.array([list(GROUPS).index(group) for group in group_names])
    odds = np.full(values.shape[0], model["start"])
    found = np.zeros((values.shape[0], len(GROUPS)))
    trees = [
        {name: np.array(numbers) if name != "depth" else numbers for name, numbers in tree.items()}
        for tree in model["trees"]
    ]
    groups = [group_of[tree["feature"]] for tree in trees]
    for start in range(0, values.shape[0], ROWS_AT_ONCE):
        part = values[start : start + ROWS_AT_ONCE]
        n_rows, n_features = part.shape
        # By places in one row of numbers, which takes two thirds of the time of rows and columns.
        cells, first_cell = part.ravel(), np.arange(n_rows) * n_features
        steps, first_step = np.zeros(n_rows * len(GROUPS)), np.arange(n_rows) * len(GROUPS)
        for tree, group in zip(trees, groups, strict=True):
            node = np.zeros(n_rows, dtype=np.intp)
            value = np.full(n_rows, tree["value"][0])
            # The root is the mean of what is left to explain: nearly 0, and nobody's doing.
            odds[start : start + n_rows] += value
            for _ in range(tree["depth"]):
                goes_left = cells.take(first_cell + tree["feature"].take(node)) <= tree["threshold"].take(node)
                step = first_step + group.take(node)
                node = np.where(goes_left, tree["left"].take(node), tree["right"].take(node))
                reached = tree["value"].take(node)
                steps[step] += reached - value
                value = reached
        found[start : start + n_rows] = steps.reshape(n_rows, len(GROUPS))
    return sigmoid(odds + found.sum(axis=1)), -odds, -found
