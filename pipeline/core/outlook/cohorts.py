"""What is usual among one-time and among repeat customers, as of a training: what reasons and bands compare with.

It is kept with the model, so that a reason or a band of a customer does not change because others have come or gone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.core.outlook.fitted import Model
from pipeline.core.outlook.models import explain

COHORTS = ("all", "one_time", "repeat")
COMPARED = (
    "log_recency",
    "log_frequency",
    "log_tenure",
    "log_order_value",
    "log_net_total",
    "discount_share",
    "main_channel_share",
    "log_categories",
)
"""Features that reasons compare with what is usual."""
SHADE = 1 - 1e-9
"""An edge lies this much below the customer it is set by: many can have the same probability, and its last digits differ from run to run."""


def is_in(cohort: str, features: pl.DataFrame) -> NDArray[np.bool_]:
    """Which rows are in a cohort; customers of one purchase day are one-time."""
    is_repeat = (features["n_days"] > 1).to_numpy()
    return {"all": np.ones_like(is_repeat), "one_time": ~is_repeat, "repeat": is_repeat}[cohort]


def with_compared(features: pl.DataFrame) -> pl.DataFrame:
    """The features, and `log_net_total`: the money of the RFM sum, for reasons to compare."""
    return features.with_columns(log_net_total=pl.col("net_total").clip(0).log1p())


def with_cohorts(model: Model, features: pl.DataFrame, *, one_time_days: Sequence[float]) -> Model:
    """The model with what is usual in each cohort at the newest cut that it was trained on; `features` are those of the cut.

    `typical`: per cohort the parts of the log-odds, and the features of COMPARED, of the typical customer. That is the mean,
    each customer weighted by the probability to buy: the mean of all who ever ordered would describe those who have left.
    A cohort without a customer has the typical customer of all. `one_time_p_buy`: the probabilities to buy at which the band
    of a one-time customer changes, from lost to active.
    """
    explained = explain(model, features)
    compared = with_compared(features).select(COMPARED).to_numpy()
    typical: dict[str, Any] = {}
    for cohort in COHORTS[1:]:
        rows = is_in(cohort, features)
        rows = rows if rows.any() else is_in("all", features)
        weights = explained.p_buy[rows]
        means = (weights @ part[rows] / weights.sum() for part in (explained.parts, compared))
        typical[cohort] = dict(zip(("parts", "features"), (mean.tolist() for mean in means), strict=True))
    one_time = is_in("one_time", features)
    silence = features["days_since"].to_numpy()[one_time]
    edges = _edges(explained.p_buy[one_time], silence, one_time_days)
    return model | {"typical": typical, "one_time_p_buy": edges}


def _edges(p_buy: NDArray[np.float64], silence: NDArray[Any], days: Sequence[float]) -> list[float]:
    """Per number of days, the longest first, the probability that as many customers reach as are silent for less, or more where many have
    the same one.

    Bands then have the sizes that the days give them, and the order that the model gives. Where nobody is silent for less,
    nobody is above: 1.
    """
    ranked = np.sort(p_buy)[::-1]
    counts = [int((silence < edge).sum()) for edge in reversed(days)]
    return [float(ranked[n - 1]) * SHADE if n else 1.0 for n in counts]
