"""What all models of who buys share: numbers that JSON can hold, and log-odds. Fitting and applying them does not belong here."""

from typing import Any, TypeAlias

import numpy as np

from pipeline.core.outlook.buy_till_you_die import Floats
from pipeline.core.outlook.metrics import SMALLEST

Model: TypeAlias = dict[str, Any]
"""A fitted model: its kind, and its numbers."""


def sigmoid(odds: Floats) -> Floats:
    """The probability of log-odds."""
    return np.asarray(1 / (1 + np.exp(-odds)))


def log_odds(probability: Floats) -> Floats:
    """The logarithm of the odds, of a probability kept away from 0 and 1."""
    kept = np.clip(probability, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(kept / (1 - kept)))
