from datetime import date, timedelta
from itertools import permutations
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.configuration import load_settings
from pipeline.core.attitude.constructs import (
    add_answers,
    construct_items,
    construct_scores,
    count_constructs,
    reliability,
    withheld_constructs,
)
from pipeline.core.attitude.drivers import (
    BLOCKS,
    complete_scores,
    importance_table,
    rank_drivers,
    relative_weights,
    resampled_weights,
    shapley_values,
)
from pipeline.core.attitude.survey_settings import DriverSettings, OutcomeSettings
from pipeline.core.ingest.surveys import answers_from_responses
from pipeline.core.local_dates import with_local_dates
from pipeline.sources.demo import simulate
from pipeline.sources.demo.model import CONSTRUCTS, MODEL
from pipeline.sources.settings import DemoSettings
from schemas.registry import SEGMENTS
from tests.scenario import ROOT
from tests.unit.contracts import follows
from tests.unit.lake import AMSTERDAM

AS_OF = date(2026, 6, 30)
FEW = DriverSettings(min_n=3)
PLAN = {"care": OutcomeSettings(outcome="loyalty", predictors=["trust", "choice"])}

# R's data set `mtcars` (Henderson & Velleman 1981, Biometrics 37, 391-411): mpg, cyl, disp, hp, gear.
CARS = """
21 6 160 110 4|21 6 160 110 4|22.8 4 108 93 4|21.4 6 258 110 3|18.7 8 360 175 3|18.1 6 225 105 3|14.3 8 360 245 3
24.4 4 146.7 62 4|22.8 4 140.8 95 4|19.2 6 167.6 123 4|17.8 6 167.6 123 4|16.4 8 275.8 180 3|17.3 8 275.8 180 3
15.2 8 275.8 180 3|10.4 8 472 205 3|10.4 8 460 215 3|14.7 8 440 230 3|32.4 4 78.7 66 4|30.4 4 75.7 52 4|33.9 4 71.1 65 4
21.5 4 120.1 97 3|15.5 8 318 150 3|15.2 8 304 150 3|13.3 8 350 245 3|19.2 8 400 175 3|27.3 4 79 66 4|26 4 120.3 91 5
30.4 4 95.1 113 5|15.8 8 351 264 5|19.7 6 145 175 5|15 8 301 335 5|21.4 4 121 109 4
"""
# Correlations of R's data set `swiss`: fertility, agriculture, examination, education, catholic, infant mortality.
SWISS = [
    [1.0, 0.35307918, -0.64588270, -0.66378886, 0.46368470, 0.41655603],
    [0.35307918, 1.0, -0.68654221, -0.63952252, 0.40109505, -0.06085861],
    [-0.64588270, -0.68654221, 1.0, 0.69841530, -0.57274180, -0.11402160],
    [-0.66378886, -0.63952252, 0.69841530, 1.0, -0.15385892, -0.09932185],
    [0.46368470, 0.40109505, -0.57274180, -0.15385892, 1.0, 0.17549591],
    [0.41655603, -0.06085861, -0.11402160, -0.09932185, 0.17549591, 1.0],
]


def scores_of(survey_id: str = "care", withheld: tuple[str, ...] = (), **columns: Any) -> pl.DataFrame:
    """A table of scores from one list per construct; None: no score."""
    rows = [
        {
            "as_of_date": AS_OF,
            "survey_id": survey_id,
            "response_id": f"r{number:06}",
            "construct": construct,
            "n_items": 1,
            "n_answered": 1,
            "score": None if construct in withheld else value,
            "is_withheld": construct in withheld,
        }
        for construct, values in columns.items()
        for number, value in enumerate(values)
    ]
    return pl.DataFrame(rows, schema=SEGMENTS["construct_scores"].polars_schema)


def drivers(
    scores: pl.DataFrame, plans: dict[str, OutcomeSettings] = PLAN, by: DriverSettings = FEW
) -> dict[str, dict[str, Any]]:
    """The row of every construct, checked against its contract."""
    found = follows(SEGMENTS["driver_importance"], ranked(scores, plans=plans, by=by))
    return {row["construct"]: row for row in found.to_dicts()}


def ranked(
    *parts: pl.DataFrame, plans: dict[str, OutcomeSettings] = PLAN, by: DriverSettings = FEW, as_of: date = AS_OF
) -> pl.DataFrame:
    """The drivers found in scores in parts."""
    withheld = pl.concat(parts).filter("is_withheld").select("survey_id", "construct").unique()
    complete = [complete_scores(part.lazy(), plans, withheld) for part in parts]
    return rank_drivers(complete, plans, withheld, as_of=as_of, settings=by)


