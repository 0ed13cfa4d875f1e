"""What drives an outcome of a survey: how much of its variance belongs to each construct, with intervals.

Real statistics on one small matrix per survey, so numpy instead of frames. Scores are made in `constructs`.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import combinations
from math import factorial
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from pipeline.core.attitude.survey_settings import DriverSettings, OutcomeSettings
from pipeline.core.frames import Frame
from schemas.registry import SEGMENTS

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

RESPONSE = "the response"
"""Column with the response of complete scores: no construct has such a name."""
BLOCKS = 5_000
"""Most units that the bootstrap draws from. More responses than this are put into this many blocks at random and whole
blocks are drawn: the same spread, from sums made once, however many responses there are."""
TOLERANCE = 1e-10
"""Eigenvalues below this share of the largest are zero: the predictors are collinear."""
FLAT = 1e-9
"""A standard deviation below this, in points of POMP, counts as 0."""
DIGITS = 12
"""Decimals of results; the parts still add up to R-squared within 1e-9."""


def complete_scores(
    scores: Frame, plans: Mapping[str, OutcomeSettings], withheld: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """Survey -> one row per response with a score for the outcome of its plan and for every predictor that is not withheld.

    `scores` follow the contract ConstructScores, `withheld` has the `survey_id` and `construct` of those that are. Columns:
    RESPONSE, and the scores by construct, the outcome first.
    """
    wide = [_wide(scores, survey_id, plan, withheld) for survey_id, plan in plans.items()]
    return dict(zip(plans, pl.collect_all(wide, engine="streaming"), strict=True))


def rank_drivers(
    scores: Iterable[Mapping[str, pl.DataFrame]],
    plans: Mapping[str, OutcomeSettings],
    withheld: pl.DataFrame,
    *,
    as_of: date,
    settings: DriverSettings,
) -> pl.DataFrame:
    """One row per survey with a plan, and predictor of its outcome (contract DriverImportance).

    `scores` are those of `complete_scores` of all customers, in any number of parts: a bootstrap draws from all of them, so
    they are at once in memory. `withheld` is the same. Importance is Johnson's relative weight with a bootstrap interval, beside the Shapley value;
    performance is the mean score, and the quadrant splits both at their means over the predictors (Martilla & James
    1977, Importance-performance analysis, Journal of Marketing 41, 77-79). A predictor whose scores are withheld or do
    not vary takes no part; collinear ones share what they explain. Definitions, section 4.
    """
    parts = list(scores)
    rows = [
        {"as_of_date": as_of, "survey_id": survey_id, "outcome": plan.outcome, **row}
        for survey_id, plan in plans.items()
        for row in _drivers_of(
            pl.concat(part[survey_id] for part in parts).sort(RESPONSE).drop(RESPONSE),
            _withheld_of(withheld, survey_id),
            plan,
            settings,
        )
    ]
    return pl.DataFrame(rows, schema=SEGMENTS["driver_importance"].polars_schema)


def relative_weights(correlations: Floats) -> Floats:
    """Johnson's relative weights, (..., k), from correlation matrices (..., 1 + k, 1 + k) with the outcome first.

    With R = V D V' of the predictors and L = V sqrt(D) V': weights = (L squared)(inverse of L times r, squared); they
    add up to R-squared. Johnson, J. W. (2000), A heuristic method for estimating the relative weight of predictor
    variables in multiple regression, Multivariate Behavioral Research 35, 1-19. A pseudo-inverse if R has none.
    """
    values, vectors = np.linalg.eigh(correlations[..., 1:, 1:])
    is_kept = values > TOLERANCE * values[..., -1:]
    roots = np.sqrt(np.where(is_kept, values, 0.0))
    inverse = np.divide(1.0, roots, out=np.zeros_like(roots), where=is_kept)
    turned = np.swapaxes(vectors, -1, -2)
    loadings = (vectors * roots[..., None, :]) @ turned
    betas = (vectors * inverse[..., None, :]) @ turned @ correlations[..., 1:, :1]
    weights: Floats = (loadings**2 @ betas**2)[..., 0]
    return weights


def shapley_values(correlations: Floats) -> Floats:
    """The Shapley parts of R-squared, (k,), from one correlation matrix with the outcome first: exact, all subsets.

    The mean of what a predictor adds to R-squared over all orders of entry: "lmg" of Lindeman, Merenda & Gold (1980) as
    described by Groemping (2006), Relative importance for linear regression in R, J. Statistical Software 17(1).
    """
    k = len(correlations) - 1
    explained = np.zeros(2**k)
    for size in range(1, k + 1):
        subsets = np.array(list(combinations(range(1, k + 1), size)))
        inner = np.linalg.pinv(correlations[subsets[:, :, None], subsets[:, None, :]], rcond=TOLERANCE, hermitian=True)
        outer = correlations[0, subsets]
        explained[(1 << (subsets - 1)).sum(axis=1)] = np.einsum("si,sij,sj->s", outer, inner, outer)
    masks = np.arange(2**k)
    sizes = np.array([mask.bit_count() for mask in range(2**k)])
    share_of_orders = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) for s in range(k)])
    values = np.empty(k)
    for predictor in range(k):
        without = masks[masks >> predictor & 1 == 0]
        gains = explained[without | 1 << predictor] - explained[without]
        values[predictor] = share_of_orders[sizes[without]] @ gains
    return values


def resampled_weights(data: Floats, *, resamples: int, seed: int) -> Floats:
    """Relative weights of bootstrap resamples, (resamples, k), of standardised rows (n, 1 + k), outcome first."""
    generator = np.random.default_rng(seed)
    n, width = data.shape
    blocks = min(n, BLOCKS)
    rows = np.column_stack([np.ones(n), data])
    if n > blocks:
        rows = rows[generator.permutation(n)]
    starts = np.arange(blocks) * n // blocks
    left, right = np.triu_indices(width + 1)
    sums = np.stack(
        [np.add.reduceat(rows[:, i] * rows[:, j], starts) for i, j in zip(left, right, strict=True)], axis=1
    )
    drawn = generator.multinomial(blocks, np.full(blocks, 1 / blocks), size=resamples).astype(np.float64)
    products = np.empty((resamples, width + 1, width + 1))
    products[:, left, right] = products[:, right, left] = drawn @ sums
    return relative_weights(_correlations(products))


def importance_table(rows: pl.DataFrame) -> str:
    """The importance-performance picture of all surveys as a Markdown table, the strongest driver first."""
    lines = [
        "| survey | outcome | construct | importance % | performance | quadrant | n |",
        "|---|---|---|--:|--:|---|--:|",
    ]
    for row in rows.sort("survey_id", "importance", descending=[False, True], nulls_last=True).iter_rows(named=True):
        shown = ["" if row[name] is None else f"{row[name]:.1f}" for name in ("importance_pct", "performance")]
        told = row["quadrant"] or row["reason"] or ("suppressed" if row["is_suppressed"] else "")
        lines.append(
            f"| {row['survey_id']} | {row['outcome']} | {row['construct']} | {shown[0]} | {shown[1]} | {told} "
            f"| {row['n_responses']} |"
        )
    return "\n".join(lines)


def _wide(scores: Frame, survey_id: str, plan: OutcomeSettings, withheld: pl.DataFrame) -> Frame:
    """The rows of `complete_scores` of one survey."""
    left_out = _withheld_of(withheld, survey_id)
    measures = [plan.outcome, *(name for name in plan.predictors if name not in left_out)]
    chosen = scores.filter((pl.col("survey_id") == survey_id) & pl.col("construct").is_in(measures))
    wide = chosen.group_by(pl.col("response_id").alias(RESPONSE)).agg(
        pl.when(pl.col("construct") == name).then(pl.col("score")).max().alias(name) for name in measures
    )
    return wide.drop_nulls()


def _withheld_of(withheld: pl.DataFrame, survey_id: str) -> set[str]:
    return set(withheld.filter(survey_id=survey_id)["construct"])


def _drivers_of(
    complete: pl.DataFrame, withheld: set[str], plan: OutcomeSettings, settings: DriverSettings
) -> list[dict[str, Any]]:
    """The rows of one survey, in the order of its predictors, from the complete scores of all its responses."""
    named = {name: "withheld" for name in plan.predictors if name in withheld or plan.outcome in withheld}
    used = [name for name in plan.predictors if name not in withheld]
    is_suppressed = complete.height < settings.min_n
    found: dict[str, dict[str, Any]] = {}
    if not is_suppressed:
        deviations = complete.select(pl.all().std()).row(0, named=True)
        named |= {name: "constant" for name in used if deviations[name] < FLAT}
        if deviations[plan.outcome] < FLAT:
            named |= {name: "constant_outcome" for name in used if name not in named}
        else:
            used = [name for name in used if name not in named]
            found, collinear = _decomposed(complete.select(plan.outcome, *used), settings)
            named |= dict.fromkeys(collinear, "collinear")
        # All predictors can be withheld.
        means = complete.select(pl.all().mean()).row(0, named=True)
        for name in complete.columns[1:]:
            found[name] = {"performance": round(means[name], DIGITS), **found.get(name, {})}
    return [
        {
            "outcome": plan.outcome,
            "construct": name,
            "n_responses": complete.height,
            "reason": named.get(name),
            "is_suppressed": is_suppressed,
            **found.get(name, {}),
        }
        for name in plan.predictors
    ]


def _decomposed(complete: pl.DataFrame, settings: DriverSettings) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Predictor -> its numbers, from complete rows that vary, the outcome first; and the collinear predictors."""
    names = complete.columns[1:]
    if not names:
        return {}, []
    data = complete.to_numpy().astype(np.float64)
    performance = data.mean(axis=0)[1:]
    data = (data - data.mean(axis=0)) / data.std(axis=0)
    correlations = data.T @ data / len(data)
    weights = relative_weights(correlations)
    shapley = shapley_values(correlations)
    explained = weights.sum()
    resamples = resampled_weights(data, resamples=settings.resamples, seed=settings.seed)
    low, high = np.quantile(resamples, [0.025, 0.975], axis=0)
    is_important, performs = weights >= weights.mean(), performance >= performance.mean()
    quadrants = {
        (True, True): "keep_up",
        (True, False): "concentrate_here",
        (False, True): "possible_overkill",
        (False, False): "low_priority",
    }
    found = {
        name: {
            "r_squared": round(float(explained), DIGITS),
            "importance": round(float(weights[n]), DIGITS),
            "importance_pct": round(float(100 * weights[n] / explained), DIGITS) if explained > FLAT else None,
            # A weight is never negative, so the resamples of a small one all lie above it.
            "importance_low": round(float(min(low[n], weights[n])), DIGITS),
            "importance_high": round(float(max(high[n], weights[n])), DIGITS),
            "shapley": round(float(shapley[n]), DIGITS),
            "quadrant": quadrants[bool(is_important[n]), bool(performs[n])],
        }
        for n, name in enumerate(names)
    }
    values, vectors = np.linalg.eigh(correlations[1:, 1:])
    shared = (vectors[:, values <= TOLERANCE * values[-1]] ** 2).sum(axis=1) > FLAT
    return found, [name for name, is_shared in zip(names, shared, strict=True) if is_shared]


def _correlations(products: Floats) -> Floats:
    """Correlation matrices (..., p, p) from sums of products (..., 1 + p, 1 + p) whose first column is the constant.

    What does not vary in a resample correlates with nothing, not even with itself.
    """
    means = products[..., 1:, 0] / products[..., :1, 0]
    covariances = products[..., 1:, 1:] / products[..., :1, :1] - means[..., :, None] * means[..., None, :]
    deviations = np.sqrt(np.clip(np.diagonal(covariances, axis1=-2, axis2=-1), 0.0, None))
    inverse = np.divide(1.0, deviations, out=np.zeros_like(deviations), where=deviations > FLAT)
    scaled: Floats = covariances * inverse[..., :, None] * inverse[..., None, :]
    return scaled
