"""Which model a date is scored with, and whether it still holds. How models are trained and kept does not belong here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from pipeline.core.frames import Frame
from pipeline.core.outlook.metrics import drift
from pipeline.core.outlook.models import better_baselines

MAX_MORE_ORDERS = 0.1
"""A model is outdated when the orders up to its date have since become more, or fewer, by this share."""
WEEK_DAYS, OLDEST_DAYS = 7, 14
"""The distribution of scores is compared with that of the newest date between a week and two weeks before."""
LEAST_LOSS = 1e-9
"""A smaller difference of mean log-losses is one of rounding: the card has ten decimals."""


@dataclass(frozen=True)
class Proof:
    """The chosen model over the cuts: mean log-loss and calibration error, null for the rule of days, and `n` customers.

    The calibration error of a recalibrated model is that of the cuts at which it was recalibrated. `lost_to`: the
    baselines that are better in log-loss. `publishes`: probabilities or only bands.
    """

    model: str
    n: int
    log_loss: float | None
    calibration_error: float | None
    lost_to: tuple[str, ...]
    publishes: str = "probabilities"

    def is_calibrated(self, limit: float, *, n_least: int) -> bool:
        """Whether the error is below the limit; with few customers chance alone exceeds it, so any error passes."""
        return self.calibration_error is None or self.n < n_least or self.calibration_error < limit


def training_date(as_of: date, *, every_days: int) -> date:
    """The last date up to as_of on which models are trained, counted from Monday 0001-01-01."""
    return as_of - timedelta(days=(as_of.toordinal() - 1) % every_days)


def past_every_days(every_days: int, *, horizon_days: int) -> int:
    """Days between the trainings for the dates before the first run: as many as fit in a horizon, but no fewer than on later dates.

    A whole multiple of `every_days`, so that each of their training dates is one of later dates as well: in whatever order dates
    are computed, the model trained as of a date is the same.
    """
    return max(1, horizon_days // every_days) * every_days


def current_record(
    records: Sequence[Mapping[str, Any]],
    *,
    since: date,
    as_of: date,
    settings_hash: Callable[[date], str],
    count_orders: Callable[[date], int],
) -> Mapping[str, Any] | None:
    """The newest current record (contract ChurnModels) trained in [since, as_of]; none if there is none.

    `settings_hash` tells the fingerprint of a training on a date now, `count_orders` how many orders the lake has up to it.
    """
    trained = [record for record in records if since <= record["trained_at"] <= as_of]
    for record in sorted(trained, key=lambda record: (record["trained_at"], record["model_id"]), reverse=True):
        day = record["trained_at"]
        if is_current(record, settings_hash=settings_hash(day), n_orders=count_orders(day)):
            return record
    return None


def is_current(record: Mapping[str, Any], *, settings_hash: str, n_orders: int) -> bool:
    """Whether a model was trained with these settings, on about as many orders as the lake has up to its date now."""
    difference = abs(n_orders - record["n_orders"])
    is_same_shop: bool = difference <= MAX_MORE_ORDERS * record["n_orders"]
    return is_same_shop and record["settings_hash"] == settings_hash


def orders_by(orders: Frame, day: date) -> int:
    """How many orders were placed up to a local date; `orders` are facts."""
    count: int = orders.filter(pl.col("ordered_date") <= day).select(pl.len()).collect(engine="streaming").item()
    return count


def week_before(dates: Sequence[date], as_of: date) -> date | None:
    """The date of earlier scores that as_of is compared with: the newest of a week to two weeks before."""
    oldest, newest = as_of - timedelta(days=OLDEST_DAYS), as_of - timedelta(days=WEEK_DAYS)
    return max((day for day in dates if oldest <= day <= newest), default=None)


def predicted() -> pl.Expr:
    """What a model says of a customer in rows of churn_risk, also where only its bands are published."""
    by_score = pl.when(pl.col("method") == "model").then(1 / (1 + (-pl.col("churn_score")).exp()))
    return pl.coalesce("churn_probability", by_score)


def drift_of(before: pl.Series | None, now: pl.Series) -> float | None:
    """The drift of the probabilities since about a week before, nulls left out; null with none on either date."""
    known = [given.drop_nulls() for given in (before, now) if given is not None]
    if len(known) < 2 or not all(given.len() for given in known):
        return None
    return drift(*(given.to_numpy() for given in known))


def is_due_again(moved: float | None, *, trained_at: date, as_of: date, max_drift: float) -> bool:
    """Whether a model is trained out of turn, as of as_of: the probabilities of an older one have moved too far."""
    return moved is not None and trained_at < as_of and moved > max_drift


def prove(card: pl.DataFrame) -> Proof:
    """The proof of the chosen model from the rows of a date (contract ChurnModelCard)."""
    of_all = card.filter(pl.col("cohort") == "all")
    is_recalibrated = pl.col("is_recalibrated").fill_null(False)
    is_told = is_recalibrated | ~is_recalibrated.any()
    means = of_all.group_by("model").agg(
        pl.col("log_loss").mean(),
        pl.col("ece").filter(is_told).mean(),
        pl.col("n").sum(),
        pl.col("chosen").any(),
        pl.col("publishes").first(),
    )
    of = {row["model"]: row for row in means.to_dicts()}
    chosen = next(row for row in of.values() if row["chosen"])
    losses = {name: row["log_loss"] for name, row in of.items() if row["log_loss"] is not None}
    lost_to = better_baselines(losses, chosen["model"], by=LEAST_LOSS) if chosen["model"] in losses else ()
    return Proof(
        chosen["model"], chosen["n"], chosen["log_loss"], chosen["ece"], lost_to, chosen["publishes"] or "probabilities"
    )
