"""BG/NBD, MBG/NBD and Gamma-Gamma: published figures, formulas by hand, and the recovery of simulated parameters."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.outlook.buy_till_you_die import (
    Histories,
    NotFitted,
    PurchaseProcess,
    Spend,
    fit_process,
    fit_spend,
    process_with,
)

CDNOW = PurchaseProcess(r=0.243, alpha=4.414, a=0.793, b=2.426)
"""Maximum likelihood on the CDNOW customers: Fader, Hardie & Lee (2005), Marketing Science 24, table 2."""


def seen(*rows: tuple[float, float, float]) -> Histories:
    x, last, weeks = np.array(rows, dtype=float).T
    return Histories(x, last, weeks)


def test_expected_purchases_of_the_published_customer() -> None:
    # Fader, Hardie & Lee (2005), Implementing the BG/NBD model in Excel: x = 2, t_x = 30.43, T = 38.86, 39 weeks on: 1.226.
    found = CDNOW.expected_purchases(seen((2, 30.43, 38.86)), within_weeks=39)
    assert found[0] == pytest.approx(1.226, abs=5e-4)


def test_expected_purchases_count_what_is_surely_one_purchase_soon() -> None:
    # In so short a time at most one purchase fits: the expected number is the probability.
    customers = seen((0, 0, 20), (3, 15, 20))
    for process in (CDNOW, process_with((0.5, 4, 0.8, 2.4), is_modified=True)):
        expected = process.expected_purchases(customers, within_weeks=1e-3)
        np.testing.assert_allclose(expected, process.p_buys(customers, within_weeks=1e-3), rtol=1e-3)


def test_p_alive_by_hand() -> None:
    # a / (b + x - 1) = 1/2, (alpha + T) / (alpha + t_x) = 4/2, r + x = 3: 1 / (1 + 8/2) = 1/5. One purchase only: 1.
    process = PurchaseProcess(r=1, alpha=1, a=1, b=1)
    np.testing.assert_allclose(process.p_alive(seen((2, 1, 3), (0, 0, 3))), [1 / 5, 1])


def test_in_the_modified_process_a_customer_of_one_purchase_can_have_left() -> None:
    # a / (b + x) = 1, (alpha + T) / (alpha + t_x) = 4, r + x = 1: 1 / (1 + 4).
    process = process_with((1, 1, 1, 1), is_modified=True)
    np.testing.assert_allclose(process.p_alive(seen((0, 0, 3))), [1 / 5])


def test_p_buys_by_hand() -> None:
    # Alive with 1/5; no purchase in 4 weeks with (4/8)^3: 1/5 * 7/8.
    process = PurchaseProcess(r=1, alpha=1, a=1, b=1)
    np.testing.assert_allclose(process.p_buys(seen((2, 1, 3)), within_weeks=4), [7 / 40])


def test_one_time_buyers_do_not_lead_the_ranking_of_who_buys() -> None:
    # P(alive) = 1 puts them on top; by P(buys) the frequent buyer of last week comes first.
    bought = CDNOW.p_buys(seen((0, 0, 38), (8, 37, 38)), within_weeks=13)
    assert bought[0] < bought[1]


histories = st.tuples(st.integers(0, 60), st.floats(0, 1), st.floats(0.2, 150)).map(
    lambda row: (float(row[0]), row[1] * row[2] if row[0] else 0.0, row[2])
)
shapes = st.tuples(*[st.floats(0.1, 12)] * 4)


@given(st.lists(histories, min_size=1, max_size=8), shapes, st.booleans(), st.floats(0.5, 50), st.floats(1.0, 20))
def test_a_probability_is_one_and_grows_with_the_time_given(
    rows: list[tuple[float, float, float]], numbers: tuple[float, ...], modified: bool, weeks: float, longer: float
) -> None:
    process = process_with(numbers, is_modified=modified)
    customers = seen(*rows)
    short, long = (process.p_buys(customers, within_weeks=time) for time in (weeks, weeks * longer))
    assert ((short >= 0) & (long <= 1) & (short <= long + 1e-12)).all()


def simulate(numbers: dict[str, float], n: int, seed: int, *, is_modified: bool = False) -> Histories:
    """Purchases of n customers, first seen 20 to 104 weeks ago, exactly as the process says."""
    draw = np.random.default_rng(seed)
    rates = draw.gamma(numbers["r"], 1 / numbers["alpha"], n)
    leaves = draw.beta(numbers["a"], numbers["b"], n)
    weeks = draw.uniform(20, 104, n)
    rows = np.zeros((n, 2))
    for customer in range(n):
        time, count = 0.0, 0
        gone = is_modified and draw.random() < leaves[customer]
        while not gone:
            following = time + draw.exponential(1 / rates[customer])
            if following > weeks[customer]:
                break
            time, count = following, count + 1
            gone = draw.random() < leaves[customer]
        rows[customer] = count, time
    return Histories(rows[:, 0], rows[:, 1], weeks)


def errors_of(customers: Histories, fitted: PurchaseProcess) -> Any:
    """Standard errors of the logarithms of the parameters, from the numerical Hessian of the log-likelihood."""
    from scipy.special import betaln, gammaln

    x, last, weeks = customers.repeats, customers.last_week, customers.weeks

    def log_likelihood(logs: Any) -> float:
        # Equation 6 of Fader, Hardie & Lee (2005), written anew from the paper.
        r, alpha, a, b = np.exp(logs)
        stays = betaln(a, b + x) - betaln(a, b) + gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        stays = stays - (r + x) * np.log(alpha + weeks)
        gone = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) + gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        gone = np.where(x > 0, gone - (r + x) * np.log(alpha + last), -np.inf)
        return float(np.logaddexp(stays, gone).sum())

    logs, step = np.log([fitted.r, fitted.alpha, fitted.a, fitted.b]), 1e-3
    unit = np.eye(4) * step
    hessian = np.array(
        [
            [
                (
                    log_likelihood(logs + unit[i] + unit[j])
                    - log_likelihood(logs + unit[i] - unit[j])
                    - log_likelihood(logs - unit[i] + unit[j])
                    + log_likelihood(logs - unit[i] - unit[j])
                )
                / (4 * step * step)
                for j in range(4)
            ]
            for i in range(4)
        ]
    )
    return np.sqrt(np.diag(np.linalg.inv(-hessian)))


def test_the_fit_finds_the_parameters_of_a_simulation_within_two_standard_errors() -> None:
    # The parameters of the demo shop's model, in weeks.
    true = {"r": 0.7, "alpha": 60 / 7, "a": 1.0, "b": 5.0}
    customers = simulate(true, 5_000, seed=11)
    fitted = fit_process(customers, is_modified=False)
    assert isinstance(fitted, PurchaseProcess)
    found = np.log([fitted.r, fitted.alpha, fitted.a, fitted.b])
    distance = np.abs(found - np.log(list(true.values()))) / errors_of(customers, fitted)
    assert (distance <= 2).all(), distance


def test_the_modified_fit_tells_how_many_leave_after_the_first_purchase() -> None:
    true = {"r": 0.7, "alpha": 8.0, "a": 1.0, "b": 4.0}
    fitted = fit_process(simulate(true, 5_000, seed=5, is_modified=True), is_modified=True)
    assert isinstance(fitted, PurchaseProcess)
    assert fitted.a / (fitted.a + fitted.b) == pytest.approx(1 / 5, abs=0.05)
    assert fitted.r / fitted.alpha == pytest.approx(0.7 / 8, rel=0.15)


def test_the_order_of_customers_changes_no_fit() -> None:
    customers = simulate({"r": 0.7, "alpha": 8.0, "a": 1.0, "b": 4.0}, 300, seed=2)
    back = Histories(customers.repeats[::-1], customers.last_week[::-1], customers.weeks[::-1])
    assert fit_process(customers, is_modified=False) == fit_process(back, is_modified=False)


def test_customers_who_all_bought_once_have_no_fit_and_a_reason() -> None:
    assert fit_process(seen((0, 0, 10), (0, 0, 20)), is_modified=False) == NotFitted("no customer has bought twice")


def test_customers_without_a_difference_have_no_maximum() -> None:
    # Everyone buys each week and nobody leaves: the likelihood grows for ever.
    assert isinstance(fit_process(seen(*[(50, 50, 50)] * 30), is_modified=False), NotFitted)


def test_the_expected_spend_by_the_published_parameters() -> None:
    # Fader & Hardie (2013), The Gamma-Gamma model of monetary value, CDNOW: p = 6.25, q = 3.74, gamma = 15.44. The mean over
    # all is p gamma / (q - 1) = 96.5 / 2.74 = 35.22; of one purchase of 35.22 and 20: weight 6.25 / (6.25 + 2.74) = 0.6952.
    spend = Spend(p=6.25, q=3.74, gamma=15.44)
    found = spend.expected(np.array([0.0, 1.0]), np.array([0.0, 20.0]))
    np.testing.assert_allclose(found, [35.219, 0.3048 * 35.219 + 0.6952 * 20], rtol=1e-4)


@given(st.floats(0.5, 20), st.floats(1.1, 20), st.floats(1, 1e4), st.integers(1, 50), st.floats(1, 1e5))
def test_the_expected_spend_lies_between_the_own_mean_and_that_of_all(
    p: float, q: float, gamma: float, x: int, own: float
) -> None:
    found = Spend(p, q, gamma).expected(np.array([float(x)]), np.array([own]))[0]
    everyone = p * gamma / (q - 1)
    assert min(own, everyone) * (1 - 1e-9) <= found <= max(own, everyone) * (1 + 1e-9)


def test_without_a_mean_there_is_no_expected_spend() -> None:
    with pytest.raises(ValueError, match=r"q = 0.900: the expected spend exists for q > 1 only"):
        Spend(2, 0.9, 10).expected(np.array([1.0]), np.array([5.0]))


def test_the_spend_of_a_simulation_is_found_and_customers_without_a_positive_spend_do_not_count() -> None:
    draw = np.random.default_rng(4)
    repeats = draw.integers(1, 12, 5_000).astype(float)
    means = draw.gamma(6 * repeats, 1 / draw.gamma(4, 1 / 3000, 5_000)) / repeats
    fitted = fit_spend(np.append(repeats, [3, 0]), np.append(means, [-50, 900]))
    assert isinstance(fitted, Spend)
    assert fitted.p * fitted.gamma / (fitted.q - 1) == pytest.approx(6_000, rel=0.05)
    assert fit_spend(repeats, means) == fitted


def test_a_spend_without_a_mean_is_no_fit() -> None:
    # q = 1/2: means so spread that their own mean is infinite.
    draw = np.random.default_rng(4)
    means = draw.gamma(6, 1 / draw.gamma(0.5, 1 / 3000, 4_000))
    found = fit_spend(np.ones(4_000), means)
    assert isinstance(found, NotFitted)
    assert "q > 1 only" in found.why