def noise(n: int, width: int = 3, seed: int = 1) -> Any:
    """Correlated columns on 0 to 100, the first depending on all others."""
    generator = np.random.default_rng(seed)
    data = generator.normal(size=(n, width)) + generator.normal(size=(n, 1))
    data[:, 0] += data[:, 1:] @ np.arange(1, width)
    return np.clip(50 + 5 * data, 0, 100)


def standardised(data: Any) -> Any:
    return (data - data.mean(axis=0)) / data.std(axis=0)


# Formulas


def test_two_correlated_predictors_by_hand() -> None:
    # r = 0.6: the root of R has a = 1.5 s on its diagonal and b = 0.5 s beside it, s = sqrt(0.4); so squared 0.9, 0.1.
    # Its inverse turns (0.6, 0.2) into (s, 0), squared (0.4, 0): weights 0.9 * 0.4 and 0.1 * 0.4.
    # Shapley: (0.36 + (0.4 - 0.04)) / 2 and (0.04 + (0.4 - 0.36)) / 2.
    correlations = np.array([[1, 0.6, 0.2], [0.6, 1, 0.6], [0.2, 0.6, 1]])
    assert relative_weights(correlations) == pytest.approx([0.36, 0.04], abs=1e-12)
    assert shapley_values(correlations) == pytest.approx([0.36, 0.04], abs=1e-12)


def test_uncorrelated_predictors_have_their_squared_correlations() -> None:
    correlations = np.array([[1, 0.5, 0.1, -0.6], [0.5, 1, 0, 0], [0.1, 0, 1, 0], [-0.6, 0, 0, 1]])
    assert relative_weights(correlations) == pytest.approx([0.25, 0.01, 0.36], abs=1e-12)
    assert shapley_values(correlations) == pytest.approx([0.25, 0.01, 0.36], abs=1e-12)


def test_relative_weights_of_cars_are_the_published_ones() -> None:
    # R package rwa, README: mpg by cyl, disp, hp and gear; R squared 0.7791896.
    data = np.array([[float(value) for value in row.split()] for row in CARS.strip().replace("\n", "|").split("|")])
    weights = relative_weights(np.corrcoef(data.T))
    assert weights == pytest.approx([0.2284797, 0.2221469, 0.2321744, 0.0963886], abs=5e-8)
    assert weights.sum() == pytest.approx(0.7791896, abs=5e-8)


def test_shapley_values_of_swiss_fertility_are_the_published_ones() -> None:
    # Groemping (2006), Journal of Statistical Software 17(1): lmg of relaimpo, 70.67% of the variance explained.
    values = shapley_values(np.array(SWISS))
    assert values == pytest.approx([0.05709122, 0.17117303, 0.26013468, 0.10557015, 0.11276592], abs=5e-8)


def test_shapley_values_are_the_mean_gain_over_all_orders() -> None:
    correlations = np.corrcoef(noise(60, 4).T)

    def explained(of: tuple[int, ...]) -> float:
        chosen = list(of)
        inner = np.linalg.inv(correlations[np.ix_(chosen, chosen)]) if chosen else np.zeros((0, 0))
        return float(correlations[0, chosen] @ inner @ correlations[0, chosen])

    gains = np.zeros(3)
    for order in permutations((1, 2, 3)):
        for place, predictor in enumerate(order):
            gains[predictor - 1] += explained(order[: place + 1]) - explained(order[:place])
    assert shapley_values(correlations) == pytest.approx(gains / 6, abs=1e-10)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 9), st.integers(12, 200))
def test_both_decompositions_add_up_to_r_squared(seed: int, width: int, n: int) -> None:
    data = noise(n, width, seed)
    residual = np.linalg.lstsq(np.column_stack([np.ones(n), data[:, 1:]]), data[:, 0], rcond=None)[1]
    wanted = 1 - float(residual[0]) / float(((data[:, 0] - data[:, 0].mean()) ** 2).sum())
    correlations = np.corrcoef(data.T)
    assert relative_weights(correlations).sum() == pytest.approx(wanted, abs=1e-9)
    assert shapley_values(correlations).sum() == pytest.approx(wanted, abs=1e-9)
    assert (relative_weights(correlations) >= 0).all()


def test_collinear_predictors_share_what_they_explain() -> None:
    # The same predictor twice: R squared 0.36 once.
    correlations = np.array([[1, 0.6, 0.6], [0.6, 1, 1], [0.6, 1, 1]])
    assert relative_weights(correlations) == pytest.approx([0.18, 0.18], abs=1e-9)
    assert shapley_values(correlations) == pytest.approx([0.18, 0.18], abs=1e-9)


