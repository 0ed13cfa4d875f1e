"""Purchases as a process that ends unseen: BG/NBD, MBG/NBD and Gamma-Gamma. Which model is published does not belong here.

Purchases of a customer come at a rate of the customer's own, gamma distributed over customers with shape r and rate alpha;
after a purchase the customer leaves with a probability of the customer's own, beta distributed with a and b. In BG/NBD nobody
leaves after the first purchase (Fader, P., Hardie, B. & Lee, K. L. (2005), "Counting your customers" the easy way, Marketing
Science 24, 275-284); in MBG/NBD (Batislam, E., Denizel, M. & Filiztekin, A. (2007), Empirical validation and comparison of
models for customer base analysis, International Journal of Research in Marketing 24, 201-209) one can. Time is in weeks.
"""

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

STARTS_OF_PROCESS = ((1.0, 10.0, 1.0, 2.0), (0.3, 2.0, 0.5, 5.0))
"""Two starts of r, alpha, a, b: the likelihood can be flat, and one start can end on a ridge."""
STARTS_OF_SPEND = ((5.0, 4.0, 0.5), (1.0, 2.0, 2.0))
"""Two starts of p, q, and gamma in units of the median spend."""
LARGEST_LOG = 9.0
"""A parameter whose logarithm is at this bound, 8,000 or its inverse, has run away."""
MAX_GRADIENT = 1e-2
"""Slope of the mean log-likelihood per unit of a log-parameter up to which an end counts as a maximum: on a flat ridge, where
all leave with the same probability, searches end early and predict the same."""


@dataclass(frozen=True)
class Histories:
    """Purchases per customer: `repeats` purchase days after the first, and weeks from the first to the last and to the cut."""

    repeats: Floats
    last_week: Floats
    weeks: Floats


@dataclass(frozen=True)
class PurchaseProcess:
    """Parameters of a process; `is_modified` for MBG/NBD."""

    r: float
    alpha: float
    a: float
    b: float
    is_modified: bool = False

    def p_alive(self, seen: Histories) -> Floats:
        """Probability that the customer has not left by the cut; 1 in BG/NBD for customers of one purchase."""
        x, silence = seen.repeats, (self.alpha + seen.weeks) / (self.alpha + seen.last_week)
        if self.is_modified:
            return np.asarray(1 / (1 + self.a / (self.b + x) * silence ** (self.r + x)))
        left = self.a / (self.b + np.maximum(x, 1) - 1) * silence ** (self.r + x)
        return np.where(x > 0, 1 / (1 + left), 1.0)

    def p_buys(self, seen: Histories, *, within_weeks: float) -> Floats:
        """Probability of a purchase in the weeks after the cut: P(alive) (1 - ((alpha + T) / (alpha + T + t))^(r + x))."""
        waits = (self.alpha + seen.weeks) / (self.alpha + seen.weeks + within_weeks)
        return self.p_alive(seen) * (1 - waits ** (self.r + seen.repeats))

    def expected_purchases(self, seen: Histories, *, within_weeks: float) -> Floats:
        """Expected number of purchases in the weeks after the cut (equation 10 of Fader, Hardie & Lee)."""
        from scipy.special import hyp2f1

        # The formula has a removable pole at a = 1.
        a = self.a if abs(self.a - 1) > 1e-6 else 1 + 1e-6
        x, start = seen.repeats, self.alpha + seen.weeks
        shift = 1 if self.is_modified else 0
        z = within_weeks / (start + within_weeks)
        series = hyp2f1(self.r + x, self.b + x + shift, a + self.b + x + shift - 1, z)
        shrunk = (start / (start + within_weeks)) ** (self.r + x)
        return np.asarray((a + self.b + x + shift - 1) / (a - 1) * (1 - shrunk * series) * self.p_alive(seen))


@dataclass(frozen=True)
class Spend:
    """Parameters of Gamma-Gamma: what a purchase is worth (Fader & Hardie (2013), The Gamma-Gamma model of monetary value)."""

    p: float
    q: float
    gamma: float

    def expected(self, repeats: Floats, mean_spend: Floats) -> Floats:
        """Expected value of a purchase: the mean over all customers and the customer's own, weighted by its purchases.

        (1 - w) p gamma / (q - 1) + w m, w = p x / (p x + q - 1); `mean_spend` does not matter where `repeats` is 0.

        Raises:
            ValueError: q <= 1, where the mean over all customers does not exist.
        """
        if self.q <= 1:
            raise ValueError(f"q = {self.q:.3f}: the expected spend exists for q > 1 only")
        own = self.p * repeats / (self.p * repeats + self.q - 1)
        return (1 - own) * self.p * self.gamma / (self.q - 1) + own * np.where(repeats > 0, mean_spend, 0.0)


@dataclass(frozen=True)
class NotFitted:
    """Why there is no fit, in words."""

    why: str


