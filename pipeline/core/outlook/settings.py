"""What the configuration says of churn risk: what is predicted, how models prove themselves, and the bands."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import (
    Field,
)

from pipeline.core.options import Days, Edges, Fault, Section


class ChurnSettings(Section):
    """Churn risk: what is predicted, how models prove themselves, and the bands."""

    horizon_days: Annotated[int, Field(ge=7, le=3_650)] = 90
    """A customer without a valid order in this many days after as_of has churned; also the length of a backtest window."""
    backtest_cuts: Annotated[int, Field(ge=1, le=24)] = 3
    """Cut dates of the rolling backtest, a horizon apart; fewer where the history is shorter."""
    training_windows: Annotated[int, Field(ge=1, le=24)] = 2
    """How many windows before a cut models learn from."""
    min_customers: Annotated[int, Field(ge=1)] = 500
    """With fewer customers with an order, the rule of days sets the bands and there are no probabilities."""
    min_window_customers: Annotated[int, Field(ge=1)] = 100
    """Customers a window of the backtest needs at its start to count; at least min_n, so that the proof is never suppressed."""
    max_training_customers: Annotated[int, Field(ge=1)] = 50_000
    """With more customers, models learn from and are judged on a random sample of this many."""
    train_every_days: Days = 7
    """Days between trainings, counted from a Monday: the model of a date does not depend on the order of runs, but for one that was
    trained out of turn, on drift."""
    max_drift: Annotated[float, Field(gt=0)] = 0.2
    """Population stability index of the probabilities against a week before, above which a warning is given and a model trained."""
    max_calibration_error: Annotated[float, Field(gt=0)] = 0.05
    """Mean calibration error over the cuts from which a model is recalibrated and, if that does not help, gives bands only."""
    goal_calibration_error: Annotated[float, Field(gt=0)] = 0.02
    """The error from which a model is recalibrated where the backtest has goal_calibration_n customers."""
    goal_calibration_n: Annotated[int, Field(ge=1)] = 10_000
    min_calibration_n: Annotated[int, Field(ge=1)] = 1000
    """Customers in the backtest needed to check the calibration error: with fewer, chance alone exceeds the limit."""
    min_n: Annotated[int, Field(ge=1)] = 30
    """What is said of fewer customers or predictions, in the model card, the calibration and the outcomes, is suppressed."""
    seed: Annotated[int, Field(ge=0)] = 1
    repeat_p_buy: Edges = [0.2, 0.35, 0.5, 0.6]
    """Probability to buy in the horizon at which the band of a repeat customer changes: lost, highly_at_risk, at_risk, cooling_down, active."""
    one_time_days: Edges = [60, 120, 180, 240]
    """Days since the only order at which the band changes, [low, high): active, cooling_down, at_risk, highly_at_risk, lost.
    With a model they set the sizes of the bands, and the model decides who is in them."""
    rhythm_ratios: Edges = [1.0, 1.5, 2.0, 3.0]
    """Days since the last order / the customer's typical gap at which the band of a repeat customer changes without a model."""
    rhythm_prior_gaps: Annotated[float, Field(ge=0)] = 3
    """How many gaps of the shop's median the customer's own gaps are combined with."""

    def faults(self) -> Iterator[Fault]:
        """As the base class."""
        for name in ("repeat_p_buy", "one_time_days", "rhythm_ratios"):
            if (n_edges := len(getattr(self, name))) != 4:
                yield name, f"5 bands need 4 edges, not {n_edges}"
        if self.min_window_customers < self.min_n:
            yield (
                "min_window_customers",
                f"{self.min_window_customers} is below min_n = {self.min_n}, and the proof of a model on fewer is not shown; "
                f"set at least {self.min_n}, or a lower min_n",
            )