# Intervals


def test_the_bootstrap_draws_rows_with_replacement() -> None:
    data = noise(80)
    generator = np.random.default_rng(5)
    plain = np.array([relative_weights(np.corrcoef(data[generator.integers(0, 80, 80)].T)) for _ in range(2_000)])
    found = resampled_weights(standardised(data), resamples=2_000, seed=8)
    assert found.mean(axis=0) == pytest.approx(plain.mean(axis=0), abs=0.01)
    assert found.std(axis=0) == pytest.approx(plain.std(axis=0), rel=0.1)


def test_blocks_of_rows_spread_as_rows_do() -> None:
    # Sixteen times as many rows as blocks: a quarter of the spread, also where neighbouring rows are alike.
    data = standardised(noise(16 * BLOCKS))
    by_rows = resampled_weights(data[:BLOCKS], resamples=400, seed=8).std(axis=0)
    for rows in (data, data[np.argsort(data[:, 1])]):
        assert resampled_weights(rows, resamples=400, seed=8).std(axis=0) == pytest.approx(by_rows / 4, rel=0.2)


def test_the_seed_decides_the_intervals_and_nothing_else() -> None:
    data = noise(50)
    scores = scores_of(loyalty=data[:, 0], trust=data[:, 1], choice=data[:, 2])
    first, again = drivers(scores), drivers(scores)
    assert first == again
    other = drivers(scores, by=DriverSettings(min_n=3, seed=9))
    assert other["trust"]["importance_low"] != first["trust"]["importance_low"]
    assert other["trust"]["importance"] == first["trust"]["importance"]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 60))
def test_intervals_contain_the_importance(seed: int, n: int) -> None:
    generator = np.random.default_rng(seed)
    # Nothing drives anything: the weights are close to their lowest value, 0.
    data = generator.uniform(0, 100, (n, 3))
    for row in drivers(scores_of(loyalty=data[:, 0], trust=data[:, 1], choice=data[:, 2])).values():
        assert 0 <= row["importance_low"] <= row["importance"] <= row["importance_high"] <= 1 + 1e-9


# Rows


def test_a_row_has_importance_performance_and_quadrant() -> None:
    # trust and choice are uncorrelated; loyalty = (trust + 2 * choice) / 3, so 1/5 and 4/5 of the variance.
    trust, choice = [40, 40, 60, 60], [10, 30, 10, 30]
    loyalty = [(first + 2 * second) / 3 for first, second in zip(trust, choice, strict=True)]
    found = drivers(scores_of(loyalty=loyalty, trust=trust, choice=choice))
    assert list(found) == ["trust", "choice"]
    row = found["trust"]
    assert (row["survey_id"], row["outcome"], row["n_responses"]) == ("care", "loyalty", 4)
    assert row["r_squared"] == pytest.approx(1)
    assert (row["importance"], row["importance_pct"], row["shapley"]) == pytest.approx((0.2, 20, 0.2))
    assert (row["performance"], row["reason"], row["is_suppressed"]) == (50, None, False)
    assert found["choice"]["importance"] == pytest.approx(0.8)
    # Means: importance 0.5, performance 35.
    assert (row["quadrant"], found["choice"]["quadrant"]) == ("possible_overkill", "concentrate_here")


def test_the_four_quadrants_split_at_the_means() -> None:
    # Columns of a Hadamard matrix are uncorrelated; weights 3 and 1, so important or not; around 70 or 30.
    signs = np.array([[(-1) ** (row & column).bit_count() for column in range(1, 5)] for row in range(8)])
    levels = np.array([70, 70, 30, 30])
    data = levels + signs
    loyalty = 50 + signs @ np.array([3, 1, 3, 1])
    names = ["first", "second", "third", "fourth"]
    plan = {"care": OutcomeSettings(outcome="loyalty", predictors=names)}
    found = drivers(scores_of(loyalty=loyalty, **dict(zip(names, data.T, strict=True))), plan)
    wanted = ["keep_up", "possible_overkill", "concentrate_here", "low_priority"]
    assert [found[name]["quadrant"] for name in names] == wanted
    assert [found[name]["importance"] for name in names] == pytest.approx([0.45, 0.05, 0.45, 0.05])


