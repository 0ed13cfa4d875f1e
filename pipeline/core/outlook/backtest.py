"""The rolling backtest of churn models, and the choice of the published one. How it is shown does not belong here."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import polars as pl

from pipeline.core.facts.orders import orders_as_of
from pipeline.core.frames import Frame
from pipeline.core.outlook import metrics
from pipeline.core.outlook.buy_till_you_die import Floats, NotFitted, fit_spend, parameters
from pipeline.core.outlook.churn_rule import RULE
from pipeline.core.outlook.cohorts import COHORTS, is_in, with_cohorts
from pipeline.core.outlook.features import Sources, churn_features, histories, of_customers
from pipeline.core.outlook.fitted import Model
from pipeline.core.outlook.models import BASELINES, CANDIDATES, Window, better_baselines, fit, on_one_thread, rescaled
from pipeline.core.outlook.recalibration import Publishes, calibrate
from pipeline.core.outlook.settings import ChurnSettings
from pipeline.core.outlook.trials import Tried, fold_numbers, not_tried, try_at_cuts, try_in_folds

JudgedBy = Literal["cuts", "folds"]
CUTS: JudgedBy = "cuts"
FOLDS: JudgedBy = "folds"
LIFT_STEPS = 20


@dataclass(frozen=True)
class Judged:
    """A model at one cut and in one cohort; figures are null where there is nobody, or all did the same.

    The outcome is churn: no valid order in the horizon. `buyer_lift_at_10` is the lift of the other outcome: where nearly
    everyone leaves, nobody can be much more likely than the base rate to leave.
    """

    model: str
    cut_date: date
    cohort: str
    n: int
    judged_by: JudgedBy | None
    is_recalibrated: bool
    base_rate: float | None
    auc: float | None
    ece: float | None
    brier: float | None
    log_loss: float | None
    lift_at_10: float | None
    buyer_lift_at_10: float | None
    why: str


@dataclass(frozen=True)
class Training:
    """The result of a training as of a date.

    `chosen` is one of CANDIDATES or RULE, and `model` its numbers, null for RULE. `publishes`: whether its probabilities hold,
    or only its bands are shown; `publishes_why`: why that is so, or why it was recalibrated. `value` holds the parameters of the
    expected spend: `process` and `spend`, null where they did not fit, and `spend_if_bought` per cohort in minor units.
    `curve` has the shares of churners among the shares of customers with the highest predictions, at all cuts together.
    """

    chosen: str
    why: str
    publishes: Publishes
    publishes_why: str | None
    model: Model | None
    value: dict[str, Any] | None
    card: list[Judged]
    calibration: list[dict[str, Any]]
    curve: list[float]


def train(
    sources: Sources,
    *,
    as_of: date,
    settings: ChurnSettings,
    names: Callable[[pl.Series], pl.Series] = lambda customers: customers,
) -> Training:
    """Judge all candidates at rolling cuts, and fit the best one for use from as_of on. Definitions, section 5.

    Windows of the horizon's length end at as_of, one before the other. At each cut a model learns from the windows that
    end at or before the cut, and is judged on the window that begins there; customers of a cut are those with a valid
    order by then. With one window only, a model learns from four fifths of the customers and is judged on the last
    fifth, by turns: the hashes of the customers' `names` make the folds. With too few customers no model is made and
    the rule of days stands. The result is a function of the facts, as_of and the settings.
    """
    n = _n_customers(sources.orders, as_of)
    if n < settings.min_customers:
        return _rule(as_of, n, f"{n} customers with an order, below {settings.min_customers}")
    firsts = _drawn(_first_dates(sources.orders, as_of), settings)
    windows = _windows(of_customers(sources, firsts["customer_id"]), firsts["first_date"], as_of, settings)
    if not windows:
        cut = as_of - timedelta(days=settings.horizon_days)
        n_known = _n_customers(sources.orders.join(firsts.lazy(), on="customer_id", how="semi"), cut)
        words = f"{n_known} customers with an order by {cut}, a horizon before"
        return _rule(as_of, n, f"{words}, below {settings.min_window_customers}")
    # Only now, as a shop too small for a model need not load what fits one.
    with on_one_thread():
        if len(windows) == 1:
            folds, tested, judged_by = fold_numbers(names(windows[0].features["customer_id"])), windows, FOLDS
            tried = {name: try_in_folds(name, windows[0], folds, settings) for name in CANDIDATES}
        else:
            tested, judged_by = windows[: min(settings.backtest_cuts, len(windows) - 1)], CUTS
            tried = {name: try_at_cuts(name, windows, len(tested), settings) for name in CANDIDATES}
        chosen, verdicts, final = _fit_best(tried, windows, judged_by, settings)
        return _proved(chosen, verdicts, final, tried, tested, judged_by, as_of, settings)


def _n_customers(orders: Frame, day: date) -> int:
    """How many customers had a valid order by a date, as known then."""
    known = orders_as_of(orders, as_of=day).filter("is_valid")
    found: pl.DataFrame = known.select(pl.col("customer_id").drop_nulls().n_unique()).collect(engine="streaming")
    return int(found.item())


def _first_dates(orders: Frame, as_of: date) -> pl.DataFrame:
    """One row per customer who bought by as_of, by customer: the local date of the first sale.

    Also who got all money back since: at a cut before that the customer had a valid order, and belongs to those it is judged on.
    """
    known = orders.filter((pl.col("ordered_date") <= as_of) & pl.col("is_sale") & pl.col("customer_id").is_not_null())
    firsts = known.group_by("customer_id").agg(pl.col("ordered_date").min().alias("first_date"))
    return firsts.collect(engine="streaming").sort("customer_id")


def _drawn(firsts: pl.DataFrame, settings: ChurnSettings) -> pl.DataFrame:
    """The rows of the customers that models learn from, in order: all, or a random sample of them."""
    if firsts.height <= settings.max_training_customers:
        return firsts
    drawn = np.random.default_rng(settings.seed).permutation(firsts.height)[: settings.max_training_customers]
    return firsts[np.sort(drawn)]


def _fit_best(
    tried: dict[str, Tried], windows: list[Window], judged_by: JudgedBy, settings: ChurnSettings
) -> tuple[str, dict[str, str], Model]:
    """The name of the model to publish, why each is or is not, and the model, fitted on the newest windows.

    A model that does not fit today cannot be published, however good it was; `tried` notes it. The base rate always fits.
    """
    newest = windows[: settings.training_windows]
    while True:
        fitted = {name: found for name, found in tried.items() if found.failed is None}
        losses = {name: found.losses for name, found in fitted.items()}
        chosen, verdicts = choose(losses, weights=fitted["base_rate"].weights, judged_by=judged_by)
        final = fit(chosen, newest, horizon_days=settings.horizon_days, seed=settings.seed)
        if not isinstance(final, NotFitted):
            return chosen, verdicts, final
        tried[chosen] = not_tried(final)


def _proved(
    chosen: str,
    verdicts: dict[str, str],
    model: Model,
    tried: dict[str, Tried],
    tested: list[Window],
    judged_by: JudgedBy,
    as_of: date,
    settings: ChurnSettings,
) -> Training:
    """The training with the proof of the chosen model on the windows that it was tested on, recalibrated where that helps."""
    churned = [1 - window.bought for window in tested]
    calibration = calibrate(tried[chosen].predicted, churned, settings)
    if calibration.line is not None:
        model = rescaled(model, calibration.line)
    tried[chosen] = replace(tried[chosen], predicted=calibration.predicted)
    verdicts |= {name: f"not fitted: {found.failed.why}" for name, found in tried.items() if found.failed}
    predicted, happened = np.concatenate(calibration.predicted), np.concatenate(churned)
    is_repeat = np.concatenate([is_in("repeat", window.features) for window in tested])
    return Training(
        chosen=chosen,
        why=verdicts[chosen],
        publishes=calibration.publishes,
        publishes_why=calibration.why,
        model=with_cohorts(model, tested[0].features, one_time_days=settings.one_time_days),
        value=_value(tested[0]),
        card=[
            replace(row, judged_by=judged_by, is_recalibrated=row.is_recalibrated and calibration.line is not None)
            for row in _card(chosen, tried, verdicts, tested, as_of, settings.horizon_days)
        ],
        calibration=_calibration(predicted, happened, is_repeat),
        curve=_curve(predicted, happened),
    )


def _card(
    chosen: str,
    tried: dict[str, Tried],
    verdicts: dict[str, str],
    tested: list[Window],
    as_of: date,
    horizon_days: int,
) -> list[Judged]:
    """Every candidate at every cut and in every cohort; the chosen one recalibrated, if so, at all but the earliest."""
    rows = []
    for name, found in tried.items():
        for number, window in enumerate(tested):
            cut = as_of - timedelta(days=horizon_days * (number + 1))
            predicted = found.predicted[number] if found.failed is None else None
            for cohort in COHORTS:
                judged = _judge(name, cut, cohort, predicted, window, verdicts[name])
                rows.append(replace(judged, is_recalibrated=name == chosen and number < len(tested) - 1))
    return rows


def choose(
    losses: dict[str, Floats], *, weights: Floats | None = None, judged_by: JudgedBy = "cuts"
) -> tuple[str, dict[str, str]]:
    """The model to publish, and why each is or is not, from log-losses per cut, or fold, of those that were fitted.

    Of the models that are no worse than every baseline in the mean over the cuts, the simplest whose mean is within one
    standard error of the lowest (Breiman, Friedman, Olshen & Stone (1984), Classification and regression trees, 3.4.3).
    The error is that of the differences to the best model per cut: the base rate changes from cut to cut for all models
    alike. `weights`: what each cut or fold weighs in the means, alike without.
    """
    means = {name: float(np.average(values, weights=weights)) for name, values in losses.items()}
    best = min(means, key=lambda name: (means[name], CANDIDATES.index(name)))
    bar = min(means[name] for name in BASELINES if name in means)
    n_cuts = losses[best].size

    def error(name: str) -> float:
        return float((losses[name] - losses[best]).std(ddof=1) / np.sqrt(n_cuts)) if n_cuts > 1 else 0.0

    fit_to_publish = [name for name in CANDIDATES if name in means and not better_baselines(means, name)]
    chosen = next(name for name in fit_to_publish if means[name] - means[best] <= error(name))
    verdicts = {}
    for name, mean in means.items():
        distance = f"mean log-loss {mean:.4f} over {n_cuts} {judged_by}, {mean - means[best]:+.4f} to {best}"
        if name == chosen:
            lead = "lowest" if name == best else "simplest within one standard error of the lowest"
            fallback = "; no model beats every baseline" if best in BASELINES else ""
            verdicts[name] = f"chosen: {lead}: {distance}{fallback}"
        elif mean > bar:
            verdicts[name] = f"not chosen: {distance}; worse than the best baseline at {bar:.4f}"
        elif mean - means[best] <= error(name):
            verdicts[name] = f"not chosen: {distance}; {chosen} is simpler and as good"
        else:
            verdicts[name] = f"not chosen: {distance}, more than one standard error ({error(name):.4f})"
    return chosen, verdicts


def _rule(as_of: date, n: int, why: str) -> Training:
    words = f"the rule of days gives the bands: {why}"
    row = Judged(RULE, as_of, "all", n, None, False, None, None, None, None, None, None, None, words)
    return Training(RULE, words, "bands", words, None, None, [row], [], [])


def _windows(known: Sources, first_dates: pl.Series, as_of: date, settings: ChurnSettings) -> list[Window]:
    """The windows that the backtest and the trainings need, the newest first, as far back as there are customers."""
    bought = _bought(known.orders, as_of)
    found = []
    for number in range(1, settings.backtest_cuts + settings.training_windows + 1):
        cut, end = (as_of - timedelta(days=settings.horizon_days * back) for back in (number, number - 1))
        if int((first_dates <= cut).sum()) < settings.min_window_customers:
            break
        features = churn_features(known, cut=cut, settings=settings)
        if features.height < settings.min_window_customers:
            break
        found.append(_window(features, bought, cut, end))
    return found


def _bought(orders: Frame, as_of: date) -> pl.DataFrame:
    """One row per customer and day with a valid order or a cancellation invoice up to as_of: `has_order`, `net_amount`."""
    named = orders_as_of(orders, as_of=as_of).filter(
        (pl.col("is_valid") | pl.col("is_invoice")) & pl.col("customer_id").is_not_null()
    )
    days = named.group_by("customer_id", pl.col("ordered_date").alias("day")).agg(
        pl.col("is_valid").any().alias("has_order"), pl.col("net_amount").sum()
    )
    return days.collect(engine="streaming")


def _window(features: pl.DataFrame, bought: pl.DataFrame, cut: date, end: date) -> Window:
    after = (
        bought.filter((pl.col("day") > cut) & (pl.col("day") <= end))
        .group_by("customer_id")
        .agg(pl.col("has_order").any(), pl.col("net_amount").sum())
        .filter("has_order")
    )
    spent = features.select("customer_id").join(after, on="customer_id", how="left", maintain_order="left")[
        "net_amount"
    ]
    return Window(
        features, spent.is_not_null().cast(pl.Float64).to_numpy(), spent.fill_null(0).cast(pl.Float64).to_numpy()
    )


def _judge(model: str, cut: date, cohort: str, predicted: Floats | None, window: Window, why: str) -> Judged:
    rows = is_in(cohort, window.features)
    n, churned = int(rows.sum()), 1 - window.bought[rows]
    base = float(churned.mean()) if n else None
    if predicted is None or not n:
        return Judged(model, cut, cohort, n, None, False, base, None, None, None, None, None, None, why)
    given = predicted[rows]
    return Judged(
        model,
        cut,
        cohort,
        n,
        None,
        False,
        base,
        metrics.auc(given, churned),
        metrics.calibration_error(given, churned),
        metrics.brier(given, churned),
        float(metrics.log_losses(given, churned).mean()),
        metrics.lift(given, churned),
        metrics.lift(1 - given, 1 - churned),
        why,
    )


def _calibration(
    predicted: Floats, churned: Floats, is_repeat: np.ndarray[Any, np.dtype[np.bool_]]
) -> list[dict[str, Any]]:
    """Bins of the chosen model over all cuts together, per cohort."""
    of = {"all": np.ones_like(is_repeat), "one_time": ~is_repeat, "repeat": is_repeat}
    return [
        {"cohort": cohort, "bin": number, **asdict(part)}
        for cohort, rows in of.items()
        if rows.any()
        for number, part in enumerate(metrics.calibration(predicted[rows], churned[rows]), start=1)
    ]


def _curve(predicted: Floats, churned: Floats) -> list[float]:
    """Share of all churners among the 1/20, 2/20, … of customers with the highest predictions, ties shared evenly."""
    if not churned.sum():
        return []
    base = churned.sum() / churned.size
    shares = [step / LIFT_STEPS for step in range(1, LIFT_STEPS + 1)]
    return [float(share * (metrics.lift(predicted, churned, share=share) or 0.0)) for share in shares] if base else []


def _value(newest: Window) -> dict[str, Any]:
    """What the expected spend is computed from: the newest window's histories, and what its buyers spent."""
    seen = histories(newest.features)
    repeats = seen.repeats
    mean = (newest.features["repeat_spend"].to_numpy() / np.maximum(repeats, 1)).astype(np.float64)
    process = fit("bg_nbd", [newest], horizon_days=7, seed=0)
    spend = fit_spend(repeats, mean)
    means = {}
    for cohort in COHORTS:
        rows = is_in(cohort, newest.features) & (newest.bought == 1)
        means[cohort] = float(newest.spent[rows].mean()) if rows.any() else None
    reasons = [part.why for part in (process, spend) if isinstance(part, NotFitted)]
    return {
        "process": None if isinstance(process, NotFitted) else process["parameters"],
        "spend": None if isinstance(spend, NotFitted) else parameters(spend),
        "spend_if_bought": means,
        "why": "; ".join(reasons) or None,
    }