def fit_process(seen: Histories, *, is_modified: bool) -> PurchaseProcess | NotFitted:
    """Maximum likelihood over all customers, those of one purchase included, on log-parameters from two starts.

    Where nobody is seen to leave, or all with the same probability, a and b run to their bounds and are as good there: what
    is left is the process without leaving. Rates without a spread are no fit.
    """
    from scipy.special import gammaln, psi

    if not np.any(seen.repeats > 0):
        return NotFitted("no customer has bought twice")
    rows = np.column_stack([seen.repeats, seen.last_week, seen.weeks])
    distinct, n = np.unique(rows, axis=0, return_counts=True)
    x, last, weeks = distinct.T
    values, place = np.unique(x, return_inverse=True)
    # Chances to leave and not to: in BG/NBD there is none after the first purchase.
    chances = values + 1 if is_modified else values
    is_open = chances > 0

    def loss(logs: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(logs)
        total = r + x
        stayed = b + np.maximum(chances, 1) - 1
        repeats = gammaln(r + values) - gammaln(r) + r * np.log(alpha)
        stays = gammaln(a + b) + gammaln(b + chances) - gammaln(b) - gammaln(a + b + chances)
        leaves = np.where(is_open, np.log(a) - np.log(stayed), -np.inf)
        alive = -total * np.log(alpha + weeks)
        gone = leaves[place] - total * np.log(alpha + last)
        either = np.logaddexp(alive, gone)
        is_gone = np.exp(gone - either)
        ends = is_gone * np.log(alpha + last) + (1 - is_gone) * np.log(alpha + weeks)
        shrinks = is_gone / (alpha + last) + (1 - is_gone) / (alpha + weeks)
        slopes = (
            r * ((psi(r + values) - psi(r) + np.log(alpha))[place] - ends),
            r - alpha * total * shrinks,
            a * (psi(a + b) - psi(a + b + chances))[place] + is_gone,
            b * ((psi(a + b) - psi(b) + psi(b + chances) - psi(a + b + chances))[place] - is_gone / stayed[place]),
        )
        return (
            -float(np.average((repeats + stays)[place] + either, weights=n)),
            -np.array([np.average(slope, weights=n) for slope in slopes]),
        )

    best = _minimum(loss, STARTS_OF_PROCESS, n_needed=2)
    return best if isinstance(best, NotFitted) else process_with(best, is_modified=is_modified)


def fit_spend(repeats: Floats, mean_spend: Floats) -> Spend | NotFitted:
    """Maximum likelihood over customers with a repeat purchase and a positive mean spend, on log-parameters from two starts.

    A fit with q <= 1 is none: the mean spend over all customers would be infinite.
    """
    from scipy.special import gammaln, psi

    is_used = (repeats > 0) & (mean_spend > 0)
    if is_used.sum() < 2:
        return NotFitted(f"{is_used.sum()} customers with a repeat purchase of a positive value")
    scale = float(np.median(mean_spend[is_used]))
    x, mean = repeats[is_used], mean_spend[is_used] / scale

    def loss(logs: Floats) -> tuple[float, Floats]:
        p, q, gamma = np.exp(logs)
        both, spent = p * x + q, gamma + mean * x
        terms = gammaln(both) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        terms = terms + (p * x - 1) * np.log(mean) + p * x * np.log(x) - both * np.log(spent)
        slopes = (
            p * x * (psi(both) - psi(p * x) + np.log(mean * x / spent)),
            q * (psi(both) - psi(q) + np.log(gamma / spent)),
            q - gamma * both / spent,
        )
        return -float(np.mean(terms)), -np.array([slope.mean() for slope in slopes])

    best = _minimum(loss, STARTS_OF_SPEND, n_needed=3)
    if isinstance(best, NotFitted):
        return best
    p, q, gamma = best
    spend = Spend(p, q, gamma * scale)
    return spend if spend.q > 1 else NotFitted(f"q = {spend.q:.3f}, and the mean spend exists for q > 1 only")


def process_with(numbers: Sequence[float], *, is_modified: bool) -> PurchaseProcess:
    """The process with these r, alpha, a, b."""
    r, alpha, a, b = numbers
    return PurchaseProcess(r, alpha, a, b, is_modified)


def parameters(model: PurchaseProcess | Spend) -> list[float]:
    """The numeric parameters, in the order of their definition."""
    return [float(value) for value in astuple(model) if not isinstance(value, bool)]


def _minimum(
    loss: Callable[[Floats], tuple[float, Floats]], starts: tuple[tuple[float, ...], ...], *, n_needed: int
) -> tuple[float, ...] | NotFitted:
    """The parameters of the lower end of the two searches of a `loss` and its slopes; none where one of the first `n_needed` has run away."""
    from scipy.optimize import minimize

    bounds = [(-LARGEST_LOG, LARGEST_LOG)] * len(starts[0])
    ends = [
        minimize(
            loss, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500, "ftol": 1e-12}
        )
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun) if np.isfinite(end.fun) else np.inf)
    is_at_bound = np.abs(best.x) > LARGEST_LOG - 1e-3
    slope = np.abs(best.jac)[~is_at_bound]
    has_run_away = bool(is_at_bound[:n_needed].any())
    if not np.isfinite(best.fun) or has_run_away or (slope.size and float(slope.max()) > MAX_GRADIENT):
        return NotFitted(f"the likelihood has no maximum that {len(starts)} searches find")
    return tuple(float(value) for value in np.exp(best.x))