def test_only_responses_with_all_scores_count() -> None:
    data = noise(40)
    columns = {"loyalty": [*data[:, 0], 1, None, 3], "trust": [*data[:, 1], None, 2, 2], "choice": [*data[:, 2], 5, 5]}
    whole = drivers(scores_of(loyalty=data[:, 0], trust=data[:, 1], choice=data[:, 2]))
    assert drivers(scores_of(**columns)) == whole
    assert whole["trust"]["n_responses"] == 40


def test_everything_is_suppressed_below_the_minimum() -> None:
    data = noise(100)
    for n, is_suppressed in ((99, True), (100, False)):
        scores = scores_of(loyalty=data[:n, 0], trust=data[:n, 1], choice=data[:n, 2])
        for row in drivers(scores, by=DriverSettings()).values():
            assert (row["n_responses"], row["is_suppressed"]) == (n, is_suppressed)
            for name in ("r_squared", "importance", "importance_low", "shapley", "performance", "quadrant"):
                assert (row[name] is None) == is_suppressed


def test_without_any_score_there_are_rows_with_n_zero() -> None:
    for row in drivers(scores_of()).values():
        assert (row["n_responses"], row["is_suppressed"], row["importance"]) == (0, True, None)


def test_a_constant_predictor_takes_no_part_and_says_so() -> None:
    data = noise(40)
    alone = {"care": OutcomeSettings(outcome="loyalty", predictors=["trust"])}
    scores = scores_of(loyalty=data[:, 0], trust=data[:, 1], choice=[60.0] * 40)
    found = drivers(scores)
    assert (found["choice"]["reason"], found["choice"]["importance"], found["choice"]["performance"]) == (
        "constant",
        None,
        60,
    )
    assert found["trust"] == drivers(scores, alone)["trust"]
    both = drivers(scores_of(loyalty=data[:, 0], trust=[50.0] * 40, choice=[60.0] * 40))
    assert [row["reason"] for row in both.values()] == ["constant", "constant"]


def test_a_constant_outcome_has_no_drivers() -> None:
    data = noise(40)
    found = drivers(scores_of(loyalty=[80.0] * 40, trust=data[:, 1], choice=[60.0] * 40))
    assert [row["reason"] for row in found.values()] == ["constant_outcome", "constant"]
    assert found["trust"]["r_squared"] is None
    assert found["trust"]["performance"] == pytest.approx(data[:, 1].mean())


def test_collinear_predictors_share_their_importance_and_say_so() -> None:
    data = noise(60)
    plan = {"care": OutcomeSettings(outcome="loyalty", predictors=["trust", "choice", "again"])}
    columns = {"loyalty": data[:, 0], "trust": data[:, 1], "choice": data[:, 2], "again": 100 - data[:, 1]}
    found = drivers(scores_of(**columns), plan)
    assert [found[name]["reason"] for name in ("trust", "choice", "again")] == ["collinear", None, "collinear"]
    assert found["trust"]["importance"] == pytest.approx(found["again"]["importance"], abs=1e-9)
    assert sum(row["importance"] for row in found.values()) == pytest.approx(found["trust"]["r_squared"], abs=1e-9)
    assert sum(row["shapley"] for row in found.values()) == pytest.approx(found["trust"]["r_squared"], abs=1e-9)


def test_a_withheld_construct_takes_no_part_and_a_withheld_outcome_has_no_drivers() -> None:
    data = noise(40)
    columns = {"loyalty": data[:, 0], "trust": data[:, 1], "choice": data[:, 2]}
    found = drivers(scores_of(withheld=("trust",), **columns))
    assert (found["trust"]["reason"], found["trust"]["importance"]) == ("withheld", None)
    assert (found["choice"]["reason"], found["choice"]["n_responses"]) == (None, 40)
    found = drivers(scores_of(withheld=("loyalty",), **columns))
    assert [(row["reason"], row["is_suppressed"]) for row in found.values()] == [("withheld", True)] * 2
    found = drivers(scores_of(withheld=("trust", "choice"), **columns))
    assert [(row["reason"], row["n_responses"]) for row in found.values()] == [("withheld", 40)] * 2


def test_every_survey_has_its_own_drivers() -> None:
    data, other = noise(40), noise(50, seed=2)
    one = scores_of(loyalty=data[:, 0], trust=data[:, 1], choice=data[:, 2])
    two = scores_of("visit", loyalty=other[:, 0], trust=other[:, 1], choice=other[:, 2])
    two = two.with_columns(pl.concat_str(pl.lit("v"), "response_id").alias("response_id"))
    plans = PLAN | {"visit": PLAN["care"]}
    found = ranked(two, one, plans=plans)
    assert found.group_by("survey_id", maintain_order=True).agg(pl.col("n_responses").max()).rows() == [
        ("care", 40),
        ("visit", 50),
    ]
    assert found.filter(survey_id="care").to_dicts() == list(drivers(one).values())


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    data = noise(30)
    scores = scores_of(loyalty=data[:, 0], trust=data[:, 1], choice=data[:, 2])
    assert drivers(scores.sample(fraction=1, shuffle=True, seed=seed)) == drivers(scores)


def test_drivers_are_the_same_in_one_and_in_many_buckets() -> None:
    data = noise(90, width=4)
    columns = dict(zip(("loyalty", "trust", "choice", "doubt"), data.T, strict=True))
    # A construct that is withheld takes no part, in whichever bucket its responses are; nor does a response without a score.
    columns["trust"] = [None if n % 7 == 0 else value for n, value in enumerate(columns["trust"])]
    plan = {"care": OutcomeSettings(outcome="loyalty", predictors=["trust", "choice", "doubt"])}
    scores = scores_of(withheld=("doubt",), **columns)
    of_bucket = pl.col("response_id").hash() % 5
    parts = [scores.filter(of_bucket == place) for place in range(5)]
    assert ranked(*parts, plans=plan).equals(ranked(scores, plans=plan))


def test_the_picture_is_a_table_with_the_strongest_driver_first() -> None:
    trust, choice = [40, 40, 60, 60], [10, 30, 10, 30]
    loyalty = [(first + 2 * second) / 3 for first, second in zip(trust, choice, strict=True)]
    plan = {"care": OutcomeSettings(outcome="loyalty", predictors=["trust", "choice", "steady"])}
    scores = scores_of(loyalty=loyalty, trust=trust, choice=choice, steady=[10, 10, 10, 10])
    rows = ranked(scores, plans=plan)
    assert importance_table(rows).splitlines()[2:] == [
        "| care | loyalty | choice | 80.0 | 20.0 | concentrate_here | 4 |",
        "| care | loyalty | trust | 20.0 | 50.0 | possible_overkill | 4 |",
        "| care | loyalty | steady |  | 10.0 | constant | 4 |",
    ]
    few = ranked(scores, plans=plan, by=DriverSettings())
    assert importance_table(few).splitlines()[2] == "| care | loyalty | trust |  |  | suppressed | 4 |"


# The demo shop


def test_the_demo_shop_gives_back_the_order_of_its_true_weights() -> None:
    shop_settings = load_settings(ROOT / "loyalty.yaml")
    start = date(2024, 11, 1)
    end = start + timedelta(days=500)
    shop = simulate(DemoSettings(start_date=start, customers=5000), end_date=end, time_zone=AMSTERDAM)
    survey = shop_settings.surveys["customer_survey"]
    responses = shop.surveys.with_columns(survey_id=pl.lit("customer_survey"))
    answers = answers_from_responses(shop.surveys, "customer_survey", survey)
    frames = (
        responses.select("response_id", "survey_id", "customer_id", "submitted_at")
        .lazy()
        .pipe(with_local_dates, AMSTERDAM),
        answers.with_columns(pl.col("value").cast(pl.Float64)),
        shop.customers,
    )
    items, by = construct_items(shop_settings.measures), shop_settings.constructs
    answered = add_answers(*(frame.lazy() for frame in frames), items, as_of=end)
    withheld = withheld_constructs(reliability([count_constructs(answered)], items, as_of=end, settings=by))
    scores = construct_scores(answered.totals.lazy(), withheld, as_of=end, settings=by).collect()
    found = ranked(scores, plans=shop_settings.driver_plans, by=shop_settings.drivers, as_of=end)
    rows = {row["construct"]: row for row in found.to_dicts()}
    weights = dict(zip(CONSTRUCTS, MODEL.construct_weights, strict=True))
    assert set(rows) == set(CONSTRUCTS)
    assert {row["outcome"] for row in rows.values()} == {"sci_items"}
    for stronger in CONSTRUCTS:
        for weaker in CONSTRUCTS:
            if weights[stronger] > weights[weaker]:
                assert rows[stronger]["importance_high"] > rows[weaker]["importance_low"], (stronger, weaker)
            if weights[stronger] - weights[weaker] >= 0.1:
                assert rows[stronger]["importance"] > rows[weaker]["importance"], (stronger, weaker)
    assert max(rows, key=lambda name: rows[name]["importance"]) == "care"
    assert min(rows, key=lambda name: rows[name]["importance"]) == "convenience"
    assert rows["care"]["importance_low"] > max(row["importance_high"] for name, row in rows.items() if name != "care")
